"""The dataset in a release: what each configuration holds, pseudonyms, and that it verifies."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from annotator.models import Assignment
from annotator.services import review
from annotator.services.imports import import_documents
from annotator.services.runs import file_run, store
from corpus.models import Role
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from exports.models import Release
from exports.services import releases
from exports.services.pseudonyms import Pseudonyms
from exports.services.release_files import Form
from tests.acts import (
    TEXT,
    add_document,
    settle_stance,
    shorter,
    submit_as,
    suggested,
    support,
    without,
)
from tests.exports.services.acts import command, own_claim, refused

pytestmark = pytest.mark.postgresql


@pytest.fixture
def without_pyarrow(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)


def released(name: str, to: Path, *more: Any) -> dict[str, Any]:
    return json.loads(command("release", "harbour", name, "--to", to, *more, "--json"))


def rows(folder: Path, config: str) -> list[dict[str, Any]]:
    """The rows of a configuration in JSONL, of all splits."""
    found = []
    for path in sorted((folder / "data" / config).glob("*.jsonl")):
        found += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return found


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def give_as_practice(document: Any, user: Any) -> None:
    """Give a document that has all its reviews to one more person, as a check is given."""
    Assignment.objects.create(
        corpus=document.corpus,
        document=document,
        schema=document.corpus.schema,
        slot=9,
        user=user,
        state="taken",
        practice=True,
    )


def row_of(found: list[dict[str, Any]], words: str) -> dict[str, Any]:
    [row] = [row for row in found if row["text"] == words]
    return row


def test_gold_is_the_same_as_in_the_lossless_form(
    document: Any, bob: Any, carol: Any, tmp_path: Path, without_pyarrow: None
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    released("1", tmp_path / "r1")
    lossless = json.loads((tmp_path / "r1" / "gold.jsonl").read_text(encoding="utf-8"))
    [row] = rows(tmp_path / "r1", "gold")
    assert json.loads(row["meta"]) == lossless["meta"]
    assert row["links"] == lossless["links"] and len(row["links"]) == 3
    for span in row["spans"]:
        assert span.pop("fragments") == []
        given = {name: value for name, value in span["attributes"].items() if value is not None}
        span["attributes"] = given
    assert row["spans"] == lossless["spans"]


def test_every_layer_is_there_with_shares_of_what_annotators_said(
    document: Any, bob: Any, carol: Any, tmp_path: Path, without_pyarrow: None
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    released("1", tmp_path / "r1")
    [row] = rows(tmp_path / "r1", "all_annotators")
    pseudonyms = Pseudonyms(document.corpus)
    people = sorted([pseudonyms.of(bob.pk), pseudonyms.of(carol.pk)])
    assert [annotation["annotator"] for annotation in row["annotations"]] == people
    assert all(annotation["assisted"] for annotation in row["annotations"])
    stances = {
        annotation["annotator"]: annotation["spans"][0]["attributes"]["stance"]
        for annotation in row["annotations"]
    }
    assert stances == {pseudonyms.of(bob.pk): "oppose", pseudonyms.of(carol.pk): "support"}
    first, _, last = row["frames"]
    soft = {(s["facet"], s["value"]): (s["votes"], s["share"]) for s in first["soft_labels"]}
    assert soft["existence", "yes"] == (2, 1.0)
    assert soft["stance", "oppose"] == soft["stance", "support"] == (1, 0.5)
    assert soft["speaker", "Ilse Brandt"] == (2, 1.0)
    boundaries = [s["share"] for s in last["soft_labels"] if s["facet"] == "boundary"]
    assert boundaries == [0.5, 0.5]


def test_shares_count_who_saw_nothing_and_leave_out_who_gave_no_value(
    document: Any, bob: Any, carol: Any, tmp_path: Path, without_pyarrow: None
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=own_claim)
    released("1", tmp_path / "r1")
    [row] = rows(tmp_path / "r1", "all_annotators")
    alone = row_of(row["frames"], "that the town was broke")
    soft = {(s["facet"], s["value"]): s["share"] for s in alone["soft_labels"]}
    assert soft["existence", "yes"] == soft["existence", "no"] == 0.5
    assert soft["stance", "oppose"] == 1.0
    assert "target" not in {facet for facet, _ in soft}


def test_provenance_says_who_suggested_voted_and_decided(
    document: Any, alice: Any, bob: Any, carol: Any, tmp_path: Path, without_pyarrow: None
) -> None:
    settle_stance(document, alice, bob, carol)
    released("1", tmp_path / "r1")
    found = rows(tmp_path / "r1", "provenance")
    pseudonyms = Pseudonyms(document.corpus)
    settled = row_of(found, "“The wall will not hold,”")
    assert settled["in_gold"] and settled["source"] == "accepted" and settled["score"] == 0.9
    assert settled["suggester"].startswith("file:suggested.jsonl ")
    assert settled["decided_by"] == pseudonyms.of(alice.pk)
    assert settled["dispute"] == {
        "state": "settled",
        "facets": ["stance"],
        "choice": "version",
        "by": pseudonyms.of(alice.pk),
        "reason": "“Will not hold” is against it.",
    }
    votes = {vote["annotator"]: vote["vote"] for vote in settled["votes"]}
    assert votes == {pseudonyms.of(bob.pk): "accepted", pseudonyms.of(carol.pk): "edited"}
    agreed = row_of(found, "that it would cost more")
    assert (agreed["decided_by"], agreed["decision"]) == ("policy unanimous", "agree")
    assert agreed["dispute"]["state"] == "none"


def test_provenance_lists_what_gold_does_not_hold(
    document: Any, bob: Any, carol: Any, tmp_path: Path, without_pyarrow: None
) -> None:
    def other_stance(decisions: list[dict[str, Any]]) -> None:
        without(6)(decisions)
        support(decisions)

    submit_as(document, bob, change=without(6))
    submit_as(document, carol, change=other_stance)
    released("1", tmp_path / "r1")
    found = rows(tmp_path / "r1", "provenance")
    disputed = row_of(found, "“The wall will not hold,”")
    assert (disputed["in_gold"], disputed["span"]) == (False, "")
    assert (disputed["dispute"]["state"], disputed["dispute"]["facets"]) == ("open", ["stance"])
    refused_by_both = row_of(found, "that the town was broke")
    assert (refused_by_both["in_gold"], refused_by_both["source"]) == (False, "rejected")
    assert {vote["vote"] for vote in refused_by_both["votes"]} == {"left"}


def test_nothing_in_a_release_names_people_and_pseudonyms_stay(
    document: Any, alice: Any, bob: Any, carol: Any, tmp_path: Path, settings: Any
) -> None:
    for user, name in ((alice, "alice.login"), (bob, "bob.login"), (carol, "carol.login")):
        user.username = name
        user.save()
    settle_stance(document, alice, bob, carol)
    answer = released("1", tmp_path / "r1")
    assert ".login" not in json.dumps(answer)
    for name, content in files(tmp_path / "r1").items():
        assert b".login" not in content, name
    settings.SECRET_KEY = "another"
    bob.username = "robert"
    bob.save()
    later = released("2", tmp_path / "r2")
    assert later["reviewers"] == answer["reviewers"]
    assert later["decided"] == answer["decided"]
    assert Pseudonyms(create_corpus("other")).of(bob.pk) not in answer["reviewers"]


def test_files_written_again_are_the_same_after_work_went_on(
    document: Any, alice: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    released("1", tmp_path / "r1")
    opened = review.give_back(document, reviewer="carol", by=alice)
    review.submit(opened, by=carol, at=opened.version)
    document.corpus.guideline = "# Changed since"
    document.corpus.save()
    meta = {"outlet": "The Sun", "targets": ["the pier"]}
    row = {"id": document.external_id, "text": TEXT, "meta": meta}
    (tmp_path / "changed.jsonl").write_text(json.dumps(row))
    assert import_documents(document.corpus, [tmp_path / "changed.jsonl"]).updated == 1
    command("release", "harbour", "1", "--again", "--to", tmp_path / "again")
    assert files(tmp_path / "again") == files(tmp_path / "r1")
    assert len(files(tmp_path / "r1")) == 7
    assert "verifies" in command("verify_release", tmp_path / "r1")


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_no_file_of_a_dataset_changes_unnoticed(
    document: Any, bob: Any, carol: Any, tmp_path: Path, monkeypatch: Any, form: str
) -> None:
    if form == "jsonl":
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    submit_as(document, bob)
    submit_as(document, carol)
    folder = tmp_path / "r1"
    released("1", folder)
    before = files(folder)
    changed = [name for name in before if name == "README.md" or name.startswith("data/")]
    assert len(changed) == 4 and any(name.endswith(form) for name in changed)
    for name in changed:
        (folder / name).write_bytes(before[name].replace(b"said", b"SAID", 1) + b"\n")
        assert "release-invalid" in refused("verify_release", folder)
        (folder / name).unlink()
        assert f"{name} is missing" in refused("verify_release", folder)
        (folder / name).write_bytes(before[name])
    assert "verifies" in command("verify_release", folder)


def test_without_pyarrow_a_release_says_so_and_verifies_everywhere(
    document: Any, bob: Any, carol: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    line = command("release", "harbour", "1", "--to", tmp_path / "parquet")
    assert "JSONL" not in line
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "pyarrow", None)
        line = command("release", "harbour", "1", "--again", "--to", tmp_path / "jsonl")
        assert "The dataset is in JSONL: for Parquet, pip install pyarrow==" in line
        assert "verifies" in command("verify_release", tmp_path / "jsonl")
        assert "extra-missing" in refused("verify_release", tmp_path / "parquet")
    assert "verifies" in command("verify_release", tmp_path / "jsonl")


def test_parquet_by_another_version_verifies_when_it_holds_the_same(
    document: Any, bob: Any, carol: Any, tmp_path: Path, monkeypatch: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    folder = tmp_path / "r1"
    with monkeypatch.context() as patch:
        patch.setattr(releases, "form_here", lambda: Form("parquet", "pyarrow 1.0"))
        patch.setattr("exports.encoders.dataset.COMPRESSION", "snappy")
        released("1", folder)
    assert "verifies" in command("verify_release", folder)
    path = next((folder / "data" / "gold").iterdir())
    table = parquet.read_table(path)
    parquet.write_table(table.slice(0, 0), path)
    assert "is not what the log gives" in refused("verify_release", folder)


def test_class_labels_are_numbers_with_names_in_parquet(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    answer = released("1", tmp_path / "r1")
    assert answer["dataset"]["form"] == "parquet"
    table = parquet.read_table(next((tmp_path / "r1" / "data" / "gold").iterdir()))
    features = json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]
    label = features["spans"][0]["label"]
    assert label == {"names": ["SPEAKER", "CLAIM", "CUE"], "_type": "ClassLabel"}
    [row] = table.to_pylist()
    lossless = json.loads((tmp_path / "r1" / "gold.jsonl").read_text(encoding="utf-8"))
    assert [label["names"][span["label"]] for span in row["spans"]] == [
        span["label"] for span in lossless["spans"]
    ]


def test_practice_is_in_no_configuration_and_counted(
    document: Any, bob: Any, carol: Any, dave: Any, tmp_path: Path, without_pyarrow: None
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    add_member(document.corpus, dave, Role.REVIEWER)
    give_as_practice(document, dave)
    hidden = submit_as(document, dave)
    assert hidden.practice
    sheet = released("1", tmp_path / "r1")
    [row] = rows(tmp_path / "r1", "all_annotators")
    assert len(row["annotations"]) == 2 and row["frames"][0]["annotators"] == 2
    practice = Pseudonyms(document.corpus).of(dave.pk)
    people = {Pseudonyms(document.corpus).of(user.pk): 1 for user in (bob, carol)}
    assert sheet["reviewers"] == people
    # Of three claims two pairs more would have agreed.
    [exact] = [
        measure
        for measure in sheet["agreement"]
        if measure["measure"] == "span_f1_exact" and measure["label"] == "CLAIM"
    ]
    assert exact["n"] == 6
    assert practice not in json.dumps(rows(tmp_path / "r1", "provenance"))
    card = (tmp_path / "r1" / "README.md").read_text(encoding="utf-8")
    assert "1 reviews for practice and control are in no configuration" in card


@pytest.mark.django_db(transaction=True)
def test_a_withdrawn_text_is_in_no_configuration(
    corpus: Any, bob: Any, carol: Any, tmp_path: Path, without_pyarrow: None
) -> None:
    for name in ("one", "two"):
        made = add_document(corpus, tmp_path, name)
        store(file_run(corpus.schema, "suggested.jsonl"), made, suggested())
        submit_as(made, bob)
        submit_as(made, carol)
    command("withdraw_text", "harbour", "one")
    released("1", tmp_path / "r1")
    for config, column in (("gold", "id"), ("all_annotators", "id"), ("provenance", "document")):
        assert {row[column] for row in rows(tmp_path / "r1", config)} == {"two"}


def test_what_suggesters_proposed_is_in_no_configuration_of_what_people_found(
    document: Any, bob: Any, carol: Any, tmp_path: Path, without_pyarrow: None
) -> None:
    submit_as(document, bob, change=own_claim)
    submit_as(document, carol, change=own_claim)
    released("1", tmp_path / "r1", "--origin", "people")
    [row] = rows(tmp_path / "r1", "all_annotators")
    for annotation in row["annotations"]:
        assert [span["text"] for span in annotation["spans"]] == ["Sea wall vote"]
    assert [frame["text"] for frame in row["frames"]] == ["Sea wall vote"]
    found = rows(tmp_path / "r1", "provenance")
    assert [(row["text"], row["source"]) for row in found] == [("Sea wall vote", "added")]
    assert "verifies" in command("verify_release", tmp_path / "r1")


def test_a_release_from_before_datasets_verifies_and_is_written_as_it_was(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol)
    released("1", tmp_path / "new")
    made = Release.objects.get()
    # As its row was then: people by name, no card.
    made.datasheet = {**made.datasheet, "reviewers": {"bob": 1, "carol": 1}}
    made.card = {}
    made.save()
    command("release", "harbour", "1", "--again", "--to", tmp_path / "old")
    assert sorted(files(tmp_path / "old")) == ["DATASHEET.md", "gold.jsonl", "release.json"]
    about = json.loads((tmp_path / "old" / "release.json").read_text(encoding="utf-8"))
    keys = ["corpus", "datasheet", "digest", "files", "items", "name"]
    assert sorted(about) == keys and sorted(about["files"]) == ["DATASHEET.md", "gold.jsonl"]
    assert "| bob | 1 |" in (tmp_path / "old" / "DATASHEET.md").read_text(encoding="utf-8")
    assert "verifies" in command("verify_release", tmp_path / "old")


def test_the_card_says_what_people_said_and_says_it_again(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    document.corpus.guideline = "# What is a claim\n\nWhat somebody says.\n\n```\n# code\n```"
    document.corpus.save()
    submit_as(document, bob)
    submit_as(document, carol)
    about = tmp_path / "about.md"
    about.write_text(
        "# Harbour\n\n## Motivation\n\nTo know who said what.\n\n"
        "## People and Pay\n\n€15 an hour.\n",
        encoding="utf-8",
    )
    released("1", tmp_path / "r1", "--about", about)
    released("2", tmp_path / "r2")
    for folder in ("r1", "r2"):
        card = (tmp_path / folder / "README.md").read_text(encoding="utf-8")
        assert "## Motivation\n\nTo know who said what.\n\n## Composition" in card
        assert "## People and pay\n\n€15 an hour." in card
        assert "## Guideline\n\n### What is a claim\n\nWhat somebody says." in card
        assert "\n# code\n" in card
    about.write_text("## Weather\n\nFair.\n", encoding="utf-8")
    assert "Weather" in refused(
        "release", "harbour", "3", "--to", tmp_path / "r3", "--about", about
    )


def test_a_release_verifies_and_is_written_again_after_its_text_was_corrected(
    document: Any, bob: Any, carol: Any, tmp_path: Path
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    released("1", tmp_path / "r1")
    row = {"id": document.external_id, "text": f"{TEXT}\n\nA line was added."}
    (tmp_path / "corrected.jsonl").write_text(json.dumps(row))
    told = import_documents(document.corpus, [tmp_path / "corrected.jsonl"], update=True)
    assert told.replaced == 1
    command("release", "harbour", "1", "--again", "--to", tmp_path / "again")
    assert files(tmp_path / "again") == files(tmp_path / "r1")
    assert "verifies" in command("verify_release", tmp_path / "r1")
    released("2", tmp_path / "r2")
    assert any(b"A line was added." in content for content in files(tmp_path / "r2").values())
