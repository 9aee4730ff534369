"""Every page: nothing for axe to find, nothing sideways on a small screen, in light and dark, on
paper.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FloatRect, Locator, Page, expect

from annotator.services import agreement, assignment_plan, notes, review
from annotator.services import assignments as assign
from corpus.jobs import run
from corpus.services import invitations
from corpus.services.corpora import create_corpus
from exports.services import exports as services
from tests.acts import PASSWORD, add_document, fill, shorter, submit_as
from tests.browser.conftest import ready

pytestmark = pytest.mark.browser
C = "/corpora/harbour"
PAGES = {
    "alice": [
        "/corpora/",
        f"{C}/",
        f"{C}/documents/",
        f"{C}/documents/?query=zzz",
        f"{C}/documents/?since=never",
        f"{C}/guideline/",
        f"{C}/disputes/",
        f"{C}/disputes/?kind=missing",
        f"{C}/disputes/?by=document",
        f"{C}/disputes/settle/",
        f"{C}/disputes/policies/",
        f"{C}/flags/",
        f"{C}/flags/?section=none",
        f"{C}/documents/sea-wall/adjudicate/",
        f"{C}/documents/sea-wall/history/",
        f"{C}/documents/second/history/",
        f"{C}/assignments/",
        f"{C}/import/",
        f"{C}/agreement/",
        f"{C}/members/",
        f"{C}/settings/",
        f"{C}/schema/",
        f"{C}/suggestions/",
        f"{C}/suggestions/compare/",
        f"{C}/audit/",
        f"{C}/audit/?act=released&since=never",
        f"{C}/releases/",
        f"{C}/releases/1/",
    ],
    "bob": [
        f"{C}/queue/gold/",
        f"{C}/",
        f"{C}/queue/",
        f"{C}/documents/sea-wall/review/",
        f"{C}/documents/second/review/",
        f"{C}/disputes/",
        f"{C}/documents/nowhere/review/",
        "/profile/",
        "/profile/password/",
        "/no/such/page/",
    ],
    "dave": ["/corpora/", "/profile/", "/tour/"],
    "root": [
        "/corpora/new/",
        "/corpora/",
        "/corpora/empty/",
        "/corpora/empty/import/",
        "/corpora/empty/settings/",
    ],
}
# What a dark page can break: everything else is the same in both.
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}


SPEAKER = {
    "client_id": "00000000-0000-4000-8000-000000000001",
    "verb": "add",
    "subject": "span",
    "ident": 1,
    "after": {"label": "SPEAKER", "start": 0, "end": 3, "attributes": {}},
    "exact": "Sea",
}


@pytest.fixture
def site(
    document: Any, alice: Any, bob: Any, carol: Any, dave: Any, admin_user: Any, tmp_path: Any
) -> None:
    document.corpus.guideline = (
        "# Guideline\n\n## CLAIM\n\nWhat is said. <script>alert(1)</script>\n\n## CUE\n\nA word."
    )
    document.corpus.save()
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    notes.flag(document, by=bob, subject=1, section="claim", note="Is this one?")
    alike = add_document(document.corpus, tmp_path, "alike")
    for user in (bob, carol):
        layer = review.open_layer(alike, by=user)
        review.decide(layer, [SPEAKER if user == bob else {**SPEAKER, "ident": 2}], by=user, at=0)
        review.submit(layer, by=user, at=1)
    assignment_plan.set_sample(document.corpus, "alike", "check", by=alice)
    invitations.invite(document.corpus, "reviewer", by=alice, note="Erin")
    add_document(document.corpus, tmp_path, "second", "Second article\n\n“Yes,” said Ann.")
    assign.claim_next(document.corpus, by=carol)
    agreement.measure(document.corpus)
    run.run_job.call(services.start_release(document.corpus, "1", by=alice).pk)
    create_corpus("empty")
    admin_user.username = "root"
    admin_user.set_password(PASSWORD)
    admin_user.save()


def faults(page: Page, path: str, *, script: bool) -> list[str]:
    """Return what axe finds on a page, in light and in dark, and whether it scrolls sideways."""
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(path)
    if script:
        ready(page)
    for summary in page.locator("main summary").all():
        summary.click()
    wrong = []
    found = Axe().run(page)
    if found.violations_count:
        wrong.append(found.generate_report())
    page.emulate_media(color_scheme="dark")
    found = Axe().run(page, options=COLOURS)
    if found.violations_count:
        wrong.append(f"dark: {found.generate_report()}")
    page.set_viewport_size({"width": 320, "height": 640})
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if wide > 0:
        wrong.append(f"{wide} pixels wider than a small screen")
    return wrong


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    site: None, sign_in: Callable[..., Page], name: str
) -> None:
    page = sign_in(name)
    wrong = {}
    for path in PAGES[name]:
        refused = (name == "bob" and "/disputes/" in path) or "nowhere" in path
        script = path.endswith(("/review/", "/adjudicate/")) and not refused
        if found := faults(page, path, script=script):
            wrong[path] = found
    assert wrong == {}


def test_axe_finds_nothing_where_people_sign_in(
    browser: Browser, live_server: Any, transactional_db: None
) -> None:
    page = browser.new_page(base_url=live_server.url)
    page.goto("/login/")
    page.fill("#id_username", "nobody")
    page.fill("#id_password", "wrong")
    page.click("main button")
    assert "do not match" in page.inner_text("[role=alert]")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    page.close()


def test_the_list_narrows_while_one_types_and_goes_on_in_place(
    site: None, corpus: Any, sign_in: Callable[..., Page], tmp_path: Any
) -> None:
    fill(corpus, tmp_path, 70)
    page = sign_in("bob")
    page.goto(f"{C}/documents/")
    page.evaluate("window.kept = true")
    rows = page.locator("#found tbody tr:not(.row-more)")
    expect(rows).to_have_count(50)
    page.click("text=More documents")
    expect(rows).to_have_count(73)
    expect(page.locator(".row-more")).to_have_count(0)
    expect(rows.nth(50)).to_be_focused()
    page.locator("#id_query").press_sequentially("news 66")
    expect(rows).to_have_count(1)
    expect(page.locator("#found-words")).to_have_text("1 document shown.")
    assert "query=news+66" in page.url or "query=news%2066" in page.url
    page.fill("#id_query", "")
    page.select_option("#id_state", "ready")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Sea wall vote")
    page.fill("#id_query", "nothing like it")
    expect(page.locator("#found")).to_contain_text("No document fits")
    assert page.evaluate("window.kept") is True
    page.go_back()
    expect(rows).to_have_count(1)


def test_the_list_works_without_javascript(
    site: None, browser: Browser, live_server: Any, sign_in: Any
) -> None:
    cookies = sign_in("bob").context.cookies()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(f"{C}/documents/")
    page.fill("#id_query", "second")
    page.click("text=Show")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    context.close()


def test_a_picture_opens_its_table_by_keyboard(site: None, sign_in: Callable[..., Page]) -> None:
    page = sign_in("bob")
    page.goto(f"{C}/")
    page.locator(".chart summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".chart table").first).to_be_visible()
    assert "Speaker" in page.locator(".chart table").first.inner_text()


def test_pages_hold_on_paper_and_in_forced_colours(
    site: None, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto(f"{C}/")
    page.emulate_media(media="print")
    expect(page.locator(".tabs")).to_be_hidden()
    expect(page.locator(".chart svg").first).to_be_visible()
    page.emulate_media(media="screen", forced_colors="active")
    painted, behind = page.evaluate(
        "[getComputedStyle(document.querySelector('.bar-1')).fill,"
        " getComputedStyle(document.body).backgroundColor]"
    )
    assert painted != behind


def test_the_next_document_is_one_press_away(site: None, sign_in: Callable[..., Page]) -> None:
    page = sign_in("bob")
    page.goto(f"{C}/")
    page.click("text=Review the next document")
    ready(page)
    assert page.url.endswith("/documents/second/review/")


def test_the_head_is_two_rows_when_wide_and_one_with_a_menu_when_narrow(
    site: None, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{C}/documents/")
    tops = {box["y"] for box in map(_box, page.locator(".tabs a").all())}
    assert len(tops) == 1 and _box(page.locator(".site-header"))["height"] < 100
    expect(page.get_by_role("button", name="Menu")).to_be_hidden()
    page.set_viewport_size({"width": 390, "height": 844})
    assert _box(page.locator(".site-header"))["height"] < 64
    settings = page.get_by_role("link", name="Settings")
    expect(settings).to_be_hidden()
    page.get_by_role("button", name="Menu").focus()
    page.keyboard.press("Enter")
    expect(settings).to_be_visible()
    page.keyboard.press("Escape")
    expect(settings).to_be_hidden()
    page.keyboard.press("Enter")
    settings.click()
    page.wait_for_url("**/settings/")


def _box(locator: Locator) -> FloatRect:
    box = locator.bounding_box()
    assert box is not None
    return box
