"""Names of files that the corpus lacks are asked for when an upload was looked through."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from annotator.models import Layer, Span
from annotator.selectors.layers import layer_views
from annotator.services import uploads as upload
from corpus.models import Corpus, Job
from tests.annotator.services.test_uploads import SLUG, code, file, looked, spans

pytestmark = pytest.mark.django_db(transaction=True)


THEIRS = {
    "id": "p1",
    "text": "Ann said it rained.",
    "spans": [
        {"id": "s1", "label": "Speaker", "start": 0, "end": 3, "attributes": {"mood": "x"}},
        {"id": "c2", "label": "Content", "start": 9, "end": 18, "attributes": {"stance": "PRO"}},
    ],
    "links": [{"kind": "source_of", "source": "c2", "target": "s1"}],
}


def test_names_that_the_corpus_lacks_are_asked_for_before_anything_comes_in(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    job = looked(corpus, alice, file(data=json.dumps(THEIRS).encode()))
    assert (job.result["documents"], job.result["refused"]) == (1, 0)
    assert job.result["unknown"]["labels"] == {"Content": 1, "Speaker": 1}
    assert {part["code"]: part["file"] for part in job.result["left_out"]} == {
        "span-label": "in.jsonl",
        "link-kind": "in.jsonl",
    }
    client = as_user(alice)
    page = client.get(reverse("uploads", kwargs=SLUG)).content.decode()
    assert "Names that this corpus does not have" in page and "Content" in page
    assert re.search(r'<option value="SPEAKER"\s+selected>', page)
    fields = {f"name-{n}": name for n, name in enumerate(["CLAIM", "SPEAKER", "said_by"])}
    # The attributes: the stance keeps its name, the mood is left out.
    fields |= {"name-3": "stance", "name-4": "", "name-5": "support"}
    client.post(reverse("begin-import", kwargs={**SLUG, "pk": job.pk}), fields)
    begun = Job.objects.get(kind="import")
    assert begun.arguments["map"] == {
        "labels": {"Content": "CLAIM", "Speaker": "SPEAKER"},
        "links": {"source_of": "said_by"},
        "attributes": {"Content.stance": "stance", "Speaker.mood": None},
        "values": {"stance": {"PRO": "support"}},
    }
    call_command("run_jobs", "--once", verbosity=0)
    (view,) = layer_views(Layer.objects.all()).values()
    assert [(span.label, dict(span.attributes)) for span in view.in_order()] == [
        ("SPEAKER", {}),
        ("CLAIM", {"stance": "support"}),
    ]
    assert [link.kind for link in view.links.values()] == ["said_by"]
    begun.refresh_from_db()
    assert "unknown" not in begun.result


def test_a_map_of_an_upload_that_leads_nowhere_is_refused(corpus: Corpus, alice: Any) -> None:
    job = looked(corpus, alice, file(data=json.dumps(THEIRS).encode()))
    names = {"labels": {"Content": "QUOTE"}}
    assert code(lambda: upload.begin(corpus, job.pk, by=alice, names=names)) == "label-map"
    assert not Job.objects.filter(kind="import").exists()


def test_a_review_comes_in_under_the_names_of_a_map(corpus: Corpus, alice: Any, bob: Any) -> None:
    data = json.dumps(THEIRS).encode()
    job = looked(corpus, alice, file(data=data), spans="layer", reviewer="bob")
    names = {
        "labels": {"Content": "CLAIM", "Speaker": "SPEAKER"},
        "links": {"source_of": None},
        "attributes": {"mood": None},
        "values": {"stance": {"PRO": "support"}},
    }
    upload.begin(corpus, job.pk, by=alice, names=names)
    call_command("run_jobs", "--once", verbosity=0)
    done = Job.objects.get(kind="import")
    assert (done.result["layers"], done.result["refused"]) == (1, 0)
    (view,) = layer_views(Layer.objects.filter(owner=bob)).values()
    assert [dict(span.attributes) for span in view.in_order()] == [{}, {"stance": "support"}]


def test_names_of_documents_that_are_here_are_asked_for_too(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    job = looked(corpus, alice, file("text.jsonl", spans("SPEAKER")), spans="ignore")
    upload.begin(corpus, job.pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    job = looked(corpus, alice, file("theirs.jsonl", spans("PERSON")))
    page = as_user(alice).get(reverse("uploads", kwargs=SLUG)).content.decode()
    assert "Import under these names" in page
    upload.begin(corpus, job.pk, by=alice, names={"labels": {"PERSON": "SPEAKER"}})
    call_command("run_jobs", "--once", verbosity=0)
    assert Span.objects.filter(layer__run__suggester="file:theirs.jsonl").count() == 1


def test_a_script_sends_a_map_over_the_api(corpus: Corpus, alice: Any, as_user: Any) -> None:
    job = looked(corpus, alice, file("theirs.jsonl", spans("PERSON")))
    address = reverse("api-upload", kwargs={**SLUG, "pk": job.pk})
    client = as_user(alice)

    def begin(label: str) -> Any:
        names = {"map": {"labels": {"PERSON": label}}}
        return client.post(address, names, content_type="application/json")

    wrong = begin("NOBODY")
    assert (wrong.status_code, wrong.json()["code"]) == (400, "label-map")
    assert begin("SPEAKER").status_code == 202
    call_command("run_jobs", "--once", verbosity=0)
    assert Span.objects.filter(layer__run__suggester="file:theirs.jsonl").count() == 1
