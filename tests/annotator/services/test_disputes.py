"""The queue of disputed frames: it holds what is computed, narrows, goes on, stays in step."""

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

from annotator.models import Adjudication, Dispute, DisputeCount, DisputeTag
from annotator.selectors.dispute_counts import choices, confusions
from annotator.selectors.disputes import DisputeFilter, count, queue
from annotator.services import adjudicate, disputes, policies, review
from annotator.services.imports import import_documents
from annotator.services.runs import file_run, store
from corpus.core.problems import Problem
from corpus.models import Job
from corpus.services.members import add_member
from tests.acts import DOC, TEXT, add_document, person, submit_as, suggested, support
from tests.annotator.disputed import act, in_order, in_queue, shown, undo

pytestmark = pytest.mark.postgresql


def test_the_queue_goes_by_facet_and_then_by_cost_over_all_documents(
    queued: Any, alice: Any
) -> None:
    assert in_queue(queued, alice) == [
        ("second", "missing"),
        ("second", "boundary"),
        ("sea-wall", "boundary"),
        ("sea-wall", "stance"),
    ]
    page, _ = queue(queued, DisputeFilter(), by=alice)
    assert [row.cost for row in page] == [5, 10, 5, 5]
    assert page[0].words == "that it would cost more"
    assert in_order()


def test_a_page_goes_on_where_the_one_before_ended(queued: Any, alice: Any) -> None:
    seen, after = [], ""
    while True:
        page, after = queue(queued, DisputeFilter(), by=alice, after=after, size=1)
        seen += [row.pk for row in page]
        if not after:
            break
    assert seen == [row.pk for row in queue(queued, DisputeFilter(), by=alice)[0]]
    for broken in ("x", "1-", "-", "9" * 80, "1-²"):
        assert len(queue(queued, DisputeFilter(), by=alice, after=broken)[0]) == 4


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
        ({"month": "2026-03"}, 2),
        ({"month": "2026-04"}, 0),
        ({"state": "settled"}, 0),
    ],
)
def test_each_filter_keeps_what_it_says(
    queued: Any, alice: Any, wanted: dict[str, str], left: int
) -> None:
    assert len(in_queue(queued, alice, **wanted)) == left
    assert count(queued, DisputeFilter(**wanted), by=alice) == left


def test_the_filters_offer_what_is_there_with_how_many(
    queued: Any, alice: Any, bob: Any, carol: Any
) -> None:
    pair = f"{bob.pk}-{carol.pk}"
    assert choices(queued, "open", by=alice) == {
        "facet": {"boundary": 2, "stance": 2, "missing": 1},
        "label": {"CLAIM": 4},
        "outlet": {"The Bay": 2},
        "month": {"2026-03": 2},
        "pair": {pair: 4},
        "suggested": {"yes": 4},
    }
    assert len(in_queue(queued, alice, pair=pair)) == 4
    assert choices(queued, "deferred", by=alice) == {}


def test_values_that_stand_against_each_other_are_found_in_either_order(
    queued: Any, alice: Any, bob: Any, carol: Any
) -> None:
    pair = f"{bob.pk}-{carol.pk}"
    stance = {"facet": "stance", "value": "oppose", "against": "support"}
    both = [("second", "boundary"), ("sea-wall", "stance")]
    assert in_queue(queued, alice, **stance) == both
    turned = {"facet": "stance", "value": "support", "against": "oppose"}
    assert in_queue(queued, alice, **turned, pair=pair) == both
    assert in_queue(queued, alice, facet="stance", value="support") == both
    assert in_queue(queued, alice, facet="stance", value="neutral") == []
    assert in_queue(queued, alice, facet="stance", value="oppose", against="neutral") == []
    assert in_queue(queued, alice, facet="stance", pair=pair) == both
    earlier = {"facet": "boundary", "value": "starts earlier", "against": "starts later"}
    assert len(in_queue(queued, alice, **earlier)) == 2
    nothing = {"facet": "missing", "value": "CLAIM", "against": "nothing"}
    assert in_queue(queued, alice, **nothing) == [("second", "missing")]


def test_the_side_of_the_suggestion_is_found(queued: Any, alice: Any, bob: Any, carol: Any) -> None:
    # Bob accepted all that was suggested.
    assert len(in_queue(queued, alice, side=str(bob.pk))) == 4
    assert in_queue(queued, alice, side=str(carol.pk)) == []
    assert in_queue(queued, alice, suggested="neither") == []
    stance = {"facet": "stance", "value": "support", "against": "oppose"}
    assert in_queue(queued, alice, **stance, side="value") == []
    assert len(in_queue(queued, alice, **stance, side="against")) == 2


