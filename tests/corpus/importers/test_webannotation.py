"""Web Annotation pages with annotations that cannot be read: the others come in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.corpus.importers.files import left, one, words, write

TEXT = "Ann said that it rained."


def about(selector: Any, ident: str) -> dict[str, Any]:
    body = {"value": "SPEAKER", "purpose": "tagging"}
    return {"id": ident, "type": "Annotation", "body": body, "target": {"selector": selector}}


def test_one_annotation_that_cannot_be_read_is_left_out_by_itself(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", TEXT)
    items = [
        about({"type": "TextPositionSelector", "start": 0, "end": 3}, "1"),
        about({"type": "TextPositionSelector", "start": 4, "end": 4}, "2"),
        about({"type": "TextPositionSelector", "start": "4"}, "3"),
        about({"type": "TextQuoteSelector", "exact": "nowhere"}, "4"),
        "no object",
    ]
    page = {"@context": "http://www.w3.org/ns/anno.jsonld", "items": items}
    article = one(write(tmp_path / "a.jsonld", page))
    assert words(article) == [("SPEAKER", "Ann")]
    codes = sorted(code for _, code in left(article))
    assert codes == ["row-field", "row-field", "row-shape", "span-range"]
