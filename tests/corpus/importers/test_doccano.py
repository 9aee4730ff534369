"""What doccano writes comes in."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from corpus import importers
from corpus.core.problems import Problem
from corpus.core.span import layer_view
from corpus.importers import Article, guess
from tests.acts import suggested
from tests.corpus.importers.files import TEXT, left, links, words, write
from tests.exports.encoders.test_round_trips import shape


def test_doccano_relations_and_triples(tmp_path: Path) -> None:
    rows = [
        {
            "id": 3,
            "text": TEXT,
            "outlet": "The Post",
            "entities": [
                {"id": 41, "label": "SPEAKER", "start_offset": 0, "end_offset": 3},
                {"id": 42, "label": "CLAIM", "start_offset": 11, "end_offset": 25},
            ],
            "relations": [{"id": 5, "from_id": 42, "to_id": 41, "type": "said_by"}],
            "Comments": ["sure?"],
        },
        {"id": 4, "text": TEXT, "label": [[0, 3, "SPEAKER"]]},
        {"id": 5, "text": TEXT, "label": [[0, 99, "SPEAKER"]]},
        {"id": 6, "text": TEXT, "entities": [{"id": 1, "label": "CLAIM", "start_offset": 1}]},
    ]
    path = write(tmp_path / "all.jsonl", "\n".join(map(json.dumps, rows)))
    assert guess(path) == "doccano"
    first, second, third, *rest = importers.read(path)
    assert isinstance(first, Article) and isinstance(second, Article)
    assert isinstance(third, Article) and third.layer is not None
    assert words(first) == [("SPEAKER", "Ann"), ("CLAIM", "that it rained")]
    assert links(first) == [("said_by", "that it rained", "Ann")]
    assert (first.meta["outlet"], first.notes) == ("The Post", {"doccano comments": 1})
    assert words(second) == [("SPEAKER", "Ann")]
    assert not third.layer.spans
    assert left(third) == [(3, "span-range")]
    assert [(p.line, p.code) for p in rest if isinstance(p, Problem)] == [(4, "row-shape")]


def test_what_doccano_itself_exports_of_our_export() -> None:
    """The file is doccano 1.8.4's own, of a project into which it had imported our file."""
    path = Path(__file__).parents[2] / "fixtures" / "doccano-1.8.4.jsonl"
    first, second = importers.read(path)
    assert isinstance(first, Article) and isinstance(second, Article)
    bare = [replace(span, attributes={}, score=None) for span in suggested().spans.values()]
    assert shape(first.layer) == shape(layer_view(bare, suggested().links.values()))
    assert (first.id, first.meta["title"]) == ("a", "T")
    claim = "“The wall will not hold,”"
    assert words(second) == [("CLAIM", f"Sea wall vote … {claim}"), ("CLAIM", claim[:13])]
