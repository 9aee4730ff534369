"""Corpora made, set up, deleted and brought back on pages; the audit log of what people did."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from annotator import urls
from annotator.models import Layer
from annotator.services import assignment_plan, review
from corpus.jobs import claim
from corpus.models import Corpus, Event, Job, Membership
from corpus.services import audit, invitations, members
from corpus.services.corpora import restore_corpus
from tests.acts import DOC, SLUG, accept_all, person

SETTINGS = {"name": "Harbour", "language": "en", "targets": "", "guideline": ""}


def told(corpus: Corpus) -> list[tuple[str, str]]:
    page, _ = audit.events(corpus, audit.EventFilter())
    return [(event.name, audit.sentence(event)) for event in page][::-1]


def test_the_admin_makes_a_corpus_and_manages_it(admin: Any, as_user: Any) -> None:
    client = as_user(admin)
    assert "New corpus" in client.get(reverse("corpora")).content.decode()
    asked = {"name": "Bay news", "slug": "bay", "language": "ar", "reviewers_per_document": 3}
    answer = client.post(reverse("new-corpus"), asked, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("uploads", kwargs={"slug": "bay"})
    made = Corpus.objects.get(slug="bay")
    assert (made.name, made.language, made.reviewers_per_document) == ("Bay news", "ar", 3)
    assert Membership.objects.filter(corpus=made, user=admin, role="manager").exists()
    assert told(made) == [("admin", "created the corpus")]
    again = client.post(reverse("new-corpus"), asked)
    assert again.status_code == 400 and "exists already" in again.content.decode()
    wrong = client.post(
        reverse("new-corpus"), {**asked, "slug": "no slug!", "reviewers_per_document": 0}
    )
    assert wrong.status_code == 400 and Corpus.objects.count() == 1


def test_a_corpus_gets_no_name_that_is_a_page(admin: Any, as_user: Any) -> None:
    taken = {
        str(page.pattern).split("/")[1]
        for page in urls.pages
        if str(page.pattern).startswith("corpora/")
    }
    names = {name for name in taken if name and "<" not in name}
    assert names == {"new", "restore"}
    for name in names:
        asked = {"name": "A", "slug": name, "language": "en", "reviewers_per_document": 2}
        answer = as_user(admin).post(reverse("new-corpus"), asked)
        assert answer.status_code == 400 and "is the address of a page" in answer.content.decode()
    assert not Corpus.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_not_make_corpora_does_not(alice: Any, as_user: Any, method: str) -> None:
    asked = {"name": "Bay", "slug": "bay", "language": "en", "reviewers_per_document": 2}
    assert getattr(as_user(alice), method)(reverse("new-corpus"), asked).status_code == 403
    assert not Corpus.objects.filter(slug="bay").exists()
    assert "New corpus" not in as_user(alice).get(reverse("corpora")).content.decode()


def test_the_manager_changes_name_targets_and_guideline(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client, url = as_user(alice), reverse("settings", kwargs=SLUG)
    client.post(
        url,
        {
            **SETTINGS,
            "name": "Port",
            "targets": "sea wall\r\n\r\n sea  wall \r\nfees",
            "guideline": "# A\r\nb",
        },
    )
    corpus.refresh_from_db()
    assert (corpus.name, corpus.targets, corpus.guideline) == (
        "Port",
        ["sea wall", "fees"],
        "# A\nb",
    )
    assert told(corpus)[-1] == ("alice", "changed name, targets, guideline")
    client.post(
        url, {**SETTINGS, "name": "Port", "targets": "sea wall\nfees", "guideline": "# A\nb"}
    )
    assert len(told(corpus)) == 1
    for wrong in (
        {"name": ""},
        {"language": "xx"},
        {"targets": "x" * 201},
        {"guideline": "x" * 200_001},
    ):
        assert client.post(url, {**SETTINGS, **wrong}).status_code == 400
    corpus.refresh_from_db()
    assert corpus.name == "Port"


def test_a_deleted_corpus_is_nowhere_and_comes_back_whole(
    document: Any, corpus: Corpus, alice: Any, bob: Any, admin: Any, as_user: Any
) -> None:
    layer = review.open_layer(document, by=bob)
    review.decide(layer, accept_all(layer), by=bob, at=layer.version)
    waiting = claim.start(corpus, "suggest", {"suggester": "rules.v1"}, by=alice)
    secret = invitations.invite(corpus, "reviewer", by=alice)
    page = as_user(alice).post(reverse("delete-corpus", kwargs=SLUG), follow=True).content.decode()
    assert "Bring it back" in page
    for user in (alice, bob, admin):
        assert as_user(user).get(reverse("corpus", kwargs=SLUG)).status_code == 404
        assert as_user(user).get(reverse("api-workspace", kwargs=DOC)).status_code == 404
        assert as_user(user).get(reverse("api-corpora")).json() == []
    assert "Bring it back" not in as_user(bob).get(reverse("corpora")).content.decode()
    assert as_user(bob).get(reverse("invitation", kwargs={"secret": secret})).status_code == 404
    sent = {"version": layer.version, "decisions": []}
    url = reverse("api-decisions", kwargs=DOC)
    assert as_user(bob).post(url, sent, content_type="application/json").status_code == 404
    assert Job.objects.get(pk=waiting.pk).cancel

    assert as_user(bob).post(reverse("restore-corpus"), {"slug": "harbour"}).status_code == 403
    assert (
        as_user(person("eve")).post(reverse("restore-corpus"), {"slug": "harbour"}).status_code
        == 404
    )
    as_user(alice).post(reverse("restore-corpus"), {"slug": "harbour"})
    assert as_user(bob).get(reverse("corpus", kwargs=SLUG)).status_code == 200
    assert Layer.objects.get(pk=layer.pk).version > 0
    assert restore_corpus("harbour", by=alice).deleted_at is None
    assert [t for t in told(corpus) if "corpus" in t[1]] == [
        ("alice", "deleted the corpus"),
        ("alice", "brought the corpus back"),
    ]


def test_what_people_do_is_noted_once(document: Any, corpus: Corpus, alice: Any, bob: Any) -> None:
    members.give_role(corpus, "dave", "reviewer", by=alice) if person("dave") else None
    members.give_role(corpus, "dave", "reviewer", by=alice)
    members.take_role(corpus, "dave", "reviewer", by=alice)
    assignment_plan.set_plan(corpus, {"blind_percent": 10, "shared_percent": 100}, by=alice)
    layer = review.open_layer(document, by=bob)
    layer = review.decide(layer, accept_all(layer), by=bob, at=layer.version)
    review.submit(layer, by=bob, at=layer.version)
    review.submit(layer, by=bob, at=layer.version)
    layer = review.reopen(layer, by=bob)
    assert told(corpus) == [
        ("alice", "made dave a reviewer"),
        ("alice", "took the role reviewer from dave"),
        ("alice", "changed the plan: blind percent 0 → 10"),
        ("alice", "started a job: plan"),
        ("bob", "handed in sea-wall"),
        ("bob", "reopened their review of sea-wall"),
    ]


def test_the_log_is_narrowed_and_leaves_as_csv(
    corpus: Corpus, alice: Any, bob: Any, as_user: Any
) -> None:
    for n in range(60):
        audit.note(corpus, "submitted", by=bob, document=f"d{n}")
    audit.note(corpus, "settled", by=None, document="=1+1")
    audit.note(corpus, "joined", by=alice, role="manager")
    Event.objects.filter(details__document="d0").update(at="2025-01-02T10:00Z")
    client, url = as_user(alice), reverse("audit", kwargs=SLUG)
    first = client.get(url)
    assert len(first.context["rows"]) == 50 and first.context["following"]
    second = client.get(url, {"before": first.context["following"]})
    assert len(second.context["rows"]) == 12 and not second.context["following"]
    assert [e.act for e, _ in client.get(url, {"name": "alice"}).context["rows"]] == ["joined"]
    assert [told for _, told in client.get(url, {"until": "2025-12-31"}).context["rows"]] == [
        "handed in d0"
    ]
    assert "Nothing of that kind" in client.get(url, {"act": "released"}).content.decode()
    for odd in ({"act": "x"}, {"since": "soon"}, {"before": "x"}, {"before": "9" * 30}):
        assert client.get(url, odd).status_code == 200

    answer = client.get(reverse("audit-csv", kwargs=SLUG), {"act": "settled"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert rows[0] == ["at", "by", "act", "what", "details"]
    assert rows[1][1:4] == ["", "settled", "settled the last dispute of =1+1"]
    assert client.get(reverse("audit-csv", kwargs=SLUG), {"since": "soon"}).status_code == 400


def test_every_act_can_be_told() -> None:
    for act, sentence in audit.ACTS.items():
        event = Event(act=act, details=dict.fromkeys(_fields(sentence), "x"))
        assert audit.sentence(event)
    assert audit.sentence(Event(act="of-a-later-version")) == "of-a-later-version"


def _fields(sentence: str) -> list[str]:
    return [part.split("}")[0] for part in sentence.split("{")[1:]]


def test_nobody_starts_jobs_without_end(
    corpus: Corpus, alice: Any, as_user: Any, settings: Any
) -> None:
    settings.JOBS_AN_HOUR = 2
    for _ in range(2):
        job = claim.start(corpus, "measure", {}, by=alice)
        Job.objects.filter(pk=job.pk).update(state="done")
    answer = as_user(alice).post(
        reverse("api-suggest", kwargs=SLUG), {}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (429, "too-often")
    assert claim.start(corpus, "count", {}, by=alice)
    Job.objects.update(created_at="2026-01-01T00:00Z")
    assert claim.start(corpus, "measure", {}, by=alice)


def inline(corpus: Corpus, **rows: Any) -> dict[str, Any]:
    """What the form of a corpus in Django's admin sends."""
    held = Membership.objects.filter(corpus=corpus).order_by("pk")
    sent: dict[str, Any] = {
        "name": corpus.name,
        "language": corpus.language,
        "targets": "[]",
        "initial-targets": "[]",
        "guideline": corpus.guideline,
        "memberships-TOTAL_FORMS": held.count() + 1,
        "memberships-INITIAL_FORMS": held.count(),
    }
    for number, membership in enumerate(held):
        sent |= {
            f"memberships-{number}-id": membership.pk,
            f"memberships-{number}-corpus": corpus.pk,
        }
    return sent | rows


def test_what_site_admins_change_in_djangos_admin_is_noted(
    corpus: Corpus, alice: Any, bob: Any, dave: Any, admin: Any, as_user: Any
) -> None:
    client, url = as_user(admin), reverse("admin:corpus_corpus_change", args=[corpus.pk])
    assert client.get(url).status_code == 200
    new = {
        "memberships-2-user": dave.pk,
        "memberships-2-role": "adjudicator",
        "memberships-2-corpus": corpus.pk,
    }
    client.post(url, inline(corpus, **new, name="Port"))
    # A role is given or taken, never changed into another.
    client.post(
        url,
        inline(
            corpus,
            **{"memberships-1-DELETE": "on", "memberships-0-role": "reviewer", "name": "Port"},
        ),
    )
    assert told(corpus) == [
        ("admin", "changed name"),
        ("admin", "made dave a adjudicator"),
        ("admin", "took the role reviewer from bob"),
    ]
    assert sorted(Membership.objects.values_list("user__username", "role")) == [
        ("alice", "manager"),
        ("dave", "adjudicator"),
    ]
