"""A newcomer joins by a link, leaves a document to somebody else and takes it back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from annotator.models import Assignment
from corpus.services import invitations
from tests.browser.conftest import ready

pytestmark = pytest.mark.browser


def test_a_newcomer_joins_skips_and_takes_back(
    document: Any,
    alice: Any,
    bob: Any,
    sign_in: Callable[..., Page],
    browser: Browser,
    live_server: Any,
) -> None:
    manager = sign_in("alice")
    manager.goto("/corpora/harbour/members/")
    manager.fill("#invite-note", "Erin")
    manager.click("text=Make a link")
    link = manager.locator("code.token").inner_text()

    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    page.goto(link)
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.fill("#id_username", "erin")
    page.fill("#id_password1", "12345678")
    page.fill("#id_password2", "12345678")
    page.click("text=Make the account and join")
    expect(page.locator(".errorlist").first).to_contain_text("too common")
    page.fill("#id_password1", "a long pass phrase")
    page.fill("#id_password2", "a long pass phrase")
    page.click("text=Make the account and join")
    expect(page.locator("[role=status]")).to_contain_text("You are a reviewer of Harbour now")

    page.click("text=Review the next document")
    ready(page)
    page.click("text=Skip the practice")
    page.wait_for_url("**/review/")
    ready(page)
    page.goto("/corpora/harbour/queue/")
    page.click("text=Skip it…")
    page.fill("[name=reason]", "I wrote it")
    page.keyboard.press("Enter")
    expect(page.locator("[role=status]")).to_contain_text("for somebody else now")
    manager.goto("/corpora/harbour/assignments/")
    expect(manager.locator("main")).to_contain_text("I wrote it")
    page.goto("/corpora/harbour/documents/sea-wall/review/")
    ready(page)
    assert Assignment.objects.get(user__username="erin").state == "taken"
    manager.goto(link)
    expect(manager.locator("h1")).to_be_visible()
    expect(manager.locator("main")).to_contain_text("Ask for a new one")
    context.close()
    assert invitations.LASTS.days == 14
