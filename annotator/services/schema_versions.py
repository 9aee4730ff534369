"""Schemas changed: a new version, and every document's layers copied over to it.

What people made is copied by decisions of a policy through the log; layers of the old version stay
as they are, to be read. A document moves in one transaction, so that the job may be stopped and run
again at any time.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Q, QuerySet

from annotator.models import Adjudication, Assignment, Layer, LayerKind, LayerState
from annotator.selectors import layers
from annotator.services import overview, schema_copies
from annotator.services.runs import copy_runs
from corpus import permissions
from corpus.core import schema_change
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.schema_change import Change, Outcome, Place
from corpus.jobs import claim
from corpus.models import Corpus, Document, Job, Schema
from corpus.selectors import schema_of, schema_rows, unfinished_job
from corpus.services import audit, corpora, schemas

BATCH = 200
# A page or an answer of the API reads so many layers for a preview; the command reads all.
MOST_COUNTED = 2000
# Documents that somebody writes to at this moment are tried again, so often and so long after.
PASSES = 10
PAUSE = 0.2
# Documents that could not be moved are counted, and the first of them named.
NAMED = 20
# What must not begin under one version of the schema and end under another.
JOBS = ("suggest", "import", "merge", "plan", "schema")
SORTS = {schema_change.LABEL: "spans", schema_change.LINK: "links"}


@dataclass(slots=True)
class _Tally:
    """How often something happens, in people's layers and in suggestions, in which documents."""

    made: int = 0
    suggested: int = 0
    documents: set[int] | None = None


def preview(
    corpus: Corpus,
    new: SchemaView,
    data: Any,
    *,
    by: permissions.User | None = None,
    most: int | None = None,
) -> dict[str, Any]:
    """Say what a change of the schema would do; write nothing.

    Each row of `changes` names what is renamed, merged, dropped or does not fit any more, with how
    many spans or links of suggesters and of what people handed in hold it, in how many documents.
    `by` is None on the command line. With `most` no more layers than that are read: `whole` says
    whether that was all.
    """
    if by is not None:
        permissions.require(by, "schema", corpus)
    schema = schema_of(corpus)
    change = schema_change.read_map(data, schema_rows(schema).view, new)
    counts, whole = _counts(schema, change, most=most)
    lacking = []
    for place in change.lacking:
        tally = counts.pop((place, "", schema_change.DROPPED), _Tally())
        lacking.append(
            {
                "what": place.words,
                "name": place.name,
                **_map_place(place),
                "options": schema_change.options(change, place),
                **_numbers(tally),
            }
        )
    return {
        "version": schema.version if schema.frozen_at is None else schema.version + 1,
        "in_place": schema.frozen_at is None,
        "documents": moving(corpus).count() if schema.frozen_at else 0,
        "added": _added(change),
        "notes": list(_notes(change)),
        "changes": [_row(outcome, tally) for outcome, tally in sorted(counts.items())],
        "lacking": lacking,
        "whole": whole,
    }


def _map_place(place: Place) -> dict[str, str]:
    """Return where a map says what becomes of something: its section, its key, and a value."""
    if place.value:
        holder = replace(place, value="")
        return {"section": "values", "key": holder.name, "value": place.value}
    section = "attributes" if place.attribute else f"{place.sort}s"
    return {"section": section, "key": place.name, "value": ""}


def _numbers(tally: _Tally) -> dict[str, int]:
    return {
        "count": tally.made,
        "suggested": tally.suggested,
        "documents": len(tally.documents or ()),
    }


def _row(outcome: Outcome, tally: _Tally) -> dict[str, Any]:
    place, becomes, kind = outcome
    return {
        "what": place.words,
        "name": place.name,
        "becomes": becomes,
        "outcome": kind,
        "counted": SORTS.get(place.sort, "documents"),
        **_numbers(tally),
    }


def _added(change: Change) -> list[str]:
    """Return what the new schema has and nothing of the old one becomes."""
    known = {(place.sort, name) for place, name in change.names.items() if not place.attribute}
    added = [f"label {n}" for n in change.new.labels if (schema_change.LABEL, n) not in known]
    added += [f"link {n}" for n in change.new.links if (schema_change.LINK, n) not in known]
    for place, name in change.names.items():
        if name is None or place.attribute or place.sort == schema_change.DOCUMENT:
            continue
        added += _new_attributes(change, place, name)
    of_document = {attribute.name for attribute in change.old.attributes}
    for attribute in change.new.attributes:
        if attribute.name not in of_document:
            added.append(f"attribute .{attribute.name}")
    return list(dict.fromkeys(added))


def _new_attributes(change: Change, place: Place, name: str) -> Iterator[str]:
    holders = change.new.labels if place.sort == schema_change.LABEL else change.new.links
    known = {
        becomes
        for other, becomes in change.names.items()
        if (other.sort, other.holder) == (place.sort, place.holder) and other.attribute
    }
    for attribute in holders[name].attributes:
        if attribute.name not in known:
            yield f"attribute {name}.{attribute.name}"


