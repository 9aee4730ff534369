"""What the tests of the review page share: opening it, pressing keys, and the layer as the server
holds it.
"""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from annotator.models import Layer
from annotator.selectors import layers, own_work
from annotator.services.decision_log import drift
from annotator.services.runs import file_run, store
from corpus.core.span import LayerView
from tests.acts import add_document
from tests.browser.conftest import ready, saved

REVIEW = "/corpora/harbour/documents/sea-wall/review/"


def opened(page: Page, name: str = "sea-wall") -> Page:
    """Open a document of the corpus and wait until keys work."""
    page.goto(f"/corpora/harbour/documents/{name}/review/")
    return ready(page)


def written(corpus: Any, folder: Any, name: str, text: str, view: LayerView) -> None:
    """Add a document with suggestions."""
    store(file_run(corpus.schema, f"{name}.jsonl"), add_document(corpus, folder, name, text), view)


def layer(page: Page | None = None) -> LayerView:
    """Return the review layer of the page's document, or the only one; its rows must be the fold of
    its log.
    """
    name = {"document__external_id": page.url.split("/")[-3]} if page else {}
    found = Layer.objects.get(kind="review", **name)
    assert drift(found) == ""
    return layers.layer_view(found)


def press(page: Page, *keys: str) -> LayerView:
    """Press keys, wait until they are saved, and return the layer as the server holds it."""
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(50)
    saved(page)
    return layer(page)


def settled(page: Page) -> str:
    """Return how far the page says that its review is, which its owner's queue has to say too."""
    saved(page)
    words = page.text_content("#settled") or ""
    found = Layer.objects.get(kind="review", document__external_id=page.url.split("/")[-3])
    (held,) = [
        held
        for held in own_work.my_documents(found.document.corpus, found.owner)
        if held.document == found.document
    ]
    assert words.endswith(f"{held.settled} of {held.total} settled")
    return words


def focused(page: Page) -> str:
    """Return the code of the item in hand."""
    return page.text_content("#queue [aria-current=true] .cell-code") or ""


def said(page: Page, words: str) -> None:
    """Wait until a screen reader hears these words."""
    page.wait_for_function(
        "words => document.querySelector('#status').textContent.includes(words)", arg=words
    )


ENDS = """(quote) => {
  for (const paragraph of document.querySelectorAll("#article p")) {
    const at = paragraph.textContent.indexOf(quote);
    if (at < 0) continue;
    const walk = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let seen = 0, begun = false;
    for (let node; (node = walk.nextNode()); seen += node.data.length) {
      if (!begun && at < seen + node.data.length) { range.setStart(node, at - seen); begun = true; }
      if (!begun || at + quote.length > seen + node.data.length) continue;
      range.setEnd(node, at + quote.length - seen);
      break;
    }
    const boxes = [...range.getClientRects()].filter((box) => box.width);
    const rtl = getComputedStyle(paragraph).direction === "rtl";
    const [first, last] = [boxes[0], boxes[boxes.length - 1]];
    const from = rtl ? first.right - 1 : first.left + 1, to = rtl ? last.left + 1 : last.right - 1;
    return [[from, (first.top + first.bottom) / 2], [to, (last.top + last.bottom) / 2]];
  }
}"""


def drag(page: Page, quote: str) -> None:
    """Select words with the mouse."""
    start, end = page.evaluate(ENDS, quote)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=5)
    page.mouse.up()
    # The page looks at the selection a turn after the button went up.
    page.evaluate("() => new Promise((done) => setTimeout(done))")
