"""The one write path of human layers: append decisions, fold them, write the rows that changed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache, partial
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.utils import timezone

from annotator.core.decisions import (
    REJECTED,
    REVIEWED,
    VERBS,
    Decision,
    Folding,
    changes,
    current,
    fold,
)
from annotator.core.erasure import clean_decision, names_in, words_in
from annotator.models import Activity, Layer, LayerKind, LayerState, Span
from annotator.models import Decision as DecisionRow
from annotator.selectors import layer_cache, layers
from annotator.services.layers import advance, write_rows
from corpus.core import layer_check
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Link
from corpus.core.span import Span as SpanValue
from corpus.core.text import words
from corpus.db.bulk import changed, put
from corpus.models import Document
from corpus.selectors import schema_rows, text_of
from corpus.services.schemas import freeze_schema

# Nobody thinks about one decision for longer: what is above is a pause that the browser did not
# see.
LONGEST_MS = 10 * 60 * 1000
# Nobody reads more than 400 words a minute and understands them: Rayner et al. (2016), "So much to
# read, so little time", Psychological Science in the Public Interest 17(1).
WORD_MS = 150

# Plain SQL, because every save runs it while others wait for its end.
COUNT = (
    "UPDATE annotator_activity SET decisions = decisions + %s, elapsed_ms = elapsed_ms + %s,"
    " submitted = submitted + %s, accepted = accepted + %s, hasty = hasty + %s"
    " WHERE corpus_id = %s AND user_id = %s AND day = %s"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A decision on its way into the log.

    `exact` are the words it means, checked against the text when given. `elapsed_ms` are the
    milliseconds it took, pauses taken out; the log takes no more than `LONGEST_MS`. `seen_ms` are
    the milliseconds for which the words of an accepted suggestion had been on the screen.
    """

    decision: Decision
    client_id: uuid.UUID = field(default_factory=uuid.uuid4)
    group: uuid.UUID = field(default_factory=uuid.uuid4)
    exact: str | None = None
    undoes: uuid.UUID | None = None
    elapsed_ms: int = 0
    seen_ms: int | None = None


def read_entry(data: Mapping[str, Any]) -> Entry:
    """Read an entry as the browser sends it; raise `Problem` when it is not well formed."""
    try:
        verb = data["verb"]
        subject = data["subject"]
        ident = data["ident"]
        after = data.get("after")
        client_id = uuid.UUID(str(data["client_id"]))
        undoes = uuid.UUID(str(data["undoes"])) if data.get("undoes") else None
        group = uuid.UUID(str(data.get("group") or client_id))
        elapsed = _milliseconds(data.get("elapsed_ms") or 0)
        seen = data.get("seen_ms")
        seen = None if seen is None else _milliseconds(seen)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Problem("decision-shape", reason=f"missing or malformed {error}") from None
    if verb not in VERBS or subject not in REVIEWED:
        raise Problem("decision-shape", reason=f"cannot {verb!r} a {subject!r}")
    lowest = 0 if subject == "document" else 1
    if isinstance(ident, bool) or not isinstance(ident, int) or not lowest <= ident < 2**31:
        raise Problem("decision-shape", reason=f"{ident!r} is not an ident")
    if after is not None and not isinstance(after, dict):
        raise Problem("decision-shape", reason="`after` must be an object or null")
    if after and after.get("rejected"):
        after = REJECTED
    exact = data.get("exact")
    if subject == "span" and after and not after.get("rejected") and not isinstance(exact, str):
        raise Problem("decision-shape", reason="a span needs the words it means in `exact`")
    decision = Decision(verb, subject, ident, after)
    return Entry(decision, client_id, group, exact, undoes, elapsed, seen)


def _milliseconds(number: Any) -> int:
    return min(max(int(number), 0), 2**31 - 1)


def write(
    layer: Layer,
    entries: Sequence[Entry],
    *,
    at: int,
    user: AbstractBaseUser | None = None,
    policy: str = "",
) -> Layer:
    """Append decisions to an open layer at the version the writer saw, all or none.

    An entry whose `client_id` is in the log already is left out, so that a request may be repeated.
    Raises `Problem`: stale-version, layer-closed, span-text, or what the schema forbids.
    """
    try:
        with transaction.atomic():
            if entries and _moved(layer, entries, seen=at, user=user, policy=policy):
                return layer
    except IntegrityError:
        # The writer saw all there was, and sends again what is there.
        pass
    with transaction.atomic():
        sent = [entry.client_id for entry in entries]
        log = DecisionRow.objects.filter(layer=layer, client_id__in=sent)
        known = set(log.values_list("client_id", flat=True))
        new = [entry for entry in entries if entry.client_id not in known]
        if new and _moved(layer, new, seen=at + len(known), user=user, policy=policy):
            return layer
        layer.refresh_from_db(fields=["version", "state"])
        if not new:
            return layer
    if layer.state == LayerState.SUPERSEDED:
        if Document.objects.filter(pk=layer.document_id, retired_at__isnull=False).exists():
            raise Problem("text-corrected")
        raise Problem("schema-changing")
    if layer.state != LayerState.OPEN:
        raise Problem("layer-closed", state=layer.state)
    raise Problem("stale-version", current=layer.version, sent=at)


