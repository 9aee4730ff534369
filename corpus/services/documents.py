"""Writes of documents and their texts."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from corpus.core.near_duplicates import shingles, signature
from corpus.core.problems import Problem
from corpus.core.text import words
from corpus.db import bulk
from corpus.importers import Article
from corpus.importers.plain import title
from corpus.models import Corpus, Document, DocumentText

# What is said of a document in columns of its own; the rest stands in its metadata.
COLUMNS = ("title", "outlet", "published", "url", "targets")
SAID = (*COLUMNS, "metadata")
WEB_ADDRESS = URLValidator(schemes=["http", "https"])


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a batch of articles.

    `documents` are current now, `present` were before with the same text, `retired` are superseded
    by one of `documents`. Of `present`, other things are said of the `updated` ones now. `kept` are
    there with another text, and stay because nobody asked to replace them. Articles are left out
    whose text was `withdrawn` earlier, or that were `removed` and not put back; these are their
    ids. Those in `beside_removed` are new under the id of a document that was removed with another
    text, and stays so.
    """

    documents: list[Document]
    present: list[Document]
    retired: list[Document]
    updated: list[Document] = field(default_factory=list)
    kept: list[Document] = field(default_factory=list)
    withdrawn: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    beside_removed: tuple[str, ...] = ()


def under_known_ids(
    corpus: Corpus, articles: Sequence[Article], given: dict[str, str]
) -> list[Article]:
    """Return articles, each under the id that its document is known by here, if that is another.

    The same file was read before ids carried the name of their source, in no folder of a name, or
    with other files that give the id to other texts, or without them. `given` holds, by ids here,
    what the files of this import say instead, and gets those of the articles: no two documents of
    one import become one.
    """
    for article in articles:
        given.setdefault(article.id, article.id)
    digests = {article.body.digest for article in articles}
    same_text: dict[str, list[_Known]] = {}
    rows = Document.objects.filter(corpus=corpus, digest__in=digests).order_by("pk")
    for ident, digest, retired_at in rows.values_list("external_id", "digest", "retired_at"):
        same_text.setdefault(digest, []).append(_Known(ident, retired_at is None))
    wanted = {name for article in articles for name in (article.id, *article.known_as)}
    current = Document.objects.filter(corpus=corpus, external_id__in=wanted)
    there = set(current.filter(retired_at__isnull=True).values_list("external_id", flat=True))
    known = []
    for article in articles:
        for ident in _known_ids(article, same_text.get(article.body.digest, ()), there):
            if given.setdefault(ident, article.id) == article.id:
                article = replace(article, id=ident, bare_id="", lone_id="", known_as=())
                break
        known.append(article)
    return known


class _Known(NamedTuple):
    """An id here, and whether the text that was looked for is its current one."""

    id: str
    is_current: bool


def _known_ids(article: Article, same_text: Sequence[_Known], there: Container[str]) -> list[str]:
    """Return the ids that an article may have here, the likeliest first, none if it has its own.

    `same_text` are the documents with its text, `there` its ids that are taken now.
    """
    if _Known(article.id, True) in same_text:
        return []
    lone = article.lone_id or article.id
    found = []
    for ident, is_current in same_text:
        is_of_it = ident in (lone, article.bare_id) or ident.endswith(f"-{lone}")
        # An earlier, removed or withdrawn text says nothing where the id has another one now.
        if is_of_it and ident != article.id and (is_current or article.id not in there):
            found.append(_Known(ident, is_current))
    found.sort(key=lambda known: (not known.is_current, known.id not in article.known_as))
    # A corrected text is known by its source alone.
    corrected = [] if article.id in there else [name for name in article.known_as if name in there]
    return [*(known.id for known in found), *corrected]


