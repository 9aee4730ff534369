"""What a job of suggestions found, in words of any schema."""

from __future__ import annotations

import pytest

from annotator.selectors.suggested import sentence
from corpus.core.schema import ATTRIBUTION, SchemaView
from corpus.core.schema_file import parse

PLACES = parse(
    {
        "labels": [
            {"name": "CITY", "title": "City"},
            {"name": "BUS", "title": "Bus"},
            {"name": "DAY", "title": "Day"},
        ]
    }
)


@pytest.mark.parametrize(
    ("schema", "labels", "documents", "words"),
    [
        (
            ATTRIBUTION,
            {"SPEAKER": 31, "CLAIM": 184},
            6,
            "184 claims by 31 speakers in 6 documents",
        ),
        (ATTRIBUTION, {"SPEAKER": 0, "CLAIM": 1}, 1, "1 claim in 1 document"),
        (ATTRIBUTION, {"SPEAKER": 0, "CLAIM": 0}, 3, "Nothing was found in 3 documents"),
        (PLACES, {"CITY": 2, "BUS": 2, "DAY": 2}, 1, "2 cities, 2 buses, 2 days in 1 document"),
        # A label of an earlier version of the schema.
        (PLACES, {"CITY": 1, "GONE": 5}, 1, "1 city in 1 document"),
    ],
)
def test_counts_become_a_sentence(
    schema: SchemaView, labels: dict[str, int], documents: int, words: str
) -> None:
    assert sentence({"labels": labels, "documents": documents}, schema) == words
