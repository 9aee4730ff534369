"""Near-duplicates are those that a comparison of every two texts finds, whatever their order."""

from __future__ import annotations

import random
from itertools import combinations

import numpy as np
import pytest

from corpus.core.near_duplicates import (
    ALIKE,
    CROWD,
    HASHES,
    NEAR,
    Candidates,
    band_numbers,
    bands,
    groups,
    joined,
    resemblance,
    shingles,
    signature,
)

WORDS = [f"word{n}" for n in range(400)]


def copies(dice: random.Random) -> dict[str, str]:
    """Return thirty stories, most of them several times: as they are, or with words changed."""
    texts: dict[str, str] = {}
    for story in range(30):
        words = dice.choices(WORDS, k=dice.choice([2, 20, 120]))
        for copy in range(dice.choice([1, 2, 5])):
            texts[f"{dice.randrange(10**6)}-{story}-{copy}"] = " ".join(words)
            words = list(words)
            for _ in range(int(len(words) * dice.choice([0, 0.01, 0.05, 0.3]))):
                words[dice.randrange(len(words))] = dice.choice(WORDS)
    return texts


@pytest.mark.parametrize("seed", range(6))
def test_groups_are_those_of_comparing_every_two(seed: int) -> None:
    texts = copies(random.Random(seed))
    hashes = {ident: shingles(text) for ident, text in texts.items()}
    signatures = {ident: signature(hashes[ident]) for ident in texts}
    pairs = []
    for one, other in combinations(sorted(texts), 2):
        share = set(bands(signatures[one])) & set(bands(signatures[other]))
        near = np.mean(signatures[one] == signatures[other]) >= NEAR
        if share and near and resemblance(hashes[one], hashes[other]) >= ALIKE:
            pairs.append((one, other))
    assert len(pairs) > 10
    found = groups(texts, texts.__getitem__)
    assert found == joined(texts, pairs)
    assert len(set(found.values())) < len(texts)


def test_candidates_are_told_first_seen_first_and_the_same_signature_once() -> None:
    whole = signature(shingles(" ".join(WORDS)))
    half = whole.copy()
    half[: HASHES // 2] += 1
    far = whole.copy()
    far[: HASHES // 2 + 1] += 1
    seen = Candidates()
    assert seen.near(whole) == []
    for key, numbers in ((3, half), (5, far), (8, whole), (9, whole), (200, half)):
        seen.add(key, numbers)
    assert seen.near(whole) == [3, 8]


def test_bands_have_one_number_where_they_are_the_same() -> None:
    whole = signature(shingles(" ".join(WORDS)))
    half = whole.copy()
    half[: HASHES // 2] += 1
    one, other = band_numbers(np.stack((whole, half)))
    assert [int(n) for n in one == other] == [
        a == b for a, b in zip(bands(whole), bands(half), strict=True)
    ]
    assert len(set(one.tolist()) | set(other.tolist())) == 24


def test_words_of_ascii_are_those_of_any_text() -> None:
    text = "It's 1_2 o'clock\x1c\x0b-- a.b\x7f"
    assert (shingles(text) == shingles(text.replace("--", "—"))).all()


def test_a_crowded_band_takes_no_more_and_candidates_outgrow_their_first_room() -> None:
    base = signature(shingles(" ".join(WORDS)))
    seen = Candidates()
    for key in range(2 * CROWD):
        numbers = base.copy()
        numbers[-1] = key
        seen.add(key, numbers)
    crowd = seen.near(base)
    assert crowd == list(range(CROWD))
    lonely = Candidates()
    for key in range(2 * CROWD):
        lonely.add(key, base + np.uint32(key))
    assert [lonely.near(base + np.uint32(key)) for key in (0, 150, 199)] == [[0], [150], [199]]
