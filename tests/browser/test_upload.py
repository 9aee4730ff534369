"""Files in the browser: sent with a bar, looked through, imported."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

from annotator.models import Layer
from annotator.selectors.layers import layer_views
from corpus.models import Corpus, Document

pytestmark = pytest.mark.browser


def test_files_are_sent_looked_through_and_imported(
    corpus: Corpus, alice: Any, sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    good = tmp_path / "good.jsonl"
    good.write_text(
        "".join(json.dumps({"id": f"d{n}", "text": f"Text {n}."}) + "\n" for n in range(3))
    )
    page = sign_in("alice")
    page.goto("/corpora/harbour/")
    page.click("text=Bring texts in")
    page.set_input_files("#files", [good])
    page.click("button:text-is('Bring them in')")
    expect(page.locator("#now [data-job-state=queued]")).to_be_visible()
    call_command("run_jobs", "--once", verbosity=0)
    # Nothing is asked, nothing is loaded again: the page tells it by itself.
    expect(page.locator("#now")).to_contain_text("3 documents came in")
    expect(page.locator("#lately")).to_contain_text("3 came in")
    assert Document.objects.count() == 3


def test_names_that_the_corpus_lacks_are_given_names_here(
    corpus: Corpus, alice: Any, sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    spans = [
        {"id": "s1", "label": "Source", "start": 0, "end": 3, "attributes": {"Name": "Ann"}},
        {"id": "c2", "label": "Content", "start": 9, "end": 18},
    ]
    link = {"kind": "source_of", "source": "c2", "target": "s1"}
    row = {"id": "p", "text": "Ann said it rained.", "spans": spans, "links": [link]}
    (tmp_path / "theirs.jsonl").write_text(json.dumps(row))
    page = sign_in("alice")
    page.goto("/corpora/harbour/import/")
    page.set_input_files("#files", [tmp_path / "theirs.jsonl"])
    page.click("button:text-is('Bring them in')")
    expect(page.locator("#now [data-job-state=queued]")).to_be_visible()
    call_command("run_jobs", "--once", verbosity=0)
    page.goto("/corpora/harbour/import/")
    page.get_by_label("Source", exact=True).select_option("SPEAKER")
    page.get_by_label("Content", exact=True).select_option("CLAIM")
    page.get_by_label("source_of").select_option("said_by")
    expect(page.get_by_label("Source.Name")).to_have_value("name")
    page.click("text=Import 1 document")
    call_command("run_jobs", "--once", verbosity=0)
    page.goto("/corpora/harbour/import/")
    expect(page.locator("main")).to_contain_text("1 came in")
    (view,) = layer_views(Layer.objects.all()).values()
    assert [(s.label, dict(s.attributes)) for s in view.in_order()] == [
        ("SPEAKER", {"name": "Ann"}),
        ("CLAIM", {}),
    ]
    assert [x.kind for x in view.links.values()] == ["said_by"]


def test_what_the_server_refuses_is_said_beside_the_form(
    corpus: Corpus, alice: Any, sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    hidden = tmp_path / ".hidden"
    hidden.write_text("Text.")
    page = sign_in("alice")
    page.goto("/corpora/harbour/import/")
    page.set_input_files("#files", [hidden])
    page.click("button:text-is('Bring them in')")
    expect(page.locator("[data-trouble]")).to_contain_text("is no name for a file here")
    expect(page.locator("button:text-is('Bring them in')")).to_be_enabled()


def test_what_is_pasted_while_another_upload_is_looked_through_waits_for_it(
    corpus: Corpus, alice: Any, sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    page = sign_in("alice")
    page.goto("/corpora/harbour/import/")
    for text in ("First\n\nText.", "Second\n\nText."):
        page.fill("#text-1", text)
        page.click("button:text-is('Bring them in')")
        expect(page.locator("#now [data-job-state=queued]")).to_be_visible()
    expect(page.locator("[data-meter]")).to_contain_text("this waits for it")
    call_command("run_jobs", "--once", verbosity=0)
    expect(page.locator("#text-1")).to_have_value("")
    call_command("run_jobs", "--once", verbosity=0)
    assert {title.lower() for title in Document.objects.values_list("title", flat=True)} == {
        *("first", "second"),
    }


def test_a_folder_is_chosen_and_its_files_come_in(
    corpus: Corpus, alice: Any, sign_in: Callable[..., Page], tmp_path: Path
) -> None:
    inside = tmp_path / "articles" / "more"
    inside.mkdir(parents=True)
    (inside.parent / "one.txt").write_text("One text.")
    (inside.parent / ".hidden").write_text("x")
    (inside / "two.txt").write_text("Another text.")
    page = sign_in("alice")
    page.goto("/corpora/harbour/import/")
    page.set_input_files("#folder", inside.parent)
    expect(page.locator("[data-chosen] li")).to_have_count(2)
    expect(page.locator("[data-chosen]")).to_contain_text("articles/more/two.txt")
    page.click("button:text-is('Bring them in')")
    expect(page.locator("#now [data-job-state=queued]")).to_be_visible()
    call_command("run_jobs", "--once", verbosity=0)
    expect(page.locator("#now")).to_contain_text("2 documents came in")
