"""The plan of a corpus: applied to what comes in, to what nobody has taken, and within limits."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count
from django.urls import reverse

from annotator.models import Adjudication, Assignment
from annotator.services import assignment_plan, imports, review
from corpus.core.problems import Problem
from corpus.forms import CorpusForm
from corpus.models import MAX_REVIEWERS, Corpus, Document
from tests.acts import add_document, code, submit_as

pytestmark = pytest.mark.postgresql


def test_a_plan_is_applied_to_what_comes_in(corpus: Corpus, tmp_path: Any) -> None:
    Corpus.objects.filter(pk=corpus.pk).update(
        reviewers_per_document=3, shared_percent=20, blind_percent=50
    )
    corpus.refresh_from_db()
    (tmp_path / "in.jsonl").write_text(
        "".join(json.dumps({"id": f"d{n}", "text": f"Text number {n}."}) + "\n" for n in range(200))
    )
    assert imports.import_documents(corpus, [tmp_path / "in.jsonl"]).imported == 200
    by_size: dict[int, int] = {}
    for row in Document.objects.annotate(n=Count("assignments")).values_list("n", flat=True):
        by_size[row] = by_size.get(row, 0) + 1
    assert by_size.keys() == {1, 3} and 20 <= by_size[3] <= 60
    blind = Assignment.objects.filter(blind=True).values("document").distinct().count()
    assert 70 <= blind <= 130
    needed = Adjudication.objects.annotate(n=Count("document__assignments"))
    assert all(row.needed == row.n for row in needed)


def test_a_changed_plan_reaches_what_nobody_has_taken(
    document: Any, tmp_path: Any, alice: Any, bob: Any, carol: Any
) -> None:
    corpus = document.corpus
    add_document(corpus, tmp_path, "untouched")
    submit_as(document, bob)
    job = assignment_plan.set_plan(
        corpus, {"reviewers_per_document": 1, "blind_percent": 100}, by=alice
    )
    assert job.kind == "plan"
    assert assignment_plan.apply_plan(corpus) == {"documents": 2, "changed": 2}
    assert assignment_plan.apply_plan(corpus)["changed"] == 0
    # One review is in and one is enough now: gold begins.
    row = Adjudication.objects.get(document=document)
    assert (row.needed, row.state) == (1, "done")
    places = Assignment.objects.filter(document__external_id="untouched")
    assert [(p.user, p.blind) for p in places] == [(None, True)]
    assignment_plan.set_plan(corpus, {"reviewers_per_document": 3}, by=alice)
    assignment_plan.apply_plan(corpus)
    assert Adjudication.objects.get(document__external_id="untouched").needed == 3
    assert (
        Assignment.objects.filter(document__external_id="untouched", user=None, blind=True).count()
        == 3
    )
    layer = review.open_layer(Document.objects.get(external_id="untouched"), by=carol)
    assert layer.shown_run is None
    assert (
        code(lambda: assignment_plan.set_plan(corpus, {"blind_percent": 101}, by=alice))
        == "request-invalid"
    )
    assert (
        code(lambda: assignment_plan.set_plan(corpus, {"blind_percent": 1}, by=bob))
        == "not-allowed"
    )


def test_reviewers_per_document_have_the_same_limit_everywhere(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    most = MAX_REVIEWERS
    assignment_plan.set_plan(corpus, {"reviewers_per_document": most}, by=alice)
    asked = {"name": "Bay", "slug": "bay", "language": "en"}
    assert CorpusForm({**asked, "reviewers_per_document": most}).is_valid()
    call_command("create_corpus", "bay", "--reviewers", str(most), stdout=StringIO())
    page = as_user(alice).get(reverse("assignments", kwargs={"slug": corpus.slug}))
    assert f'name="reviewers_per_document" min="1" max="{most}"' in page.content.decode()

    most += 1
    assert not CorpusForm({**asked, "reviewers_per_document": most}).is_valid()
    with pytest.raises(Problem):
        assignment_plan.set_plan(corpus, {"reviewers_per_document": most}, by=alice)
    with pytest.raises(SystemExit):
        call_command("create_corpus", "port", "--reviewers", str(most), stderr=StringIO())
    assert not Corpus.objects.filter(slug="port").exists()


def test_a_corpus_that_has_more_reviewers_keeps_them(
    corpus: Corpus, alice: Any, as_user: Any, tmp_path: Any
) -> None:
    Corpus.objects.filter(pk=corpus.pk).update(reviewers_per_document=50)
    document = add_document(corpus, tmp_path)
    assert Assignment.objects.filter(document=document).count() == 50
    plan = {"reviewers_per_document": 50, "blind_percent": 100}
    url = reverse("set-plan", kwargs={"slug": corpus.slug})
    assert as_user(alice).post(url, plan).status_code == 302
    corpus.refresh_from_db()
    assert (corpus.reviewers_per_document, corpus.blind_percent) == (50, 100)
    page = as_user(alice).get(reverse("assignments", kwargs={"slug": corpus.slug}))
    assert 'name="reviewers_per_document" min="1" max="50"' in page.content.decode()
    higher = {"reviewers_per_document": 51}
    assert code(lambda: assignment_plan.set_plan(corpus, higher, by=alice)) == "request-invalid"
