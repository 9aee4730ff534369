"""The numbers of the dashboard: equal to the rows they stand for, and not counted when many."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from annotator.models import Layer, Overview
from annotator.selectors import overview
from annotator.services import assignments, imports, policies, review, schema_versions
from annotator.services.overview import refresh
from corpus.core.schema import Attribute, Label, SchemaView
from corpus.models import Role
from corpus.services.members import add_member
from tests.acts import TEXT, accept_all, add_document, person, shorter, submit_as

pytestmark = pytest.mark.postgresql


def test_totals_are_what_the_rows_say(
    document: Any, alice: Any, bob: Any, carol: Any, tmp_path: Any
) -> None:
    add_document(document.corpus, tmp_path, "second")
    corpus = document.corpus
    corpus.refresh_from_db()
    submit_as(document, bob)
    found = overview.totals(corpus)
    assert found.progress.as_json() == {
        "documents": 2,
        "waiting": 2,
        "ready": 0,
        "settled": 0,
        "slots": 4,
        "slots_done": 1,
    }
    assert found.contents.labels == {"review": {"CLAIM": 3, "SPEAKER": 3}, "gold": {}}
    assert found.contents.values["CLAIM.stance"] == {
        "review": {"oppose": 2, "unclear": 1},
        "gold": {},
    }
    submit_as(document, carol, change=shorter)
    assert overview.totals(corpus).progress.ready == 1
    policies.run(corpus, policy="majority")
    gold = Layer.objects.get(kind="gold")
    assert sum(overview.totals(corpus).contents.labels["gold"].values()) == gold.spans.count() > 0


def test_open_reviews_and_retired_documents_are_not_counted(
    document: Any, bob: Any, tmp_path: Any
) -> None:
    review.decide(review.open_layer(document, by=bob), accept_all(None), by=bob, at=0)
    assert overview.count_contents(document.corpus).labels["review"] == {}
    newer = tmp_path / "sea-wall.txt"
    newer.write_text(TEXT + "\nMore.", encoding="utf-8")
    imports.import_documents(document.corpus, [newer], update=True)
    assert overview.totals(document.corpus).progress.documents == 1


def test_a_large_corpus_is_read_from_what_was_stored(
    document: Any, bob: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(overview, "LIVE_UP_TO", 0)
    refresh(document.corpus)
    submit_as(document, bob)
    found = overview.totals(document.corpus)
    assert (found.progress.slots_done, found.stale) == (0, False)
    assert overview.progress_of([document.corpus.pk])[document.corpus.pk].slots_done == 0
    refresh(document.corpus)
    assert overview.totals(document.corpus).progress.slots_done == 1


@pytest.mark.parametrize("stored", [False, True])
def test_reviewers_are_counted_what_is_all_in(
    document: Any, alice: Any, bob: Any, carol: Any, tmp_path: Any, monkeypatch: Any, stored: bool
) -> None:
    """A document counts as ready for them once nobody holds it any more."""
    corpus = document.corpus
    add_document(corpus, tmp_path, "second")
    if stored:
        monkeypatch.setattr(overview, "LIVE_UP_TO", 0)

    def told(user: Any) -> tuple[int, int, int, int, int]:
        refresh(corpus)
        found = overview.totals_for(user, corpus)
        assert overview.progress_for(user, [corpus])[corpus.pk] == found.progress
        counts = found.progress
        spans = sum(found.contents.labels["review"].values())
        return counts.documents, counts.waiting, counts.ready, counts.slots_done, spans

    submit_as(document, bob)
    assert (told(alice), told(carol)) == ((2, 2, 0, 1, 6), (2, 2, 0, 0, 0))
    submit_as(document, carol, change=shorter)
    assert told(alice) == told(carol) == (2, 1, 1, 2, 12)
    erin = person("erin")
    add_member(corpus, erin, Role.REVIEWER)
    assignments.take_place(document, by=erin, extra=True)
    assert (told(alice), told(carol)) == ((2, 1, 1, 2, 12), (2, 2, 0, 0, 0))


def test_who_manages_and_reviews_is_told_no_times_of_what_is_not_all_in(
    document: Any, alice: Any, bob: Any, carol: Any
) -> None:
    add_member(document.corpus, alice, Role.REVIEWER)
    submit_as(document, bob)
    assert overview.times(document.corpus, by=alice).documents == []
    assert overview.not_looked_at(document.corpus, by=alice) == {}
    submit_as(document, carol)
    assert len(overview.times(document.corpus, by=alice).documents) == 2
    assert overview.not_looked_at(document.corpus, by=alice).keys() == {"bob", "carol"}


def test_the_newest_reviews_give_times_by_document_and_by_verb(
    document: Any, alice: Any, bob: Any
) -> None:
    submit_as(document, bob)
    times = overview.times(document.corpus, by=alice)
    assert times.documents == [3000] and times.median_ms == 3000
    assert times.verbs == [("accept", 6, 500)]


def test_numbers_of_before_there_were_other_choices_are_still_read(
    document: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(overview, "LIVE_UP_TO", 0)
    numbers = refresh(document.corpus)
    stances = {"review": {"oppose": 7}, "gold": {}}
    old = {name: value for name, value in numbers.items() if name != "values"}
    Overview.objects.update(numbers={**old, "stances": stances})
    assert overview.totals(document.corpus).contents.values == {"CLAIM.stance": stances}


def test_every_choice_of_the_schema_is_counted(corpus: Any, bob: Any, tmp_path: Any) -> None:
    mood = Attribute("mood__of 1", "choice", ("good", "bad"))
    schema = SchemaView(
        {"A": Label("A", "A", attributes=(mood, Attribute("note", "text")))},
        {},
        (Attribute("genre", "choice", ("news", "opinion")),),
    )
    schema_versions.begin(corpus, schema, None)
    layer = review.open_layer(add_document(corpus, tmp_path), by=bob)
    value = {"label": "A", "start": 0, "end": 3, "attributes": {"mood__of 1": "bad"}}
    span = {"verb": "add", "subject": "span", "ident": 1, "after": value, "exact": "Sea"}
    genre = {"attributes": {"genre": "news"}}
    of_document = {"verb": "attribute", "subject": "document", "ident": 0, "after": genre}
    made = [{"client_id": str(uuid.uuid4()), **row} for row in (span, of_document)]
    review.decide(layer, made, by=bob, at=0)
    review.submit(layer, by=bob, at=2)
    assert overview.count_contents(corpus).values == {
        "A.mood__of 1": {"review": {"bad": 1}, "gold": {}},
        ".genre": {"review": {"news": 1}, "gold": {}},
    }
