"""Disputes in the admin: listed, given to people, settled by policy, opened again."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotator.models import Decision, Dispute
from annotator.services import dispute_bulk, disputes
from annotator.services.runs import file_run, store
from corpus.models import Job
from corpus.services.members import add_member
from tests.acts import DOC, TEXT, add_document, person, submit_as, suggested, support
from tests.annotator.disputed import in_order

pytestmark = pytest.mark.postgresql

LIST = "admin:annotator_dispute_changelist"


@pytest.fixture
def admin(queued: Any, alice: Any, as_user: Any) -> Any:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    return as_user(alice)


def look(client: Any, query: str = "") -> str:
    answer = client.get(reverse(LIST) + query)
    assert answer.status_code == 200, query
    html: str = answer.content.decode()
    return html


def rows(client: Any, query: str = "") -> int:
    return look(client, query).count('class="action-select"')


def sentences(html: str) -> list[str]:
    """What the column "who holds what" says, without its mark-up."""
    cells = re.findall(r'class="field-who_holds_what">(.*?)</t[dh]>', html, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def act(client: Any, action: str, chosen: Any, query: str = "", **more: Any) -> str:
    body = {
        "action": action,
        "_selected_action": [row.pk for row in chosen],
        "policy": "unanimous",
        "side": "side:suggestion",
        "to": "",
        **more,
    }
    html: str = client.post(reverse(LIST) + query, body, follow=True).content.decode()
    return html


def test_each_row_says_who_holds_what_against_whom_over_which_words(admin: Any) -> None:
    html = look(admin)
    assert sentences(html) == [
        "missing bob: marked ‘that it would cost more’ suggested ↔ carol: nothing",
        "boundary bob: ‘that’ … suggested ↔ carol: without"
        " stance bob: oppose suggested ↔ carol: support",
        "boundary bob: ‘that’ … suggested ↔ carol: without",
        "stance bob: oppose suggested ↔ carol: support",
    ]
    assert "<b>that it would cost more</b>" in html
    ident = Dispute.objects.get(facet="stance").ident
    assert f'href="{reverse("adjudicate", kwargs=DOC)}?at={ident}"' in html


def test_the_admin_narrows_disputes(admin: Any, queued: Any, bob: Any, carol: Any) -> None:
    pair = f"{bob.pk}-{carol.pk}"
    for query, count in [
        ("", 4),
        ("?facet=stance", 2),
        ("?facet=stance&value=oppose&against=support", 2),
        ("?facet=stance&value=oppose&against=neutral", 0),
        (f"?pair={pair}&facet=missing", 1),
        ("?pair=1-99999", 0),
        ("?label=CLAIM&outlet=The+Bay", 2),
        ("?month=2026-03", 2),
        ("?month=2026-04", 0),
        ("?suggested=yes", 4),
        ("?suggested=no", 0),
        (f"?side={bob.pk}", 4),
        (f"?side={carol.pk}", 0),
        ("?state=settled", 0),
        ("?q=sea-wall", 2),
        ("?q=nowhere", 0),
        (f"?corpus={queued.pk}", 4),
    ]:
        assert rows(admin, query) == count, query
    # Who reviewed a document says nothing about who differs.
    assert "By reviewer" not in look(admin)
    pk = Dispute.objects.first().pk
    for name in ("add", "delete"):
        args = [] if name == "add" else [pk]
        assert admin.post(reverse(f"admin:annotator_dispute_{name}", args=args)).status_code == 403


def test_a_cell_of_what_is_confused_lists_its_disputes(admin: Any, queued: Any) -> None:
    html = look(admin)
    links = re.findall(r'href="\?(corpus=[^"]*against=[^"]*)"', html)
    assert len(links) == 3
    counts = [rows(admin, "?" + link.replace("&amp;", "&")) for link in links]
    assert sorted(counts) == [1, 2, 2]


def test_the_admin_settles_gives_and_opens_again(
    admin: Any, queued: Any, alice: Any, bob: Any, carol: Any
) -> None:
    erin = person("erin")
    add_member(queued, erin, "adjudicator")
    every = list(Dispute.objects.order_by("pk"))
    assert "Done with 2 disputes." in act(admin, "assign", every[:2], to=str(erin.pk))
    assert set(Dispute.objects.filter(assigned_to=erin)) == set(every[:2])
    assert rows(admin, f"?assigned={erin.pk}") == 2
    before = Decision.objects.count()
    assert "counted in the background" in act(admin, "preview_policy", every)
    assert Decision.objects.count() == before
    boundary = list(Dispute.objects.filter(facet="boundary"))
    html = act(admin, "settle_by_policy", boundary, policy="unanimous+longest")
    assert "Done with 1 dispute." in html and "the policy does not decide it (1)" in html
    html = act(admin, "settle_by_side", every, side=f"side:{carol.pk}")
    assert "Done with 3 disputes." in html
    assert rows(admin) == 0
    assert rows(admin, "?state=settled") == 4
    assert "Done with 4 disputes." in act(admin, "reopen", every, "?state=settled")
    undone = Decision.objects.filter(verb="undo", subject="dispute", user=alice)
    assert undone.count() == 4
    stance = "?facet=stance&value=oppose&against=support"
    chosen = Dispute.objects.filter(facet="stance")
    assert "Done with 1 dispute." in act(
        admin, "settle_by_side", chosen, stance, side="side:against"
    )
    assert in_order()
    assert disputes.counts_drift(queued) == ""


def test_many_are_given_to_a_job(admin: Any, queued: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(dispute_bulk, "AT_ONCE", 2)
    assert "done in the background" in act(admin, "settle_by_side", Dispute.objects.all())
    assert not Dispute.objects.filter(state="settled").exists()
    assert Job.objects.filter(corpus=queued, kind="bulk").count() == 1


def test_the_admin_exports_without_formulas(admin: Any, document: Any) -> None:
    type(document).objects.update(outlet="=1+1")
    Dispute.objects.update(outlet="=1+1")
    body = {"action": "export", "_selected_action": [row.pk for row in Dispute.objects.all()]}
    answer = admin.post(reverse(LIST), body)
    assert answer.headers["Content-Type"].startswith("text/csv")
    lines = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert len(lines) == 5
    stance = next(line for line in lines if line["facet"] == "stance")
    told = [stance[name] for name in ("who", "value", "against whom", "their value", "suggested")]
    assert told == ["bob", "oppose", "carol", "support", "oppose"]
    assert {line["outlet"] for line in lines} == {"'=1+1"}


def test_who_is_not_told_names_sees_letters_and_changes_nothing(
    queued: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    """Staff who may look at disputes but have no role in the corpus."""
    staff = person("staff", is_staff=True)
    staff.user_permissions.add(*Permission.objects.filter(codename="view_dispute"))
    client = as_user(staff)
    assert sorted(set(re.findall(r"(\w+): ", " ".join(sentences(look(client)))))) == ["A", "B"]
    assert "two people" not in look(client)
    for hidden in ("?pair=1-99999", f"?side={carol.pk}"):
        assert rows(client, hidden) == 4
    before = (Decision.objects.count(), list(Dispute.objects.values()))
    for action in ("assign", "settle_by_policy", "preview_policy", "settle_by_side", "reopen"):
        assert "[not-found]" in act(client, action, Dispute.objects.all()), action
    assert (Decision.objects.count(), list(Dispute.objects.values())) == before


def test_no_lookup_of_the_admin_tells_who_holds_what(
    queued: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    staff = person("staff", is_staff=True)
    names = ("view_dispute", "view_adjudication", "view_layer", "view_decision", "view_comment")
    staff.user_permissions.add(*Permission.objects.filter(codename__in=names))
    client = as_user(staff)
    for lookup in ("sides__people__A", "pairs__contains", "assigned_to", "assigned_to__id__exact"):
        assert client.get(reverse(LIST), {lookup: str(bob.pk)}).status_code == 400, lookup
    assert rows(client, f"?assigned={bob.pk}") == 4
    told = look(client)
    assert "bob" not in told and "carol" not in told
    adjudications = reverse("admin:annotator_adjudication_changelist")
    told = client.get(adjudications).content.decode()
    assert "bob" not in told
    assert DOC["external_id"] in client.get(f"{adjudications}?reviewer=99").content.decode()
    for model in ("layer", "decision", "comment"):
        url = reverse(f"admin:annotator_{model}_changelist")
        assert client.get(url).status_code == 403, model


def test_nobody_else_sees_the_list(queued: Any, bob: Any, as_user: Any) -> None:
    assert as_user(bob).get(reverse(LIST)).status_code == 302
    staff = person("staff", is_staff=True)
    assert as_user(staff).get(reverse(LIST)).status_code == 403


def test_an_empty_site_has_an_empty_list(alice: Any, as_user: Any, db: Any) -> None:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    assert "0 disputes" in look(as_user(alice))


def test_the_list_takes_as_many_queries_for_many_disputes_as_for_few(
    admin: Any, queued: Any, bob: Any, carol: Any, tmp_path: Any
) -> None:
    query = "?facet=stance&value=oppose&against=support"

    def queries() -> list[int]:
        found = []
        for more in ("", query):
            look(admin, more)
            with CaptureQueriesContext(connection) as caught:
                look(admin, more)
            found.append(len(caught))
        return found

    few = queries()
    for number in range(6):
        made = add_document(queued, tmp_path, f"more-{number}", TEXT)
        store(file_run(queued.schema, "suggested.jsonl"), made, suggested())
        submit_as(made, bob)
        submit_as(made, carol, change=support)
    assert rows(admin) == 10
    assert queries() == few
    assert max(few) < 30
