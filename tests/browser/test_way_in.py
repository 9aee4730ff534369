"""From an empty site to gold that is taken out, by clicks and keys: no address is typed."""

from __future__ import annotations

import json
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Locator, Page, Route, expect

from annotator.models import Adjudication
from corpus.models import Document, Job
from tests.acts import PASSWORD, person
from tests.browser.conftest import ready, saved

pytestmark = pytest.mark.browser

WALL = "Sea wall vote\n\n“The wall will not hold,” said Mayor Ilse Brandt.\n"
FERRY = "Ferry stays\n\n“The ferry will sail,” said harbour master Tomas Okafor.\n"
# From the first paste to suggestions on the screen.
SECONDS = 30

Press = Callable[[Page, Locator], None]


def by_mouse(page: Page, target: Locator) -> None:
    target.click()


def by_keyboard(page: Page, target: Locator) -> None:
    """Go on with Tab until the target has the focus, and press it."""
    target.wait_for()
    for _ in range(150):
        if target.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"the keyboard does not reach {target}")
    page.keyboard.press("Enter")


def work() -> None:
    """Let the worker do what waits, and what comes of it."""
    while Job.objects.filter(state="queued").exists():
        call_command("run_jobs", "--once", verbosity=0)


def drop(page: Page, name: str, text: str) -> None:
    """Drop a file onto the box, as from another window."""
    carried = page.evaluate_handle(
        """([name, text]) => {
          const carried = new DataTransfer();
          carried.items.add(new File([text], name, { type: "text/plain" }));
          return carried;
        }""",
        [name, text],
    )
    page.dispatch_event("[data-drop]", "drop", {"dataTransfer": carried})


def begin(page: Page, press: Press) -> None:
    """Open the form of a new corpus and name it."""
    page.goto("/corpora/")
    press(page, page.get_by_role("link", name="New corpus"))
    expect(page.locator("#id_name")).to_be_focused()
    page.keyboard.type("Harbour news")
    expect(page.locator("[data-short-line]")).to_contain_text("/corpora/harbour-news/")


def test_a_name_typed_before_the_script_is_there_gets_its_short_name(
    sign_in: Callable[..., Page], transactional_db: None
) -> None:
    person("root", is_staff=True, is_superuser=True)
    page = sign_in("root")

    held: list[Route] = []
    page.route(re.compile(r"/new_corpus[^/]*\.js"), lambda route: held.append(route))
    page.goto("/corpora/new/", wait_until="commit")
    expect(page.locator("#id_name")).to_be_focused()
    page.fill("#id_name", "Harbour news")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.locator("[data-short-line]")).to_contain_text("/corpora/harbour-news/")


def review(page: Page, stance: str) -> None:
    """Settle every item with keys and hand the review in."""
    ready(page)
    for _ in range(40):
        before = page.text_content("#settled") or ""
        if before.startswith("0 unsettled"):
            break
        for key in ("Enter", stance):
            page.keyboard.press(key)
            page.wait_for_timeout(30)
            if page.text_content("#settled") != before:
                break
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog #submit-layer:not([disabled])")
    saved(page)
    with page.expect_response("**/submit/") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 200


def test_the_whole_way_from_an_empty_site(
    sign_in: Callable[..., Page], browser: Browser, live_server: Any, tmp_path: Path
) -> None:
    person("root", is_staff=True, is_superuser=True)
    page = sign_in("root", password=PASSWORD)
    begin(page, by_mouse)
    page.click("#text-1")
    page.keyboard.insert_text(WALL)
    pasted = time.monotonic()
    drop(page, "ferry.txt", FERRY)
    expect(page.locator("[data-chosen]")).to_contain_text("ferry.txt")
    page.click("text=Make the corpus")
    page.wait_for_url("**/corpora/harbour-news/import/")
    work()
    expect(page.locator("#now")).to_contain_text("2 documents came in")
    suggest = page.get_by_role("button", name="Suggest for new documents")
    if suggest.count():
        suggest.click()
        work()
        page.get_by_role("link", name="Import").click()
    page.get_by_role("button", name="Review the first document").click()
    ready(page)
    page.get_by_text("Skip the practice").click()
    page.wait_for_url("**/harbour-news/documents/**/review/")
    ready(page)
    expect(page.locator("[data-span][data-state=suggested]").first).to_be_visible()
    assert time.monotonic() - pasted < SECONDS

    review_both(page, "o")
    page.get_by_role("link", name="Members").click()
    page.fill("#invite-note", "Erin")
    page.click("text=Make a link")
    erin = browser.new_page(base_url=live_server.url)
    join(erin, page.locator("code.token").inner_text())
    review_both(erin, "u")
    assert Adjudication.objects.filter(state="ready").count() == 2

    page.get_by_role("link", name="Disputes").click()
    # Who manages alone settles their own documents too, once they say so.
    expect(page.locator("main")).to_contain_text("That can be changed below")
    page.click("text=What adjudicators may see and settle")
    page.get_by_label("Own work").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Settle").first.click()
    ready(page)
    while Adjudication.objects.filter(state="ready").exists():
        with page.expect_response("**/settle/") as answer:
            page.keyboard.press("1")
        assert answer.value.status == 200
    # The list of disputes comes by itself after the last one.
    page.wait_for_url("**/harbour-news/disputes/**")
    release = taken_out(page, tmp_path)
    assert claims(release) == ["“The ferry will sail,”", "“The wall will not hold,”"]
    erin.close()


