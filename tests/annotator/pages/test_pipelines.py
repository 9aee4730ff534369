"""Trained pipelines on a page: which there are, and what their names are called here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from annotator.models import PipelineMap
from annotator.selectors import pipelines as selectors
from corpus.core.schema_templates import TEMPLATES
from corpus.models import Corpus
from corpus.selectors import schema_rows
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member
from tests.acts import SLUG, audit_log, page
from tests.annotator.suggesters.pipelines import described

ADDRESS = reverse("pipeline", kwargs={**SLUG, "name": "news"})


@pytest.fixture
def models(tmp_path: Path, settings: Any) -> Path:
    """A pipeline with labels of its own, one of them called as here, and a text classifier."""
    settings.MODELS = str(tmp_path / "models")
    described(
        tmp_path / "models" / "news",
        ner=("ner", ["PER", "SPEAKER", "DATE"]),
        stances=("textcat", ["pro", "contra", "other"]),
    )
    return tmp_path / "models"


def test_a_site_without_pipelines_says_how_to_offer_them(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "SAIDBY_MODELS" in page(client, "pipelines")
    assert client.get(ADDRESS).status_code == 400


def test_names_are_called_as_chosen_and_the_rest_is_left_out(
    corpus: Corpus, models: Path, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert "Say first what its names are called here" in page(client, "pipelines")
    answer = client.get(ADDRESS)
    (labels, stances) = answer.context["sections"]
    assert [(n.theirs, n.ours) for n in labels.names] == [
        ("PER", ""),
        ("SPEAKER", "SPEAKER"),
        ("DATE", ""),
    ]
    assert stances.chooser.ours == ""
    sent = {
        "label-0": "SPEAKER",
        "label-1": "CLAIM",
        "label-2": "",
        "place-0": "CLAIM.stance",
        "value-0-0": "support",
        "value-0-1": "oppose",
        "value-0-2": "",
        "fill": "on",
    }
    answer = client.post(ADDRESS, sent, follow=True)
    assert "2 of its names are left out" in answer.content.decode()
    saved = PipelineMap.objects.get()
    assert (saved.pipeline, saved.fill, saved.saved_by) == ("news", True, alice)
    assert saved.names == {
        "PER": "SPEAKER",
        "SPEAKER": "CLAIM",
        "DATE": "",
        "stances": "CLAIM.stance",
        "pro": "support",
        "contra": "oppose",
        "other": "",
    }
    said = ("alice", "said what the names of the pipeline news are called here")
    assert audit_log(corpus)[-1] == said
    again = client.get(ADDRESS)
    assert again.context["sections"][1].chooser.ours == "CLAIM.stance" and again.context["fill"]
    assert list(selectors.usable(corpus, schema_rows(corpus.schema).view)) == [
        ("news", ["SPEAKER", "CLAIM"], "")
    ]
    client.post(ADDRESS, {**sent, "place-0": "", "label-0": "", "label-1": ""})
    saved.refresh_from_db()
    assert set(saved.names.values()) == {""} and len(saved.names) == 7
    assert "None of its labels is called as one" in page(client, "pipelines")


def test_a_map_that_leads_nowhere_or_two_ways_is_refused(
    corpus: Corpus, models: Path, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    assert client.post(ADDRESS, {"label-0": "FERRY"}).status_code == 400
    described(models / "twice", ner=("ner", ["X"]), cats=("textcat", ["X"]))
    address = reverse("pipeline", kwargs={**SLUG, "name": "twice"})
    sent = {"label-0": "CLAIM", "place-0": "CLAIM.stance", "value-0-0": "oppose"}
    answer = client.post(address, sent)
    assert answer.status_code == 400 and "choose one of them" in answer.content.decode()
    assert not PipelineMap.objects.exists()
    for name in ("../news", "nowhere", "%2e%2e"):
        address = reverse("pipelines", kwargs=SLUG) + name + "/"
        assert client.get(address).status_code == 404


def test_links_of_a_foreign_schema_are_mapped_and_the_rules_have_no_part(
    models: Path, alice: Any, as_user: Any
) -> None:
    corpus = create_corpus("people", schema=TEMPLATES["relations"].schema)
    add_member(corpus, alice, "manager")
    described(
        models / "relations", ner=("ner", ["PER"]), rel=("link_extractor", ["employer", "lives"])
    )
    client = as_user(alice)
    address = reverse("pipeline", kwargs={"slug": "people", "name": "relations"})
    answer = client.get(address)
    assert [section.title for section in answer.context["sections"]] == ["Labels", "Links"]
    assert 'name="fill"' not in answer.content.decode()
    sent = {"label-0": "PERSON", "link-0": "works_for", "link-1": ""}
    assert client.post(address, {**sent, "fill": "on"}).status_code == 400
    client.post(address, sent)
    names = PipelineMap.objects.get(corpus=corpus).names
    assert names == {"PER": "PERSON", "employer": "works_for", "lives": ""}