def test_what_both_changed_is_on_nobodys_side(
    queued: Any, alice: Any, bob: Any, carol: Any, tmp_path: Any
) -> None:
    def neutral(decisions: list[dict[str, Any]]) -> None:
        support(decisions)
        claim = next(d for d in decisions if d["ident"] == 1 and d["subject"] == "span")
        claim["after"]["attributes"]["stance"] = "neutral"

    made = add_document(queued, tmp_path, "third", TEXT)
    store(file_run(queued.schema, "suggested.jsonl"), made, suggested())
    submit_as(made, bob, change=neutral)
    submit_as(made, carol, change=support)
    assert in_queue(queued, alice, suggested="neither") == [("third", "stance")]
    assert in_queue(queued, alice, suggested="neither", facet="boundary") == []


def test_what_is_confused_is_counted_as_disputes_come_and_go(
    queued: Any, second: Any, document: Any, alice: Any, bob: Any, carol: Any
) -> None:
    def told(state: str = "open", **more: Any) -> dict[str, list[tuple[str, str, int]]]:
        facets = ["missing", "boundary", "stance", "target"]
        return {
            table.facet: [(cell.a, cell.b, cell.count) for cell in table.cells]
            for table in confusions(queued, state, facets, by=alice, **more)
        }

    every = {
        "missing": [("CLAIM", "nothing", 1)],
        "boundary": [("starts earlier", "starts later", 2)],
        "stance": [("oppose", "support", 2)],
    }
    assert told() == told(pair=f"{bob.pk}-{carol.pk}") == every
    assert told(pair="1-999999") == told("settled") == {}
    act(document, alice, shown(document, alice, "stance")["ident"], choice="none")
    assert told()["stance"] == [("oppose", "support", 1)]
    assert told("settled") == {"stance": [("oppose", "support", 1)]}
    assert in_queue(queued, alice, state="settled", facet="stance") == [("sea-wall", "stance")]
    undo(document, alice, Dispute.objects.get(state="settled").ident)
    assert (told(), told("settled")) == (every, {})
    review.give_back(second, reviewer="carol", by=alice)
    assert told() == {
        "boundary": [("starts earlier", "starts later", 1)],
        "stance": [("oppose", "support", 1)],
    }
    assert disputes.counts_drift(queued) == ""


def test_rows_of_before_are_filled_in_the_background(queued: Any, alice: Any) -> None:
    """As an update leaves them: rows without sides, tags of fewer kinds, no numbers."""
    Dispute.objects.update(sides={}, month="")
    DisputeTag.objects.exclude(tag="").delete()
    DisputeCount.objects.all().delete()
    assert len(in_queue(queued, alice)) == 4
    disputes.start_filling(queued, by=alice)
    job = Job.objects.get(kind="disputes")
    assert disputes.run_filling_job(
        job, progress=lambda done, total: None, cancelled=lambda: False
    ) == {"documents": 2}
    assert in_order()
    assert disputes.counts_drift(queued) == ""
    assert choices(queued, "open", by=alice)["facet"] == {"boundary": 2, "stance": 2, "missing": 1}


def test_numbers_that_are_wrong_are_found_and_mended(queued: Any) -> None:
    DisputeCount.objects.filter(tag="facet:stance").update(count=7)
    with pytest.raises(SystemExit):
        call_command("check_layers", "harbour", stdout=StringIO(), stderr=StringIO())
    call_command("check_layers", "harbour", "--mend", stdout=StringIO(), stderr=StringIO())
    assert disputes.counts_drift(queued) == ""


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
    layer = review.give_back(second, reviewer="carol", by=alice)
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
    other = "Ferries sail every hour from the new pier, and nobody complains."
    (tmp_path / "second.txt").write_text(other, encoding="utf-8")
    assert import_documents(queued, [tmp_path / "second.txt"], update=True).replaced == 1
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


def test_names_are_told_only_where_the_manager_shows_them(
    queued: Any, alice: Any, as_user: Any
) -> None:
    erin = person("erin")
    add_member(queued, erin, "adjudicator")
    url, api = reverse("disputes", kwargs={"slug": "harbour"}), reverse("api-disputes", kwargs=DOC)
    for user, listed in ((erin, False), (alice, True)):
        page = as_user(user).get(url).content.decode()
        assert ("bob and carol" in page) == ("carol:" in page) == listed
        assert "carol" not in as_user(user).get(api).content.decode()
    pair = "-".join(str(key) for key in Dispute.objects.first().pairs[0])
    # Nor is anybody told by what a filter leaves.
    for hidden in ({"pair": "1-999999"}, {"pair": pair, "side": "999999"}):
        assert len(in_queue(queued, erin, **hidden)) == 4
    disputes.set_rules(queued, by=alice, names_shown=True, own_disputes=False)
    assert in_queue(queued, erin, pair="1-999999") == []
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
    assert count(queued, DisputeFilter(), by=alice) == 10
    assert queries() == few
    assert few[0] < 20


def test_a_filter_in_an_address_keeps_a_value_that_is_called_open() -> None:
    wanted = DisputeFilter(facet="stance", value="open", against="support")
    assert wanted.query == "facet=stance&value=open&against=support"
