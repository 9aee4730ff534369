"""The generated fixture that the browser test reads too: every span holds the same words in both
counts.
"""

from __future__ import annotations

import json

from corpus.core.text import Utf16
from tests.fixtures.make_offsets import PATH, cases


def test_the_fixture_is_what_its_script_writes() -> None:
    assert json.loads(PATH.read_text(encoding="ascii")) == cases()


def test_no_offset_of_the_fixture_is_wrong() -> None:
    for case in cases():
        table = Utf16(case["text"])
        for start, end, words, unit_start, unit_end in case["spans"]:
            assert case["text"][start:end] == words
            assert (table.to_units(start), table.to_units(end)) == (unit_start, unit_end)
            assert (table.to_points(unit_start), table.to_points(unit_end)) == (start, end)