def add_documents(corpus: Corpus, articles: Sequence[Article], *, update: bool = False) -> Added:
    """Add articles in one transaction.

    The same id with the same text adds nothing; what the article says of it beside the text is
    taken over. With other text it is left as it is, or, to `update`, a new version that supersedes
    the old one, which is retired. Of articles with the same id the last counts.
    """
    by_id = {article.id: article for article in articles}
    ids = list(by_id)
    documents: list[Document] = []
    present: list[Document] = []
    retired: list[Document] = []
    kept: list[Document] = []
    withdrawn: set[str] = set()
    removed: set[str] = set()
    with transaction.atomic():
        current = {
            document.external_id: document
            for document in Document.objects.filter(
                corpus=corpus, external_id__in=ids, retired_at__isnull=True
            )
        }
        earlier_versions = retired_versions(corpus, ids)
        gone = {row.external_id for row in earlier_versions.values() if row.removed_because}
        for article in by_id.values():
            now = current.get(article.id)
            earlier = earlier_versions.get((article.id, article.body.digest))
            if now is not None and now.digest == article.body.digest:
                present.append(now)
            elif earlier is not None and not hasattr(earlier, "body"):
                withdrawn.add(article.id)
            elif now is not None and not update:
                kept.append(now)
            elif earlier is not None and earlier.removed_because:
                removed.add(article.id)
            else:
                if now is not None:
                    retired.append(now)
                # Where the text went back to an earlier version, that row is current again.
                documents.append(earlier or _unsaved_document(corpus, article, supersedes=now))
        _retire(retired)
        _save(documents, by_id)
        updated = [
            document
            for document in present
            if _describe(document, by_id[document.external_id], corpus)
        ]
    replaced = {document.external_id for document in retired}
    new = [document.external_id for document in documents]
    beside = tuple(ident for ident in new if ident in gone and ident not in replaced)
    without = (frozenset(withdrawn), frozenset(removed))
    return Added(documents, present, retired, updated, kept, *without, beside)


def _describe(document: Document, article: Article, corpus: Corpus) -> bool:
    """Take over what an article says of a document beside its text; tell whether that is new."""
    before = {name: getattr(document, name) for name in SAID}
    new = _described_by(article, corpus)
    if new.title == title(article.body.text):
        # What a document is called that has no title: no better than the one it has.
        new.title = ""
    _take_over(document, new)
    if all(getattr(document, name) == before[name] for name in SAID):
        return False
    # Releases are written again as they were.
    until = timezone.now().isoformat()
    document.said_before = [*document.said_before, {**before, "until": until}]
    document.save(update_fields=[*SAID, "said_before"])
    return True


def _take_over(document: Document, new: Document) -> None:
    """Let a document say what the new one says; what that leaves out stays."""
    metadata = {**document.metadata, **_not_empty(new.metadata)}
    for name in COLUMNS:
        value = getattr(new, name)
        if value:
            setattr(document, name, value)
            metadata.pop(name, None)
    document.metadata = metadata


def _not_empty(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if value not in (None, "", [], {})}


def withdraw_text(documents: Sequence[Document]) -> None:
    """Erase the texts of documents for good, and take the documents from the lists.

    What was said of them at import goes too, as a title quotes its article: id, digest, length and
    number of words stay.
    """
    keys = [document.pk for document in documents]
    DocumentText.objects.filter(document__in=keys).delete()
    Document.objects.filter(pk__in=keys).update(
        title=F("external_id"),
        outlet="",
        url="",
        published="",
        targets=[],
        metadata={},
        said_before=[],
        removed_because="",
    )
    _retire(documents)


def remove(document: Document, *, because: str) -> bool:
    """Take a current document from every list, so that it can be put back; tell whether it was."""
    current = Document.objects.filter(pk=document.pk, retired_at__isnull=True)
    return current.update(retired_at=timezone.now(), removed_because=because) > 0


