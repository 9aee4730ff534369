"""The browser counts as the server does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.fixtures.make_offsets import PATH

pytestmark = pytest.mark.browser

CHECK = """async (cases) => {
  const { FrozenText } = await import("/static/annotator/text/offsets.js");
  const wrong = [];
  for (const { text, spans } of cases) {
    const frozen = new FrozenText(text);
    for (const [start, end, words, unitStart, unitEnd] of spans) {
      const same = frozen.slice(start, end) === words && frozen.toUnit(start) === unitStart
        && frozen.toUnit(end) === unitEnd
        && frozen.toPoint(unitStart) === start && frozen.toPoint(unitEnd) === end;
      if (!same) wrong.push([text, start, end]);
    }
  }
  return wrong;
}"""


def test_no_offset_of_the_fixture_is_wrong(bob: Any, sign_in: Callable[..., Page]) -> None:
    page = sign_in("bob")
    page.goto("/corpora/")
    assert page.evaluate(CHECK, json.loads(PATH.read_text(encoding="ascii"))) == []
