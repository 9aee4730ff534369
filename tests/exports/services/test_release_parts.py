"""The parts of a release: those that the corpus remembers, and pinned in the release for good."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from annotator.services import imports
from corpus.core.problems import Problem
from corpus.models import Corpus, DocumentText
from exports.core.split import parse
from exports.models import Release, SplitMember
from exports.services import releases
from exports.services.splits import RememberedSplit
from tests.exports.services.acts import add_articles, article, changed, command, give_gold

pytestmark = pytest.mark.postgresql


@pytest.fixture
def grown(corpus: Corpus, tmp_path: Path) -> Corpus:
    """A corpus of 40 articles with gold."""
    add_articles(corpus, tmp_path, {f"n{n:03d}": article(n) for n in range(40)})
    give_gold(corpus)
    return corpus


def released(name: str, to: Path) -> dict[str, set[str]]:
    """Make a release and return the ids in each of its splits."""
    command("release", "harbour", name, "--to", to)
    return splits_in(to)


def splits_in(folder: Path) -> dict[str, set[str]]:
    found = {}
    for path in (folder / "data" / "gold").iterdir():
        ids = parquet.read_table(path, columns=["id"]).column("id").to_pylist()
        found[path.stem] = set(ids)
    return found


def exported(to: Path) -> dict[str, list[str]]:
    """Export gold for training and return the ids in each of its parts."""
    command("export", "harbour", "--format", "spacy", "--to", to)
    manifest = json.loads((to / "manifest.json").read_text(encoding="utf-8"))
    documents: dict[str, list[str]] = manifest["documents"]
    return documents


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_is_test_in_an_export_is_test_in_releases_and_the_reverse(
    grown: Corpus, tmp_path: Path
) -> None:
    tested = set(exported(tmp_path / "export1")["test"])
    assert tested
    add_articles(grown, tmp_path, {f"a{n:03d}": article(n) for n in range(40, 100)})
    give_gold(grown)
    first = released("1", tmp_path / "r1")
    assert tested < first["test"]
    assert sum(map(len, first.values())) == 100
    add_articles(grown, tmp_path, {f"b{n:03d}": article(n) for n in range(100, 130)})
    give_gold(grown)
    assert first["test"] <= set(exported(tmp_path / "export2")["test"])
    second = released("2", tmp_path / "r2")
    for split, ids in first.items():
        assert ids <= second[split]


def test_later_copies_go_where_the_originals_are(grown: Corpus, tmp_path: Path) -> None:
    first = released("1", tmp_path / "r1")
    copies = {f"a-n{n:03d}": changed(article(n), end=3) for n in range(40)}
    add_articles(grown, tmp_path, copies)
    give_gold(grown)
    second = released("2", tmp_path / "r2")
    for split, ids in first.items():
        assert second[split] == ids | {f"a-{ident}" for ident in ids}


def test_what_is_near_to_two_parts_is_in_a_split_of_its_own_and_the_card_says_so(
    grown: Corpus, tmp_path: Path
) -> None:
    sides = {}
    for number in range(500, 510):
        sides[f"left{number}"] = changed(article(number), begin=10)
        sides[f"right{number}"] = changed(article(number), end=10)
    add_articles(grown, tmp_path, sides)
    give_gold(grown)
    first = released("1", tmp_path / "r1")
    assert "unused" not in first
    crossing = set()
    for number in range(500, 510):
        ids = {f"left{number}", f"right{number}"}
        if not any(ids <= split for split in first.values()):
            crossing.add(f"middle{number}")
    assert crossing
    middles = {f"middle{number}": article(number) for number in range(500, 510)}
    add_articles(grown, tmp_path, middles)
    give_gold(grown)
    second = released("2", tmp_path / "r2")
    assert second["unused"] == crossing
    card = (tmp_path / "r2" / "README.md").read_text(encoding="utf-8")
    reason = "near-duplicate-of-documents-in-different-parts"
    assert "The split `unused` is for neither training nor tests" in card
    assert f"| {reason} | {len(crossing)} |" in card
    assert "The split `unused`" not in (tmp_path / "r1" / "README.md").read_text(encoding="utf-8")
    assert "verifies" in command("verify_release", tmp_path / "r2")


def test_a_release_keeps_its_parts_whatever_the_corpus_remembers_later(
    grown: Corpus, tmp_path: Path
) -> None:
    released("1", tmp_path / "r1")
    before = files(tmp_path / "r1")
    # Texts are corrected, copies come in, and all that was remembered is gone.
    add_articles(grown, tmp_path, {f"n{n:03d}": article(1000 + n) for n in range(10)})
    add_articles(grown, tmp_path, {f"a{n:03d}": changed(article(n), end=3) for n in range(40)})
    give_gold(grown)
    SplitMember.objects.all().delete()
    released("2", tmp_path / "r2")
    command("release", "harbour", "1", "--again", "--to", tmp_path / "again")
    assert files(tmp_path / "again") == before
    assert "verifies" in command("verify_release", tmp_path / "r1")


def test_a_corrected_text_stays_in_test_and_new_ones_come_in(grown: Corpus, tmp_path: Path) -> None:
    first = released("1", tmp_path / "r1")
    add_articles(grown, tmp_path, {f"n{n:03d}": article(1000 + n) for n in range(40)})
    give_gold(grown)
    assert released("2", tmp_path / "r2") == first


def describe(corpus: Corpus, folder: Path, outlets: dict[str, str]) -> None:
    """Import texts that are there again, with other metadata."""
    path = folder / "said.jsonl"
    texts = DocumentText.objects.filter(document__external_id__in=outlets)
    rows = [
        {"id": name, "text": text, "meta": {"outlet": outlets[name]}}
        for name, text in texts.values_list("document__external_id", "text")
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert imports.import_documents(corpus, [path]).updated == len(rows)


def test_splits_follow_changed_metadata_and_those_of_a_made_release_do_not(
    grown: Corpus, tmp_path: Path
) -> None:
    split = "outlet:dev=South/test=East"
    describe(grown, tmp_path, {"n000": "East", "n001": "South", "n002": "North"})

    def parts(to: Path) -> list[str]:
        command("export", "harbour", "--format", "spacy", "--to", to, "--split", split)
        found = json.loads((to / "manifest.json").read_text(encoding="utf-8"))["documents"]
        return [part for name in ("n000", "n001", "n002") for part in found if name in found[part]]

    assert parts(tmp_path / "before") == ["test", "dev", "train"]
    command("release", "harbour", "1", "--to", tmp_path / "r1")
    made = files(tmp_path / "r1")
    describe(grown, tmp_path, {"n000": "South", "n001": "North", "n002": "East"})
    assert parts(tmp_path / "after") == ["dev", "train", "test"]
    command("release", "harbour", "1", "--again", "--to", tmp_path / "again")
    assert files(tmp_path / "again") == made
    assert "verifies" in command("verify_release", tmp_path / "r1")


def test_a_release_that_is_cancelled_holds_nothing_for_test(grown: Corpus, tmp_path: Path) -> None:
    def cancel(done: int, total: int) -> None:
        if done == total:
            raise Problem("job-cancelled")

    with pytest.raises(Problem):
        releases.release(grown, "1", to=tmp_path / "r1", progress=cancel)
    assert not SplitMember.objects.filter(tested=True).exists()
    assert RememberedSplit(grown, parse("80/10/10")).hold().total() == 0


def test_a_release_from_before_parts_were_remembered_verifies(
    grown: Corpus, tmp_path: Path, monkeypatch: Any
) -> None:
    released("1", tmp_path / "new")
    made = Release.objects.get()
    # As its card was then, and parts that the corpus would not give it now.
    del made.card["unused"]
    made.card["rows"]["gold"] = made.card["rows"]["all_annotators"] = {"train": 39, "test": 1}
    made.card["rows"]["provenance"] = {"train": 39, "test": 1}
    made.save()
    made.items.update(part="train")
    made.items.filter(document__external_id="n007").update(part="test")
    SplitMember.objects.update(tested=False)
    command("release", "harbour", "1", "--again", "--to", tmp_path / "old")
    card = (tmp_path / "old" / "README.md").read_text(encoding="utf-8")
    assert "parted 80/10/10 into train, validation, test by digests of their ids;" in card
    assert splits_in(tmp_path / "old")["test"] == {"n007"}
    assert "verifies" in command("verify_release", tmp_path / "old")
