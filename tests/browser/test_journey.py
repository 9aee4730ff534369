"""The whole job in a browser: seed, two reviews with keys only, adjudication, export, training."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import Page

from annotator.models import Adjudication, Decision, Layer
from tests.browser.conftest import ready, saved

pytestmark = [pytest.mark.browser, pytest.mark.postgresql]

ARTICLES = Path(__file__).parent.parent.parent / "seeds"
DOCUMENT = "library-roof-row"


def review_with_keys(page: Page, *, different: bool) -> None:
    """Settle every item with keys alone, then submit with keys."""
    page.goto(f"/corpora/articles/documents/{DOCUMENT}/review/")
    ready(page)
    press = page.keyboard.press
    if different:
        press("x")
        press("u")
        press("Enter")
    for _ in range(200):
        before = page.text_content("#settled")
        if before and before.startswith("0 unsettled"):
            break
        # It stays where the stance is missing, and where the speaker is: there is none in the text.
        for key in ("Enter", "n", "Enter", "0", "Enter"):
            press(key)
            if page.text_content("#settled") != before:
                break
    press("Control+Enter")
    page.wait_for_selector("dialog #submit-layer:not([disabled])")
    saved(page)
    with page.expect_response("**/submit/") as answer:
        press("Enter")
    assert answer.value.status == 200


def test_the_whole_job(
    sign_in: Callable[..., Page], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / f"{DOCUMENT}.txt").write_bytes((ARTICLES / f"{DOCUMENT}.txt").read_bytes())
    monkeypatch.setenv("SAIDBY_DEMO_PASSWORD", "one for the demo")
    call_command("seed", str(folder), stdout=StringIO())
    call_command("suggest", "articles", stdout=StringIO(), stderr=StringIO())

    review_with_keys(sign_in("bob", password="one for the demo"), different=False)
    review_with_keys(sign_in("carol", password="one for the demo"), different=True)
    adjudication = Adjudication.objects.get()
    assert adjudication.state == "ready"
    assert adjudication.agreed > 0
    assert Decision.objects.filter(layer__kind="review", verb="accept", subject="span").count() > 10

    admin = sign_in("admin", password="one for the demo")
    admin.goto("/corpora/articles/disputes/")
    admin.click("text=Settle")
    ready(admin)
    for _ in range(adjudication.disputes):
        with admin.expect_response("**/settle/") as answer:
            admin.keyboard.press("1")
        assert answer.value.status == 200
    assert Adjudication.objects.get().state == "done"
    call_command("check_layers", stdout=StringIO())

    out = StringIO()
    call_command(
        "export",
        "articles",
        "--format",
        "spacy",
        "--to",
        str(tmp_path / "spacy"),
        "--json",
        stdout=out,
    )
    report = json.loads(out.getvalue())
    gold = Layer.objects.get(kind="gold")
    assert report["spans"] == gold.spans.count() > 0

    def spacy(*args: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "spacy", *args],
            cwd=tmp_path / "spacy",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    spacy(
        "train",
        "config.cfg",
        "--output",
        "model",
        "--training.max_steps",
        "3",
        "--training.eval_frequency",
        "3",
    )
    spacy("evaluate", "model/model-last", "train", "--output", "scores.json")
    assert "ents_f" in json.loads((tmp_path / "spacy" / "scores.json").read_text())
