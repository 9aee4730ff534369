"""Reads of corpora, schemas and documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from operator import attrgetter
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.utils import timezone

from corpus import permissions
from corpus.core import schema as core
from corpus.core.problems import Problem
from corpus.core.short_names import RESERVED, numbered, short_name
from corpus.db.paging import keyset_page
from corpus.db.prepared import Prepared
from corpus.models import (
    Corpus,
    Document,
    DocumentText,
    Invitation,
    Job,
    JobState,
    Label,
    LinkKind,
    Membership,
    Role,
    Schema,
)

# How many documents a filtered page reads at most, whatever the filter.
SCANNED = 10_000


def with_roles(rows: QuerySet[Any], user: int, *, of: str = "memberships") -> QuerySet[Any]:
    """Return rows that lead to memberships, each once for each `role` of the person.

    A row in which the person has no role comes once, without one.
    """
    held = FilteredRelation(of, condition=Q(**{f"{of}__user": user}))
    return rows.annotate(held=held, role=F("held__role"))


def _corpora(slug: str) -> QuerySet[Corpus]:
    return Corpus.objects.select_related("schema").filter(slug=slug, deleted_at__isnull=True)


CORPUS = Prepared(_corpora, str)
CORPUS_WITH_ROLES = Prepared(lambda slug, user: with_roles(_corpora(slug), user), str, int)
DOCUMENT = Prepared(
    lambda corpus, name: (
        Document.objects.filter(corpus=corpus, external_id=name, retired_at__isnull=True)
        .select_related("body")
        .defer("body__signature")
    ),
    int,
    str,
)
TEXT = Prepared(
    lambda document: DocumentText.objects.filter(document=document).values_list("text"), int
)


@dataclass(frozen=True, slots=True)
class SchemaRows:
    """A schema as the core sees it, with the database keys of its labels and link kinds by name."""

    view: core.SchemaView
    label_ids: dict[str, int]
    link_ids: dict[str, int]


def free_short_name(name: str) -> str:
    """Return the short name of a corpus of this name, with a number where others have it."""
    candidates = numbered(short_name(name) or "corpus")
    while True:
        few = list(islice(candidates, 50))
        taken = set(Corpus.objects.filter(slug__in=few).values_list("slug", flat=True))
        for candidate in few:
            if candidate not in taken and candidate not in RESERVED:
                return candidate


def corpora_of(user: permissions.User) -> QuerySet[Corpus]:
    """Return the corpora that a person may see."""
    if getattr(user, "is_superuser", False):
        return Corpus.objects.filter(deleted_at__isnull=True).order_by("name")
    own = Corpus.objects.filter(
        deleted_at__isnull=True, memberships__user_id=permissions.key_of(user)
    )
    return own.distinct().order_by("name")


def corpora_page(
    user: permissions.User, *, after: str = "", size: int = 100
) -> tuple[list[Corpus], str]:
    """Return a page of the corpora that a person may see, by name, and the slug to go on after.

    The slug is "" at the end.
    """
    rows = corpora_of(user).order_by("name", "pk")
    last = rows.filter(slug=after).first() if after else None
    if last is not None:
        rows = rows.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    return keyset_page(rows, size, key=attrgetter("slug"), end="")


def deleted_corpora_of(user: permissions.User) -> list[Corpus]:
    """Return the deleted corpora that a person may bring back, newest first."""
    deleted = Corpus.objects.filter(deleted_at__isnull=False)
    if not getattr(user, "is_superuser", False):
        deleted = deleted.filter(
            memberships__user_id=permissions.key_of(user), memberships__role=Role.MANAGER
        )
    return list(deleted.order_by("-deleted_at")[:50])


def memberships_of(user: permissions.User) -> list[Membership]:
    """Return the roles that a person has, by corpus."""
    own = Membership.objects.filter(
        user_id=permissions.key_of(user), corpus__deleted_at__isnull=True
    )
    return list(own.select_related("corpus").order_by("corpus__name", "role"))


def corpus_for(user: permissions.User, slug: str, act: str = "read") -> Corpus:
    """Return a corpus if the person may do the act in it; raise `Problem` otherwise."""
    rows = CORPUS_WITH_ROLES.all(slug, permissions.key_of(user))
    corpus: Corpus = rows[0] if rows else corpus_called(slug)
    permissions.enter(user, act, corpus, (row.role for row in rows))
    return corpus


def corpus_called(slug: str) -> Corpus:
    """Return the corpus with this slug, or raise `Problem`."""
    corpus: Corpus | None = CORPUS.first(slug)
    if corpus is None:
        raise Problem("not-found", what="corpus", name=slug)
    return corpus


def withdrawn_digests(corpus: Corpus, digests: Sequence[str]) -> dict[str, str]:
    """Return which of these texts were withdrawn, by digest with the id of the document."""
    rows = Document.objects.filter(
        corpus=corpus, digest__in=digests, retired_at__isnull=False, body__isnull=True
    )
    return dict(rows.values_list("digest", "external_id"))


def removed_since(corpus: Corpus, *, of: str = "") -> Exists:
    """Tell of texts, under the name `of` in a query, whether their document was removed later.

    A text that came in under its id then is not a correction of it.
    """
    later = Document.objects.filter(
        corpus=corpus,
        external_id=OuterRef(f"{of}external_id"),
        retired_at__gte=OuterRef(f"{of}retired_at"),
    )
    return Exists(later.exclude(removed_because=""))


def earlier_texts(corpus: Corpus) -> QuerySet[Document]:
    """Return the texts that documents had before they were corrected, none of them erased."""
    rows = Document.objects.filter(corpus=corpus, retired_at__isnull=False, removed_because="")
    return rows.filter(~removed_since(corpus), body__isnull=False)


def document_called(corpus: Corpus, external_id: str) -> Document:
    """Return the current document with this id, or raise `Problem`."""
    document: Document | None = DOCUMENT.first(corpus.pk, external_id)
    if document is None:
        raise Problem("not-found", what="document", name=external_id)
    document.corpus = corpus
    return document


def documents_called(
    corpus: Corpus, ids: Sequence[str], *, removed: bool = False
) -> list[Document]:
    """Return the current documents with these ids, or those that were removed with them.

    What is not there is left out.
    """
    there = Document.objects.filter(corpus=corpus, retired_at__isnull=True)
    rows = _removed(corpus) if removed else there
    found = list(rows.filter(external_id__in=ids).order_by("pk"))
    for document in found:
        document.corpus = corpus
    return found


def removed_called(corpus: Corpus, external_id: str) -> Document:
    """Return the document with this id that was removed last, or raise `Problem`."""
    document = _removed(corpus).filter(external_id=external_id).order_by("-retired_at").first()
    if document is None:
        raise Problem("not-found", what="removed document", name=external_id)
    document.corpus = corpus
    return document


def current_or_removed(corpus: Corpus, external_id: str) -> Document:
    """Return the current document with this id, else the removed one, or raise `Problem`."""
    if DOCUMENT.first(corpus.pk, external_id) is not None:
        return document_called(corpus, external_id)
    return removed_called(corpus, external_id)


def is_removed(corpus: Corpus, external_id: str) -> bool:
    """Tell whether a document with this id was removed and not put back."""
    return _removed(corpus).filter(external_id=external_id).exists()


def removed_page(corpus: Corpus, *, after: int = 0, size: int = 50) -> tuple[list[Document], int]:
    """Return a page of removed documents in order of import, and the key to go on after (0)."""
    return keyset_page(_removed(corpus).filter(pk__gt=after).order_by("pk"), size)


def _removed(corpus: Corpus) -> QuerySet[Document]:
    removed = Document.objects.filter(corpus=corpus, retired_at__isnull=False)
    return removed.exclude(removed_because="")


def versions_called(corpus: Corpus, external_id: str) -> list[Document]:
    """Return every version of the document with this id, retired ones too, or raise `Problem`.

    A version is what has the id, what such a one superseded, and what superseded it.
    """
    found: dict[int, Document] = {}
    new = list(Document.objects.filter(corpus=corpus, external_id=external_id))
    while new:
        found |= {document.pk: document for document in new}
        ids = [document.external_id for document in new]
        before = [document.supersedes_id for document in new if document.supersedes_id]
        related = Q(external_id__in=ids) | Q(pk__in=before) | Q(supersedes__in=new)
        new = list(Document.objects.filter(related, corpus=corpus).exclude(pk__in=found))
    if not found:
        raise Problem("not-found", what="document", name=external_id)
    return [found[key] for key in sorted(found)]


def text_of(document: Document) -> str:
    """Return the frozen text of a document; one that was read with its text needs no query."""
    body = document._state.fields_cache.get("body")
    if body is not None:
        return str(body.text)
    row = TEXT.first(document.pk)
    if row is None:
        raise DocumentText.DoesNotExist(document.pk)
    return str(row[0])


def texts_of(documents: Iterable[Document]) -> dict[int, str]:
    """Return the frozen texts of several documents by their key, in one query."""
    keys = [document.pk for document in documents]
    return dict(DocumentText.objects.filter(document__in=keys).values_list("document_id", "text"))


def schema_of(corpus: Corpus) -> Schema:
    """Return the schema that a corpus has now, or raise `Problem`."""
    if corpus.schema is None:
        raise Problem("not-found", what="schema of the corpus", name=corpus.slug)
    return corpus.schema


def schema_rows(schema: Schema) -> SchemaRows:
    """Return a schema with the keys of its rows.

    It is read once per process, since its digest names its content.
    """
    return _schema_rows(schema.pk, schema.digest)


@lru_cache(maxsize=256)
def _schema_rows(pk: int, digest: str) -> SchemaRows:
    return SchemaRows(
        core.read(Schema.objects.values_list("definition", flat=True).get(pk=pk)),
        dict(Label.objects.filter(schema=pk).values_list("name", "pk")),
        dict(LinkKind.objects.filter(schema=pk).values_list("name", "pk")),
    )


def documents_page(
    corpus: Corpus,
    *,
    narrow: Callable[[QuerySet[Document]], QuerySet[Document]] | None = None,
    after: int = 0,
    size: int = 50,
) -> tuple[list[Document], int]:
    """Return a page of current documents in order of import, and the key to go on after.

    The key is 0 at the end. `narrow` filters the documents. A page then reads `SCANNED` of them at
    most: it may hold few or none although more follow.
    """
    current = Document.objects.filter(corpus=corpus, retired_at__isnull=True, pk__gt=after)
    current = current.order_by("pk")
    chosen = current
    end = 0
    if narrow is not None:
        first = current.values_list("pk", flat=True).first()
        if first is None:
            return [], 0
        end = first + SCANNED
        chosen = narrow(current.filter(pk__lt=end))
    chosen = chosen.select_related("alike").prefetch_related("adjudications")
    page, following = keyset_page(chosen, size)
    if following:
        return page, following
    if end and current.filter(pk__gte=end).exists():
        return page, end - 1
    return page, 0


def jobs_of(corpus: Corpus, *, size: int = 200) -> list[Job]:
    """Return the newest jobs of a corpus, of each kind down to the newest that was done.

    Those before it stand behind it as `earlier`. Subtasks and what pages start on their own are
    left out.
    """
    jobs = corpus.jobs.filter(parent=None).exclude(kind="count").select_related("created_by")
    shown = []
    last_of: dict[str, Job] = {}
    for job in jobs.order_by("-id")[:size]:
        last = last_of.get(job.kind)
        if last is not None and last.state == JobState.DONE:
            last.earlier += 1
        else:
            shown.append(job)
            last_of[job.kind] = job
    return shown


def members_of(corpus: Corpus, *, size: int = 500) -> list[tuple[str, list[str]]]:
    """Return the members of a corpus by name, each with their roles."""
    roles_by_name: dict[str, list[str]] = {}
    rows = Membership.objects.filter(corpus=corpus).order_by("user__username", "role")
    for name, role in rows.values_list("user__username", "role")[:size]:
        roles_by_name.setdefault(name, []).append(role)
    return list(roles_by_name.items())


def members_page(
    corpus: Corpus, *, after: str = "", size: int = 100
) -> tuple[list[tuple[str, list[str]]], str]:
    """Return a page of members by name with their roles, and the name to go on after.

    The name is "" at the end.
    """
    people = User.objects.filter(memberships__corpus=corpus, username__gt=after).distinct()
    page, following = keyset_page(
        people.order_by("username"), size, key=attrgetter("username"), end=""
    )
    roles: dict[int, list[str]] = {person.pk: [] for person in page}
    held = Membership.objects.filter(corpus=corpus, user__in=page).order_by("role")
    for key, role in held.values_list("user_id", "role"):
        roles[key].append(role)
    return [(person.get_username(), roles[person.pk]) for person in page], following


def invitations_of(
    corpus: Corpus, *, before: int = 0, size: int = 100
) -> tuple[list[Invitation], int]:
    """Return a page of the invitations that can still be used, newest first.

    With it comes the key that the next page stands before, 0 at the end.
    """
    usable = Invitation.objects.filter(
        corpus=corpus, used_at__isnull=True, expires_at__gt=timezone.now()
    )
    if before:
        usable = usable.filter(pk__lt=before)
    return keyset_page(usable.select_related("created_by").order_by("-pk"), size)


def job_called(corpus: Corpus, pk: int) -> Job:
    """Return a job of a corpus, or raise `Problem`."""
    job = Job.objects.filter(corpus=corpus, pk=pk).first()
    if job is None:
        raise Problem("not-found", what="job", name=pk)
    job.corpus = corpus
    return job


def jobs_page(
    corpus: Corpus, *, kind: str = "", before: int = 0, size: int = 50
) -> tuple[list[Job], int]:
    """Return a page of jobs, newest first, and the key that the next page stands before.

    The key is 0 at the end. Subtasks and what pages start on their own are left out.
    """
    jobs = Job.objects.filter(corpus=corpus, parent=None).exclude(kind="count")
    if kind:
        jobs = jobs.filter(kind=kind)
    if before:
        jobs = jobs.filter(pk__lt=before)
    return keyset_page(jobs.order_by("-pk"), size)


def jobs_of_kinds(corpus: Corpus, *kinds: str, size: int = 10) -> list[Job]:
    """Return the newest jobs of these kinds."""
    jobs = Job.objects.filter(corpus=corpus, kind__in=kinds).select_related("created_by")
    return list(jobs.order_by("-pk")[:size])


def unfinished_job(corpus: Corpus, kind: str) -> Job | None:
    """Return the job of this kind that waits or runs, if there is one."""
    states = (JobState.QUEUED, JobState.RUNNING)
    return Job.objects.filter(corpus=corpus, kind=kind, state__in=states).first()