def _notes(change: Change) -> Iterator[str]:
    """Yield what changes though no name does: what is compared and settled together."""
    for kind in change.old.links.values():
        name = change.names[Place(schema_change.LINK, kind.name)]
        if name is None or change.new.links[name].owned == kind.owned:
            continue
        if kind.owned:
            yield f"what {name} leads to is no part of its source any more"
        else:
            yield f"what {name} leads to is part of its source from now on"


def _counts(
    schema: Schema, change: Change, *, most: int | None = None
) -> tuple[dict[Outcome, _Tally], bool]:
    """Count what becomes of what layers hold, and tell whether all were read that may change."""
    labels, links, of_document = schema_change.touched(change)
    tallies: dict[Outcome, _Tally] = {}
    # What the map renames or drops is told even where nobody used it.
    for outcome in _said(change):
        tallies[outcome] = _Tally(documents=set())
    touched = Q(spans__label__name__in=labels) | Q(links__kind__name__in=links)
    if of_document:
        touched |= ~Q(attributes={})
    # What people have not handed in is theirs alone, and what they try is no work; both move along.
    told = Q(practice=False, state__in=(LayerState.SUBMITTED, LayerState.CLOSED))
    told |= Q(kind=LayerKind.SUGGESTION)
    rows = Layer.objects.filter(told, schema=schema, document__retired_at__isnull=True)
    keys = rows.filter(touched).order_by("pk").values_list("pk", flat=True).distinct()
    chosen = list(keys if most is None else keys[: most + 1])
    whole = most is None or len(chosen) <= most
    keys_read = chosen[:most]
    for first in range(0, len(keys_read), BATCH):
        batch = list(Layer.objects.filter(pk__in=keys_read[first : first + BATCH]))
        views = layers.layer_views(batch)
        for layer in batch:
            _, counts = schema_change.mapped_layer(views[layer.pk], change)
            _add(tallies, layer, counts)
    return tallies, whole


def _said(change: Change) -> Iterator[Outcome]:
    for place, name in change.names.items():
        own = place.value or place.attribute or place.holder
        if name is None:
            yield place, "", schema_change.DROPPED
        elif name != own:
            merged = place in change.merged
            yield place, name, schema_change.MERGED if merged else schema_change.RENAMED


def _add(tallies: dict[Outcome, _Tally], layer: Layer, counts: Counter[Outcome]) -> None:
    for outcome, count in counts.items():
        tally = tallies.setdefault(outcome, _Tally(documents=set()))
        if layer.kind == LayerKind.SUGGESTION:
            tally.suggested += count
        else:
            tally.made += count
        if tally.documents is not None:
            tally.documents.add(layer.document_id)


def begin(
    corpus: Corpus, new: SchemaView, data: Any, *, by: permissions.User | None = None
) -> Schema:
    """Give a corpus a new version of its schema; `move_all` copies the layers to it.

    Until anything is annotated the schema is replaced where it stands. `by` is None on the command
    line. Raises `Problem` when the map is wrong or leaves something out, or while another change or
    other work goes on.
    """
    schema = schema_of(corpus)
    with transaction.atomic():
        # Two changes at once would both be made of the same version.
        locked = Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
        if locked.schema_id != schema.pk:
            raise Problem("schema-changing")
        if schemas.replace_unused(schema, new):
            audit.note(corpus, "schema", by=by, version=schema.version)
            return schema
        _check(corpus, schema, new, data)
        added = schemas.add_schema(corpus, new, becomes=data or {})
        schemas.freeze_schema(added)
        corpora.use_schema(corpus, added)
        audit.note(corpus, "schema", by=by, version=added.version)
    return added


def _check(corpus: Corpus, schema: Schema, new: SchemaView, data: Any) -> None:
    """Raise `Problem` where a corpus cannot change over from one schema to another now."""
    waiting = moving(corpus, before=True).count()
    if waiting:
        raise Problem("schema-unfinished", count=waiting)
    for kind in JOBS:
        if unfinished_job(corpus, kind) is not None:
            raise Problem("job-waits", kind=kind)
    old = schema_rows(schema).view
    made = schema_change.read_map(data, old, new)
    if made.lacking:
        raise Problem("schema-lacks", what=_lacking(schema, made))
    if new.as_json() == old.as_json():
        raise Problem("nothing-to-do", act="change", reason="the schema is this one already")


def start(corpus: Corpus, new: SchemaView, data: Any, *, by: permissions.User) -> Job | None:
    """Change the schema, and have the layers copied in the background.

    Returns None where there was nothing to copy.
    """
    permissions.require(by, "schema", corpus)
    claim.check_rate(by)
    schema = begin(corpus, new, data, by=by)
    if not moving(corpus, before=True).exists():
        return None
    # The change is in the database by now: a worker may begin at once.
    return claim.start(corpus, "schema", {"version": schema.version}, by=by)


