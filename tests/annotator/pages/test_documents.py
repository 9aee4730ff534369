"""The pages outside the work surfaces: what they say, to whom, and with how many queries."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from annotator.models import Assignment
from annotator.services import imports, review
from annotator.web import charts
from corpus import selectors as corpus_selectors
from corpus.models import Corpus, Document, Token
from corpus.services import invitations
from tests.acts import PASSWORD, SLUG, TEXT, accept_all, add_document, shorter, submit_as


def fill(corpus: Corpus, folder: Path, number: int, **more: Any) -> None:
    path = folder / "many.jsonl"
    rows = [
        {
            "id": f"d{n:03}",
            "text": f"{TEXT}{n}",
            "meta": {
                "title": f"Harbour news {n}",
                "outlet": f"Post {n % 3}",
                "published": f"2026-01-{n % 28 + 1:02}",
                **more,
            },
        }
        for n in range(number)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert imports.import_documents(corpus, [path]).imported == number


def ids(client: Client, **asked: Any) -> tuple[list[str], int | None]:
    answer = client.get(reverse("api-documents", kwargs=SLUG), asked).json()
    return [d["id"] for d in answer["documents"]], answer["next"]


def test_pages_of_documents_follow_one_another_without_a_gap(
    corpus: Corpus, bob: Any, as_user: Any, tmp_path: Path
) -> None:
    fill(corpus, tmp_path, 120)
    client, seen, after = as_user(bob), [], 0
    while after is not None:
        page, after = ids(client, after=after)
        seen += page
    assert seen == [f"d{n:03}" for n in range(120)]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"query": "news 7"}, ["d007"]),
        ({"query": "D011"}, ["d011"]),
        ({"query": "harbour 3 news"}, ["d003"]),
        ({"query": "nowhere"}, []),
        ({"outlet": "post 0"}, ["d000", "d003", "d006", "d009"]),
        ({"since": "2026-01-11"}, ["d010", "d011"]),
        ({"until": "2026-01-02"}, ["d000", "d001"]),
        ({"since": "2026-01-03", "until": "2026-01-03"}, ["d002"]),
        ({"outlet": "Post 1", "since": "2026-01-08"}, ["d007", "d010"]),
        ({"state": "ready"}, []),
        ({"mine": "taken"}, ["d004"]),
        (
            {"state": "waiting", "mine": "none", "query": "d00", "outlet": "Post 1"},
            ["d001", "d007"],
        ),
    ],
)
def test_documents_are_narrowed_by_every_filter(
    corpus: Corpus,
    bob: Any,
    as_user: Any,
    tmp_path: Path,
    asked: dict[str, str],
    expected: list[str],
) -> None:
    fill(corpus, tmp_path, 12)
    review.open_layer(Document.objects.select_related("corpus").get(external_id="d004"), by=bob)
    if "query" in asked and asked["query"] == "news 7":
        assert ids(as_user(bob), **asked)[0] == expected
    else:
        assert ids(as_user(bob), **asked) == (expected, None)


def test_a_filter_looks_at_a_part_and_goes_on_from_there(
    corpus: Corpus, bob: Any, as_user: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(corpus, tmp_path, 30)
    monkeypatch.setattr(corpus_selectors, "SCANNED", 10)
    client, seen, after, requests = as_user(bob), [], 0, 0
    while after is not None:
        page, after = ids(client, query="news 2", after=after)
        seen += page
        requests += 1
    assert seen == ["d002", "d012", *(f"d{n:03}" for n in range(20, 30))]
    assert requests == 3


@pytest.mark.parametrize("asked", [{"state": "lost"}, {"since": "yesterday"}, {"query": "x" * 201}])
def test_a_filter_that_cannot_be_is_refused(
    corpus: Corpus, bob: Any, as_user: Any, asked: dict[str, str]
) -> None:
    answer = as_user(bob).get(reverse("api-documents", kwargs=SLUG), asked)
    assert (answer.status_code, answer.json()["code"]) == (400, "request-invalid")
    assert as_user(bob).get(reverse("documents", kwargs=SLUG), asked).status_code == 200


@pytest.mark.parametrize("after", ["", "x", "-1", "²", "9" * 40])
def test_a_place_that_is_none_begins_at_the_beginning(
    document: Any, bob: Any, as_user: Any, after: str
) -> None:
    assert ids(as_user(bob), after=after) == (["sea-wall"], None)
    assert as_user(bob).get(reverse("documents", kwargs=SLUG), {"after": after}).status_code == 200


def test_htmx_gets_the_part_that_changes(document: Any, bob: Any, as_user: Any) -> None:
    url, client = reverse("documents", kwargs=SLUG), as_user(bob)
    whole = client.get(url)
    part = client.get(url, headers={"HX-Request": "true"})
    rows = client.get(url, {"part": "rows"}, headers={"HX-Request": "true"})
    assert b"<html" in whole.content and b"<html" not in part.content
    assert (
        part.content.startswith(b'<div id="found"')
        and b"<tr" in rows.content
        and b"<table" not in rows.content
    )
    assert "HX-Request" in whole.headers["Vary"]
    back = client.get(url, headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert b"<html" in back.content


def test_the_next_document_is_taken_by_a_post_alone(document: Any, bob: Any, as_user: Any) -> None:
    client = as_user(bob)
    assert client.get(reverse("queue", kwargs=SLUG)).status_code == 200
    assert client.get(reverse("next", kwargs=SLUG)).status_code == 405
    assert not Assignment.objects.filter(user=bob).exists()
    answer = client.post(reverse("next", kwargs=SLUG))
    assert answer.headers["Location"] == reverse(
        "review", kwargs={**SLUG, "external_id": "sea-wall"}
    )
    submit_as(document, bob)
    answer = client.post(reverse("next", kwargs=SLUG), follow=True)
    assert "Nothing left to review" in answer.content.decode()


def test_my_queue_shows_how_far_each_document_is(
    document: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    layer = review.open_layer(document, by=bob)
    added = {
        **accept_all(None)[0],
        "verb": "add",
        "ident": 50,
        "client_id": "7b1c8c7e-6c5e-4f8b-9f66-0d3b3a2c0001",
    }
    review.decide(layer, [*accept_all(None)[:2], added], by=bob, at=0)
    html = as_user(bob).get(reverse("queue", kwargs=SLUG)).content.decode()
    assert "3 of 7" in html and "1.5 s" in html
    assert "In your hands" not in as_user(carol).get(reverse("queue", kwargs=SLUG)).content.decode()
    submit_as(document, carol)
    assert "Handed in lately" in as_user(carol).get(reverse("queue", kwargs=SLUG)).content.decode()


def test_times_and_people_are_for_managers(
    document: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    page = reverse("corpus", kwargs=SLUG)
    seen = as_user(alice).get(page).content.decode()
    assert (
        "People, last 30 days" in seen
        and "Time per decision" in seen
        and "Minutes per document" in seen
    )
    hidden = as_user(bob).get(page).content.decode()
    assert "People, last 30 days" not in hidden and "Time per decision" not in hidden
    listed = reverse("documents", kwargs=SLUG)
    assert "3.0 s" in as_user(alice).get(listed).content.decode()
    assert "3.0 s" not in as_user(bob).get(listed).content.decode()


def test_every_picture_has_its_table(document: Any, alice: Any, bob: Any, as_user: Any) -> None:
    submit_as(document, bob)
    html = as_user(alice).get(reverse("corpus", kwargs=SLUG)).content.decode()
    assert html.count('role="img"') == html.count("<details>") == html.count("table-plain") == 5
    assert "style=" not in html and "<style" not in html


@pytest.mark.parametrize(
    ("name", "who", "says"),
    [
        ("corpora", "dave", "You are not a member of any corpus"),
        ("corpus", "alice", "/corpora/harbour/import/"),
        ("corpus", "bob", "Its manager brings them in"),
        ("queue", "bob", "Nothing left to review"),
        ("documents", "alice", "/corpora/harbour/import/"),
        ("documents", "bob", "The manager of this corpus brings them in"),
        ("disputes", "alice", "No open disputes"),
        ("guideline", "bob", "No guideline yet"),
        ("flags", "alice", "Nothing is flagged"),
        ("profile", "dave", "Choose a corpus"),
    ],
)
def test_empty_states_say_what_to_do(
    corpus: Corpus, alice: Any, bob: Any, dave: Any, as_user: Any, name: str, who: str, says: str
) -> None:
    people = {"alice": alice, "bob": bob, "dave": dave}
    url = reverse(name, kwargs=SLUG if name not in ("corpora", "profile") else {})
    assert says in as_user(people[who]).get(url).content.decode()


def test_the_profile_shows_work_and_roles(document: Any, bob: Any, as_user: Any) -> None:
    submit_as(document, bob)
    html = as_user(bob).get(reverse("profile")).content.decode()
    assert "Reviewer" in html and "Harbour" in html and "My decisions per day" in html


def status(token: str) -> int:
    asked = Client().get(reverse("api-corpora"), headers={"Authorization": f"Token {token}"})
    return int(asked.status_code)


def test_a_token_has_a_name_is_shown_once_and_ends(
    document: Any, bob: Any, carol: Any, as_user: Any
) -> None:
    client, url = as_user(bob), reverse("token")
    first, second = (
        client.post(url, {"act": "new", "name": name, "days": "30"}).context["token"]
        for name in ("export", "backup")
    )
    assert (status(first), status(second)) == (200, 200)
    # Only a digest is kept.
    assert first not in str(list(Token.objects.values()))
    page = client.get(reverse("profile")).content.decode()
    assert first not in page and "export" in page and f"used {timezone.now():%Y-%m-%d}" in page
    row = Token.objects.get(name="export")
    as_user(carol).post(url, {"act": "end", "token": row.pk})
    assert status(first) == 200
    client.post(url, {"act": "end", "token": row.pk})
    assert (status(first), status(second)) == (403, 200)
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert status(second) == 403
    assert client.get(url).status_code == 405


def test_a_token_of_somebody_who_left_does_not_hold(bob: Any, as_user: Any) -> None:
    token = as_user(bob).post(reverse("token"), {"name": "x"}).context["token"]
    bob.is_active = False
    bob.save()
    assert status(token) == 403


@pytest.mark.parametrize(
    "asked",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "x", "days": "36500"},
        {"name": "x", "days": "0"},
        {"name": "x", "days": "abc"},
    ],
)
def test_what_is_no_token_is_refused(bob: Any, as_user: Any, asked: dict[str, str]) -> None:
    assert as_user(bob).post(reverse("token"), asked).status_code == 400
    assert not Token.objects.exists()


def test_a_password_is_changed_only_with_the_old_one(bob: Any, as_user: Any) -> None:
    client, new = as_user(bob), "a longer sentence now"
    wrong = {"old_password": "not it", "new_password1": new, "new_password2": new}
    assert client.post(reverse("password"), wrong).status_code == 200
    bob.refresh_from_db()
    assert bob.check_password(PASSWORD)
    answer = client.post(reverse("password"), {**wrong, "old_password": PASSWORD}, follow=True)
    assert "Your password is changed" in answer.content.decode()
    bob.refresh_from_db()
    assert bob.check_password(new)


def test_what_is_not_there_is_said_on_a_page_of_ours(
    bob: Any, as_user: Any, client: Client
) -> None:
    answer = as_user(bob).get("/no/such/page/")
    assert answer.status_code == 404 and "There is nothing here" in answer.content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert "out of date" in strict.post(reverse("login"), {"username": "bob"}).content.decode()


BUDGETS = {
    "corpora": 9,
    "corpus": 22,
    "queue": 14,
    "documents": 12,
    "disputes": 10,
    "guideline": 6,
    "flags": 8,
    "profile": 8,
}


@pytest.mark.parametrize("name", BUDGETS)
def test_pages_take_the_same_few_queries_however_much_there_is(
    corpus: Corpus,
    document: Any,
    alice: Any,
    bob: Any,
    carol: Any,
    as_user: Any,
    tmp_path: Path,
    name: str,
    django_assert_max_num_queries: Any,
) -> None:
    url = reverse(name, kwargs=SLUG if name not in ("corpora", "profile") else {})
    clients = [as_user(carol if name in ("queue", "profile") else alice)]

    def look() -> int:
        with django_assert_max_num_queries(BUDGETS[name]) as asked:
            assert clients[0].get(url).status_code == 200
        return len(asked)

    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    review.open_layer(add_document(corpus, tmp_path, "one-more"), by=carol)
    before = look()
    fill(corpus, tmp_path, 60)
    for n in range(4):
        review.open_layer(
            Document.objects.select_related("corpus").get(external_id=f"d{n:03}"), by=carol
        )
    assert look() == before


def test_durations_are_worded() -> None:
    assert [charts.duration(ms) for ms in (0, 4200, 61_000, 3_600_000, 7_620_000)] == [
        "0.0 s",
        "4.2 s",
        "1 min 01 s",
        "1 h 00 min",
        "2 h 07 min",
    ]


def test_times_fall_into_classes_of_minutes() -> None:
    found = charts.histogram([0, 59_999, 60_000, 299_999, 300_000, 2_400_000, 10**9])
    assert {name: numbers[0] for name, numbers in found.items() if numbers[0]} == {
        "under 1": 2,
        "1 to 2": 1,
        "3 to 5": 1,
        "5 to 10": 1,
        "over 40": 2,
    }


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("documents", "until=9999-12-31"),
        ("documents", "since=0001-01-01&until=0001-01-01"),
        ("documents", "after=99999999999999999999"),
        ("documents", "outlet=%00"),
        ("disputes", "after=1-9999999999999999999999999999"),
        ("disputes", "facet=%00"),
        ("my-gold", "before=0001-01-01T00:00:00%2B14:00"),
        ("my-gold", "before=9999-12-31T23:59:59-14:00"),
        ("flags", "before=-1&section=%ff"),
    ],
)
def test_an_odd_address_is_answered_in_words(
    document: Any, alice: Any, bob: Any, as_user: Any, name: str, query: str
) -> None:
    client = as_user(bob if name == "my-gold" else alice)
    answer = client.get(reverse(name, kwargs={"slug": "harbour"}) + f"?{query}")
    assert answer.status_code == (400 if "%00" in query else 200)


def test_a_nul_in_a_path_or_a_form_is_refused(document: Any, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    assert client.get("/corpora/harbour/documents/a%00b/review/").status_code == 400
    address = reverse("invite", kwargs={"slug": "harbour"})
    answer = client.post(address, {"role": "reviewer", "note": "a\0b"})
    assert answer.status_code == 400
    assert "holds a NUL" in answer.content.decode()


@pytest.mark.parametrize("value", ['"\\ud800"', '"a\\u0000"', "1e400", "[" * 50_000 + "]" * 50_000])
def test_json_that_no_database_keeps_is_refused(
    document: Any, bob: Any, as_user: Any, value: str
) -> None:
    body = f'{{"at": 0, "decisions": [{{"verb": "add", "after": {{"target": {value}}}}}]}}'
    address = reverse("api-decisions", kwargs={"slug": "harbour", "external_id": "sea-wall"})
    client = as_user(bob)
    client.get(reverse("api-workspace", kwargs={"slug": "harbour", "external_id": "sea-wall"}))
    answer = client.post(address, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "request-invalid")


def test_what_opens_an_invitation_is_never_logged(
    corpus: Any, alice: Any, client: Any, caplog: Any
) -> None:
    secret = invitations.invite(corpus, "reviewer", by=alice)
    with caplog.at_level("INFO"):
        client.get(f"/invitations/{secret}")
        client.get(f"/invitations/{secret}/")
    assert "/invitations/…" in caplog.text and secret not in caplog.text
