"""Adjudication in a browser: 20 disputes over four documents with 20 to 25 keys, undo across
documents, names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from annotator.models import Adjudication, Decision, Dispute, Flag, Layer
from annotator.selectors import layers
from annotator.services import disputes, imported_reviews, imports
from annotator.services.decision_log import drift
from corpus.models import Corpus, Role
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from tests.acts import person
from tests.browser.conftest import ready, saved

pytestmark = pytest.mark.browser
REVIEWERS = ("ann", "ben", "cat")
TOPICS = ("pier", "school", "tram", "market")
Frame = tuple[str, str, str]
# What the card shows and says of a version that begins with the word.
ADDED_THAT = r"added:\s*\+that"


def article(topic: str) -> str:
    return "\n\n".join(
        [
            f"The {topic} debate",
            f"Mayor Ilse Brandt said that the {topic} was too dear.",
            f"Tomas Okafor replied that the {topic} should stay open.",
            f"The auditor warned that the {topic} had no budget.",
            f"A spokeswoman added that the {topic} would be fine.",
            f"Both Ana Silva and Leo Park were there; that the {topic} pleased nobody was plain,"
            " one of them noted.",
        ]
    )


def held(topic: str) -> dict[str, list[Frame | None]]:
    """What each of the three says of the five claims: words, stance and speaker; None where nothing
    is marked.
    """
    dear, stay, none, fine, plain = (
        f"that the {topic} was too dear",
        f"that the {topic} should stay open",
        f"that the {topic} had no budget",
        f"that the {topic} would be fine",
        f"that the {topic} pleased nobody",
    )
    return {
        "ann": [
            (dear, "oppose", "Mayor Ilse Brandt"),
            (stay, "support", "Tomas Okafor"),
            (none, "oppose", "The auditor"),
            (fine, "unclear", "A spokeswoman"),
            (plain, "oppose", "Ana Silva"),
        ],
        "ben": [
            (dear, "oppose", "Mayor Ilse Brandt"),
            (stay, "support", "Tomas Okafor"),
            (none, "neutral", "The auditor"),
            (fine[5:], "support", "A spokeswoman"),
            (plain, "oppose", "Ana Silva"),
        ],
        "cat": [
            None,
            (stay[5:], "support", "Tomas Okafor"),
            (none, "mixed", "The auditor"),
            None,
            (plain, "oppose", "Leo Park"),
        ],
    }


def gold(topic: str) -> list[Frame]:
    """What the adjudicator settles: the majority; the auditor is neutral; the long words with the
    clear stance.
    """
    ann, ben = held(topic)["ann"], held(topic)["ben"]
    return [ann[0], ann[1], ben[2], (ann[3][0], "support", "A spokeswoman"), ann[4]]  # type: ignore[list-item,index]


@pytest.fixture
def harbour(transactional_db: None, tmp_path: Path) -> Corpus:
    return harbour_of(TOPICS, tmp_path)


def harbour_of(topics: tuple[str, ...], folder: Path) -> Corpus:
    """Return a corpus with an article on each topic, reviewed by all three."""
    corpus = create_corpus("harbour", reviewers_per_document=3)
    add_member(corpus, person("alice"), Role.MANAGER)
    rows = [
        {"id": topic, "text": article(topic), "meta": {"outlet": "The Bay"}} for topic in topics
    ]
    (folder / "documents.jsonl").write_text(
        "".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8"
    )
    count = len(topics)
    assert imports.import_documents(corpus, [folder / "documents.jsonl"]).imported == count
    for name in REVIEWERS:
        path = folder / f"{name}.jsonl"
        path.write_text(
            "".join(json.dumps(layer_of(topic, name)) + "\n" for topic in topics), encoding="utf-8"
        )
        report = imported_reviews.import_layers(corpus, [path], username=name, submit=True)
        assert (report.imported, report.problems) == (count, [])
    return corpus


def layer_of(topic: str, name: str) -> dict[str, Any]:
    text = article(topic)
    spans: list[dict[str, Any]] = []
    links = []

    def span(label: str, words: str, **attributes: str) -> int:
        start = text.index(words)
        spans.append(
            {
                "id": len(spans) + 1,
                "label": label,
                "start": start,
                "end": start + len(words),
                "text": words,
                "attributes": attributes,
            }
        )
        return len(spans)

    for frame in filter(None, held(topic)[name]):
        words, stance, speaker = frame
        claim = span("CLAIM", words, stance=stance, speaker_state="linked")
        links.append(
            {"id": claim, "kind": "said_by", "source": claim, "target": span("SPEAKER", speaker)}
        )
    return {"id": topic, "text": text, "spans": spans, "links": links}


def in_gold(topic: str) -> list[Frame]:
    layer = Layer.objects.get(kind="gold", document__external_id=topic)
    view, text = layers.layer_view(layer), article(topic)
    claims = [s for s in view.in_order() if s.label == "CLAIM"]
    return [
        (s.text(text), s.attributes["stance"], view.targets_of(s.ident)[0].text(text))
        for s in claims
    ]


class Adjudicator:
    """Somebody at the keyboard: every key counts."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys = page, 0

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)
        self.keys += 1

    @property
    def focus(self) -> str:
        return self.page.get_attribute(".dispute[aria-current=true]", "data-dispute") or ""

    @property
    def words(self) -> str:
        """All that the card in focus says of its dispute."""
        said = self.page.inner_text(".dispute[aria-current=true]")
        return said.replace(self.page.inner_text(".dispute[aria-current=true] .precedents"), "")

    def card(self) -> list[tuple[str, str]]:
        """The versions on the card in focus: the number and what stands beside it."""
        rows = self.page.locator(".dispute[aria-current=true] .version[data-action=take]").all()
        return [(row.get_attribute("data-arg") or "", row.inner_text()) for row in rows]

    def number(self, words: str) -> str:
        return next(number for number, said in self.card() if re.search(words, said))

    def act(self, *keys: str) -> None:
        """Press keys that settle the dispute in focus, and wait for the next one or for the end of
        the queue.
        """
        before = self.focus
        for key in keys:
            self.press(key)
        self.page.wait_for_function(
            "before => location.pathname.endsWith('/disputes/')"
            " || (document.documentElement.dataset.ready && document.querySelector("
            "'.dispute[aria-current=true]')?.dataset.dispute !== before)",
            arg=before,
        )


