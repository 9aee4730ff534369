"""The queue of disputed frames: it holds what is computed, narrows, goes on, and each choice moves
it.
"""

from __future__ import annotations

import json
import uuid
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotator.models import Adjudication, Decision, Dispute, DisputeTag, Layer
from annotator.selectors import layers as selectors
from annotator.selectors.disputes import Wanted, choices, count, queue
from annotator.services import adjudicate, disputes, policies, review
from annotator.services.decision_log import drift
from annotator.services.imports import import_documents
from annotator.services.runs import file_run, store
from corpus.core.problems import Problem
from corpus.services.corpora import add_member
from tests.acts import (
    TEXT,
    add_document,
    find,
    person,
    shorter,
    submit_as,
    suggested,
    support,
    version,
)

pytestmark = pytest.mark.postgresql

DOC = {"slug": "harbour", "external_id": "sea-wall"}


def both(decisions: list[dict[str, Any]]) -> None:
    """The last claim has another stance and another edge."""
    claim = next(d for d in decisions if d["ident"] == 6 and d["subject"] == "span")
    start, end = find("the town was broke")
    claim["after"].update(
        start=start, end=end, attributes={**claim["after"]["attributes"], "stance": "support"}
    )
    claim["exact"] = "the town was broke"


def without_cost(decisions: list[dict[str, Any]]) -> None:
    """The second claim is not marked."""
    decisions[:] = [
        d
        for d in decisions
        if (d["subject"], d["ident"]) not in {("span", 4), ("span", 3), ("link", 2)}
    ]


@pytest.fixture
def second(document: Any, tmp_path: Any) -> Any:
    made = add_document(document.corpus, tmp_path, "second")
    type(made).objects.filter(pk=made.pk).update(outlet="The Bay")
    made.refresh_from_db()
    store(file_run(document.corpus.schema, "suggested.jsonl"), made, suggested())
    return made


@pytest.fixture
def queued(document: Any, second: Any, bob: Any, carol: Any) -> Any:
    """Two documents: a stance and a boundary in dispute in one, a missing claim and both facets of
    one in the other.
    """
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    submit_as(second, bob)

    def change(decisions: list[dict[str, Any]]) -> None:
        both(decisions)
        without_cost(decisions)

    submit_as(second, carol, change=change)
    return document.corpus


def in_queue(corpus: Any, by: Any, **wanted: str) -> list[tuple[str, str]]:
    page, _ = queue(corpus, Wanted(**wanted), by=by)
    return [(row.adjudication.document.external_id, row.facet) for row in page]


def shown(document: Any, by: Any, facet: str) -> dict[str, Any]:
    found = selectors.disputes(*adjudicate.open_disputes(document, by=by))["disputes"]
    return next(d for d in found if d["kind"] == facet)


def act(document: Any, by: Any, dispute: int, **choice: Any) -> None:
    gold = Layer.objects.get(kind="gold", document=document)
    adjudicate.settle(
        document, by=by, at=gold.version, client_id=uuid.uuid4(), dispute=dispute, **choice
    )


def undo(document: Any, by: Any, dispute: int) -> None:
    gold = Layer.objects.get(kind="gold", document=document)
    adjudicate.undo(document, by=by, at=gold.version, client_id=uuid.uuid4(), dispute=dispute)


def in_order() -> bool:
    return [
        disputes.drift(row)
        for row in Adjudication.objects.select_related("document", "schema", "gold")
    ] == [""] * 2


def test_the_queue_goes_by_facet_and_then_by_cost_over_all_documents(
    queued: Any, alice: Any
) -> None:
    assert in_queue(queued, alice) == [
        ("second", "missing"),
        ("second", "boundary"),
        ("sea-wall", "boundary"),
        ("sea-wall", "stance"),
    ]
    page, _ = queue(queued, Wanted(), by=alice)
    assert [row.cost for row in page] == [5, 10, 5, 5]
    assert page[0].words == "that it would cost more"
    assert in_order()


def test_a_page_goes_on_where_the_one_before_ended(queued: Any, alice: Any) -> None:
    seen, after = [], ""
    while True:
        page, after = queue(queued, Wanted(), by=alice, after=after, size=1)
        seen += [row.pk for row in page]
        if not after:
            break
    assert seen == [row.pk for row in queue(queued, Wanted(), by=alice)[0]]
    for broken in ("x", "1-", "-", "9" * 80, "1-²"):
        assert len(queue(queued, Wanted(), by=alice, after=broken)[0]) == 4


