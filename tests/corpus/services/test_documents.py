"""Documents: the same text adds nothing, another text supersedes, a withdrawn text stays away."""

from __future__ import annotations

import pytest

from corpus.core.text import freeze
from corpus.importers import Article
from corpus.models import Corpus, Document, DocumentText
from corpus.services import documents

pytestmark = pytest.mark.postgresql


def article(text: str, ident: str = "a1", **meta: object) -> Article:
    return Article(ident, freeze(text), meta)


def current() -> dict[str, int]:
    rows = Document.objects.filter(retired_at__isnull=True)
    return dict(rows.values_list("external_id", "pk"))


def test_the_same_text_adds_nothing(corpus: Corpus) -> None:
    first = documents.add_documents(corpus, [article("One.")])
    again = documents.add_documents(corpus, [article("One."), article("Two.", "a2")])
    assert again.present == first.documents
    assert [document.external_id for document in again.documents] == ["a2"]
    assert again.retired == []
    assert DocumentText.objects.count() == 2


def test_another_text_supersedes_and_an_earlier_one_returns(corpus: Corpus) -> None:
    [old] = documents.add_documents(corpus, [article("One.")]).documents
    added = documents.add_documents(corpus, [article("One, corrected.")])
    [new] = added.documents
    assert added.retired == [old]
    assert new.supersedes_id == old.pk
    assert current() == {"a1": new.pk}
    back = documents.add_documents(corpus, [article("One.")])
    assert back.documents == [old]
    assert back.retired == [new]
    assert current() == {"a1": old.pk}


def test_a_withdrawn_text_is_not_taken_again(corpus: Corpus) -> None:
    [document] = documents.add_documents(corpus, [article("One.")]).documents
    documents.withdraw_text([document])
    assert not DocumentText.objects.exists()
    added = documents.add_documents(corpus, [article("One."), article("Two.", "a2")])
    assert added.withdrawn == {"a1"}
    assert set(current()) == {"a2"}


def test_metadata_that_fits_a_column_moves_there(corpus: Corpus) -> None:
    added = documents.add_documents(
        corpus,
        [article("One.", title="Wall", url="ftp://x", outlet="x" * 201, targets=["the wall"])],
    )
    document = Document.objects.get(pk=added.documents[0].pk)
    assert (document.title, document.targets) == ("Wall", ["the wall"])
    assert document.metadata == {"url": "ftp://x", "outlet": "x" * 201}
