"""Annotations of files as a person's reviews: what fits comes in, what lacks something is open."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from annotator.models import Layer, LayerState
from annotator.selectors.layers import layer_view
from annotator.services import review
from annotator.services.imported_reviews import LEFT_OPEN, import_layers
from annotator.services.imports import NO_MAP, Report, import_documents
from corpus.core import import_map
from corpus.core.import_map import ImportMap
from corpus.models import Corpus
from corpus.selectors import schema_rows
from tests.acts import added

pytestmark = pytest.mark.django_db

TEXT = "Ann said it rained."
SPEAKER = {"id": "s1", "label": "SPEAKER", "start": 0, "end": 3}
CLAIM = {"id": "c2", "label": "CLAIM", "start": 9, "end": 18, "attributes": {"stance": "PRO"}}
THEIRS = {"id": "x3", "label": "Word", "start": 4, "end": 8}
SAID_BY = {"kind": "said_by", "source": "c2", "target": "s1"}


def imported(
    corpus: Corpus, folder: Path, *, names: ImportMap = NO_MAP, submit: bool = True, **row: Any
) -> Report:
    """Import a document's row, and make it a review of Eve's."""
    path = folder / "eve.jsonl"
    path.write_text(json.dumps({"id": "a", "text": TEXT, **row}), encoding="utf-8")
    import_documents(corpus, [path], spans="ignore")
    return import_layers(corpus, [path], username="eve", submit=submit, names=names)


def named(corpus: Corpus, **names: Any) -> ImportMap:
    assert corpus.schema is not None
    return import_map.parse(names, schema_rows(corpus.schema).view)


def held() -> list[tuple[str, dict[str, Any]]]:
    view = layer_view(Layer.objects.get(owner__username="eve"))
    return [(span.label, dict(span.attributes)) for span in view.in_order()]


def state() -> str:
    return str(Layer.objects.get(owner__username="eve").state)


ROW = {"spans": [SPEAKER, CLAIM, THEIRS], "links": [SAID_BY, {**SAID_BY, "kind": "of"}]}


def test_what_the_schema_knows_comes_in_and_the_review_stays_open(
    corpus: Corpus, tmp_path: Path
) -> None:
    report = imported(corpus, tmp_path, **ROW)
    assert (report.imported, report.skipped, report.problems) == (1, 0, [])
    answer = report.as_json()
    assert {part["code"]: part["count"] for part in answer["left_out"]} == {
        "span-label": 1,
        "span-attribute": 1,
        "link-kind": 1,
    }
    assert answer["unknown"]["labels"] == {"Word": 1}
    assert answer["notes"] == [{"reason": LEFT_OPEN, "count": 1, "example": "a"}]
    assert (held(), state()) == ([("SPEAKER", {}), ("CLAIM", {})], LayerState.OPEN)


def test_a_map_adds_what_was_left_out_and_the_review_is_handed_in(
    corpus: Corpus, tmp_path: Path
) -> None:
    imported(corpus, tmp_path, **ROW)
    values = {"stance": {"PRO": "support"}}
    half = named(corpus, labels={"Word": "CUE"}, links={"of": None})
    assert imported(corpus, tmp_path, names=half, **ROW).imported == 1
    assert (held(), state()) == (
        [("SPEAKER", {}), ("CUE", {}), ("CLAIM", {})],
        LayerState.OPEN,
    )
    whole = named(corpus, labels={"Word": "CUE"}, links={"of": None}, values=values)
    report = imported(corpus, tmp_path, names=whole, **ROW)
    assert (report.imported, report.left, LEFT_OPEN in report.notes) == (1, {}, False)
    assert held()[2] == ("CLAIM", {"stance": "support"})
    assert state() == LayerState.SUBMITTED
    again = imported(corpus, tmp_path, names=whole, **ROW)
    assert (again.imported, again.skipped) == (0, 1)


def test_what_a_map_leaves_out_is_not_missing(corpus: Corpus, tmp_path: Path) -> None:
    row = {"spans": [SPEAKER, THEIRS]}
    assert imported(corpus, tmp_path, **row).notes[LEFT_OPEN] == 1
    report = imported(corpus, tmp_path, names=named(corpus, labels={"Word": None}), **row)
    assert (report.imported, state()) == (1, LayerState.SUBMITTED)


def test_a_review_that_its_author_changed_is_left_alone(corpus: Corpus, tmp_path: Path) -> None:
    imported(corpus, tmp_path, **ROW)
    layer = Layer.objects.get(owner__username="eve")
    assert layer.owner is not None
    by_hand = [added(9, "SPEAKER", 0, 8, "Ann said")]
    review.decide(layer, by_hand, at=layer.version, by=layer.owner)
    report = imported(corpus, tmp_path, names=named(corpus, labels={"Word": "CUE"}), **ROW)
    assert (report.imported, report.skipped) == (0, 1)
    assert [label for label, _ in held()] == ["SPEAKER", "SPEAKER", "CLAIM"]


def test_a_review_that_cannot_be_read_whole_stays_open_too(corpus: Corpus, tmp_path: Path) -> None:
    report = imported(corpus, tmp_path, spans=[SPEAKER, {**CLAIM, "end": 900}])
    assert (report.imported, state()) == (1, LayerState.OPEN)
    assert [(p.file.rpartition("/")[2], p.line) for p, _ in report.left.values()] == [
        ("eve.jsonl", 1)
    ]
    assert report.notes == {LEFT_OPEN: 1}


def test_what_says_nothing_more_leaves_no_review_open(corpus: Corpus, tmp_path: Path) -> None:
    claim = {**CLAIM, "attributes": {"stance": "support"}}
    row = {"spans": [SPEAKER, claim], "links": [SAID_BY, SAID_BY], "attributes": {"genre": "x"}}
    report = imported(corpus, tmp_path, **row)
    assert sorted(report.left) == ["document-attribute", "link-twice"]
    assert (report.notes, state()) == ({}, LayerState.SUBMITTED)


def test_of_a_layer_that_fits_nowhere_no_review_is_made(corpus: Corpus, tmp_path: Path) -> None:
    report = imported(corpus, tmp_path, spans=[THEIRS])
    assert [problem.code for problem in report.problems] == ["span-label"]
    assert not Layer.objects.filter(owner__username="eve").exists()


TWICE = {
    "spans": [
        SPEAKER,
        {"id": "s4", "label": "SPEAKER", "start": 12, "end": 18},
        {**CLAIM, "attributes": {}},
        {**CLAIM, "id": "c5", "attributes": {}},
    ],
    "links": [SAID_BY, {"kind": "said_by", "source": "c5", "target": "s4"}],
}


def test_two_spans_at_one_place_are_the_same_two_when_they_come_again(
    corpus: Corpus, tmp_path: Path
) -> None:
    imported(corpus, tmp_path, submit=False, **TWICE)
    before = layer_view(Layer.objects.get(owner__username="eve"))
    report = imported(corpus, tmp_path, submit=False, **TWICE)
    assert (report.imported, report.skipped) == (0, 1)
    assert layer_view(Layer.objects.get(owner__username="eve")) == before


def test_a_value_that_its_reviewer_took_away_does_not_come_again(
    corpus: Corpus, tmp_path: Path
) -> None:
    stance = {**CLAIM, "attributes": {"stance": "support"}}
    row = {"spans": [SPEAKER, stance], "links": [SAID_BY]}
    imported(corpus, tmp_path, submit=False, **row)
    layer = Layer.objects.get(owner__username="eve")
    claim = next(s for s in layer_view(layer).in_order() if s.label == "CLAIM")
    after = {"label": "CLAIM", "start": 9, "end": 18, "fragments": None, "attributes": {}}
    cleared = {
        "client_id": str(uuid.uuid4()),
        "verb": "attribute",
        "subject": "span",
        "ident": claim.ident,
        "after": after,
        "exact": TEXT[9:18],
    }
    review.decide(layer, [cleared], by=layer.owner, at=layer.version)
    report = imported(corpus, tmp_path, **row)
    assert (report.imported, report.skipped) == (0, 1)
    assert (held(), state()) == ([("SPEAKER", {}), ("CLAIM", {})], LayerState.OPEN)