@pytest.mark.parametrize(
    ("wanted", "left"),
    [
        ({"facet": "stance"}, 2),
        ({"facet": "missing"}, 1),
        ({"facet": "target"}, 0),
        ({"label": "CLAIM"}, 4),
        ({"label": "SPEAKER"}, 0),
        ({"outlet": "The Bay"}, 2),
        ({"outlet": "The Bay", "facet": "stance"}, 1),
        ({"suggested": "yes"}, 4),
        ({"suggested": "no"}, 0),
        ({"state": "deferred"}, 0),
        ({"assigned": "me"}, 0),
        ({"pair": "1-999999"}, 0),
    ],
)
def test_each_filter_keeps_what_it_says(
    queued: Any, alice: Any, wanted: dict[str, str], left: int
) -> None:
    assert len(in_queue(queued, alice, **wanted)) == left
    assert count(queued, Wanted(**wanted), by=alice) == left


def test_the_filters_offer_what_is_there(queued: Any, alice: Any, bob: Any, carol: Any) -> None:
    pair = f"{bob.pk}-{carol.pk}"
    assert choices(queued, "open") == {
        "": [""],
        "facet": ["boundary", "missing", "stance"],
        "label": ["CLAIM"],
        "outlet": ["The Bay"],
        "pair": [pair],
        "suggested": ["yes"],
    }
    assert len(in_queue(queued, alice, pair=pair)) == 4
    assert choices(queued, "deferred") == {}


def test_a_facet_comes_from_one_version_and_the_rest_from_another(
    queued: Any, second: Any, alice: Any
) -> None:
    found = shown(second, alice, "boundary")
    assert found["parts"] == ["boundary", "stance"]
    long, short = (
        version(found, text="that the town was broke"),
        version(found, text="the town was broke"),
    )
    act(second, alice, found["ident"], choice="version", number=long, facets={"stance": short})
    view = selectors.layer_view(Layer.objects.get(kind="gold", document=second))
    claim = next(s for s in view.spans.values() if s.start == find("that the town was broke")[0])
    assert claim.attributes["stance"] == "support"
    assert [s.attributes["name"] for s in view.targets_of(claim.ident)] == ["Tomas Okafor"]
    settled = shown(second, alice, "boundary")["settled"]
    assert (settled["number"], settled["facets"]) == (long, {"stance": short})
    assert in_order()


@pytest.mark.parametrize(
    "facets", [{"speaker": 1}, {"missing": 1}, {"stance": 3}, {"stance": 0}, {"": 1}]
)
def test_a_facet_that_is_not_in_dispute_is_refused(
    queued: Any, second: Any, alice: Any, facets: dict[str, int]
) -> None:
    found = shown(second, alice, "boundary")
    with pytest.raises(Problem) as caught:
        act(second, alice, found["ident"], choice="version", number=1, facets=facets)
    assert caught.value.code == "dispute-choice"
    assert len(in_queue(queued, alice)) == 4


def test_what_is_put_off_leaves_the_queue_and_can_be_settled_or_taken_back(
    queued: Any, second: Any, alice: Any
) -> None:
    missing, boundary = (
        shown(second, alice, "missing")["ident"],
        shown(second, alice, "boundary")["ident"],
    )
    for _ in range(2):
        act(second, alice, missing, choice="defer")
    assert Decision.objects.filter(verb="defer").count() == 1
    assert shown(second, alice, "missing")["deferred"]
    assert ("second", "missing") not in in_queue(queued, alice)
    assert in_queue(queued, alice, state="deferred") == [("second", "missing")]
    # A policy leaves it to the person who put it off, and the document is not done.
    policies.run(queued, policy="at-least:1+longest")
    assert shown(second, alice, "missing")["settled"] is None
    assert Adjudication.objects.get(document=second).state == "ready"
    undo(second, alice, missing)
    assert ("second", "missing") in in_queue(queued, alice)
    act(second, alice, missing, choice="defer")
    act(second, alice, missing, choice="none")
    assert in_queue(queued, alice, state="deferred") == []
    act(second, alice, boundary, choice="version", number=1)
    assert Adjudication.objects.get(document=second).state == "done"
    assert in_order() and drift(Layer.objects.get(kind="gold", document=second)) == ""


def test_a_document_can_be_left_when_the_rest_is_put_off(
    queued: Any, document: Any, second: Any, alice: Any
) -> None:
    act(second, alice, shown(second, alice, "boundary")["ident"], choice="version", number=1)
    with pytest.raises(Problem) as caught:
        adjudicate.close(second, by=alice)
    assert (caught.value.code, caught.value.details) == ("disputes-open", {"count": 1})
    act(second, alice, shown(second, alice, "missing")["ident"], choice="defer")
    assert adjudicate.close(second, by=alice) == document


