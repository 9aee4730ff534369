"""Splits on a site: remembered by the first export, kept through imports and corrections."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from corpus.core.span import Span, layer_view
from corpus.models import Corpus, DocumentText
from corpus.services import near_duplicates
from corpus.services.corpora import create_corpus
from exports.core.record import Record
from exports.core.split import Parted, parse
from exports.models import SplitMember
from exports.services.splits import RememberedSplit
from tests.exports.services.acts import add_articles, article, changed, command

pytestmark = pytest.mark.postgresql


def parted(corpus: Corpus, split: str = "80/10/10") -> Parted:
    """Part the current documents as an export does, which succeeds."""
    layer = layer_view([Span(1, "CLAIM", 0, 1)])
    records = {}
    texts = DocumentText.objects.filter(document__corpus=corpus, document__retired_at=None)
    for row in texts.select_related("document").order_by("document__external_id"):
        ident = row.document.external_id
        records[ident] = Record(ident, row.text, row.document.metadata, layer, "gold")
    remembered = RememberedSplit(corpus, parse(split))
    assert remembered.split.remembered is not None
    found = remembered.split.remembered(records)
    remembered.hold()
    return found


def one_in(found: Parted, name: str) -> str:
    return min(ident for ident, part in found.parts.items() if part == name)


@pytest.fixture
def grown(corpus: Corpus, tmp_path: Path) -> Corpus:
    add_articles(corpus, tmp_path, {f"n{n:03d}": article(n) for n in range(60)})
    return corpus


def test_no_test_document_moves_from_60_to_834(grown: Corpus, tmp_path: Path) -> None:
    first = parted(grown)
    add_articles(grown, tmp_path, {f"a{n:03d}": article(n) for n in range(60, 834)})
    after = parted(grown)
    assert len(after.parts) == 834
    assert {ident: after.parts[ident] for ident in first.parts} == first.parts
    assert sum(part == "test" for part in after.parts.values()) > 60


def test_later_copies_with_smaller_ids_move_none_of_20_originals(
    grown: Corpus, tmp_path: Path
) -> None:
    first = parted(grown)
    originals = {f"n{n:03d}": article(n) for n in range(20)}
    add_articles(grown, tmp_path, {f"a-{i}": changed(text, end=3) for i, text in originals.items()})
    after = parted(grown)
    assert {ident: after.parts[ident] for ident in first.parts} == first.parts
    for ident in originals:
        assert after.parts[f"a-{ident}"] == first.parts[ident]
    assert not after.unused


def test_a_corrected_text_stays_where_it_was(grown: Corpus, tmp_path: Path) -> None:
    first = parted(grown)
    add_articles(grown, tmp_path, {f"n{n:03d}": article(1000 + n) for n in range(60)})
    assert parted(grown).parts == first.parts


def test_other_shares_and_a_smaller_test_keep_what_was_test(grown: Corpus) -> None:
    tested = {ident for ident, part in parted(grown, "60/20/20").parts.items() if part == "test"}
    for split in ("90/5/5", "80/20/0", "80/10/10+by:outlet"):
        parts = parted(grown, split).parts
        assert {ident for ident in tested if parts[ident] == "test"} == tested


def test_a_name_of_its_own_begins_anew(grown: Corpus) -> None:
    parted(grown, "0/0/100")
    assert set(parted(grown).parts.values()) == {"test"}
    assert set(parted(grown, "80/10/10+name:second").parts.values()) == {"train", "dev", "test"}
    assert SplitMember.objects.filter(corpus=grown, name="second").count() == 60


def test_who_joins_two_groups_is_unused_though_only_one_is_noted(
    corpus: Corpus, tmp_path: Path
) -> None:
    """A document is put into one group of near-duplicates; the other must be seen as well."""
    texts = {f"n{n:03d}": article(n) for n in range(60)}
    sides = {}
    for number in range(8):
        sides[f"left{number}"] = changed(article(500 + number), begin=10)
        sides[f"right{number}"] = changed(article(500 + number), end=10)
    add_articles(corpus, tmp_path, {**texts, **sides})
    first = parted(corpus, "50/0/50")
    bridges = {f"between{n}": article(500 + n) for n in range(8)}
    add_articles(corpus, tmp_path, bridges)
    after = parted(corpus, "50/0/50")
    assert {ident: after.parts[ident] for ident in first.parts} == first.parts
    crossing = 0
    for number in range(8):
        parts = {after.parts[f"left{number}"], after.parts[f"right{number}"]}
        crossing += len(parts) > 1
        expected = "unused" if len(parts) > 1 else parts.pop()
        assert after.parts[f"between{number}"] == expected
    assert crossing >= 1


def test_documents_without_gold_connect_groups_before_they_can_part(
    corpus: Corpus, tmp_path: Path
) -> None:
    """Such a document would else be unused once it has gold."""
    add_articles(corpus, tmp_path, {f"n{n:03d}": article(n) for n in range(10)})
    text = article(500)
    sides = {"left": changed(text, begin=10), "right": changed(text, end=10), "middle": text}
    add_articles(corpus, tmp_path, sides)
    remembered = RememberedSplit(corpus, parse("50/0/50"))
    records = {}
    for ident in ["left", "right", *(f"n{n:03d}" for n in range(10))]:
        records[ident] = Record(ident, "", {}, layer_view([]), "gold")
    assert remembered.split.remembered is not None
    first = remembered.split.remembered(records)
    assert first.parts["left"] == first.parts["right"]
    assert not SplitMember.objects.filter(external_id="middle").exists()
    assert parted(corpus, "50/0/50").parts["middle"] == first.parts["left"]


@pytest.mark.parametrize("lacking", ["groups", "signatures"])
def test_copies_stay_together_where_nothing_of_them_was_noted(
    lacking: str, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sites of earlier versions have documents like this."""
    monkeypatch.setattr(near_duplicates, "group", lambda corpus: 0)
    add_articles(corpus, tmp_path, {f"n{n:03d}": article(n) for n in range(20)})
    add_articles(corpus, tmp_path, {f"copy{n:03d}": changed(article(n), end=4) for n in range(20)})
    if lacking == "signatures":
        DocumentText.objects.update(signature=b"")
    parts = parted(corpus, "50/25/25").parts
    for number in range(20):
        assert parts[f"copy{number:03d}"] == parts[f"n{number:03d}"]


