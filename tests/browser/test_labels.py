"""The labels of a corpus's own schema: painted in their colours, within the running text."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from annotator.services.runs import file_run, store
from corpus.core.colour import by_day, read
from corpus.core.schema_file import parse
from corpus.core.span import Span, layer_view
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from tests.acts import add_document
from tests.browser.conftest import ready

pytestmark = pytest.mark.browser

TEXT = "Ada Lund of Bay Water met Tomas Okafor in Lake Orrin.\n"
COLOUR = "#dd44aa"


@pytest.fixture
def places(db: None, dave: Any, tmp_path: Path) -> Any:
    """An article with two spans of a label that has a colour."""
    label = {"name": "PERSON", "title": "Person", "key": "1", "colour": COLOUR}
    corpus = create_corpus("people", schema=parse({"labels": [label]}))
    add_member(corpus, dave, "reviewer")
    document = add_document(corpus, tmp_path, "meeting", TEXT)
    spans = []
    for ident, name in enumerate(("Ada Lund", "Tomas Okafor"), start=1):
        start = TEXT.index(name)
        spans.append(Span(ident, "PERSON", start, start + len(name)))
    assert corpus.schema is not None
    store(file_run(corpus.schema, "people.jsonl"), document, layer_view(spans, []))
    return corpus


def test_marks_stand_in_the_running_text_in_the_colour_of_their_label(
    places: Any, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("dave")
    page.goto("/corpora/people/documents/meeting/review/")
    ready(page)
    marks = page.locator("#article [data-label=PERSON]")
    assert marks.count() == 2
    style = marks.last.evaluate(
        "(mark) => { const style = getComputedStyle(mark);"
        " return [style.display, style.borderBottomColor]; }"
    )
    colour = read(COLOUR)
    assert colour is not None
    ink = by_day(colour).ink
    assert style == ["inline", f"rgb({ink.red}, {ink.green}, {ink.blue})"]
    tops = [mark.bounding_box()["y"] for mark in marks.all()]  # type: ignore[index]
    assert tops[0] == tops[1]
