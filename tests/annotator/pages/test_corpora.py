"""Corpora made, deleted and brought back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotator import urls
from annotator.models import Layer
from annotator.services import review
from corpus.core.schema_templates import TEMPLATES
from corpus.jobs import claim
from corpus.models import Corpus, Job, Membership
from corpus.services import invitations
from corpus.services.corpora import restore_corpus
from tests.acts import (
    DOC,
    SLUG,
    accept_all,
    audit_log,
    person,
)


def test_the_admin_makes_a_corpus_and_manages_it(admin: Any, as_user: Any) -> None:
    client = as_user(admin)
    assert "New corpus" in client.get(reverse("corpora")).content.decode()
    asked = {"name": "Bay news", "slug": "bay", "language": "ar", "reviewers_per_document": 3}
    answer = client.post(reverse("new-corpus"), asked, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("uploads", kwargs={"slug": "bay"})
    made = Corpus.objects.get(slug="bay")
    assert (made.name, made.language, made.reviewers_per_document) == ("Bay news", "ar", 3)
    assert Membership.objects.filter(corpus=made, user=admin, role="manager").exists()
    assert audit_log(made) == [("admin", "created the corpus")]
    again = client.post(reverse("new-corpus"), asked)
    assert again.status_code == 400 and "exists already" in again.content.decode()
    wrong = client.post(
        reverse("new-corpus"), {**asked, "slug": "no slug!", "reviewers_per_document": 0}
    )
    assert wrong.status_code == 400 and Corpus.objects.count() == 1


def test_a_corpus_begins_with_a_template_or_a_file(admin: Any, as_user: Any) -> None:
    client = as_user(admin)
    asked = {"name": "People", "slug": "people", "language": "en", "reviewers_per_document": 2}
    client.post(reverse("new-corpus"), {**asked, "template": "relations"})
    made = Corpus.objects.select_related("schema").get(slug="people")
    assert made.schema is not None
    assert made.schema.definition == TEMPLATES["relations"].schema.as_json()
    assert made.guideline == TEMPLATES["relations"].guideline
    wrong = SimpleUploadedFile("schema.json", b'{"labels": [{"name": ""}]}')
    answer = client.post(reverse("new-corpus"), {**asked, "slug": "own", "schema_file": wrong})
    assert answer.status_code == 400
    assert "label 1, name: is a text that is not empty" in answer.content.decode()
    right = SimpleUploadedFile("schema.json", b'{"labels": [{"name": "A"}]}')
    client.post(reverse("new-corpus"), {**asked, "slug": "own", "schema_file": right})
    own = Corpus.objects.select_related("schema").get(slug="own")
    assert own.schema is not None
    assert [label["name"] for label in own.schema.definition["labels"]] == ["A"]
    assert own.guideline == ""


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
        assert as_user(user).get(reverse("api-corpora")).json()["corpora"] == []
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
    assert [t for t in audit_log(corpus) if "corpus" in t[1]] == [
        ("alice", "deleted the corpus"),
        ("alice", "brought the corpus back"),
    ]


def test_a_corpus_is_made_of_a_name_and_a_pasted_text(admin: Any, as_user: Any) -> None:
    client, address = as_user(admin), reverse("new-corpus")
    asked = {"name": "Größe & Häfen", "language": "en", "reviewers_per_document": 2}
    sent = {**asked, "reviews_too": "on", "text": ["Fees\n\n“No,” said Ann.", "  "]}
    answer = client.post(address, sent, headers={"Accept": "application/json"})
    assert answer.json() == {"next": "/corpora/grosse-hafen/import/"}
    assert Job.objects.get().corpus.slug == "grosse-hafen"
    client.post(address, asked)
    assert Corpus.objects.filter(slug="grosse-hafen-2").exists()
    refused = client.post(address, {**sent, "slug": "no good!"}).content.decode()
    # What was pasted is still there, and nobody is told of a slug.
    assert "only letters a to z" in refused and "“No,” said Ann." in refused
    assert (
        "slug"
        not in client.post(
            address, {**sent, "slug": "no good!"}, headers={"Accept": "application/json"}
        ).json()["message"]
    )


def test_the_short_name_of_a_name_is_told_while_one_types(
    corpus: Corpus, alice: Any, admin: Any, as_user: Any
) -> None:
    address = reverse("short-name")
    client = as_user(admin)
    names = {"Harbour": "harbour-2", "Новости": "novosti", "New": "new-2", "…": "corpus", " ": ""}
    told = {name: client.get(address, {"name": name}).json()["short_name"] for name in names}
    assert told == names
    assert as_user(alice).get(address, {"name": "Harbour"}).status_code == 403


def test_each_template_is_shown_with_its_guideline(admin: Any, as_user: Any) -> None:
    html = as_user(admin).get(reverse("new-corpus")).content.decode()
    assert all(f'data-template="{name}"' in html for name in TEMPLATES)
    assert "Mark every name of a person" in html and "<h2 id=" in html
