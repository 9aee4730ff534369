"""Writes of corpora: created, changed, deleted and restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import IntegrityError, transaction
from django.utils import timezone

from corpus import guideline as guidelines
from corpus import permissions
from corpus.core import schema as core
from corpus.core.problems import Problem
from corpus.core.short_names import RESERVED
from corpus.jobs import claim
from corpus.models import Corpus, Role, Schema
from corpus.services import audit
from corpus.services.members import add_member
from corpus.services.schemas import add_schema

SETTINGS = (
    "name",
    "language",
    "targets",
    "reasons",
    "guideline",
    "shown_suggester",
    "suggest_on_import",
    "language_models_allowed",
)


def create_corpus(
    slug: str,
    *,
    name: str = "",
    schema: core.SchemaView = core.ATTRIBUTION,
    guideline: str = "",
    language: str = "en",
    reviewers_per_document: int = 2,
    suggest_on_import: bool = True,
) -> Corpus:
    """Create a corpus with its first schema.

    Raises `Problem` when the short name is taken or cannot be one.
    """
    _check_slug(slug)
    with transaction.atomic():
        try:
            with transaction.atomic():
                corpus = Corpus.objects.create(
                    slug=slug,
                    name=name or slug.replace("-", " ").capitalize(),
                    guideline=guideline,
                    language=language,
                    reviewers_per_document=reviewers_per_document,
                    suggest_on_import=suggest_on_import,
                )
        except IntegrityError:
            raise Problem("exists", what="corpus", name=slug) from None
        corpus.schema = add_schema(corpus, schema)
        corpus.save(update_fields=["schema"])
    return corpus


def start_corpus(
    slug: str,
    *,
    name: str,
    language: str,
    reviewers_per_document: int,
    schema: core.SchemaView = core.ATTRIBUTION,
    guideline: str = "",
    suggest_on_import: bool = True,
    by: AbstractUser | AnonymousUser,
) -> Corpus:
    """Create a corpus as a person; who creates it manages it.

    Raises `Problem` unless the person may create corpora.
    """
    if not by.has_perm("corpus.add_corpus"):
        raise Problem("corpus-creator")
    with transaction.atomic():
        corpus = create_corpus(
            slug,
            name=name,
            schema=schema,
            guideline=guideline,
            language=language,
            reviewers_per_document=reviewers_per_document,
            suggest_on_import=suggest_on_import,
        )
        add_member(corpus, by, Role.MANAGER)
        audit.note(corpus, "created", by=by)
    return corpus


def change_corpus(corpus: Corpus, values: Mapping[str, Any], *, by: permissions.User) -> list[str]:
    """Change name, language, targets or guideline of a corpus; return which fields changed."""
    permissions.require(by, "manage", corpus)
    changed = []
    for field in SETTINGS:
        if field in values and values[field] != getattr(corpus, field):
            setattr(corpus, field, values[field])
            changed.append(field)
    if changed:
        saved = list(changed)
        if "shown_suggester" in changed:
            # What is shown now was made by others than the chosen ones.
            corpus.chosen_suggesters = []
            saved.append("chosen_suggesters")
        with transaction.atomic():
            corpus.save(update_fields=saved)
            audit.note(corpus, "changed", by=by, fields=", ".join(changed))
    return changed


def add_example(
    corpus: Corpus, example: str, *, names: Sequence[str], document: str, by: permissions.User
) -> guidelines.Section:
    """Add an example to the section of the guideline that has one of these names; return it.

    Inside a transaction. One that the guideline holds already is not added again.
    """
    permissions.require(by, "manage", corpus)
    now = Corpus.objects.select_for_update().get(pk=corpus.pk)
    section = guidelines.section_called(now.guideline, names)
    lines = now.guideline.split("\n")
    if example in lines:
        sections = guidelines.read(now.guideline)[1]
        if sections:
            return section or sections[-1]
        # The headings are gone: it moves under a new one.
        lines = [line for line in lines if line != example]
    text, section = guidelines.with_example("\n".join(lines), section, example)
    if len(text) > guidelines.LONGEST:
        raise Problem("guideline-full", limit=guidelines.LONGEST)
    Corpus.objects.filter(pk=corpus.pk).update(guideline=text)
    corpus.guideline = text
    audit.note(corpus, "example", by=by, document=document, section=section.title)
    return section


def erase_quotes(corpus: Corpus, texts: Sequence[str]) -> None:
    """Take the lines out of the guideline that quote one of these texts."""
    now = Corpus.objects.select_for_update().get(pk=corpus.pk)
    left = guidelines.without_quotes(now.guideline, texts)
    if left != now.guideline:
        Corpus.objects.filter(pk=corpus.pk).update(guideline=left)
    corpus.guideline = left


def delete_corpus(corpus: Corpus, *, by: permissions.User) -> None:
    """Take a corpus out of every list and stop its jobs.

    Nothing of it is lost, and `restore_corpus` brings it back.
    """
    permissions.require(by, "manage", corpus)
    with transaction.atomic():
        audit.note(corpus, "deleted", by=by)
        claim.cancel_all(corpus)
        Corpus.objects.filter(pk=corpus.pk).update(deleted_at=timezone.now())


def restore_corpus(slug: str, *, by: permissions.User) -> Corpus:
    """Bring a deleted corpus back; one that is there stays.

    Raises `Problem` unless the person managed it.
    """
    corpus = Corpus.objects.filter(slug=slug).first()
    if corpus is None:
        raise Problem("not-found", what="corpus", name=slug)
    with transaction.atomic():
        deleted = Corpus.objects.filter(pk=corpus.pk, deleted_at__isnull=False)
        restored = deleted.update(deleted_at=None)
        # Nobody has a role in a deleted corpus; a `Problem` undoes the update.
        corpus.deleted_at = None
        permissions.require(by, "manage", corpus)
        if restored:
            audit.note(corpus, "restored", by=by)
    return corpus


def use_schema(corpus: Corpus, schema: Schema) -> None:
    """Have a corpus annotated with this version of its schema from now on."""
    corpus.schema = schema
    corpus.save(update_fields=["schema"])


def choose_suggesters(
    corpus: Corpus,
    rows: Sequence[Mapping[str, Any]],
    *,
    threshold: float,
    by: permissions.User | None,
    **details: Any,
) -> None:
    """Choose what suggests for a corpus, in order, and from which score on; None for commands.

    `details` are their `names` and what was chosen `before`, for the audit log.
    """
    if by is not None:
        permissions.require(by, "manage", corpus)
    before = corpus.threshold
    with transaction.atomic():
        corpus.chosen_suggesters = list(rows)
        corpus.threshold = threshold
        corpus.save(update_fields=["chosen_suggesters", "threshold"])
        audit.note(
            corpus,
            "suggesters",
            by=by,
            threshold=threshold,
            threshold_before=before,
            chosen=list(rows),
            **details,
        )


def show_suggester(corpus: Corpus, name: str) -> None:
    """Choose, on the command line, whose suggestions reviewers are shown from now on.

    It is one that what is imported is not suggested for with.
    """
    if corpus.shown_suggester != name:
        with transaction.atomic():
            corpus.shown_suggester = name
            corpus.chosen_suggesters = []
            corpus.save(update_fields=["shown_suggester", "chosen_suggesters"])
            audit.note(corpus, "changed", by=None, fields="shown_suggester")


def set_shown(corpus: Corpus, name: str) -> None:
    """Note what the suggestions of the chosen suggesters are called now."""
    corpus.shown_suggester = name
    Corpus.objects.filter(pk=corpus.pk).update(shown_suggester=name)


def set_grouped_upto(corpus: Corpus, key: int) -> None:
    """Note the last document that was compared with the others for near-duplicates."""
    Corpus.objects.filter(pk=corpus.pk).update(grouped_upto=key)


def _check_slug(slug: str) -> None:
    try:
        validate_slug(slug)
    except ValidationError:
        reason = f"a short name has only letters a to z, digits, - and _; {slug!r} has others"
        raise Problem("request-invalid", reason=reason) from None
    if slug in RESERVED:
        reason = f"{slug!r} is the address of a page; choose another short name"
        raise Problem("request-invalid", reason=reason)