def test_undo_goes_back_over_documents(queued: Any, document: Any, second: Any, alice: Any) -> None:
    steps = [
        (second, shown(second, alice, "missing")["ident"]),
        (document, shown(document, alice, "stance")["ident"]),
    ]
    for where, ident in steps:
        act(where, alice, ident, choice="version", number=1)
    assert len(in_queue(queued, alice)) == 2
    for where, ident in reversed(steps):
        undo(where, alice, ident)
    assert len(in_queue(queued, alice)) == 4
    assert in_order()


def test_nobody_settles_what_they_annotated_unless_the_manager_allows_it(
    queued: Any, second: Any, carol: Any
) -> None:
    add_member(queued, carol, "adjudicator")
    ident = Dispute.objects.get(facet="missing").ident
    assert in_queue(queued, carol) == []
    for write in (
        lambda: act(second, carol, ident, choice="defer"),
        lambda: undo(second, carol, ident),
    ):
        with pytest.raises(Problem) as caught:
            write()
        assert caught.value.code == "own-work"
    alice = person("manager")
    add_member(queued, alice, "manager")
    disputes.set_rules(queued, by=alice, names_shown=False, own_disputes=True)
    second.corpus.refresh_from_db()
    assert len(in_queue(queued, carol)) == 4
    act(second, carol, ident, choice="none")
    assert len(in_queue(queued, carol)) == 3


def test_the_rules_are_the_managers(
    queued: Any, alice: Any, bob: Any, dave: Any, as_user: Any
) -> None:
    erin = person("erin")
    add_member(queued, erin, "adjudicator")
    url = reverse("dispute-rules", kwargs={"slug": "harbour"})
    for user, status in ((dave, 404), (bob, 403), (erin, 403), (alice, 302)):
        assert as_user(user).post(url, {"names_shown": "on"}).status_code == status
    queued.refresh_from_db()
    assert (queued.names_shown, queued.own_disputes) == (True, False)


def test_disputes_are_given_to_who_may_settle_them(queued: Any, alice: Any, bob: Any) -> None:
    erin = person("erin")
    add_member(queued, erin, "adjudicator")
    chosen = Dispute.objects.filter(facet="boundary").select_related("corpus")
    for by, to, code in (
        (bob, erin, "not-allowed"),
        (erin, erin, "not-allowed"),
        (alice, bob, "assignee"),
    ):
        with pytest.raises(Problem) as caught:
            disputes.assign(chosen, to=to, by=by)
        assert caught.value.code == code
    assert disputes.assign(chosen, to=erin, by=alice) == 2
    assert len(in_queue(queued, alice)) == 2
    assert len(in_queue(queued, alice, assigned="any")) == len(in_queue(queued, erin)) == 4
    assert len(in_queue(queued, erin, assigned="me")) == 2
    assert in_order()
    # What a policy or a choice writes leaves the person in place.
    policies.run(queued, policy="unanimous")
    assert Dispute.objects.filter(assigned_to=erin).count() == 2
    assert disputes.assign(chosen, to=None, by=alice) == 2
    assert len(in_queue(queued, alice)) == 4


def test_a_review_that_is_taken_back_takes_its_disputes_along(
    queued: Any, second: Any, alice: Any, carol: Any
) -> None:
    layer = review.reopen(selectors.review_layer(second, carol), by=carol)
    assert {name for name, _ in in_queue(queued, alice)} == {"sea-wall"}
    assert (
        DisputeTag.objects.exclude(dispute__adjudication__document__external_id="sea-wall").count()
        == 0
    )
    with pytest.raises(Problem) as caught:
        adjudicate.open_disputes(second, by=alice)
    assert caught.value.code == "nothing-to-do"
    assert policies.prepare(Adjudication.objects.get(document=second), policy="majority") is None
    review.submit(layer, by=carol, at=layer.version)
    assert len(in_queue(queued, alice)) == 4
    assert in_order()


def test_a_retired_document_is_no_longer_in_the_queue(
    queued: Any, second: Any, alice: Any, tmp_path: Any
) -> None:
    (tmp_path / "second.txt").write_text(TEXT + "\nMore.\n", encoding="utf-8")
    assert import_documents(queued, [tmp_path / "second.txt"]).imported == 1
    assert {name for name, _ in in_queue(queued, alice)} == {"sea-wall"}


