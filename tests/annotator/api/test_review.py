"""The API and the pages: who may, who may not, what comes back, and no stack trace for anything
sent.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotator.models import Decision, Layer
from annotator.services import review
from corpus.models import Job, Token
from tests.acts import (
    DOC,
    PASSWORD,
    SLUG,
    TEXT,
    accept_all,
    add_document,
    shorter,
    submit_as,
)

# (method, name, arguments, who may): everyone else is refused, an outsider as if nothing were
# there.
ENDPOINTS = [
    ("get", "api-corpus", SLUG, {"alice", "bob"}),
    ("get", "api-documents", SLUG, {"alice", "bob"}),
    ("post", "api-next", SLUG, {"bob"}),
    ("post", "api-suggest", SLUG, {"alice"}),
    ("get", "api-job", {**SLUG, "pk": 1}, {"alice"}),
    ("post", "api-export", SLUG, {"alice"}),
    ("get", "api-download", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "api-releases", SLUG, {"alice"}),
    ("post", "api-releases", SLUG, {"alice"}),
    ("get", "releases", SLUG, {"alice"}),
    ("post", "releases", SLUG, {"alice"}),
    ("get", "release", {**SLUG, "name": "1"}, {"alice"}),
    ("post", "release-files", {**SLUG, "name": "1"}, {"alice"}),
    ("post", "export", SLUG, {"alice"}),
    ("get", "api-workspace", DOC, {"bob"}),
    ("post", "api-decisions", DOC, {"bob"}),
    ("post", "api-submit", DOC, {"bob"}),
    ("post", "api-reopen", DOC, {"bob"}),
    ("get", "api-comments", DOC, {"bob"}),
    ("post", "api-comments", DOC, {"bob"}),
    ("get", "api-flags", DOC, {"bob"}),
    ("post", "api-flags", DOC, {"bob"}),
    ("get", "api-disputes", DOC, {"alice"}),
    ("get", "api-dispute-queue", SLUG, {"alice"}),
    ("post", "api-settle", DOC, {"alice"}),
    ("post", "api-undo", DOC, {"alice"}),
    ("post", "api-close", DOC, {"alice"}),
    ("get", "corpus", SLUG, {"alice", "bob"}),
    ("get", "documents", SLUG, {"alice", "bob"}),
    ("get", "guideline", SLUG, {"alice", "bob"}),
    ("get", "queue", SLUG, {"bob"}),
    ("post", "next", SLUG, {"bob"}),
    ("post", "skip", SLUG, {"bob"}),
    ("get", "my-gold", SLUG, {"bob"}),
    ("get", "uploads", SLUG, {"alice"}),
    ("post", "begin-import", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "refused", {**SLUG, "pk": 1}, {"alice"}),
    ("post", "api-uploads", SLUG, {"alice"}),
    ("post", "api-upload", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "members", SLUG, {"alice"}),
    ("post", "member-role", SLUG, {"alice"}),
    ("post", "invite", SLUG, {"alice"}),
    ("post", "end-invitation", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "settings", SLUG, {"alice"}),
    ("post", "webhooks", SLUG, {"alice"}),
    ("post", "webhook", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "audit", SLUG, {"alice"}),
    ("get", "audit-csv", SLUG, {"alice"}),
    ("post", "delete-corpus", SLUG, {"alice"}),
    ("get", "assignments", SLUG, {"alice"}),
    ("post", "set-plan", SLUG, {"alice"}),
    ("post", "set-sample", SLUG, {"alice"}),
    ("post", "move-place", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "agreement", SLUG, {"alice"}),
    ("post", "measure", SLUG, {"alice"}),
    ("get", "history", DOC, {"alice"}),
    ("get", "flags", SLUG, {"alice"}),
    ("post", "flag-done", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "disputes", SLUG, {"alice"}),
    ("get", "settle-queue", SLUG, {"alice"}),
    ("post", "dispute-rules", SLUG, {"alice"}),
    ("get", "policies", SLUG, {"alice"}),
    ("post", "policies", SLUG, {"alice"}),
    ("post", "api-policies", SLUG, {"alice"}),
    ("post", "suggest", SLUG, {"alice"}),
    ("post", "cancel-job", {**SLUG, "pk": 1}, {"alice"}),
    ("post", "retry-job", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "review", DOC, {"bob"}),
    ("get", "adjudicate", DOC, {"alice"}),
]


def call(client: Client, method: str, name: str, arguments: dict[str, Any]) -> Any:
    url = reverse(name, kwargs=arguments)
    return (
        client.post(url, data="{}", content_type="application/json")
        if method == "post"
        else client.get(url)
    )


def test_every_address_of_a_corpus_is_in_the_table() -> None:
    from annotator.api.urls import urlpatterns as endpoints
    from annotator.urls import pages
    from exports.urls import urlpatterns as exports

    names = {p.name for p in [*pages, *endpoints, *exports] if "<slug" in str(p.pattern)}
    assert names == {name for _, name, _, _ in ENDPOINTS}


@pytest.mark.parametrize(
    ("method", "name", "arguments", "allowed"), ENDPOINTS, ids=lambda v: v if type(v) is str else ""
)
def test_outsiders_and_wrong_roles_are_refused(
    document: Any,
    alice: Any,
    bob: Any,
    dave: Any,
    as_user: Any,
    method: str,
    name: str,
    arguments: dict[str, Any],
    allowed: set[str],
) -> None:
    signed_out = call(Client(), method, name, arguments)
    assert signed_out.status_code in (401, 403) or "/login/" in signed_out.headers.get(
        "Location", ""
    )
    assert call(as_user(dave), method, name, arguments).status_code == 404
    for user in (alice, bob):
        status = call(as_user(user), method, name, arguments).status_code
        if user.username in allowed:
            assert status not in (401, 403, 500), status
        else:
            assert status in (403, 404), status


def post(client: Client, name: str, data: Any, **arguments: Any) -> Any:
    url = reverse(name, kwargs={**DOC, **arguments})
    return client.post(url, data=json.dumps(data), content_type="application/json")


def test_a_whole_review_over_the_api(document: Any, bob: Any, as_user: Any) -> None:
    client = as_user(bob)
    assert client.post(reverse("api-next", kwargs=SLUG)).json() == {"id": "sea-wall"}
    workspace = client.get(reverse("api-workspace", kwargs=DOC)).json()
    assert workspace["document"]["text"] == TEXT
    assert [s["ident"] for s in workspace["suggestions"]["spans"]] == [1, 2, 3, 4, 5, 6]
    assert workspace["suggestions"]["spans"][0]["evidence"]["why"] == "quotation before 'said'"
    answer = post(client, "api-decisions", {"version": 0, "decisions": accept_all(None)})
    assert answer.json()["version"] == 9
    answer = post(client, "api-submit", {"version": 9})
    assert answer.json() == {
        "next": None,
        "done": True,
        "message": "Submitted. There is nothing left to review.",
    }


def test_a_stale_write_is_answered_with_what_happened_since(
    document: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(bob)
    client.get(reverse("api-workspace", kwargs=DOC))
    decisions = accept_all(None)
    post(client, "api-decisions", {"version": 0, "decisions": decisions[:3]})
    answer = post(client, "api-decisions", {"version": 0, "decisions": decisions[4:5]})
    assert answer.status_code == 409
    assert answer.json()["code"] == "stale-version"
    assert [d["seq"] for d in answer.json()["decisions"]] == [1, 2, 3]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"version": -1, "decisions": []}',
        '{"version": 0, "decisions": [7]}',
        "{",
        '{"version": 0, "decisions": [{"verb": "add", "subject": "span", "ident": 1, "after": {"label": []}}]}',
        '{"version": 99999999999999999999, "decisions": []}',
    ],
)
def test_bad_bodies_get_a_4xx_and_write_nothing(
    document: Any, bob: Any, as_user: Any, body: str
) -> None:
    client = as_user(bob)
    client.get(reverse("api-workspace", kwargs=DOC))
    answer = client.post(
        reverse("api-decisions", kwargs=DOC), data=body, content_type="application/json"
    )
    assert 400 <= answer.status_code < 500
    if "decisions" not in body:
        answer = client.post(
            reverse("api-submit", kwargs=DOC), data=body, content_type="application/json"
        )
        assert 400 <= answer.status_code < 500
    assert Layer.objects.get(kind="review").version == 0


def test_what_another_person_left_in_the_browser_is_not_taken_as_ones_own(
    document: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client = as_user(carol)
    client.get(reverse("api-workspace", kwargs=DOC))
    answer = post(
        client, "api-decisions", {"version": 0, "owner": "bob", "decisions": accept_all(None)}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "other-user")
    answer = post(client, "api-submit", {"version": 0, "owner": "bob"})
    assert (answer.status_code, answer.json()["code"]) == (403, "other-user")
    assert Layer.objects.get(kind="review").version == 0
    answer = post(
        client, "api-decisions", {"version": 0, "owner": "carol", "decisions": accept_all(None)}
    )
    assert answer.json()["version"] == 9


def test_the_time_after_the_last_decision_comes_with_the_submission(
    document: Any, bob: Any, as_user: Any
) -> None:
    client = as_user(bob)
    client.get(reverse("api-workspace", kwargs=DOC))
    assert post(client, "api-submit", {"version": 0, "elapsed_ms": -1}).status_code == 400
    post(client, "api-submit", {"version": 0, "elapsed_ms": 1500})
    assert Decision.objects.get(verb="submit").elapsed_ms == 1500


def test_words_that_do_not_match_are_422(document: Any, bob: Any, as_user: Any) -> None:
    client = as_user(bob)
    client.get(reverse("api-workspace", kwargs=DOC))
    wrong = {**accept_all(None)[0], "exact": "other words"}
    answer = post(client, "api-decisions", {"version": 0, "decisions": [wrong]})
    assert (answer.status_code, answer.json()["code"]) == (422, "span-text")


def test_a_reviewer_never_sees_anothers_layer(
    document: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    layer = review.open_layer(document, by=bob)
    review.decide(layer, accept_all(layer), by=bob, at=0)
    workspace = as_user(carol).get(reverse("api-workspace", kwargs=DOC)).json()
    assert (workspace["spans"], workspace["links"], workspace["history"]) == ([], [], [])
    assert "bob" not in json.dumps(workspace)


def test_disputes_hide_names_and_are_settled_over_the_api(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    client = as_user(alice)
    found = client.get(reverse("api-disputes", kwargs=DOC)).json()
    assert "bob" not in json.dumps(found) and "carol" not in json.dumps(found)
    assert post(client, "api-close", {}).json()["code"] == "disputes-open"
    for dispute in found["disputes"]:
        body = {
            "version": found["version"],
            "client_id": str(uuid.uuid4()),
            "dispute": dispute["ident"],
            "choice": "version",
            "number": 1,
        }
        found = post(client, "api-settle", body).json()
    assert all(d["settled"] for d in found["disputes"])
    assert post(client, "api-close", {}).json()["next"] is None


def test_a_token_signs_a_script_in(document: Any, bob: Any, client: Client) -> None:
    answer = client.post(reverse("api-token"), {"username": "bob", "password": PASSWORD})
    token = answer.json()["token"]
    answer = Client().get(reverse("api-corpora"), headers={"Authorization": f"Token {token}"})
    assert answer.json() == [{"slug": "harbour", "name": "Harbour", "language": "en"}]
    # A script that signs in every day does not run out of tokens; the oldest end.
    for _ in range(6):
        assert (
            client.post(reverse("api-token"), {"username": "bob", "password": PASSWORD}).status_code
            == 200
        )
    assert Token.objects.filter(user=bob).count() == 5
    assert (
        Client()
        .get(reverse("api-corpora"), headers={"Authorization": f"Token {token}"})
        .status_code
        == 403
    )
    assert (
        client.post(reverse("api-token"), {"username": "bob", "password": "no"}).status_code == 400
    )


def test_the_schema_names_every_endpoint(alice: Any, as_user: Any) -> None:
    schema = (
        as_user(alice)
        .get(reverse("schema"), headers={"Accept": "application/json"})
        .content.decode()
    )
    for part in ("decisions", "submit", "settle", "workspace", "export", "suggest"):
        assert f"/{part}/" in schema
    assert as_user(alice).get(reverse("docs")).status_code == 200


def test_every_page_has_a_strict_policy(document: Any, alice: Any, as_user: Any) -> None:
    policy = as_user(alice).get(reverse("corpora")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "require-trusted-types-for 'script'" in policy
    assert "unsafe-inline" not in policy


def test_article_text_is_never_markup(corpus: Any, bob: Any, as_user: Any, tmp_path: Any) -> None:
    evil = "<script>alert(1)</script> </script><img src=x onerror=alert(2)>\n\nBody."
    add_document(corpus, tmp_path, "evil", evil)
    client = as_user(bob)
    for name in ("review", "documents"):
        arguments = {**SLUG, **({"external_id": "evil"} if name == "review" else {})}
        html = client.get(reverse(name, kwargs=arguments)).content.decode()
        assert "<script>alert" not in html and "<img src=x" not in html


def test_a_suggest_job_is_queued_once_and_can_be_cancelled(
    document: Any, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    url = reverse("api-suggest", kwargs=SLUG)
    first = client.post(url, {}, content_type="application/json")
    assert (first.status_code, client.post(url).json()["job"]) == (202, first.json()["job"])
    unknown = client.post(url, {"suggester": "magic"}, content_type="application/json")
    assert (unknown.status_code, unknown.json()["code"]) == (400, "plugin-unknown")
    client.post(reverse("cancel-job", kwargs={**SLUG, "pk": first.json()["job"]}))
    assert Job.objects.get().state == "cancelled"


def test_an_export_job_writes_a_file_to_fetch(document: Any, alice: Any, as_user: Any) -> None:
    from corpus.jobs.run import run_job

    client = as_user(alice)
    job = client.post(
        reverse("api-export", kwargs=SLUG),
        {"format": "jsonl", "layer": "suggestions"},
        content_type="application/json",
    ).json()["job"]
    run_job.func(job)
    status = client.get(reverse("api-job", kwargs={**SLUG, "pk": job})).json()
    assert (status["state"], status["result"]["spans"]) == ("done", 6)
    answer = client.get(reverse("api-download", kwargs={**SLUG, "pk": job}))
    assert b"".join(answer.streaming_content)[:2] == b"PK"
    answer = client.post(
        reverse("api-export", kwargs=SLUG), {"format": "magic"}, content_type="application/json"
    )
    assert answer.json()["code"] == "plugin-unknown"


def test_a_failed_job_says_why(document: Any, alice: Any, as_user: Any) -> None:
    from corpus.jobs.run import run_job

    job = (
        as_user(alice)
        .post(
            reverse("api-export", kwargs=SLUG), {"format": "jsonl"}, content_type="application/json"
        )
        .json()["job"]
    )
    run_job.func(job)
    assert Job.objects.get().state == "failed"
    assert Job.objects.get().error.startswith("[nothing-to-do]")


def test_the_admin_lists_open_disputes_with_filters(
    document: Any, alice: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    alice.is_staff = alice.is_superuser = True
    alice.save()
    client = as_user(alice)
    url = reverse("admin:annotator_adjudication_changelist")
    link = reverse("adjudicate", kwargs=DOC)
    for query, shown in [
        ("", True),
        ("?kind=stance", True),
        ("?kind=missing", False),
        ("?show=done", False),
        (f"?reviewer={bob.pk}", True),
        (f"?reviewer={alice.pk}", False),
        (f"?corpus__id__exact={document.corpus.pk}", True),
    ]:
        assert (link in client.get(url + query).content.decode()) == shown, query


def test_opening_and_deciding_stay_within_a_query_budget(
    document: Any, bob: Any, as_user: Any, django_assert_max_num_queries: Any
) -> None:
    client = as_user(bob)
    client.get(reverse("review", kwargs=DOC))
    with django_assert_max_num_queries(10):
        client.get(reverse("review", kwargs=DOC))
    with django_assert_max_num_queries(16):
        assert (
            post(client, "api-decisions", {"version": 0, "decisions": accept_all(None)}).status_code
            == 200
        )


@pytest.mark.parametrize("signed_in", [True, False])
def test_an_address_of_the_api_that_does_not_exist_answers_as_the_api_does(
    bob: Any, as_user: Any, client: Any, signed_in: bool
) -> None:
    asked = as_user(bob) if signed_in else client
    answer = asked.get("/api/corpora/seeds/documents/sea-wall/decision/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert "/sea-wall/decision/" in answer.json()["message"]


def test_a_fault_in_the_api_answers_as_the_api_does(
    document: Any, bob: Any, as_user: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_user(bob)
    client.raise_request_exception = False
    monkeypatch.setattr(review, "open_layer", lambda *_, **__: 1 / 0)
    answer = client.get(
        reverse("api-workspace", kwargs=DOC), headers={"X-Request-ID": "asked-1234"}
    )
    assert (answer.status_code, answer.json()["code"]) == (500, "server-fault")
    assert "asked-1234" in answer.json()["message"]
    assert "ZeroDivision" not in answer.content.decode()
    page = client.get(reverse("review", kwargs=DOC))
    assert page.status_code == 500 and "Something broke here" in page.content.decode()
