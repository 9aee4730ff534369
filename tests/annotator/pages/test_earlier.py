"""The text that a document had before it was corrected, and who reads what was made on it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from annotator.models import Layer
from annotator.services import notes, review
from corpus.models import Document, Role
from corpus.services.members import add_member
from tests.acts import DOC, TEXT, add_document, page, person, submit_as

# One claim of three has other words.
OTHER = TEXT.replace("will not hold", "may not hold")
LEFT = "The wall will not hold"


@pytest.fixture
def corrected(document: Document, bob: Any, carol: Any, tmp_path: Path) -> Document:
    """Both reviewed the document; each review lost a span when its text was corrected."""
    for user in (bob, carol):
        submit_as(document, user)
    return add_document(document.corpus, tmp_path, text=OTHER)


def earlier(client: Any, document: Document, **query: Any) -> Any:
    address = reverse("earlier", kwargs={**DOC, "sha256": document.digest})
    return client.get(address, query)


def number(document: Document, **about: Any) -> int:
    return Layer.objects.get(document=document, **about).pk


def test_history_and_the_read_view_name_the_earlier_text_and_what_was_left(
    document: Document, corrected: Document, alice: Any, as_user: Any, tmp_path: Path
) -> None:
    client = as_user(alice)
    address = reverse("earlier", kwargs={**DOC, "sha256": document.digest})
    for name in ("history", "read"):
        assert address in page(client, name, external_id="sea-wall")
    told = page(client, "history", external_id="sea-wall")
    for author in ("review of bob", "review of carol", "gold"):
        assert author in told
    assert told.count(LEFT) >= 3 and "left spans behind" in told
    # While reviews are open again there is nothing to settle.
    assert reverse("adjudicate", kwargs=DOC) not in told
    # What came along was decided by nobody, and by no policy that somebody chose.
    assert "the corrected text" in told and "policy text" not in told
    # A document whose text never changed says nothing of it.
    add_document(document.corpus, tmp_path, "other")
    assert "Earlier texts" not in page(client, "history", external_id="other")


def test_the_manager_reads_the_old_text_with_each_review_and_gold(
    document: Document, corrected: Document, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    shown = earlier(client, document).content.decode()
    for words in ("Gold", "Review of bob", "Review of carol", LEFT, "Read only"):
        assert words in shown
    assert "/decisions/" not in shown
    for about in ({"kind": "gold"}, {"owner__username": "bob"}):
        layer = number(document, **about)
        found = earlier(client, document, layer=layer).context["workspace"]
        assert len(found["spans"]) == 6 and found["document"]["text"] == TEXT
    # Nobody added what gold holds.
    gold = earlier(client, document, layer=number(document, kind="gold")).context["workspace"]
    assert gold["suggestions"]["spans"] == gold["spans"]
    assert all(span["origin"] == span["ident"] for span in gold["spans"])


def test_the_author_reads_their_own_alone_and_is_told_what_to_look_at(
    document: Document, corrected: Document, bob: Any, as_user: Any
) -> None:
    client = as_user(bob)
    shown = earlier(client, document)
    assert len(shown.context["workspace"]["spans"]) == 6
    assert "Review of carol" not in shown.content.decode()
    theirs = number(document, owner__username="carol")
    assert earlier(client, document, layer=theirs).status_code == 404
    mine = page(client, "review", external_id="sea-wall")
    assert "The text was corrected" in mine and LEFT in mine
    layer = Layer.objects.get(document=corrected, owner=bob)
    review.hand_in(layer, by=bob, at=layer.version)
    assert "The text was corrected" not in page(client, "review", external_id="sea-wall")


def test_what_was_said_about_a_lost_span_is_told_with_it(
    document: Document, alice: Any, bob: Any, as_user: Any, tmp_path: Path
) -> None:
    layer = submit_as(document, bob)
    lost = next(span.ident for span in layer.spans.all() if TEXT[span.start :].startswith("“"))
    notes.comment(document, by=bob, subject=lost, body="Is this <b>her</b> claim?")
    notes.flag(document, by=bob, subject=lost, note="two speakers")
    add_document(document.corpus, tmp_path, text=OTHER)
    for client, name in ((as_user(alice), "history"), (as_user(bob), "review")):
        shown = page(client, name, external_id="sea-wall")
        assert "Is this &lt;b&gt;her&lt;/b&gt; claim?" in shown and "two speakers" in shown


def test_who_has_the_corrected_text_in_hand_reads_nothing_of_the_others(
    document: Document, corrected: Document, bob: Any, as_user: Any
) -> None:
    """Bob manages too, and his own review waits for him."""
    add_member(document.corpus, bob, Role.MANAGER)
    client = as_user(bob)
    shown = earlier(client, document).content.decode()
    assert "Review of bob" in shown and "carol" not in shown and "Gold" not in shown
    assert client.get(reverse("history", kwargs=DOC)).status_code == 409
    address = reverse("api-earlier", kwargs={**DOC, "sha256": document.digest})
    assert [row["author"] for row in client.get(address).json()["left_behind"]] == ["bob"]
    layer = Layer.objects.get(document=corrected, owner=bob)
    review.hand_in(layer, by=bob, at=layer.version)
    # Once he was shown others' work his own is final.
    assert "review of carol" in page(client, "history", external_id="sea-wall")
    assert Layer.objects.get(pk=layer.pk).final


def test_adjudicators_read_gold_and_outsiders_nothing(
    document: Document, corrected: Document, dave: Any, as_user: Any
) -> None:
    judge = person("judge")
    add_member(document.corpus, judge, Role.ADJUDICATOR)
    shown = earlier(as_user(judge), document).content.decode()
    assert "Gold" in shown and "bob" not in shown
    assert earlier(as_user(dave), document).status_code == 404
    missing = reverse("earlier", kwargs={**DOC, "sha256": "0" * 64})
    assert as_user(judge).get(missing).status_code == 404


def test_the_api_names_earlier_texts_and_what_is_readable_there(
    document: Document, corrected: Document, alice: Any, bob: Any, as_user: Any
) -> None:
    now = as_user(bob).get(reverse("api-document", kwargs=DOC)).json()
    assert [row["sha256"] for row in now["earlier"]] == [document.digest]
    address = reverse("api-earlier", kwargs={**DOC, "sha256": document.digest})
    mine = as_user(bob).get(address).json()
    assert mine["text"] == TEXT
    assert [row["author"] for row in mine["layers"]] == ["bob"]
    assert [row["author"] for row in mine["left_behind"]] == ["bob"]
    managed = as_user(alice).get(address).json()
    left = {row["author"]: row["spans"] for row in managed["left_behind"]}
    assert set(left) == {"bob", "carol", ""}
    assert left["carol"][0]["label"] == "Claim" and LEFT in left["carol"][0]["text"]
    for row in managed["layers"]:
        layer = as_user(alice).get(reverse("api-layer", kwargs={**DOC, "pk": row["id"]})).json()
        assert layer["sha256"] == document.digest
    workspace = as_user(bob).get(reverse("api-workspace", kwargs=DOC)).json()
    assert workspace["left_behind"][0]["spans"] == left["bob"]
