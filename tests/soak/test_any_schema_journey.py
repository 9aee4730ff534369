"""The whole job in a browser with entities and relations: a template, two reviews by keys, disputes
on a link and on an attribute settled by keys, a label added in the middle, a release, training.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from playwright.sync_api import Page

from annotator.models import Adjudication, Layer
from annotator.selectors import layers
from corpus.models import Corpus
from corpus.services.members import add_member
from tests.acts import person
from tests.browser.conftest import ready, saved

pytestmark = pytest.mark.browser

TEXT = (
    "Ana Ruiz of Brandt, a bakery in Kiel, met Omar Said in Tunis.\n\n"
    "She will lead the branch in Tunis from May."
)
SPANS = [
    ("PERSON", "Ana Ruiz"),
    ("ORGANISATION", "Brandt"),
    ("PLACE", "Kiel"),
    ("PERSON", "Omar Said"),
    ("PLACE", "Tunis"),
]
LINKS = [("works_for", 1, 2), ("based_in", 2, 3), ("based_in", 4, 5), ("knows", 1, 4)]
ARTICLES = 6
NAMES = [f"a{number}" for number in range(ARTICLES)]


def article(name: str) -> dict[str, Any]:
    spans = []
    for ident, (label, words) in enumerate(SPANS, start=1):
        start = TEXT.index(words)
        spans.append({"id": f"s{ident}", "label": label, "start": start, "end": start + len(words)})
    links = [{"kind": kind, "source": f"s{a}", "target": f"s{b}"} for kind, a, b in LINKS]
    # The same words twice would be near-duplicates, which training data keeps together.
    text = f"{TEXT}\n\n" + " ".join(f"word{name}{n}" for n in range(120))
    return {"id": name, "text": text, "spans": spans, "links": links}


def accept_all(page: Page) -> None:
    for _ in SPANS:
        page.keyboard.press("Enter")


def submit(page: Page, *, last: bool) -> None:
    """Hand in by keys; the next document opens by itself."""
    before = page.url
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("dialog #submit-layer:not([disabled])")
    saved(page)
    with page.expect_response("**/submit/") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 200
    if not last:
        page.wait_for_url(lambda url: url != before)
        ready(page)


def review(page: Page, change: Callable[[Page], None] | None = None) -> None:
    """Accept everything in every article by keys, with a change in the first one."""
    page.goto(f"/corpora/people/documents/{NAMES[0]}/review/")
    ready(page)
    for number in range(ARTICLES):
        accept_all(page)
        if change is not None and number == 0:
            change(page)
        submit(page, last=number == ARTICLES - 1)


def other_role_and_no_link(page: Page) -> None:
    """Say that Ana Ruiz has a role at Brandt, and does not know Omar Said."""
    page.click("#row-1")
    page.keyboard.press("t")
    page.wait_for_selector("dialog")
    page.keyboard.type("founder")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog", state="detached")
    page.click(".claim-card.focused [aria-label=Knows] [data-action=dropLink]")


def begin(manager: Page, tmp_path: Path) -> Corpus:
    """Make the corpus from a template, on the page, and bring articles with suggestions."""
    manager.goto("/corpora/new/")
    manager.fill("input[name=name]", "People")
    manager.select_option("select[name=template]", "relations")
    manager.click("main button[type=submit]")
    manager.wait_for_url("**/corpora/people/**")
    file = tmp_path / "articles.jsonl"
    file.write_text("".join(json.dumps(article(name)) + "\n" for name in NAMES))
    call_command("import_documents", "people", str(file), stdout=StringIO(), stderr=StringIO())
    return Corpus.objects.get(slug="people")


def add_label(manager: Page, tmp_path: Path) -> None:
    """Bring a schema with one label more, see what it does, and have it made."""
    manager.goto("/corpora/people/schema/")
    with manager.expect_download() as download:
        manager.click("text=Export as JSON")
    schema = json.loads(Path(download.value.path()).read_text())
    schema["labels"].append({"name": "TITLE", "title": "Title or office", "key": "4"})
    file = tmp_path / "schema.json"
    file.write_text(json.dumps(schema))
    manager.set_input_files("input[type=file]", str(file))
    manager.click("text=Upload")
    manager.wait_for_selector("text=label TITLE")
    manager.click("main form button.button-primary")
    manager.wait_for_load_state()
    call_command("run_jobs", "--once", verbosity=0)


def settle(admin: Page) -> None:
    admin.goto("/corpora/people/disputes/settle/")
    ready(admin)
    for left in range(Adjudication.objects.get(document__external_id="a0").disputes, 0, -1):
        with admin.expect_response("**/settle/") as answer:
            admin.keyboard.press("2" if left == 1 else "1")
        assert answer.value.status == 200


def spacy(folder: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "spacy", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_entities_and_relations_from_template_to_training(
    transactional_db: None,
    sign_in: Callable[..., Page],
    tmp_path: Path,
) -> None:
    root = person("root")
    User.objects.filter(pk=root.pk).update(is_superuser=True, is_staff=True)
    manager = sign_in("root")
    corpus = begin(manager, tmp_path)
    for name in ("bob", "carol"):
        add_member(corpus, person(name), "reviewer")
    add_member(corpus, root, "adjudicator")

    bob, carol = sign_in("bob"), sign_in("carol")
    review(bob)
    add_label(manager, tmp_path)
    corpus.refresh_from_db()
    assert corpus.schema is not None and corpus.schema.version == 2

    review(carol, other_role_and_no_link)
    for name in NAMES[1:]:
        assert Adjudication.objects.get(document__external_id=name).state == "done"
    disputed = Adjudication.objects.get(document__external_id="a0")
    assert disputed.kinds == {"works_for": 1, "knows": 1}
    settle(manager)
    call_command("check_layers", stdout=StringIO())
    assert not Adjudication.objects.exclude(state="done").exists()
    for layer in Layer.objects.filter(kind="gold", schema=corpus.schema):
        view = layers.layer_view(layer)
        assert len(view.spans) == len(SPANS)
        if layer.document.external_id != "a0":
            assert len(view.links) == len(LINKS)

    out = StringIO()
    folder = tmp_path / "people-1"
    call_command("release", "people", "one", "--to", str(folder), stdout=out, stderr=out)
    call_command("verify_release", str(folder), stdout=out)
    data = tmp_path / "spacy"
    export = ("export", "people", "--format", "spacy", "--split", "60/20/20", "--to", str(data))
    call_command(*export, stdout=out, stderr=out)
    steps = ("--training.max_steps", "4", "--training.eval_frequency", "4")
    spacy(data, "train", "config.cfg", "--output", "model", *steps)