def test_one_story_stays_together(grown: Corpus, tmp_path: Path) -> None:
    add_articles(grown, tmp_path, {f"flood{n}": article(900 + n) for n in range(4)}, story="flood")
    first = parted(grown)
    assert [f"flood{n}" for n in range(4)] in first.groups
    add_articles(grown, tmp_path, {f"a{n}": article(950 + n) for n in range(3)}, story="flood")
    after = parted(grown).parts
    assert {after[f"a{n}"] for n in range(3)} == {first.parts["flood0"]}


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def export(corpus: Corpus, to: Path, *more: str) -> dict[str, Any]:
    layer = ("--layer", "suggestions", "--json")
    said = command("export", corpus.slug, "--format", "spacy", "--to", to, *layer, *more)
    answer: dict[str, Any] = json.loads(said)
    return answer


def test_an_export_names_and_counts_what_is_in_no_part(grown: Corpus, tmp_path: Path) -> None:
    first = parted(grown)
    tested, trained = one_in(first, "test"), one_in(first, "train")
    numbers = [int(ident[1:]) for ident in (tested, trained)]
    # What was test comes near to what trains: both stay, and the one that trains is left out.
    add_articles(grown, tmp_path, {trained: changed(article(numbers[0]), end=2)})
    answer = export(grown, tmp_path / "out")
    reason = "near-duplicate-of-a-document-in-test-or-dev"
    assert {"reason": reason, "count": 1} in answer["dropped"]
    said = manifest(tmp_path / "out")
    assert said["documents"]["unused"] == [trained]
    assert said["split"]["unused"] == {reason: [trained]}
    assert tested in said["documents"]["test"]
    assert list((tmp_path / "out" / "unused").glob("*.spacy"))


def test_an_export_that_fails_holds_nothing_for_test(grown: Corpus, tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        call_command(
            *("export", grown.slug, "--format", "spacy", "--layer", "suggestions"),
            *("--split", "0/0/100", "--to", str(tmp_path / "out")),
        )
    assert not SplitMember.objects.filter(tested=True).exists()


def test_lists_dates_and_formats_without_parts_remember_nothing(
    grown: Corpus, tmp_path: Path
) -> None:
    (tmp_path / "test.txt").write_text("n001\n")
    export(grown, tmp_path / "lists", "--split", f"lists:{tmp_path}")
    assert manifest(tmp_path / "lists")["documents"]["test"] == ["n001"]
    layer = ("--layer", "suggestions")
    command("export", grown.slug, "--format", "jsonl", "--to", tmp_path / "x.jsonl", *layer)
    assert not SplitMember.objects.exists()


def test_corpora_remember_apart(grown: Corpus, tmp_path: Path) -> None:
    parted(grown, "0/0/100")
    other = create_corpus("other")
    add_articles(other, tmp_path, {f"n{n:03d}": article(n) for n in range(60)})
    assert set(parted(other).parts.values()) == {"train", "dev", "test"}