def settle(at: Adjudicator) -> None:
    """Settle the dispute in focus as `gold` has it."""
    said = at.words
    if "no budget" in said:
        at.act(at.number("neutral"))
    elif "would be fine" in said:
        at.act(f"Shift+{at.number(ADDED_THAT)}", at.number("support"))
    else:
        at.act("Enter")


def test_twenty_mixed_disputes_take_twenty_to_twenty_five_keys(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    assert Dispute.objects.filter(state="open").count() == 20
    assert dict(Adjudication.objects.values_list("document__external_id", "kinds"))["pier"] == {
        "missing": 2,
        "boundary": 2,
        "stance": 2,
        "speaker": 1,
    }
    page = sign_in("alice")
    page.goto("/corpora/harbour/disputes/")
    page.click("text=Settle these")
    at, visited = Adjudicator(page), set()
    while not page.url.split("?")[0].endswith("/disputes/"):
        ready(page)
        visited.add(page.url.split("/")[-3])
        settle(at)
    assert visited == set(TOPICS)
    assert page.inner_text(".messages") == "Nothing left to settle here."
    for topic in TOPICS:
        assert in_gold(topic) == gold(topic)
    assert 20 <= at.keys <= 25
    assert set(Adjudication.objects.values_list("state", flat=True)) == {"done"}
    assert (
        Decision.objects.filter(verb="settle", subject="dispute", user__username="alice").count()
        == 20
    )
    assert {drift(layer) for layer in Layer.objects.filter(kind="gold")} == {""}
    assert {disputes.drift(row) for row in Adjudication.objects.all()} == {""}


def test_undo_goes_back_to_the_document_before(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto("/corpora/harbour/disputes/settle/?facet=stance")
    at, passed = Adjudicator(ready(page)), []
    for _ in range(3):
        passed.append((page.url.split("/")[-3], at.focus))
        settle(at)
        ready(page)
    assert len({topic for topic, _ in passed}) == 3
    saved(page)
    assert Dispute.objects.filter(state="settled").count() == 3
    for topic, ident in reversed(passed):
        at.act("z")
        page.wait_for_selector(f".dispute[data-dispute='{ident}'][aria-current=true]:not(.settled)")
        assert page.url.split("/")[-3] == topic
        saved(page)
    assert not Dispute.objects.filter(state="settled").exists()
    # Loading the page again undoes nothing more, and the queue goes on from here.
    page.reload()
    ready(page)
    assert at.focus == passed[0][1]
    settle(at)
    ready(page)
    assert at.focus == passed[1][1]


def test_what_is_put_off_is_passed_over_and_listed(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto("/corpora/harbour/documents/pier/adjudicate/")
    at = Adjudicator(ready(page))
    first = at.focus
    at.act("d")
    for _ in range(4):
        at.page.wait_for_selector(f".dispute[aria-current=true]:not([data-dispute='{first}'])")
        at.press("0")
    page.wait_for_selector("text=4 of 5 settled, 1 deferred")
    saved(page)
    page.goto("/corpora/harbour/disputes/?state=deferred")
    (row,) = page.locator("tbody tr", has_text="Settle").all()
    row.get_by_text("Settle").click()
    assert Adjudicator(ready(page)).focus == first
    page.keyboard.press("Enter")
    page.wait_for_url("**/disputes/**")
    assert Adjudication.objects.get(document__external_id="pier").state == "done"


def test_two_adjudicators_at_one_document_lose_nothing(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    add_member(harbour, person("erin"), Role.ADJUDICATOR)
    pages = [sign_in(name) for name in ("alice", "erin")]
    for page in pages:
        page.goto("/corpora/harbour/documents/pier/adjudicate/")
        ready(page)
    pages[0].keyboard.press("Enter")
    saved(pages[0])
    pages[1].keyboard.press("ArrowDown")
    pages[1].keyboard.press("Enter")
    pages[1].wait_for_selector("text=2 of 5 settled")
    saved(pages[1])
    assert Decision.objects.filter(verb="settle", subject="dispute").count() == 2


def test_names_are_hidden_until_a_dispute_is_settled_or_asked_for(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")

    def cards() -> str:
        page.goto("/corpora/harbour/documents/pier/adjudicate/")
        return ready(page).inner_text("#dispute-list")

    assert not re.search(r"\b(ann|ben|cat)\b", cards())
    page.keyboard.press("v")
    assert not re.search(r"\b(ann|ben|cat)\b", page.inner_text("body"))
    Corpus.objects.update(names_shown=True)
    assert not re.search(r"\b(ann|ben|cat)\b", cards())
    page.keyboard.press("v")
    assert {"ann", "ben", "cat"} <= set(re.findall(r"\w+", page.inner_text("body")))
    page.keyboard.press("v")
    assert not re.search(r"\b(ann|ben|cat)\b", page.inner_text("#dispute-list"))
    page.keyboard.press("Enter")
    page.wait_for_selector(".dispute.settled")
    assert re.search(r"settled: . (ann|ben)", page.inner_text(".dispute.settled"))


def test_who_annotated_a_document_only_looks_at_its_disputes(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    from django.contrib.auth import get_user_model

    from tests.acts import PASSWORD

    ann = get_user_model().objects.get(username="ann")
    ann.set_password(PASSWORD)
    ann.save()
    add_member(harbour, ann, Role.ADJUDICATOR)
    page = sign_in("ann")
    page.goto("/corpora/harbour/documents/pier/adjudicate/")
    ready(page)
    assert "You annotated this document" in page.inner_text("body")
    page.keyboard.press("Enter")
    assert page.inner_text("#settled") == "0 of 5 settled"
    page.goto("/corpora/harbour/disputes/")
    assert "No open disputes" in page.inner_text("main")


def test_the_card_shows_what_differs_and_the_rest_once(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto("/corpora/harbour/documents/pier/adjudicate/")
    at = Adjudicator(ready(page))
    for _ in range(5):
        rows = dict(at.card())
        if "no budget" in at.words:
            # The words, the speaker and what else is alike stand once, above the versions.
            assert at.words.count("no budget") == 1
            assert at.words.count("The auditor") == 1
            values = {words.split("\n")[-1] for words in rows.values()}
            assert values == {"◐ mixed", "● neutral", "▼ oppose"}
        elif "was too dear" in at.words:
            assert at.words.count("was too dear") == 1
            assert [words.split("\n")[-1] for words in rows.values()] == ["✓ marked"]
            nothing = page.inner_text(".dispute[aria-current=true] [data-action=none]")
            assert "nothing here" in nothing
        elif "should stay open" in at.words:
            long, short = at.number(ADDED_THAT), at.number(r"without:\s*−that")
            assert {long, short} == {"1", "2"}
        elif "pleased nobody" in at.words:
            said = sorted(words.split("\n")[-1] for words in rows.values())
            assert said == ["Ana Silva", "Leo Park"]
        at.press("ArrowDown")


def test_the_versions_keep_their_sides_throughout_a_document(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto("/corpora/harbour/documents/pier/adjudicate/")
    ready(page)
    for card in page.locator(".dispute").all():
        holders = card.locator(".version[data-action=take] b").all_inner_texts()
        assert holders == sorted(holders)


def test_without_a_majority_enter_takes_nothing_and_says_which_keys_do(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")
    page.goto("/corpora/harbour/documents/pier/adjudicate/")
    at = Adjudicator(ready(page))
    while "no budget" not in at.words:
        at.press("ArrowDown")
    before = at.focus
    at.press("Enter")
    assert "No majority: press 1, 2 or 3." in at.words
    page.wait_for_selector("#status:text-is('No majority: press 1, 2 or 3.')", state="attached")
    at.press("Enter")
    assert at.focus == before
    assert not Decision.objects.filter(verb="settle", subject="dispute").exists()
    at.act("2")
    saved(page)
    assert Dispute.objects.get(state="settled").ident == int(before)
    assert "No majority" not in page.inner_text("#dispute-list")


def test_what_most_did_not_mark_is_dropped_by_enter(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    layer = Layer.objects.get(document__external_id="pier", owner__username="ben")
    dropped = layer.spans.get(
        label__name="CLAIM", start=article("pier").index("that the pier was too")
    )
    layer.links.filter(source=dropped).delete()
    dropped.delete()
    page = sign_in("alice")
    page.goto("/corpora/harbour/documents/pier/adjudicate/")
    at = Adjudicator(ready(page))
    while "was too dear" not in at.words:
        at.press("ArrowDown")
    at.act("Enter")
    saved(page)
    settled = Decision.objects.get(verb="settle", subject="dispute")
    assert settled.after["choice"] == "none"


def test_a_dispute_is_flagged_for_the_guideline(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    Corpus.objects.update(guideline="# Guideline\n\n## Boundaries\n\nWith “that”.")
    page = sign_in("alice")
    page.goto("/corpora/harbour/disputes/settle/?facet=boundary")
    at = Adjudicator(ready(page))
    page.keyboard.press("c")
    page.select_option("dialog select", "boundaries")
    page.fill("dialog textarea", "with or without “that”?")
    with page.expect_response("**/flags/") as answer:
        page.keyboard.press("Control+Enter")
    assert answer.value.status == 200
    page.wait_for_selector("dialog", state="detached")
    flag = Flag.objects.get()
    assert (str(flag.ident), flag.section, flag.layer.kind) == (at.focus, "boundaries", "gold")


def test_what_one_alone_looked_at_is_for_a_person_to_accept(
    harbour: Corpus, sign_in: Callable[..., Page]
) -> None:
    page = sign_in("alice")

    def untouched(route: Route) -> None:
        """Tell of a claim that one holds and the others did not look at."""
        answer = route.fetch()
        name = '"kind": "missing", "kinds": ["missing"]'
        body = answer.text().replace(name, '"kind": "unseen", "kinds": ["unseen"]')
        first, rest = re.split(r'"absent": \["[A-C]"\], "unseen": \[\]', body, maxsplit=1)
        route.fulfill(response=answer, body=f'{first}"absent": [], "unseen": ["C"]{rest}')

    page.route("**/documents/pier/adjudicate/**", untouched)
    page.goto("/corpora/harbour/documents/pier/adjudicate/")
    at = Adjudicator(ready(page))
    assert "not looked at by all" in at.words and "not looked at by C" in at.words
    assert [words.split("\n")[-1] for _, words in at.card()] == ["✓ accept"]
    at.press("Enter")
    assert "No majority: press 1 or 0." in at.words
    at.act("1")
    saved(page)
    assert Decision.objects.filter(verb="settle", subject="dispute").count() == 1
