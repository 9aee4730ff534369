"""Reads of the log of gold: what was decided, by whom or by which policy, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from annotator.models import Decision, Layer
from annotator.selectors import layers
from corpus.models import Document
from corpus.selectors import text_of

PAGE = 100


@dataclass(frozen=True, slots=True)
class Step:
    """One decision on gold in words: `what` it is about and the `words` it concerns."""

    seq: int
    at: datetime
    who: str
    verb: str
    what: str
    words: str
    reason: str


def gold_history(document: Document, *, before: int = 0) -> tuple[Layer | None, list[Step], int]:
    """Return gold of a document and a page of its decisions, newest first; then before which to go
    on, 0 at the end.
    """
    gold = layers.gold_layer(document)
    if gold is None:
        return None, [], 0
    log = Decision.objects.filter(layer=gold).select_related("user").order_by("-seq")
    if before:
        log = log.filter(seq__lt=before)
    page = list(log[: PAGE + 1])
    text = text_of(document)
    return (
        gold,
        [_step(row, text) for row in page[:PAGE]],
        page[PAGE - 1].seq if len(page) > PAGE else 0,
    )


def _step(row: Decision, text: str) -> Step:
    value = row.after or row.before or {}
    words, what, reason = "", row.subject, ""
    if row.subject == "span" and "start" in value:
        pieces = value.get("fragments") or [[value["start"], value["end"]]]
        words = " … ".join(text[start:end] for start, end in pieces)
        what = str(value.get("label", "span"))
    elif row.subject == "link" and "kind" in value:
        what = f"{value['kind']} {value['source']} → {value['target']}"
    elif row.subject == "dispute":
        reason = str(value.get("reason") or "")
        choice = value.get("choice", "")
        what = f"dispute: {choice} {value.get('number') or ''}".strip() if choice else "dispute"
    who = str(row.user) if row.user_id else f"policy {row.policy}"
    return Step(row.seq, row.at, who, row.verb, what, words, reason)
