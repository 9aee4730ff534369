"""Words of a review become a pattern, whose hits are counted and which is saved on its page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from annotator.models import PatternSet
from corpus.core.span import LayerView
from corpus.jobs.run import run_job
from corpus.models import Job
from tests.acts import SLUG
from tests.browser.review import drag, opened, press, said, written

pytestmark = pytest.mark.browser

TEXT = "“The wall will not hold,” said Lund.\n\nLund spoke for Lund’s party.\n"


def test_marked_words_become_a_pattern_that_is_counted_and_changed(
    corpus: Any, alice: Any, bob: Any, sign_in: Callable[..., Page], tmp_path: Any, live_server: Any
) -> None:
    written(corpus, tmp_path, "lund", TEXT, LayerView())
    page = opened(sign_in("bob"), "lund")
    drag(page, "Lund")
    press(page, "1")
    assert page.locator("[data-action=addPattern]").count() == 0
    corpus.memberships.create(user=bob, role="manager")
    page.reload()
    page.wait_for_selector("html[data-ready=true]")
    page.click(".claim-card.focused [data-action=addPattern]")
    said(page, "“Lund” is a pattern for Speaker, in version 1 of the patterns.")
    assert PatternSet.objects.get().lines == '{"label": "SPEAKER", "pattern": "Lund"}\n'

    page.goto(f"{live_server.url}{reverse('patterns', kwargs=SLUG)}")
    page.select_option("#label", "CUE")
    page.fill("#words", "said\nspoke")
    page.click("text=Add to the lines")
    expect(page.locator("#lines")).to_have_value(
        '{"label": "SPEAKER", "pattern": "Lund"}\n{"label": "CUE", "pattern": "said"}\n'
        '{"label": "CUE", "pattern": "spoke"}\n'
    )
    page.click("button.button-primary >> text=Count the hits")
    page.wait_for_selector("[data-job-state=queued]")
    run_job.call(Job.objects.get(kind="patterns").pk)
    page.reload()
    expect(page.locator("main")).to_contain_text("5 hits in 1 document")
    assert page.locator("mark").all_text_contents() == ["Lund", "Lund", "Lund", "said", "spoke"]
    page.click("button[value=save]")
    expect(page.locator("main")).to_contain_text("Version 2 holds 3 patterns")