def put_back(document: Document) -> bool:
    """Make a removed document current again; tell whether it was removed.

    Raises `Problem` when another one has its id now.
    """
    removed = Document.objects.filter(pk=document.pk).exclude(removed_because="")
    try:
        with transaction.atomic():
            return removed.update(retired_at=None, removed_because="") > 0
    except IntegrityError:
        raise Problem("exists", what="document", name=document.external_id) from None


def join_groups(first_of: Mapping[int, int]) -> int:
    """Put documents into the near-duplicates of others; return how many were in no group."""
    return bulk.change(Document, "alike_id", first_of, where="id", more="alike_id IS NULL")


def retired_versions(corpus: Corpus, ids: Sequence[str]) -> dict[tuple[str, str], Document]:
    """Return the retired documents with these ids, by id and digest of the text."""
    rows = Document.objects.filter(corpus=corpus, external_id__in=ids, retired_at__isnull=False)
    # Whether a text is there is read, not the text.
    rows = rows.select_related("body").defer("body__text", "body__signature")
    return {(document.external_id, document.digest): document for document in rows}


def _retire(documents: Sequence[Document]) -> None:
    keys = [document.pk for document in documents]
    current = Document.objects.filter(pk__in=keys, retired_at__isnull=True)
    current.update(retired_at=timezone.now())


def _save(documents: Sequence[Document], articles: Mapping[str, Article]) -> None:
    """Make documents current: new ones are inserted with their texts, retired ones return."""
    new: list[Document] = []
    for document in documents:
        if document.pk is None:
            new.append(document)
        else:
            Document.objects.filter(pk=document.pk).update(retired_at=None)
            document.retired_at = None
    _insert(new, articles)


def _insert(documents: Sequence[Document], articles: Mapping[str, Article]) -> None:
    names = [
        field.attname
        for field in Document._meta.concrete_fields
        if field.attname not in ("id", "created_at")
    ]
    rows = [{name: getattr(document, name) for name in names} for document in documents]
    keys = bulk.create(Document, rows)
    bodies = []
    for key, document in zip(keys, documents, strict=True):
        document.pk = key
        article = articles[document.external_id]
        text = article.body.text
        signed = article.signature or signature(shingles(text)).tobytes()
        bodies.append({"document_id": key, "text": text, "signature": signed})
    bulk.create(DocumentText, bodies)


def _unsaved_document(
    corpus: Corpus, article: Article, *, supersedes: Document | None = None
) -> Document:
    """Return a new version, which says what the one before said where the article is silent."""
    document = _described_by(article, corpus)
    document.supersedes = supersedes
    if supersedes is not None:
        document.metadata = {**supersedes.metadata, **document.metadata}
        for name in ("outlet", "published", "url", "targets"):
            setattr(document, name, getattr(document, name) or getattr(supersedes, name))
    document.title = document.title or article.id
    return document


def _described_by(article: Article, corpus: Corpus) -> Document:
    """Return an unsaved document with what an article says of it."""
    meta = dict(article.meta)
    targets = meta.get("targets", [])
    if isinstance(targets, list) and all(isinstance(target, str) for target in targets):
        meta.pop("targets", None)
    else:
        targets = []
    return Document(
        corpus=corpus,
        external_id=article.id,
        title=_take(meta, "title", 500),
        outlet=_take(meta, "outlet", 200),
        published=_take(meta, "published", 40),
        url=_take(meta, "url", 1000) if _is_url(meta.get("url")) else "",
        digest=article.body.digest,
        length=len(article.body.text),
        words=words(article.body.text),
        targets=targets,
        metadata=meta,
    )


def _take(meta: dict[str, Any], field: str, limit: int) -> str:
    """Move a text that fits its column out of the metadata; what does not fit stays there whole."""
    value = meta.get(field)
    return str(meta.pop(field)) if isinstance(value, str) and len(value) <= limit else ""


def _is_url(value: object) -> bool:
    if value is None:
        return False
    try:
        WEB_ADDRESS(value)
    except ValidationError:
        return False
    return True