def review_both(page: Page, stance: str) -> None:
    """Review one document and the next, to which handing in leads."""
    first = page.url
    review(page, stance)
    page.wait_for_url(lambda url: url.endswith("/review/") and url != first)
    review(page, stance)
    page.get_by_role("button", name="Back to the corpus").click()
    page.wait_for_url("**/corpora/harbour-news/")


def join(page: Page, link: str) -> None:
    """Open an invitation that somebody got, make an account, and take the next document."""
    page.goto(link)
    page.fill("#id_username", "erin")
    page.fill("#id_password1", PASSWORD)
    page.fill("#id_password2", PASSWORD)
    page.click("text=Make the account and join")
    page.click("text=Review the next document")
    page.get_by_text("Skip the practice").click()
    page.wait_for_url("**/harbour-news/documents/**/review/")


def taken_out(page: Page, folder: Path) -> Path:
    """Make a release and download it."""
    page.get_by_role("link", name="Releases").click()
    page.get_by_role("button", name="Release", exact=True).click()
    work()
    page.get_by_role("link", name="Releases").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").first.click()
    path = folder / "release.zip"
    download.value.save_as(path)
    return path


def claims(release: Path) -> list[str]:
    """Return the words of the claims in a release."""
    found = []
    with zipfile.ZipFile(release) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith(".jsonl")]
        for line in archive.read(name).decode().splitlines():
            spans = json.loads(line)["spans"]
            found.extend(span["text"] for span in spans if span["label"] == "CLAIM")
    return found


@pytest.mark.parametrize("press", [by_mouse, by_keyboard])
def test_texts_come_in_by_mouse_or_keyboard_alone(
    sign_in: Callable[..., Page], transactional_db: None, press: Press
) -> None:
    person("root", is_staff=True, is_superuser=True)
    page = sign_in("root")
    begin(page, press)
    if press is by_mouse:
        page.click("#text-1")
    else:
        while page.evaluate("document.activeElement.id") != "text-1":
            page.keyboard.press("Tab")
    page.keyboard.insert_text(WALL)
    press(page, page.get_by_role("button", name="Add another text"))
    expect(page.locator("#text-2")).to_be_focused()
    page.keyboard.insert_text(FERRY)
    press(page, page.get_by_role("button", name="Make the corpus"))
    page.wait_for_url("**/corpora/harbour-news/import/")
    work()
    expect(page.locator("#now")).to_contain_text("2 documents came in")
    press(page, page.get_by_role("link", name="See the documents"))
    expect(page.locator("#found tbody tr")).to_have_count(2)
    assert set(Document.objects.values_list("title", flat=True)) == {
        "Sea wall vote",
        "Ferry stays",
    }
    press(page, page.get_by_role("link", name="Settings"))
    page.locator("#id_guideline").press("Control+End")
    page.keyboard.type("\n\n## Our own rule\n")
    expect(page.locator(".preview-text h2").last).to_have_text("Our own rule")


def test_dropped_files_are_listed_and_what_cannot_be_sent_is_said(
    sign_in: Callable[..., Page], transactional_db: None
) -> None:
    person("root", is_staff=True, is_superuser=True)
    page = sign_in("root")
    begin(page, by_mouse)
    drop(page, "one.txt", WALL)
    drop(page, ".DS_Store", "x")
    drop(page, "two.txt", FERRY)
    expect(page.locator("[data-chosen] li")).to_have_count(2)
    page.get_by_role("button", name="Leave out one.txt").click()
    expect(page.locator("[data-chosen] li")).to_have_count(1)
    page.evaluate("document.querySelector('.import-box').dataset.limit = '0'")
    page.click("text=Make the corpus")
    expect(page.locator("[data-trouble]")).to_contain_text("0 MB together can be sent")
    assert not Document.objects.exists() and not Job.objects.exists()