def _moved(
    layer: Layer, new: Sequence[Entry], *, seen: int, user: AbstractBaseUser | None, policy: str
) -> bool:
    """Append to a layer that is open at this version; tell whether it was."""
    spent = sum(_time(entry) for entry in new)
    if not advance(layer, seen=seen, decisions=len(new), elapsed_ms=spent):
        return False
    if not seen:
        freeze_schema(layer.schema)
    _append(layer, new, first=seen + 1, user=user, policy=policy)
    # What a policy carries over was counted when the person decided it.
    if user is not None and not policy:
        # That a manager gives a review back counts among its author's, who will hand it in again.
        _count(layer, new, person=layer.owner_id or user.pk, spent=spent)
    elif layer.owner_id and any(entry.decision.verb == "reopen" for entry in new):
        # So does that a corrected text opens it again.
        _count(layer, new, person=layer.owner_id, spent=spent)
    return True


def _time(entry: Entry) -> int:
    return min(entry.elapsed_ms, LONGEST_MS)


def _count(layer: Layer, entries: Sequence[Entry], *, person: int, spent: int) -> None:
    """Add to the day of a person, by key.

    What they do themselves alone writes the row often, so that no two people wait for each other.
    """
    verbs = [entry.decision.verb for entry in entries]
    submitted = verbs.count("submit") - verbs.count("reopen")
    accepts = _accepts(entries, schema_rows(layer.schema).view)
    hasty = sum(_is_hasty(entry) for entry in accepts)
    corpus = layer.document.corpus_id
    day = timezone.now().date()
    counts = (len(verbs), spent, submitted, len(accepts), hasty)
    more = (*counts, corpus, person, day.isoformat())
    if not changed(COUNT, *more):
        Activity.objects.bulk_create(
            [Activity(corpus_id=corpus, user_id=person, day=day)], ignore_conflicts=True
        )
        changed(COUNT, *more)


def _accepts(entries: Sequence[Entry], schema: SchemaView) -> list[Entry]:
    """Return the accepts of frames that say how long the words were seen; parts come with them."""
    along = schema.riding | schema.folded
    accepts = []
    for entry in entries:
        if entry.decision.verb != "accept" or entry.seen_ms is None:
            continue
        label = (entry.decision.after or {}).get("label")
        if label is not None and label not in along:
            accepts.append(entry)
    return accepts


def _is_hasty(entry: Entry) -> bool:
    """Tell whether an accept came before anybody could have read its words."""
    return (entry.seen_ms or 0) < WORD_MS * words(entry.exact or "")


def _append(
    layer: Layer,
    entries: Sequence[Entry],
    *,
    first: int,
    user: AbstractBaseUser | None,
    policy: str,
) -> None:
    """Write the log and the rows of a layer that was moved to its new version just now."""
    schema = schema_rows(layer.schema)
    origins = origin_keys(layer)
    text = text_of(layer.document)
    # The version was compared and set just now: what is known of the one before is what the rows
    # say.
    before = layers.view_at(layer, first - 1)
    folding = Folding(before, origins=origins)
    rows = []
    for seq, entry in enumerate(entries, start=first):
        decision = entry.decision
        value = current(folding, decision.subject, decision.ident)
        takes_away = decision.verb in ("reject", "remove", "unlink")
        if takes_away and value is None and decision.ident not in origins:
            raise Problem(
                "decision-unknown",
                verb=decision.verb,
                subject=decision.subject,
                ident=decision.ident,
            )
        rows.append(
            DecisionRow(
                layer=layer,
                seq=seq,
                user_id=user.pk if user else None,
                policy=policy,
                verb=decision.verb,
                subject=decision.subject,
                ident=decision.ident,
                before=value,
                after=decision.after,
                suggestion_id=origins.get(decision.ident) if decision.subject == "span" else None,
                client_id=entry.client_id,
                group=entry.group,
                undoes=entry.undoes,
                elapsed_ms=_time(entry),
                seen_ms=entry.seen_ms,
            )
        )
        folding.apply(decision)
        _check_words(entry, folding.spans, text)
    spans, links = folding.changes()
    after = folding.view()
    for problem in _problems(before, after, spans, links, schema.view, text):
        raise problem
    put(rows)
    write_rows(layer, after, spans, links, schema=schema, origins=origins)
    transaction.on_commit(partial(layer_cache.remember, layer, layer.version, after))


