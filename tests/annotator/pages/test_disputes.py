"""The queue of disputes, what is done with many of them, and the documents that have some."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.urls import reverse

from annotator.models import Dispute, DisputeCount, DisputeTag
from annotator.services import dispute_bulk
from corpus.models import Job
from corpus.services.members import add_member
from tests.acts import DOC, SLUG, person, shorter, submit_as
from tests.annotator.disputed import in_queue


@pytest.fixture
def disputed(document: Any, bob: Any, carol: Any) -> Any:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    return document


@pytest.fixture
def erin(queued: Any) -> Any:
    """Somebody who settles and is not told names."""
    made = person("erin")
    add_member(queued, made, "adjudicator")
    return made


def look(client: Any, **wanted: str) -> str:
    answer = client.get(reverse("disputes", kwargs=SLUG), wanted)
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html


def sentences(html: str) -> list[str]:
    """What the column "Who holds what" says, without its mark-up."""
    cells = re.findall(r'class="cell-sides">(.*?)</td>', html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def lines(client: Any, **wanted: str) -> list[dict[str, str]]:
    answer = client.get(reverse("disputes-csv", kwargs=SLUG), wanted)
    assert answer.streaming
    return list(csv.DictReader(io.StringIO(b"".join(answer).decode())))


def many(client: Any, act: str, **more: Any) -> str:
    url = reverse("many-disputes", kwargs=SLUG)
    html: str = client.post(url, {"act": act, **more}, follow=True).content.decode()
    return html


def test_documents_are_listed_by_kind_of_dispute(disputed: Any, alice: Any, as_user: Any) -> None:
    client, address = as_user(alice), reverse("disputes", kwargs=SLUG)
    html = client.get(address, {"by": "document"}).content.decode()
    assert "1 of 3" in html and "stance 1" in html
    html = client.get(address, {"by": "document", "kind": "missing"}).content.decode()
    assert "No open disputes of this kind" in html


def test_settling_begins_with_the_first_of_the_filtered_queue(
    disputed: Any, alice: Any, as_user: Any
) -> None:
    client, address = as_user(alice), reverse("settle-queue", kwargs=SLUG)
    listed = client.get(reverse("disputes", kwargs=SLUG), {"facet": "stance"})
    first = listed.context["page"][0].url
    assert first.startswith(reverse("adjudicate", kwargs=DOC)) and "facet%3Dstance" in first
    assert client.get(address, {"facet": "stance"}).headers["Location"] == first
    none = client.get(address, {"facet": "missing"}, follow=True)
    assert "Nothing left to settle here" in none.content.decode()


def test_a_row_says_who_holds_what_by_name_or_by_letter(
    queued: Any, alice: Any, erin: Any, as_user: Any
) -> None:
    assert sentences(look(as_user(alice)))[0] == (
        "missing bob: marked ‘that it would cost more’ suggested ↔ carol: nothing"
    )
    # The facet that is asked for comes first.
    stance = sentences(look(as_user(alice), facet="stance"))
    assert stance == [
        "stance bob: oppose suggested ↔ carol: support"
        " boundary bob: ‘that’ … suggested ↔ carol: without",
        "stance bob: oppose suggested ↔ carol: support",
    ]
    html = look(as_user(erin))
    assert not re.search(r"\b(bob|carol)\b", html)
    assert set(re.findall(r"(\w+): ", " ".join(sentences(html)))) == {"A", "B"}
    assert "Between" not in html and 'value="side:' in html
    assert len(re.findall(r'value="side:\d', html)) == 0


def test_a_cell_of_what_is_confused_lists_its_disputes(
    queued: Any, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    links = re.findall(r'href="\?([^"]*against=[^"]*)"', look(client))
    assert len(links) == 3
    url = reverse("disputes", kwargs=SLUG)
    pages = [client.get(f"{url}?{link.replace('&amp;', '&')}").content.decode() for link in links]
    assert sorted(len(sentences(page)) for page in pages) == [1, 2, 2]
    assert all('aria-current="true"' in page for page in pages)


def test_the_ticked_are_settled_and_then_opened_again(
    queued: Any, alice: Any, carol: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "Tick the disputes first" in many(client, "side:suggestion")
    pk = Dispute.objects.get(facet="stance").pk
    assert "Done with 1 dispute." in many(client, "side:suggestion", chosen=[pk])
    assert len(in_queue(queued, alice)) == 3
    html = many(client, f"side:{carol.pk}", everything="on", query="facet=stance")
    assert "Done with 1 dispute." in html
    assert len(sentences(look(client, state="settled"))) == 2
    assert "Done with 2 disputes." in many(client, "reopen", everything="on", query="state=settled")
    assert len(in_queue(queued, alice)) == 4
    assert "cannot be done with many disputes" in many(client, "delete", chosen=[pk])


def test_many_are_a_job_whose_end_the_page_tells(
    queued: Any, alice: Any, as_user: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(dispute_bulk, "AT_ONCE", 2)
    client = as_user(alice)
    html = many(client, "side:suggestion", everything="on")
    assert "Many disputes are being worked on." in html and "No worker is running" in html
    job = Job.objects.get(kind="bulk")
    result = dispute_bulk.run_bulk_job(
        job, progress=lambda done, total: None, cancelled=lambda: False
    )
    Job.objects.filter(pk=job.pk).update(state="done", result=result)
    assert "Done with 4 disputes." in look(client)


def test_the_list_is_saved_as_csv_without_formulas(
    queued: Any, alice: Any, erin: Any, as_user: Any
) -> None:
    Dispute.objects.update(outlet="@SUM(A1)")
    found = lines(as_user(alice), facet="stance", value="oppose", against="support")
    stance = [line for line in found if line["facet"] == "stance"]
    assert [line["document"] for line in stance] == ["second", "sea-wall"]
    told = [
        stance[1][name] for name in ("who", "value", "against whom", "their value", "suggested")
    ]
    assert told == ["bob", "oppose", "carol", "support", "oppose"]
    assert stance[0]["outlet"] == "'@SUM(A1)"
    assert stance[1]["page"].startswith(reverse("adjudicate", kwargs=DOC))
    assert {line["who"] for line in lines(as_user(erin))} <= {"A", "B"}
    assert lines(as_user(alice), facet="target") == []


def test_rows_of_before_an_update_are_shown_and_filled(
    queued: Any, alice: Any, as_user: Any
) -> None:
    Dispute.objects.update(sides={})
    DisputeTag.objects.exclude(tag="").delete()
    DisputeCount.objects.all().delete()
    html = look(as_user(alice))
    assert sentences(html)[0] == "missing"
    assert "is being read from the reviews in the background" in html
    assert Job.objects.get(kind="disputes").corpus == queued


def test_an_empty_list_says_the_next_step(corpus: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    assert "See what is still being reviewed" in look(client)
    assert "Show all open disputes" in look(client, facet="stance", value="oppose")