def test_the_check_finds_and_mends_a_queue_that_differs(queued: Any, capsys: Any) -> None:
    out = StringIO()
    call_command("check_layers", "harbour", "--json", stdout=out)
    assert json.loads(out.getvalue())["drifted"] == []
    Dispute.objects.filter(facet="missing").delete()
    DisputeTag.objects.filter(tag="facet:stance").delete()
    with pytest.raises(SystemExit):
        call_command("check_layers", "harbour", stdout=StringIO(), stderr=StringIO())
    call_command("check_layers", "harbour", "--mend", stdout=StringIO(), stderr=StringIO())
    assert in_order()


def test_the_versions_stand_in_an_order_of_their_own(
    queued: Any, document: Any, alice: Any
) -> None:
    first, again = (
        selectors.disputes(*adjudicate.open_disputes(document, by=alice)) for _ in range(2)
    )
    assert first == again
    assert sorted(layer["name"] for layer in first["layers"]) == ["A", "B"]
    assert first["people"] == {}


def test_names_are_told_only_where_the_manager_shows_them(
    queued: Any, alice: Any, as_user: Any
) -> None:
    erin = person("erin")
    add_member(queued, erin, "adjudicator")
    url, api = reverse("disputes", kwargs={"slug": "harbour"}), reverse("api-disputes", kwargs=DOC)
    for user, listed in ((erin, False), (alice, True)):
        assert ("bob and carol" in as_user(user).get(url).content.decode()) == listed
        assert "carol" not in as_user(user).get(api).content.decode()
    disputes.set_rules(queued, by=alice, names_shown=True, own_disputes=False)
    assert sorted(as_user(erin).get(api).json()["people"].values()) == ["bob", "carol"]


