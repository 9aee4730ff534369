"""`compare`: two suggesters on gold, and what reviewers are shown of which."""

from __future__ import annotations

import json
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import reverse

from annotator.core.suggester_scores import count, facets_of
from annotator.models import Decision, Layer, Run, Span
from annotator.services import review
from corpus.core.schema import ATTRIBUTION
from corpus.core.schema_file import parse
from corpus.core.span import Span as SpanValue
from corpus.core.span import layer_view
from tests.acts import SLUG, add_document, audit_log, page, submit_as
from tests.annotator.suggesters.pipelines import SPEAKERS_AND_CLAIMS, ruled

ELSEWHERE = "--trained-elsewhere"
FACETS = ["SPEAKER_exact", "SPEAKER_partial", "claims_exact", "claims_partial", "speaker", "stance"]


def compare(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("compare", "harbour", "--json", *arguments, stdout=out, stderr=StringIO())
    return json.loads(out.getvalue())


def refused(*arguments: str) -> str:
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("compare", "harbour", *arguments, stdout=StringIO(), stderr=err)
    return err.getvalue()


@pytest.fixture
def gold(document: Any, bob: Any, carol: Any) -> Any:
    """A document on which two reviewers agree, in gold."""
    submit_as(document, bob)
    submit_as(document, carol)
    call_command("adjudicate", "harbour", "--policy", "unanimous", stdout=StringIO())
    return document


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return ruled(tmp_path / "export" / "model" / "model-best", SPEAKERS_AND_CLAIMS)


def facet(answer: dict[str, Any], name: str) -> dict[str, Any]:
    (row,) = (row for row in answer["facets"] if row["facet"] == name)
    return row


def test_two_suggesters_are_compared_by_facet_and_nothing_is_written(
    gold: Any, model: Path
) -> None:
    tables = (Run, Layer, Span, Decision)
    before = [table.objects.count() for table in tables]
    answer = compare("--a", "rules.v1", "--b", f"trained:{model}", ELSEWHERE)
    assert [table.objects.count() for table in tables] == before
    assert (answer["documents"], answer["held_out"]) == (1, False)
    assert (answer["a"], answer["b"]) == ("rules.v1", f"trained:{model}")
    assert [row["facet"] for row in answer["facets"]] == [*FACETS, "CUE_exact", "CUE_partial"]
    # Of three claims and three speakers in gold the pipeline knows two of each by heart, one of
    # the speakers without the office.
    exact = facet(answer, "claims_exact")
    assert exact["b"]["value"] == pytest.approx(2 * 2 / (2 + 3))
    assert exact["difference"]["value"] == pytest.approx(exact["b"]["value"] - exact["a"]["value"])
    assert facet(answer, "SPEAKER_exact")["b"]["value"] == pytest.approx(2 * 1 / (2 + 3))
    stance = facet(answer, "stance")
    assert (stance["b"]["value"], stance["b"]["reason"]) == (None, "it gives none")
    assert stance["difference"]["value"] is None
    assert facet(answer, "speaker")["a"]["value"] == 1
    assert set(answer["seconds_per_1000_words"]) == {"a", "b"}
    assert all(seconds > 0 for seconds in answer["seconds_per_1000_words"].values())


def test_what_the_rules_fill_in_is_compared_too(gold: Any, model: Path) -> None:
    answer = compare("--a", "rules.v1", "--b", f"trained:{model}", "--fill", "rules", ELSEWHERE)
    assert facet(answer, "speaker")["b"]["value"] == 1
    # The pipeline gives no cues of its own; gold has none, so that those of the rules are wrong.
    assert facet(answer, "CUE_exact")["b"]["value"] == 0


def test_intervals_stand_where_there_are_several_articles(
    gold: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    second = add_document(gold.corpus, tmp_path, "second")
    for user in (bob, carol):
        submit_as(second, user)
    call_command("adjudicate", "harbour", "--policy", "unanimous", stdout=StringIO())
    answer = compare("--a", "rules.v1", "--b", "rules.v1")
    for row in answer["facets"]:
        assert row["a"] == row["b"]
        if row["a"]["value"] is not None:
            assert row["a"]["low"] <= row["a"]["value"] <= row["a"]["high"]
            assert row["difference"] == {"value": 0, "low": 0, "high": 0}


def test_of_the_export_that_a_pipeline_lies_in_the_test_part_counts_alone(
    gold: Any, model: Path, tmp_path: Path
) -> None:
    manifest = tmp_path / "export" / "manifest.json"
    manifest.write_text(json.dumps({"documents": {"train": ["x"], "test": ["sea-wall"]}}))
    both = ("--a", "rules.v1", "--b", f"trained:{model}")
    answer = compare(*both)
    assert (answer["held_out"], answer["documents"]) == (True, 1)
    manifest.write_text(json.dumps({"documents": {"train": ["sea-wall"], "test": ["other"]}}))
    assert "[nothing-to-do]" in refused(*both)
    assert "[nothing-to-do]" in refused(
        "--a", "rules.v1", "--b", "rules.v1", "--export", str(manifest.parent)
    )
    assert "[file-unreadable]" in refused(*both, "--export", str(tmp_path))


def test_a_pipeline_of_which_nobody_says_what_it_was_trained_on_is_not_compared(
    gold: Any, model: Path, tmp_path: Path
) -> None:
    """The name of an export is no excuse for a pipeline that lies in another one."""
    both = ("--a", "rules.v1", "--b", f"trained:{model}")
    said = refused(*both)
    assert "[request-invalid]" in said and "--trained-elsewhere" in said
    own, other = tmp_path / "export" / "manifest.json", tmp_path / "other" / "manifest.json"
    other.parent.mkdir()
    other.write_text(json.dumps({"documents": {"train": [], "test": ["sea-wall"]}}))
    assert compare(*both, "--export", str(other.parent))["held_out"]
    own.write_text(json.dumps({"documents": {"train": ["sea-wall"], "test": ["x"]}}))
    assert "[nothing-to-do]" in refused(*both, "--export", str(other.parent))
    assert not compare(*both, ELSEWHERE)["held_out"]


def test_without_gold_there_is_nothing_to_compare(document: Any) -> None:
    assert "[nothing-to-do]" in refused("--a", "rules.v1", "--b", "rules.v1")


def test_the_table_says_what_was_compared(gold: Any, model: Path) -> None:
    out = StringIO()
    both = ("--a", "rules.v1", "--b", f"trained:{model}", ELSEWHERE)
    call_command("compare", "harbour", *both, stdout=out, stderr=StringIO())
    lines = out.getvalue().splitlines()
    assert lines[2].startswith("1 documents with gold")
    assert any(line.startswith("claims_exact") and "0.800" in line for line in lines)
    assert lines[-1].startswith("seconds/1,000 words")


def test_an_own_schema_has_its_own_facets() -> None:
    choice = {"name": "mood", "kind": "choice", "choices": ["glad", "sad"]}
    schema = parse({"labels": [{"name": "EVENT", "attributes": [choice]}, {"name": "PLACE"}]})
    names = [row.name for row in facets_of(schema)]
    assert names == ["EVENT_exact", "EVENT_partial", "mood", "PLACE_exact", "PLACE_partial"]
    text = "A glad vote in a town."
    gold = layer_view([SpanValue(1, "EVENT", 2, 11, attributes={"mood": "glad"})])
    own = layer_view([SpanValue(7, "EVENT", 7, 11, attributes={"mood": "sad"})])
    counts = count(text, gold, {"a": gold, "b": own}, schema)
    assert counts["a", "EVENT", "mood", "matched"] == 1
    assert counts["b", "EVENT", "mood", "items"] == 1
    assert counts["b", "EVENT", "mood", "matched"] == 0
    assert counts["b", "EVENT", "exact", "matched"] == 0
    assert counts["b", "EVENT", "partial", "matched"] == 1


def test_what_gold_does_not_know_is_not_held_against_a_suggester() -> None:
    gold = layer_view([SpanValue(1, "CLAIM", 0, 4)])
    own = layer_view([SpanValue(1, "CLAIM", 0, 4, attributes={"stance": "oppose"})])
    counts = count("That.", gold, {"a": own}, ATTRIBUTION)
    assert counts["a", "CLAIM", "stance", "items"] == 0
    assert counts["a", "CLAIM", "exact", "matched"] == 1


def suggest(*arguments: str) -> None:
    call_command("suggest", "harbour", *arguments, stdout=StringIO(), stderr=StringIO())


def test_a_newer_run_of_another_suggester_is_shown_when_it_is_chosen(
    corpus: Any, bob: Any, carol: Any, alice: Any, as_user: Any, model: Path, tmp_path: Path
) -> None:
    first, second, third = (add_document(corpus, tmp_path, name) for name in ("a", "b", "c"))
    suggest()
    suggest("--suggester", f"trained:{model}")

    def shown(document: Any, user: Any) -> str:
        run = review.open_layer(document, by=user).shown_run
        assert run is not None
        return run.shown_as

    assert shown(first, bob) == "rules.v1"
    suggest("--suggester", f"trained:{model}", "--show")
    trained = Run.objects.get(suggester="trained").shown_as
    assert trained.startswith("trained:")
    assert shown(first, carol) == trained
    # What was opened stays as it is.
    assert shown(first, bob) == "rules.v1"
    # A pipeline trained anew is another suggester.
    other = ruled(tmp_path / "other", SPEAKERS_AND_CLAIMS[:3])
    suggest("--suggester", f"trained:{other}")
    assert shown(second, bob) == trained
    form = {"name": "Harbour", "language": "en", "shown_suggester": "rules.v1"}
    client = as_user(alice)
    html = page(client, "settings")
    assert trained in html and "Suggestions shown" in html
    assert client.post(reverse("settings", kwargs=SLUG), form).status_code == 302
    assert shown(third, bob) == "rules.v1"
    assert ("alice", "changed shown_suggester") in audit_log(corpus)


def test_what_came_in_a_file_is_shown_where_the_suggester_shown_gave_nothing(
    document: Any, bob: Any, carol: Any, model: Path
) -> None:
    assert review.open_layer(document, by=bob).shown_run.suggester == "file:suggested.jsonl"
    suggest("--suggester", f"trained:{model}")
    assert review.open_layer(document, by=carol).shown_run.suggester == "trained"


def test_sites_from_before_show_what_they_showed(document: Any, model: Path) -> None:
    suggest()
    suggest("--suggester", f"trained:{model}")
    trained = Run.objects.get(suggester="trained").shown_as
    Run.objects.update(shown_as="")
    type(document.corpus).objects.update(shown_suggester="")
    migration = import_module("annotator.migrations.0008_shown_suggester")
    migration.fill(apps, None)
    assert {run.shown_as for run in Run.objects.all()} == {
        "file:suggested.jsonl",
        "rules.v1",
        trained,
    }
    document.corpus.refresh_from_db()
    # The newest run was the one shown.
    assert document.corpus.shown_suggester == trained