def _check_words(entry: Entry, spans: Mapping[int, SpanValue], text: str) -> None:
    if entry.decision.subject != "span" or entry.exact is None:
        return
    span = spans.get(entry.decision.ident)
    if span is not None and span.text(text) != entry.exact:
        raise Problem(
            "span-text",
            id=span.ident,
            said=entry.exact[:80],
            found=span.text(text)[:80],
            start=span.start,
            end=span.end,
        )


def _problems(
    before: LayerView,
    after: LayerView,
    spans: set[int],
    links: set[int],
    schema: SchemaView,
    text: str,
) -> Iterable[Problem]:
    """Yield what is wrong with what changed, and with the links of the spans that changed."""
    kept = [ident for ident in spans if ident in after.spans]
    for ident in kept:
        yield from layer_check.check_span(after.spans[ident], schema, text)
    if after.attributes:
        yield from layer_check.check_document(after.attributes, schema)
    for link in _links_to_check(before, after, kept, links):
        yield from layer_check.check_link(link, after, schema)
    if links:
        sources = {link.source for link in _still_there(after, links)}
        beside = {i: link for i, link in after.links.items() if link.source in sources}
        yield from layer_check.check_links_together(replace(after, links=beside), schema, links)


def _links_to_check(
    before: LayerView, after: LayerView, spans: Iterable[int], links: set[int]
) -> list[Link]:
    """Return the links that changed, and those at a span that has another label now."""
    relabelled = set()
    for ident in spans:
        if ident in before.spans and before.spans[ident].label != after.spans[ident].label:
            relabelled.add(ident)
    if not relabelled:
        return _still_there(after, links)
    return [link for link in after.links.values() if _is_at(link, links, relabelled)]


def _is_at(link: Link, links: set[int], spans: set[int]) -> bool:
    return link.ident in links or link.source in spans or link.target in spans


def _still_there(layer: LayerView, links: set[int]) -> list[Link]:
    return [layer.links[ident] for ident in sorted(links) if ident in layer.links]


def origin_keys(layer: Layer) -> dict[int, int]:
    """Return the row keys of the suggestions that the layer's author was shown, by ident."""
    if layer.shown_run_id is None:
        return {}
    return _origin_keys(layer.pk, layer.opened_at, layer.shown_run_id)


@lru_cache(maxsize=256)
def _origin_keys(pk: int, made: datetime, run: int) -> dict[int, int]:
    # A run's layer stays as it is once somebody was shown it.
    shown = Span.objects.filter(
        layer__run=run, layer__document__layers=pk, layer__kind=LayerKind.SUGGESTION
    )
    return dict(shown.values_list("ident", "pk"))


def refold(layer: Layer, *, upto: int | None = None) -> LayerView:
    """Return the layer as its log alone says, at its newest version or at an earlier one."""
    newest = layer.version if upto is None else upto
    log = DecisionRow.objects.filter(layer=layer, seq__lte=newest).order_by("seq")
    rows = log.values_list("verb", "subject", "ident", "after")
    return fold((Decision(*row) for row in rows), origins=origin_keys(layer))


def drift(layer: Layer) -> str:
    """Say how the rows of a layer differ from its log; "" when they do not."""
    log = DecisionRow.objects.filter(layer=layer).order_by("seq")
    numbers = list(log.values_list("seq", flat=True))
    if numbers != list(range(1, layer.version + 1)):
        return f"its version is {layer.version}, its log holds {len(numbers)} decisions"
    folded = refold(layer)
    spans, links = changes(folded, layers.layer_view(layer))
    if spans or links:
        return f"spans {sorted(spans)} and links {sorted(links)} differ"
    if folded.attributes != layer.attributes:
        return "the attributes of the document differ"
    return ""


def erase_words(documents: Sequence[Document]) -> set[str]:
    """Take out of the logs of documents all that may be words of their texts; return what was.

    It is the one change of what is in a log: offsets, labels, who and when stay, and so do the
    rows that it adds up to, once `layers.erase_words` has done the same.
    """
    said: set[str] = set()
    for layer in Layer.objects.filter(document__in=documents).select_related("schema"):
        names = names_in(schema_rows(layer.schema).view)
        log = list(DecisionRow.objects.filter(layer=layer))
        for row in log:
            for value in (row.before, row.after):
                said.update(words_in(value, names))
            row.before = clean_decision(row.subject, row.before, names)
            row.after = clean_decision(row.subject, row.after, names)
        DecisionRow.objects.bulk_update(log, ["before", "after"], batch_size=500)
    layer_cache.forget()
    return said
