"""Entities and relations suggested by patterns and a trained pipeline, reviewed and compared."""

from __future__ import annotations

import json
import uuid
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from annotator.core import patterns as core
from annotator.core.decisions import span_value
from annotator.models import Layer, PipelineMap, Run
from annotator.selectors.layers import layer_view, suggestions_of
from annotator.services import chosen_suggesters, patterns, pipelines, review, suggest
from annotator.services.chosen_suggesters import Choice
from corpus.core.schema_templates import TEMPLATES
from corpus.core.span import Span
from corpus.jobs.run import run_job
from corpus.models import Corpus, JobState
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from tests.acts import add_document, code
from tests.annotator.suggesters.pipelines import ruled
from tests.model_server import Body, Reply, model_server, says

TEXT = "Ada Lund runs Bay Water in Lake Orrin.\n\nTomas Okafor met Ada Lund of the Dock Union."
PATTERNS = [
    {"label": "PERSON", "pattern": "Ada Lund"},
    {"label": "ORGANISATION", "pattern": [{"LOWER": "bay"}, {"LOWER": "water"}], "id": "water"},
]
LEARNED = [
    {"label": "PER", "pattern": "Ada Lund"},
    {"label": "PER", "pattern": "Tomas Okafor"},
    {"label": "ORG", "pattern": "Dock Union"},
    {"label": "MISC", "pattern": "Lake Orrin"},
]
NAMES = {"PER": "PERSON", "ORG": "ORGANISATION", "MISC": ""}


@pytest.fixture
def people(alice: Any, bob: Any, tmp_path: Path, settings: Any) -> Corpus:
    """A corpus of a template with patterns, and a pipeline of the site that is mapped onto it."""
    settings.MODELS = str(tmp_path / "models")
    ruled(tmp_path / "models" / "news", LEARNED)
    corpus = create_corpus("people", schema=TEMPLATES["relations"].schema, reviewers_per_document=1)
    add_member(corpus, alice, "manager")
    add_member(corpus, bob, "reviewer")
    add_document(corpus, tmp_path, "fair", TEXT)
    lines = "\n".join(map(json.dumps, PATTERNS))
    found, _ = core.read(lines, TEMPLATES["relations"].schema)
    patterns.replace(corpus, found, by=alice)
    pipelines.map_names(corpus, "news", NAMES, fill=False, by=alice)
    return corpus


def suggested(corpus: Corpus) -> dict[str, Span]:
    layer = Layer.objects.filter(document__corpus=corpus, kind="suggestion").latest("pk")
    return {span.text(TEXT): span for span in layer_view(layer).in_order()}


def test_both_are_offered_with_the_labels_that_they_give(people: Corpus) -> None:
    offers = {offer.name: offer for offer in chosen_suggesters.offers(people)}
    assert offers["patterns"].gives == ("PERSON", "ORGANISATION")
    assert offers["trained:news"].gives == ("PERSON", "ORGANISATION")
    assert not offers["rules.v1"].gives


