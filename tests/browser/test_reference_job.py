"""The reference job: eleven suggestions settled by keyboard alone, in 21 keys, every
decision stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from annotator.models import Decision
from corpus.core.span import LayerView, Link, Span, layer_view
from tests.acts import find
from tests.browser.conftest import saved
from tests.browser.review import layer, opened, written

pytestmark = pytest.mark.browser

TEXT = (
    "“The gate is late,” said Anna Holt.\n“Money is short,” said Ben Rask.\n"
    "“We shall wait,” said Cora Lind.\n"
    "“It will leak,” said Dora Moum.\n“They know it,” said Egon Vaal.\n"
    "The harbour pilot Finn Sorrel warned that the lock would fail by the end of the year.\n"
    "A later report by Gerd Weiss held that the sea wall was sound and had been so for years.\n"
    "“Nobody asked us,” it went on. “Nobody paid us.” And at the end: “Nobody came.”\n"
    "The mayor listened.\n"
)


def job() -> LayerView:
    """Eight right (three of them without speaker and stance), two with one edge three words off,
    one wrong label.
    """
    spans: list[Span] = []
    links: list[Link] = []

    def claim(words: str, who: str | None, *, stance: str | None = "oppose") -> None:
        ident = len(spans) + 1
        attributes = {
            "kind": "direct",
            **({"stance": stance} if stance else {}),
            **({"speaker_state": "linked"} if who else {}),
        }
        spans.append(Span(ident, "CLAIM", *find(words, TEXT), score=0.9, attributes=attributes))
        if who:
            spans.append(
                Span(ident + 1, "SPEAKER", *find(who, TEXT), score=0.9, attributes={"name": who})
            )
            links.append(Link(len(links) + 1, "said_by", ident, ident + 1))

    for words, who in (
        ("“The gate is late,”", "Anna Holt"),
        ("“Money is short,”", "Ben Rask"),
        ("“We shall wait,”", "Cora Lind"),
        ("“It will leak,”", "Dora Moum"),
        ("“They know it,”", "Egon Vaal"),
    ):
        claim(words, who)
    claim("that the lock would fail", "The harbour pilot Finn Sorrel")
    claim("that the sea wall was sound and had been", "Gerd Weiss")
    for words in ("“Nobody asked us,”", "“Nobody paid us.”", "“Nobody came.”"):
        claim(words, None, stance=None)
    claim("The mayor", None, stance="neutral")
    return layer_view(spans, links)


def test_the_reference_job_takes_21_keys_and_no_mouse(
    corpus: Any, bob: Any, sign_in: Callable[..., Page], tmp_path: Any
) -> None:
    written(corpus, tmp_path, "job", TEXT, job())
    page = opened(sign_in("bob"), "job")
    page.evaluate(
        """() => {
          window.used = { keys: 0, mouse: 0 };
          const count = (name) => (event) => {
            if (!["Shift", "Control"].includes(event.key)) window.used[name] += 1;
          };
          document.addEventListener("keydown", count("keys"), true);
          document.addEventListener("pointerdown", count("mouse"), true);
        }"""
    )
    assert page.text_content("#settled") == "11 unsettled · 0 of 11 settled"
    right = ["Enter"]
    keys = [
        *right * 5,
        "ArrowRight",
        "ArrowRight",
        "ArrowRight",
        "Enter",
        "ArrowRight",
        "ArrowRight",
        "ArrowRight",
        "Enter",
        *["a", "o"] * 3,
        "1",
        "Enter",
    ]
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_timeout(100)
    saved(page)
    assert page.text_content("#settled") == "0 unsettled · 11 of 11 settled"
    used = page.evaluate("window.used")
    assert used == {"keys": 21, "mouse": 0}

    view = layer(page)
    claims = {
        span.text(TEXT): view.targets_of(span.ident)[0].text(TEXT)
        for span in view.in_order()
        if span.label == "CLAIM"
    }
    assert claims == {
        "“The gate is late,”": "Anna Holt",
        "“Money is short,”": "Ben Rask",
        "“We shall wait,”": "Cora Lind",
        "“It will leak,”": "Dora Moum",
        "“They know it,”": "Egon Vaal",
        "that the lock would fail by the end": "The harbour pilot Finn Sorrel",
        "that the sea wall was sound and had been so for years": "Gerd Weiss",
        "“Nobody asked us,”": "Gerd Weiss",
        "“Nobody paid us.”": "Gerd Weiss",
        "“Nobody came.”": "Gerd Weiss",
    }
    assert [span.text(TEXT) for span in view.in_order() if span.text(TEXT) == "The mayor"] == [
        "The mayor"
    ]
    assert {span.attributes["stance"] for span in view.spans.values() if span.label == "CLAIM"} == {
        "oppose"
    }
    for span in job().spans.values():
        assert Decision.objects.filter(subject="span", ident=span.ident).exists(), span
    assert sum(Decision.objects.values_list("elapsed_ms", flat=True)) > 0
    groups = Decision.objects.values_list("group", "elapsed_ms")
    assert all(sum(1 for name, ms in groups if name == group and ms) <= 1 for group, _ in groups)
