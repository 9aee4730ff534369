"""Suggesting for a corpus: the suggester is handed what its documents' stances may be toward."""

from __future__ import annotations

from pathlib import Path

from annotator.models import Span
from annotator.services.suggest import suggest_corpus
from corpus.models import Corpus
from tests.acts import add_document


def test_claims_get_a_target_of_the_document_or_else_of_the_corpus(
    corpus: Corpus, tmp_path: Path
) -> None:
    corpus.targets = ["harbor bridge"]
    corpus.save()
    for name, text in (
        ("one", "The council backed the bridge."),
        ("two", "The council rejected the toll."),
    ):
        document = add_document(corpus, tmp_path, name, text)
        document.targets = ["road toll"] if name == "two" else []
        document.save()
    suggest_corpus(corpus)
    claims = Span.objects.filter(label__name="CLAIM").order_by("layer__document__external_id")
    found = [(c.attributes["stance"], c.attributes["target"]) for c in claims]
    assert found == [("support", "harbor bridge"), ("oppose", "road toll")]