def test_joined_each_suggestion_names_who_proposed_it(people: Corpus, alice: Any) -> None:
    choices = [Choice("patterns"), Choice("trained:news")]
    chosen_suggesters.choose(people, choices, threshold=0.5, by=alice)
    job = suggest.start(people, by=alice)
    run_job.call(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE, job.error
    spans = suggested(people)
    said = {
        words: (span.label, (span.evidence or {})["suggester"]) for words, span in spans.items()
    }
    assert said == {
        "Ada Lund": ("PERSON", "patterns"),
        "Bay Water": ("ORGANISATION", "patterns"),
        "Tomas Okafor": ("PERSON", "trained:news"),
        "Dock Union": ("ORGANISATION", "trained:news"),
    }
    assert (spans["Ada Lund"].evidence or {})["also"] == ["trained:news"]
    assert (spans["Bay Water"].evidence or {})["why"] == "the pattern water"


@pytest.mark.django_db(transaction=True)
def test_patterns_a_language_model_and_a_pipeline_each_say_what_is_theirs(
    people: Corpus, alice: Any, settings: Any
) -> None:
    def answer(body: Body) -> Reply:
        spans = [
            {"label": "PERSON", "id": 1, "quote": "Ada Lund", "why": "she runs it"},
            {"label": "PLACE", "id": 2, "quote": "Lake Orrin", "why": "a lake"},
        ]
        return says({"spans": spans, "links": []})

    names = ["patterns", "llm", "trained:news"]
    with model_server(answer) as server:
        settings.LLM_URL, settings.LLM_MODEL, settings.LLM_KEY = server.url, "tiny", "sk-x"
        chosen = [Choice(name) for name in names]
        chosen_suggesters.choose(people, chosen, threshold=0.5, by=alice)
        suggest.suggest_corpus(people)
    layer = Layer.objects.get(document__corpus=people, kind="suggestion")
    said: dict[str, list[Any]] = {}
    for span in layer_view(layer).in_order():
        evidence = span.evidence or {}
        said.setdefault(span.text(TEXT), []).append(
            (evidence["suggester"], evidence.get("also", []))
        )
    assert said == {
        "Ada Lund": [("patterns", ["llm", "trained:news"]), ("patterns", ["trained:news"])],
        "Bay Water": [("patterns", [])],
        "Lake Orrin": [("llm", [])],
        "Tomas Okafor": [("trained:news", [])],
        "Dock Union": [("trained:news", [])],
    }


def test_other_patterns_are_another_run_and_names_alone_are_enough(
    people: Corpus, alice: Any
) -> None:
    suggest.suggest_corpus(people, suggesters=[Choice("patterns")])
    assert set(suggested(people)) == {"Ada Lund", "Bay Water"}
    assert suggest.suggest_corpus(people, suggesters=[Choice("patterns")])["documents"] == 0
    patterns.add(people, "PLACE", "Lake Orrin", by=alice)
    suggest.suggest_corpus(people, suggesters=[Choice("patterns")])
    assert set(suggested(people)) == {"Ada Lund", "Bay Water", "Lake Orrin"}
    digests = [run.config["patterns"] for run in Run.objects.order_by("pk")]
    assert len(set(digests)) == 2


def test_a_folder_that_the_site_does_not_offer_is_never_named_from_outside(
    people: Corpus, alice: Any, tmp_path: Path
) -> None:
    ruled(tmp_path / "outside", LEARNED)
    for name in ("../outside", str(tmp_path / "outside"), "models/news", "nowhere", ""):
        asked = f"trained:{name}"
        assert code(lambda: suggest.start(people, asked, by=alice)) == "model-invalid"  # noqa: B023
        chosen = [Choice(asked)]
        assert (
            code(lambda: chosen_suggesters.choose(people, chosen, threshold=0.5, by=alice))  # noqa: B023
            == "suggesters-offered"
        )
        assert (
            code(lambda: pipelines.map_names(people, name, {}, fill=False, by=alice))  # noqa: B023
            == "not-found"
        )


def test_what_cannot_be_used_says_why(people: Corpus, alice: Any, bob: Any, dave: Any) -> None:
    PipelineMap.objects.all().delete()
    assert code(lambda: suggest.start(people, "trained:news", by=alice)) == "suggester-unusable"
    with pytest.raises(Exception, match="say first what its names are called here"):
        suggest.start(people, "trained:news", by=alice)
    for person, refused in ((bob, "not-allowed"), (dave, "not-found")):
        assert (
            code(lambda: pipelines.map_names(people, "news", {}, fill=False, by=person))  # noqa: B023
            == refused
        )


def test_suggestions_are_accepted_rejected_exported_and_compared_on_gold(
    people: Corpus, alice: Any, bob: Any, as_user: Any, tmp_path: Path
) -> None:
    suggest.suggest_corpus(people, suggesters=[Choice("patterns"), Choice("trained:news")])
    document = people.documents.get()
    layer = review.open_layer(document, by=bob)
    decisions = []
    for span in suggestions_of(layer).in_order():
        verb = "reject" if span.text(TEXT) == "Dock Union" else "accept"
        after = dict(span_value(span)) if verb == "accept" else None
        decisions.append(
            {
                "client_id": str(uuid.uuid4()),
                "verb": verb,
                "subject": "span",
                "ident": span.ident,
                "after": after,
                "exact": span.text(TEXT),
                "elapsed_ms": 500,
            }
        )
    review.decide(layer, decisions, by=bob, at=0)
    review.submit(layer, by=bob, at=len(decisions))
    call_command("adjudicate", "people", "--policy", "unanimous", stdout=StringIO())
    to = tmp_path / "gold.jsonl"
    call_command("export", "people", "--format", "jsonl", "--to", str(to), stdout=StringIO())
    (row,) = map(json.loads, to.read_text(encoding="utf-8").splitlines())
    assert [span["text"] for span in row["spans"]] == [
        *("Ada Lund", "Bay Water", "Tomas Okafor", "Ada Lund"),
    ]
    out = StringIO()
    asked = ["--a", "patterns", "--b", "trained:news", "--trained-elsewhere", "--json"]
    call_command("compare", "people", *asked, stdout=out, stderr=StringIO())
    facets = {row["facet"]: row for row in json.loads(out.getvalue())["facets"]}
    # Of three mentions of people patterns know two, the pipeline three.
    assert facets["PERSON_exact"]["a"]["value"] == pytest.approx(2 * 2 / (2 + 3))
    assert facets["PERSON_exact"]["b"]["value"] == 1
    assert facets["ORGANISATION_exact"]["a"]["value"] == 1
    assert facets["ORGANISATION_exact"]["b"]["value"] == 0
    html = as_user(alice).get(reverse("pipelines", kwargs={"slug": "people"})).content.decode()
    assert "news" in html
