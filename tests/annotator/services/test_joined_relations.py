"""Entities and relations: patterns, a language model and a trained pipeline joined, to the end."""

from __future__ import annotations

import json
import uuid
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from annotator.core import patterns as core
from annotator.core.decisions import link_value, span_value
from annotator.models import Layer, Span
from annotator.selectors.layers import suggestions_of
from annotator.services import patterns, review
from corpus.core.schema_templates import TEMPLATES
from corpus.models import Corpus, Role
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from tests.acts import add_document, person
from tests.annotator.suggesters.pipelines import ruled
from tests.model_server import Body, Reply, model_server, says

pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "Ada Lund runs Bay Water in Port Ellis. Tomas Okafor met Ada Lund there.\n"
PATTERNS = [
    {"label": "PERSON", "pattern": "Ada Lund"},
    {"label": "PLACE", "pattern": "Port Ellis"},
]
ANSWER = {
    "spans": [
        {"label": "PERSON", "id": 1, "quote": "Ada Lund", "why": "she runs a firm"},
        {"label": "ORGANISATION", "id": 2, "quote": "Bay Water", "why": "it is run"},
    ],
    "links": [{"kind": "works_for", "source": 1, "target": 2}],
}
TRAINED = [
    {"label": "PERSON", "pattern": "Tomas Okafor"},
    {"label": "PLACE", "pattern": "Bay Water"},
    {"label": "PLACE", "pattern": "Port Ellis"},
]


def answer(body: Body) -> Reply:
    return says(ANSWER)


@pytest.fixture
def corpus(db: None, settings: Any, tmp_path: Path) -> Corpus:
    """A corpus from the template, with patterns and a pipeline that the site offers."""
    made = create_corpus("relations", schema=TEMPLATES["relations"].schema)
    assert made.schema is not None
    lines = "".join(f"{json.dumps(row)}\n" for row in PATTERNS)
    found, problems = core.read(lines, TEMPLATES["relations"].schema)
    assert problems == []
    patterns.replace(made, found, by=None)
    return made


def run(command: str, *arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command(command, "relations", "--json", *arguments, stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def hand_in(document: Any, user: Any, *, rejecting: str) -> None:
    """Accept every suggestion but one, which is rejected, and hand the review in."""
    layer = review.open_layer(document, by=user)
    view = suggestions_of(layer)
    kept = {i: s for i, s in view.spans.items() if s.label != rejecting}
    decisions = []
    for span in view.in_order():
        accepts = span.ident in kept
        decisions.append(
            {
                "client_id": str(uuid.uuid4()),
                "verb": "accept" if accepts else "reject",
                "subject": "span",
                "ident": span.ident,
                "after": dict(span_value(span)) if accepts else {"rejected": True},
                "exact": span.text(TEXT),
            }
        )
    for link in view.links.values():
        if {link.source, link.target} <= set(kept):
            decisions.append(
                {
                    "client_id": str(uuid.uuid4()),
                    "verb": "link",
                    "subject": "link",
                    "ident": link.ident,
                    "after": dict(link_value(link)),
                }
            )
    review.decide(layer, decisions, by=user, at=0)
    layer.refresh_from_db()
    review.submit(layer, by=user, at=layer.version)


def test_each_names_its_proposer_and_goes_all_the_way_to_an_export_and_a_comparison(
    corpus: Corpus, settings: Any, tmp_path: Path
) -> None:
    document = add_document(corpus, tmp_path, "one", TEXT)
    model = ruled(tmp_path / "model", TRAINED)
    trained = f"trained:{model}"
    joined = ["--suggester", "patterns", "--suggester", "llm", "--suggester", trained]
    with model_server(answer) as server:
        settings.LLM_URL, settings.LLM_MODEL = server.url, "tiny"
        answered = run("suggest", *joined)
        assert answered["documents"] == 1
        assert answered["usage"]["requests"] >= 1
    layer = Layer.objects.get(kind="suggestion")
    rows = Span.objects.filter(layer=layer).order_by("start", "pk")
    found = [
        (
            TEXT[span.start : span.end],
            span.label.name,
            span.evidence["suggester"].partition(":")[0],
            [name.partition(":")[0] for name in span.evidence.get("also", [])],
        )
        for span in rows
    ]
    assert sorted(found) == [
        ("Ada Lund", "PERSON", "patterns", []),
        ("Ada Lund", "PERSON", "patterns", ["llm"]),
        ("Bay Water", "ORGANISATION", "llm", []),
        ("Bay Water", "PLACE", "trained", []),
        ("Port Ellis", "PLACE", "patterns", ["trained"]),
        ("Tomas Okafor", "PERSON", "trained", []),
    ]
    for name in ("bob", "carol"):
        user = person(name)
        add_member(corpus, user, Role.REVIEWER)
        hand_in(document, user, rejecting="ORGANISATION")
    call_command("adjudicate", "relations", "--policy", "unanimous", stdout=StringIO())
    folder = tmp_path / "gold.jsonl"
    run("export", "--format", "jsonl", "--to", str(folder))
    (row,) = map(json.loads, folder.read_text(encoding="utf-8").splitlines())
    assert sorted({span["text"] for span in row["spans"]}) == [
        "Ada Lund",
        "Bay Water",
        "Port Ellis",
        "Tomas Okafor",
    ]
    compared = run("compare", "--a", "patterns", "--b", trained, "--trained-elsewhere")
    (person_row,) = (r for r in compared["facets"] if r["facet"] == "PERSON_exact")
    # Of three people in gold the patterns know two, the pipeline one.
    assert person_row["a"]["value"] == pytest.approx(2 * 2 / (2 + 3))
    assert person_row["b"]["value"] == pytest.approx(2 * 1 / (1 + 3))
