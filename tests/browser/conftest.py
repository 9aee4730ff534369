"""A real browser against a live server. The browser is required: without one these tests fail, they
do not skip.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# What the browser itself notes when a page is refused or the network is away, which some tests
# want.
EXPECTED = "Failed to load resource"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = (
        os.environ.get("CHROMIUM_PATH")
        or shutil.which("chromium-headless-shell")
        or shutil.which("chromium")
    )
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def live_server() -> Iterator[LiveServer]:
    """The site with its static files served by WhiteNoise as in production."""
    with patch(
        "django.contrib.staticfiles.handlers.StaticFilesHandler", lambda application: application
    ):
        server = LiveServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def sign_in(
    browser: Browser, live_server: Any, transactional_db: None
) -> Iterator[Callable[..., Page]]:
    """A function that signs a person in, in a profile of their own: by the page for it when a
    password is given, else by a session that is there already, on no page yet. Anything on the
    console fails the test.
    """
    contexts, said = [], []

    def enter(name: str, *, password: str = "", width: int = 1440, height: int = 900) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, base_url=live_server.url
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on(
            "console", lambda message: EXPECTED not in message.text and said.append(message.text)
        )
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        if password:
            page.goto("/login/")
            page.fill("#id_username", name)
            page.fill("#id_password", password)
            page.click("main button[type=submit]")
            page.wait_for_url("**/corpora/")
        else:
            context.add_cookies([session(name, live_server.url)])
        return page

    yield enter
    for context in contexts:
        context.close()
    assert said == []


def session(name: str, url: str) -> Any:
    """Return the cookie of somebody who has signed in."""
    client = Client()
    client.force_login(get_user_model().objects.get(username=name))
    key = settings.SESSION_COOKIE_NAME
    return {"name": key, "value": client.cookies[key].value, "url": url}


def ready(page: Page) -> Page:
    """Wait until keys work."""
    page.wait_for_selector("html[data-ready=true]")
    return page


def saved(page: Page) -> None:
    """Wait until everything is on the server."""
    page.wait_for_selector("#save-state[data-save=saved], #save-state[data-save=ready]")
