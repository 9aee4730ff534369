"""A site from before any span could be a frame of its own: its schemas keep their meaning, and gold
gets what it lost.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sites import site

TEXT = "Ana Ruiz of Brandt, a bakery in Kiel, said that bread is dear."
# Rows as they were before: a schema was its labels, attributes and kinds of links.
BEFORE = """
import hashlib
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
apps = MigrationExecutor(connection).loader.project_state(
    [("corpus", "0011_shown_suggester"), ("annotator", "0008_shown_suggester")]
).apps
def model(name):
    app = "corpus" if name in CORPUS else "annotator"
    return apps.get_model(app, name).objects
CORPUS = ("Corpus", "Schema", "Label", "Attribute", "LinkKind", "Document", "DocumentText")
User = apps.get_model("auth", "User").objects
people = [User.create(username=name) for name in ("bob", "carol")]
text = {text!r}
for slug, labels, kinds, attributes, spans, links in {corpora!r}:
    corpus = model("Corpus").create(slug=slug, name=slug)
    schema = model("Schema").create(corpus=corpus, digest=slug, frozen_at=timezone.now())
    corpus.schema = schema
    corpus.save()
    rows = {{
        name: model("Label").create(schema=schema, name=name, title=name, position=n)
        for n, name in enumerate(labels)
    }}
    for label, name, kind, choices in attributes:
        model("Attribute").create(label=rows[label], name=name, kind=kind, choices=choices)
    kind_rows = {{
        name: model("LinkKind").create(
            schema=schema, name=name, source=rows[source], target=rows[target]
        )
        for name, source, target in kinds
    }}
    document = model("Document").create(
        corpus=corpus, external_id="d1", title="d1", length=len(text), words=12,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )
    model("DocumentText").create(document=document, text=text)
    for person in people:
        layer = model("Layer").create(
            document=document, schema=schema, kind="review", owner=person, state="submitted",
            version=len(spans) + len(links), submitted_at=timezone.now(),
        )
        made = {{}}
        seq = 0
        for ident, (label, words, values) in enumerate(spans, start=1):
            start = text.index(words)
            place = {{"start": start, "end": start + len(words)}}
            value = {{"label": label, **place, "fragments": None, "attributes": values}}
            made[ident] = model("Span").create(
                layer=layer, ident=ident, label=rows[label], attributes=values, **place
            )
            seq += 1
            model("Decision").create(
                layer=layer, seq=seq, user=person, verb="add", subject="span", ident=ident,
                after=value, client_id=f"{{seq:032x}}", group=f"{{seq:032x}}",
            )
        for number, (kind, source, target) in enumerate(links, start=len(spans) + 1):
            model("Link").create(
                layer=layer, ident=number, kind=kind_rows[kind], source=made[source],
                target=made[target],
            )
            seq += 1
            model("Decision").create(
                layer=layer, seq=seq, user=person, verb="link", subject="link", ident=number,
                after={{"kind": kind, "source": source, "target": target}},
                client_id=f"{{seq:032x}}", group=f"{{seq:032x}}",
            )
    model("Adjudication").create(
        corpus=corpus, document=document, schema=schema, needed=2, submitted=2, state="done"
    )
"""
PEOPLE = (
    "people",
    ["PERSON", "ORG", "PLACE"],
    [("works_for", "PERSON", "ORG"), ("based_in", "ORG", "PLACE")],
    [("ORG", "kind", "choice", ["private", "public"])],
    [("PERSON", "Ana Ruiz", {}), ("ORG", "Brandt", {"kind": "private"}), ("PLACE", "Kiel", {})],
    [("works_for", 1, 2), ("based_in", 2, 3)],
)
SAID = (
    "said",
    ["SPEAKER", "CLAIM", "CUE"],
    [("said_by", "CLAIM", "SPEAKER")],
    [
        ("SPEAKER", "name", "text", []),
        ("CLAIM", "stance", "choice", ["support", "oppose"]),
        ("CLAIM", "kind", "choice", ["direct", "indirect"]),
        ("CLAIM", "speaker_state", "choice", ["linked", "author", "unknown"]),
    ],
    [
        ("CLAIM", "bread is dear", {"stance": "oppose", "speaker_state": "linked"}),
        ("SPEAKER", "Ana Ruiz", {"name": "Ana Ruiz"}),
    ],
    [("said_by", 1, 2)],
)


@pytest.fixture
def old_site(tmp_path: Path) -> Iterator[Any]:
    site_of = site(f"sqlite:///{tmp_path}/site.sqlite3", tmp_path)
    run = next(site_of)
    run("migrate", "-v0", "corpus", "0011")
    run("migrate", "-v0", "annotator", "0008")
    run("migrate", "-v0", "auth")
    run(code=BEFORE.format(text=TEXT, corpora=[PEOPLE, SAID]))
    yield run
    next(site_of, None)


def test_schemas_mean_what_they_meant_and_gold_gets_what_it_lacked(
    old_site: Any, tmp_path: Path
) -> None:
    old_site("migrate", "-v0")
    assert "0 differences" in old_site("check_layers")
    for slug, spans, links in (("people", 3, 2), ("said", 2, 1)):
        counts = json.loads(old_site("adjudicate", slug, "--policy", "unanimous", "--json"))
        assert counts["disputed"] == 0
        out = tmp_path / f"{slug}.jsonl"
        old_site("export", slug, "--format", "jsonl", "--to", str(out))
        row = json.loads(out.read_text())
        assert (len(row["spans"]), len(row["links"])) == (spans, links)
    schemas = json.loads(
        old_site(
            code="import json; from corpus.models import Schema;"
            "print(json.dumps(dict(Schema.objects.values_list('corpus__slug', 'definition'))))"
        )
    )
    (said_by,) = schemas["said"]["links"]
    assert said_by["owned"] and said_by["required"] and said_by["facet"] == "speaker"
    assert not any(kind["owned"] for kind in schemas["people"]["links"])