def test_settling_goes_by_the_filtered_queue(queued: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    url = reverse("settle-queue", kwargs={"slug": "harbour"})
    page = client.get(url, {"facet": "stance"}, follow=True)
    assert page.redirect_chain[-1][0].startswith(
        "/corpora/harbour/documents/second/adjudicate/?queue=facet%3Dstance"
    )
    items = page.context["disputes"]["queue"]["items"]
    assert [item["url"].split("?")[0] for item in items] == [
        "/corpora/harbour/documents/sea-wall/adjudicate/"
    ]
    nothing = client.get(url, {"facet": "target"}, follow=True)
    assert "Nothing left to settle here." in nothing.content.decode()
    strange = reverse("adjudicate", kwargs=DOC)
    for query in (
        "?queue=&at=x",
        "?queue=%01&at=99999999999999",
        "?at=1",
        "?queue=a%3Db%26facet%3D%FF",
    ):
        assert client.get(strange + query).status_code == 200


def test_the_api_lists_the_queue_and_takes_facets_and_puts_off(
    queued: Any, second: Any, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    listed = client.get(
        reverse("api-dispute-queue", kwargs={"slug": "harbour"}), {"facet": "stance"}
    ).json()
    assert [(d["document"], d["facets"]) for d in listed["disputes"]] == [
        ("second", ["boundary", "stance"]),
        ("sea-wall", ["stance"]),
    ]
    names = {"slug": "harbour", "external_id": "second"}
    found = client.get(reverse("api-disputes", kwargs=names)).json()

    def post(**body: Any) -> Any:
        body = {"version": found["version"], "client_id": str(uuid.uuid4()), **body}
        return client.post(
            reverse("api-settle", kwargs=names), json.dumps(body), content_type="application/json"
        )

    ident = listed["disputes"][0]["dispute"]
    for facets in ({"stance": "x"}, {"stance": -1}, ["stance"], {"speaker": 1}):
        assert post(dispute=ident, choice="version", number=1, facets=facets).status_code == 400
    found = post(dispute=ident, choice="version", number=1, facets={"stance": 2}).json()
    assert next(d for d in found["disputes"] if d["ident"] == ident)["settled"]["facets"] == {
        "stance": 2
    }
    other = next(d["ident"] for d in found["disputes"] if d["ident"] != ident)
    found = post(dispute=other, choice="defer").json()
    assert next(d for d in found["disputes"] if d["ident"] == other)["deferred"]


def test_pages_take_as_many_queries_for_many_disputes_as_for_few(
    queued: Any, alice: Any, bob: Any, carol: Any, as_user: Any, tmp_path: Any
) -> None:
    client = as_user(alice)
    urls = [
        reverse("disputes", kwargs={"slug": "harbour"}),
        reverse("adjudicate", kwargs=DOC) + "?queue=",
    ]

    def queries() -> list[int]:
        found = []
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as caught:
                client.get(url)
            found.append(len(caught))
        return found

    few = queries()
    for number in range(6):
        made = add_document(queued, tmp_path, f"more-{number}", TEXT)
        store(file_run(queued.schema, "suggested.jsonl"), made, suggested())
        submit_as(made, bob)
        submit_as(made, carol, change=support)
    assert count(queued, Wanted(), by=alice) == 10
    assert queries() == few
    assert few[0] <= 10


def test_settling_one_dispute_takes_a_fixed_number_of_queries(
    queued: Any, document: Any, second: Any, alice: Any
) -> None:
    taken = []
    # The first choice of a day begins the adjudicator's day as well.
    for where, facet in ((second, "missing"), (second, "boundary"), (document, "stance")):
        ident = shown(where, alice, facet)["ident"]
        with CaptureQueriesContext(connection) as caught:
            act(where, alice, ident, choice="defer")
        taken.append(len(caught))
    assert taken[0] - 2 <= taken[1] == taken[2] <= 40


@pytest.fixture
def admin(queued: Any, alice: Any, as_user: Any) -> Any:
    alice.is_staff = alice.is_superuser = True
    alice.save()
    return as_user(alice)


LIST = "admin:annotator_dispute_changelist"


def test_the_admin_lists_and_counts_disputes(admin: Any, bob: Any, alice: Any) -> None:
    page = admin.get(reverse(LIST)).content.decode()
    assert "Listed: 2 boundary, 1 missing, 1 stance" in page
    for query, rows in [
        ("?facet=stance", 2),
        ("?show=settled", 0),
        ("?show=all", 4),
        ("?suggested__exact=1", 4),
        (f"?reviewer={bob.pk}", 4),
        (f"?reviewer={alice.pk}", 0),
        ("?q=sea-wall", 2),
    ]:
        assert admin.get(reverse(LIST) + query).content.decode().count(">Settle</a>") == rows, query
    pk = Dispute.objects.first().pk
    for name in ("add", "delete"):
        args = [] if name == "add" else [pk]
        assert admin.post(reverse(f"admin:annotator_dispute_{name}", args=args)).status_code == 403


def test_the_admin_gives_settles_by_policy_and_opens_again(
    admin: Any, queued: Any, alice: Any, bob: Any
) -> None:
    erin = person("erin")
    add_member(queued, erin, "adjudicator")

    def act(action: str, rows: Any, **more: Any) -> str:
        body = {
            "action": action,
            "_selected_action": [row.pk for row in rows],
            "policy": "unanimous",
            "to": "",
            **more,
        }
        return admin.post(reverse(LIST) + "?show=all", body, follow=True).content.decode()

    every = list(Dispute.objects.order_by("pk"))
    assert "2 disputes are for erin." in act("assign", every[:2], to=str(erin.pk))
    assert set(Dispute.objects.filter(assigned_to=erin)) == set(every[:2])
    second = [row for row in every if row.adjudication.document.external_id == "second"]
    before = Decision.objects.count()
    assert "would settle in 1 documents" in act(
        "preview_policy", second, policy="at-least:2+longest"
    )
    assert Decision.objects.count() == before
    assert "settled in 1 documents 1 missing" in act(
        "run_policy", second, policy="at-least:2+longest"
    )
    assert set(Dispute.objects.filter(state="settled")) <= set(second)
    settled = list(Dispute.objects.filter(state="settled"))
    assert f"{len(settled)} disputes are open again." in act("reopen", settled)
    assert (
        Decision.objects.filter(verb="undo", subject="dispute", user=alice).count()
        == len(settled)
        > 0
    )
    assert not Dispute.objects.filter(state="settled").exists()
    assert in_order()


def test_the_admins_actions_ask_the_services(queued: Any, bob: Any, as_user: Any) -> None:
    """Staff who may look at disputes but have no role in the corpus change nothing."""
    from django.contrib.auth.models import Permission

    staff = person("staff", is_staff=True)
    staff.user_permissions.add(*Permission.objects.filter(codename="view_dispute"))
    before = (Decision.objects.count(), list(Dispute.objects.values()))
    for action in ("assign", "run_policy", "preview_policy"):
        body = {
            "action": action,
            "_selected_action": [d.pk for d in Dispute.objects.all()],
            "policy": "majority",
        }
        page = as_user(staff).post(reverse(LIST), body, follow=True).content.decode()
        assert "[not-found]" in page
    assert (Decision.objects.count(), list(Dispute.objects.values())) == before
