"""What becomes of rows of before when a site is upgraded."""

from __future__ import annotations

import uuid
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps

from annotator.core.decisions import span_value
from annotator.models import Layer
from annotator.selectors.layers import layer_view
from annotator.services import review
from annotator.services.runs import file_run, run_for, store
from corpus.core.span import LayerView, Span
from corpus.core.span import layer_view as view_of
from corpus.models import Corpus, Job
from tests.acts import TEXT, add_document, find

pytestmark = pytest.mark.postgresql

CLAUSE = {"rule": "clause", "why": "reported clause with “added”"}
PASSIVE = {"rule": "passive", "why": "reported in the passive, with “said”"}
REASON = {**CLAUSE, "stance": "tells a fault: “cost more”"}


def of_before() -> LayerView:
    """What the rules gave once: a value for what they did not know."""
    places = [find("The wall"), find("will not hold"), find("it would cost"), find("the town")]
    rows = [
        ({"stance": "unclear", "speaker_state": "unknown", "kind": "direct"}, CLAUSE),
        ({"stance": "unclear", "speaker_state": "unknown"}, PASSIVE),
        ({"stance": "oppose", "speaker_state": "linked"}, REASON),
        ({"stance": "unclear"}, None),
    ]
    spans = []
    for number, (place, (attributes, evidence)) in enumerate(zip(places, rows, strict=True), 1):
        spans.append(Span(number, "CLAIM", *place, attributes=attributes, evidence=evidence))
    return view_of(spans, [])


def upgrade() -> None:
    import_module("annotator.migrations.0011_suggestions_that_do_not_know").leave_out(apps, None)


def attributes_of(layer: Layer) -> list[dict[str, Any]]:
    return [dict(span.attributes) for span in layer_view(layer).in_order()]


@pytest.fixture
def by_rules(corpus: Corpus, tmp_path: Any) -> Layer:
    """The rules' suggestions for a document, as they were before."""
    document = add_document(corpus, tmp_path, "old")
    rules: Any = SimpleNamespace(name="rules.v1", shown_as="rules.v1", config={})
    return store(run_for(corpus.schema, rules), document, of_before())


WITHOUT = [
    {"kind": "direct"},
    {"speaker_state": "unknown"},
    {"stance": "oppose", "speaker_state": "linked"},
    # Nothing says where this comes from.
    {"stance": "unclear"},
]


def test_the_rules_suggestions_lose_what_no_evidence_speaks_for(by_rules: Layer) -> None:
    upgrade()
    assert attributes_of(by_rules) == WITHOUT
    upgrade()
    assert attributes_of(by_rules) == WITHOUT


def test_suggestions_of_others_keep_what_they_say(corpus: Corpus, tmp_path: Any) -> None:
    document = add_document(corpus, tmp_path, "old")
    layer = store(file_run(corpus.schema, "their.jsonl"), document, of_before())
    upgrade()
    assert layer_view(layer) == of_before()


def test_what_a_reviewer_decided_about_stays_and_the_rest_of_the_page_does_not(
    by_rules: Layer, bob: Any
) -> None:
    layer = review.open_layer(by_rules.document, by=bob)
    assert layer.shown_run_id == by_rules.run_id
    review.decide(layer, [accepted(1)], by=bob, at=0)
    upgrade()
    first, *others = attributes_of(by_rules)
    assert first == of_before().spans[1].attributes == layer_view(layer).spans[1].attributes
    assert others == WITHOUT[1:]


@pytest.mark.parametrize("again", [False, True])
def test_what_was_shown_in_a_review_that_was_handed_in_stays(
    by_rules: Layer, bob: Any, again: bool
) -> None:
    """A release of it says what was suggested, and is rebuilt byte for byte."""
    layer = review.open_layer(by_rules.document, by=bob)
    known = {"stance": "mixed", "speaker_state": "author"}
    review.decide(layer, [accepted(1, **known)], by=bob, at=0)
    layer = review.submit(layer, by=bob, at=1)
    if again:
        review.reopen(layer, by=bob)
    upgrade()
    assert layer_view(by_rules) == of_before()


def accepted(ident: int, **attributes: str) -> dict[str, Any]:
    """The decision that accepts a suggestion, with other attributes where they are given."""
    span = of_before().spans[ident]
    span = replace(span, attributes=attributes or span.attributes)
    return {
        "client_id": str(uuid.uuid4()),
        "verb": "accept",
        "subject": "span",
        "ident": ident,
        "after": dict(span_value(span)),
        "exact": span.text(TEXT),
    }


def test_an_update_has_the_sides_of_disputes_filled(queued: Corpus) -> None:
    import_module("annotator.migrations.0013_sides_of_disputes").start_filling(apps, None)
    (job,) = Job.objects.filter(kind="disputes")
    assert (job.corpus, job.state, job.created_by) == (queued, "queued", None)
