"""Train, dev and test: the same on every run, near-duplicates and stories together."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.core import near_duplicates
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from exports.core.record import Record
from exports.core.split import PARTS, Parted, assign, parse

COPY = (
    "The harbour council voted on Monday to raise the fees for fishing boats by four "
    "percent, the first rise in ten "
    "years. The harbour master said that the money was needed for the northern mole, which "
    "the storms of last winter "
    "had damaged. Two members voted against it, and one left the room before the vote was called."
)


def record(ident: str, text: str = "", **meta: str) -> Record:
    return Record(
        ident,
        text or f"{ident} stands alone with words of its own: {ident} {ident}.",
        meta,
        LayerView(),
        "gold",
    )


def parted(rows: list[Record], split: str) -> Parted:
    return assign({row.id: row for row in rows}, parse(split))


def test_every_part_with_a_share_gets_a_document_and_the_order_does_not_matter() -> None:
    rows = [record(f"d{n}") for n in range(5)]
    parts = parted(rows, "80/10/10").parts
    assert sorted(parts.values()) == ["dev", "test", "train", "train", "train"]
    assert parts == parted(rows[::-1], "80/10/10").parts
    assert set(parted(rows, "50/0/50").parts.values()) == {"train", "test"}


def test_agency_copy_stays_together() -> None:
    edited = COPY.replace("on Monday", "on Monday evening").replace("four", "4")
    rows = [record(f"d{n}") for n in range(20)] + [
        record("wire", COPY),
        record("paper", edited),
        record("site", COPY),
    ]
    for split in ("80/10/10", "34/33/33"):
        found = parted(rows, split)
        assert found.groups == [["paper", "site", "wire"]]
        assert len({found.parts[i] for i in ("wire", "paper", "site")}) == 1
        assert (found.moved, found.apart) == (0, 0)


def test_one_story_stays_together_whatever_its_words() -> None:
    rows = [record(f"d{n}", story="flood" if n < 4 else "") for n in range(12)]
    found = parted(rows, "50/25/25")
    assert found.groups == [["d0", "d1", "d2", "d3"]]
    assert len({found.parts[f"d{n}"] for n in range(4)}) == 1
    assert set(found.parts.values()) == set(PARTS)


def test_too_few_groups_to_go_round_are_parted_and_counted() -> None:
    found = parted([record(f"d{n}", COPY) for n in range(10)], "80/10/10")
    assert sorted(found.parts.values()).count("train") == 8
    assert found.apart == 1


def test_by_date_nothing_that_trains_is_tested() -> None:
    rows = [
        record("old", published="2026-01-05"),
        record("mid", published="2026-05-01T08:00"),
        record("undated"),
        record("new", published="2026-06-02"),
        record("copy-early", COPY, published="2026-04-30"),
        record("copy-late", COPY, published="2026-07-01"),
    ]
    found = parted(rows, "date:2026-05-01/2026-06-01")
    assert found.parts == {
        "old": "train",
        "mid": "dev",
        "undated": "train",
        "new": "test",
        "copy-early": "train",
        "copy-late": "train",
    }
    assert found.moved == 1


def test_by_outlet_and_by_lists(tmp_path: Path) -> None:
    rows = [
        record("a", outlet="The Bay"),
        record("b", outlet="Wire, Inc"),
        record("c", outlet="Post"),
        record("d"),
    ]
    parts = parted(rows, "outlet:dev=The Bay/test=Post,Other").parts
    assert parts == {"a": "dev", "b": "train", "c": "test", "d": "train"}
    (tmp_path / "test.txt").write_text("b\n\nd\n")
    (tmp_path / "dev.txt").write_text("a\n")
    found = parted([*rows, record("e", COPY), record("f", COPY)], f"lists:{tmp_path}")
    assert found.parts == {
        "a": "dev",
        "b": "test",
        "c": "train",
        "d": "test",
        "e": "train",
        "f": "train",
    }
    (tmp_path / "dev.txt").write_text("a\ne\n")
    assert parted([record("e", COPY), record("f", COPY)], f"lists:{tmp_path}").apart == 1


@pytest.mark.parametrize(
    "split",
    [
        "80/30/10",
        "80/20",
        "a/b/c",
        "date:2026-06-01/2026-05-01",
        "date:soon/later",
        "outlet:A",
        "lists:/no/such",
    ],
)
def test_what_is_no_split_is_refused(split: str) -> None:
    with pytest.raises(Problem) as caught:
        parse(split)
    assert caught.value.code == "split-invalid"


def test_an_id_in_two_lists_is_refused(tmp_path: Path) -> None:
    (tmp_path / "dev.txt").write_text("a\n")
    (tmp_path / "test.txt").write_text("a\n")
    with pytest.raises(Problem) as caught:
        parse(f"lists:{tmp_path}")
    assert caught.value.code == "split-twice"


def test_near_duplicates_are_found_among_many() -> None:
    words = COPY.split()
    texts = {f"t{n}": " ".join(f"{word}{n}" for word in words) for n in range(300)}
    texts |= {"first": COPY, "second": COPY.upper(), "third": COPY + " The vote is final."}
    found = near_duplicates.groups(texts, texts.__getitem__)
    assert {i for i, group in found.items() if group != i} == {"second", "third"}
    assert found["second"] == found["third"] == "first"


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=60), max_size=8))
def test_groups_name_their_first_member_whatever_the_texts(texts: dict[str, str]) -> None:
    found = near_duplicates.groups(texts, texts.__getitem__)
    assert found.keys() == texts.keys()
    assert all(found[group] == group <= ident for ident, group in found.items())
    assert all(found[a] == found[b] for a in texts for b in texts if texts[a] == texts[b])


def test_stories_from_one_template_do_not_hide_copies_between_them() -> None:
    """Templated stories share many bands without being copies; their ids sort between the two that
    are.
    """
    dice = random.Random(7)
    words = [f"w{n}" for n in range(400)]
    for _ in range(5):
        story = dice.sample(words, 120)

        def changed(places: int, text: list[str]) -> str:
            text = list(text)
            for at in dice.sample(range(len(text)), places):
                text[at] = f"x{dice.randrange(10**9)}"
            return " ".join(text)

        texts = {"a": " ".join(story), "z": changed(4, story)}
        texts |= {f"m{n}": changed(12, story) for n in range(20)}
        assert near_duplicates.groups(texts, texts.__getitem__)["z"] == "a"


def test_only_dates_that_begin_with_a_day_are_parted_by_date() -> None:
    rows = [
        record("a", published="2026-04-30"),
        record("b", published="2026-05-02T10:00"),
        record("c", published="3 May 2026"),
        record("d"),
    ]
    found = parted(rows, "date:2026-05-01/2026-06-01")
    assert found.parts == {"a": "train", "b": "dev", "c": "train", "d": "train"}
    assert found.undated == 2