def resume(corpus: Corpus, *, by: permissions.User) -> Job:
    """Have the documents moved that still wait for the last change."""
    return claim.start(corpus, "schema", {"version": schema_of(corpus).version}, by=by)


def _lacking(schema: Schema, made: Change) -> str:
    counts, _ = _counts(schema, made, most=MOST_COUNTED)
    named = []
    for place in made.lacking[:20]:
        tally = counts.get((place, "", schema_change.DROPPED), _Tally())
        sort = SORTS.get(place.sort, "documents")
        named.append(f"{place.words} ({tally.made + tally.suggested} {sort})")
    more = len(made.lacking) - len(named)
    return ", ".join(named) + (f", and {more} more" if more > 0 else "")


def moving(corpus: Corpus, *, before: bool = False) -> QuerySet[Document]:
    """Return the documents that a change of the schema moves, or that still wait for the last one.

    Whose text was withdrawn stay where they are: nothing can be copied that is held against it.
    """
    rows = {"schema__corpus": corpus}
    layer_rows = Layer.objects.filter(**rows).exclude(state=LayerState.SUPERSEDED)
    places = Assignment.objects.filter(corpus=corpus)
    adjudications = Adjudication.objects.filter(corpus=corpus)
    if before:
        layer_rows = layer_rows.exclude(schema=corpus.schema_id)
        places = places.exclude(schema=corpus.schema_id)
        adjudications = adjudications.exclude(schema=corpus.schema_id)
    waits = Q(pk__in=layer_rows.values("document"))
    waits |= Q(pk__in=places.values("document"))
    waits |= Q(pk__in=adjudications.values("document"))
    return Document.objects.filter(waits, corpus=corpus, body__isnull=False)


def move_all(
    corpus: Corpus,
    *,
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> dict[str, Any]:
    """Copy the layers of every document to the corpus's version of its schema.

    May be stopped and run again: what is copied stays copied.
    """
    corpus.refresh_from_db(fields=["schema"])
    new = schema_of(corpus)
    waiting = list(moving(corpus, before=True).order_by("pk").values_list("pk", flat=True))
    total = len(waiting)
    progress(0, total)
    answer = {"documents": 0, "version": new.version}
    if not total:
        return answer
    old = Schema.objects.get(corpus=corpus, version=new.version - 1)
    made = schema_change.read_map(new.map, schema_rows(old).view, schema_rows(new).view)
    if made.lacking:
        raise Problem("schema-lacks", what=_lacking(old, made))
    versions = schema_copies.Versions(old, new, made, copy_runs(old, new))
    failed: dict[int, Problem] = {}
    for attempt in range(PASSES):
        for key in waiting:
            if cancelled():
                return answer
            try:
                moved = _moved(key, versions)
            except Problem as problem:
                # One that cannot be moved keeps nobody from working on the others.
                failed[key] = problem
                continue
            if moved:
                answer["documents"] += 1
                progress(min(answer["documents"], total), total)
        # Also what came in meanwhile under the old version.
        rows = moving(corpus, before=True).exclude(pk__in=failed)
        waiting = list(rows.order_by("pk").values_list("pk", flat=True))
        if not waiting:
            break
        time.sleep(PAUSE * attempt)
    if failed:
        overview.refresh(corpus)
        which = "; ".join(str(problem) for problem in list(failed.values())[:NAMED])
        raise Problem("schema-left", count=len(failed), which=which)
    if waiting:
        raise Problem("schema-unfinished", count=len(waiting))
    progress(total, total)
    overview.refresh(corpus)
    return answer


def _moved(key: int, versions: schema_copies.Versions) -> bool:
    """Move one document; tell whether nobody held its rows at this moment."""
    document = Document.objects.select_related("corpus", "body").get(pk=key)
    try:
        with transaction.atomic():
            _lock(document, versions.old)
            schema_copies.move(document, versions)
    except OperationalError as error:
        if not connection.features.has_select_for_update_nowait and "locked" not in str(error):
            raise
        return False
    except Problem as problem:
        raise problem.at(document.external_id) from None
    return True


def _lock(document: Document, old: Schema) -> None:
    """Keep everybody from writing to the document until it has moved.

    Nothing is waited for: whoever holds a row may want another of these.
    """
    rows: Iterable[QuerySet[Any]] = (
        Adjudication.objects.filter(document=document),
        Assignment.objects.filter(document=document),
        Layer.objects.filter(document=document, schema=old),
    )
    for held in rows:
        list(held.select_for_update(nowait=True).values_list("pk"))


def run_schema_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Copy layers to the new version of a schema as a background job."""
    return move_all(job.corpus, progress=progress, cancelled=cancelled)


def summary(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what a preview says of each change, in words."""
    for row in rows:
        becomes = f" to {row['becomes']}" if row["becomes"] else ""
        suggested = f" and {row['suggested']} suggested" if row["suggested"] else ""
        yield (
            f"{row['what']}: {row['outcome']}{becomes}, {row['count']}{suggested} "
            f"{row['counted']} in {row['documents']} documents"
        )
