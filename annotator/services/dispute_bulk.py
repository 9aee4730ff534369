"""Many disputes at once: settled by a side or a policy, opened again, given to somebody.

A few are done while the page waits, more by a job. What a dispute cannot be is counted with the
reason, and does not keep the others.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser

from annotator.core import dispute as core
from annotator.core.dispute_sides import NOT_SEEN
from annotator.core.erasure import without_said
from annotator.core.merge import Policy, policy_called
from annotator.models import Adjudication, Dispute, DisputeState
from annotator.selectors import comparison, competence, disputes, withheld
from annotator.services import adjudicate, policies
from annotator.services import disputes as rows
from corpus import permissions
from corpus.core.callbacks import Cancelled, Progress, never_cancelled, unreported
from corpus.core.problems import Problem
from corpus.core.schema import UNSEEN
from corpus.jobs import claim
from corpus.models import Corpus, Job
from corpus.selectors import schema_rows
from corpus.services import audit

# More than these are a job.
AT_ONCE = 50
STEP = 25
# Of the key of a person.
DIGITS = 18
# What may be done, and who may.
ACTS = {"side": "adjudicate", "policy": "merge", "reopen": "adjudicate", "assign": "manage"}
SUGGESTION, VALUE = "suggestion", "value"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with disputes.

    `act` is one of `ACTS`. `to` is whose side is taken (a person's key, "suggestion", or "value"
    for who holds `value` in `facet`), the policy, or the key of who is to settle them ("":
    everybody).
    """

    act: str
    to: str = ""
    facet: str = ""
    value: str = ""

    @classmethod
    def read(cls, text: str, *, listed: disputes.DisputeFilter | None = None) -> Order:
        """Read "side:7", "policy:majority", "reopen" or "assign:5"; raise `Problem` for others.

        "side:value" and "side:against" are the values that a list was narrowed by.
        """
        act, _, to = text.partition(":")
        order = cls(act, to)
        if act == "policy":
            policy_called(to)
            return order
        if act == "side" and to in ("value", "against") and listed is not None:
            value = listed.value if to == "value" else listed.against
            if value:
                return cls(act, VALUE, listed.facet, value)
        is_key = to.isdecimal() and len(to) <= DIGITS
        if act == "side" and (to == SUGGESTION or is_key):
            return order
        if act == "assign" and (to == "" or is_key):
            return order
        if text == "reopen":
            return order
        raise Problem("bulk-act", act=text)

    @property
    def words(self) -> str:
        """Return what is done, for a sentence that names nobody."""
        if self.act == "policy":
            return f"by {self.to}"
        if self.to == SUGGESTION:
            return "as the suggestion"
        return f"as {self.facet} {self.value}" if self.to == VALUE else "as one reviewer"


@dataclass(slots=True)
class Outcome:
    """How many disputes it was done to, and why others were left as they were."""

    done: int = 0
    left: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """Return the result of a job."""
        return {"done": self.done, "left": dict(self.left)}


def begin(
    corpus: Corpus,
    order: Order,
    *,
    by: AbstractBaseUser,
    keys: Sequence[int] | None = None,
    wanted: disputes.DisputeFilter | None = None,
) -> Outcome | Job:
    """Do it to the disputes with these keys, or to all that a filter keeps.

    Returns what came of it, or the job that does it when they are many.
    """
    permissions.require(by, ACTS[order.act], corpus)
    arguments: dict[str, Any]
    if keys is None:
        narrowed = wanted or disputes.DisputeFilter()
        page, following = disputes.queue(corpus, narrowed, by=by, size=AT_ONCE)
        chosen = [row.pk for row in page]
        arguments = {"query": narrowed.query}
    else:
        chosen, following = list(keys[:AT_ONCE]), "" if len(keys) <= AT_ONCE else "more"
        arguments = {"keys": list(keys)}
    # A policy that compares the whole corpus first is no work for a request.
    if following or (order.act == "policy" and competence.needs_estimate(order.to)):
        order_json = {
            "act": order.act,
            "to": order.to,
            "facet": order.facet,
            "value": order.value,
        }
        return claim.start_this(corpus, "bulk", {**order_json, **arguments}, by=by)
    return _carry_out(corpus, order, [chosen], by=by)


def run_bulk_job(job: Job, *, progress: Progress, cancelled: Cancelled) -> dict[str, Any]:
    """Do it to all of them, as a background job; may be stopped and run again."""
    by = job.created_by
    if by is None:
        raise Problem("not-allowed", act="settle")
    arguments = job.arguments
    order = Order(arguments["act"], arguments["to"], arguments["facet"], arguments["value"])
    permissions.require(by, ACTS[order.act], job.corpus)
    if "keys" in arguments:
        keys = arguments["keys"]
        total = len(keys)
        batches: Iterable[list[int]] = (keys[n : n + STEP] for n in range(0, total, STEP))
    else:
        narrowed = disputes.DisputeFilter.read(dict(parse_qsl(arguments["query"])))
        # Read before anything is done: what is settled leaves the queue.
        found = list(_keys(job.corpus, narrowed, by=by))
        total = len(found)
        batches = (found[n : n + STEP] for n in range(0, total, STEP))
    return _carry_out(
        job.corpus, order, batches, by=by, total=total, progress=progress, cancelled=cancelled
    ).as_json()


def _keys(
    corpus: Corpus, narrowed: disputes.DisputeFilter, *, by: AbstractBaseUser
) -> Iterator[int]:
    after = ""
    while True:
        keys, after = disputes.queue_keys(corpus, narrowed, by=by, after=after)
        yield from keys
        if not after:
            return


def _carry_out(
    corpus: Corpus,
    order: Order,
    batches: Iterable[Sequence[int]],
    *,
    by: AbstractBaseUser,
    total: int = 0,
    progress: Progress = unreported,
    cancelled: Cancelled = never_cancelled,
) -> Outcome:
    outcome = Outcome()
    act: Callable[..., None]
    if order.act == "policy":
        decide = competence.fitted(corpus, order.to, cancelled=cancelled)
        act = partial(_by_policy, decide=decide)
    else:
        act = {"side": _settle, "reopen": _reopen, "assign": _assign}[order.act]
    seen = 0
    for keys in batches:
        if cancelled():
            break
        act(corpus, order, _rows(corpus, keys, by), by, outcome)
        seen += len(keys)
        if total:
            progress(min(seen, total), total)
    if outcome.done and order.act != "assign":
        name = "reopened-many" if order.act == "reopen" else "settled-many"
        audit.note(corpus, name, by=by, count=outcome.done, how=order.words)
    return outcome


def _rows(corpus: Corpus, keys: Sequence[int], by: AbstractBaseUser) -> list[Dispute]:
    """Return disputes of a corpus in the order of the queue.

    What is gone is left out, and so is what is withheld from the person.
    """
    shown = ~withheld.from_lists(by, of="adjudication__document")
    found = Dispute.objects.filter(shown, corpus=corpus, pk__in=keys)
    return list(
        found.select_related(
            "corpus", "adjudication__document__corpus", "adjudication__schema", "adjudication__gold"
        ).order_by("turn", "pk")
    )


def _each(chosen: Iterable[Dispute], act: Callable[[Dispute], str], outcome: Outcome) -> None:
    """Do something to each; what raises `Problem`, or gives a reason, is left."""
    for row in chosen:
        try:
            reason = act(row)
        except Problem as problem:
            reason = problem.message
        if reason:
            outcome.left[reason] += 1
        else:
            outcome.done += 1


def _settle(
    corpus: Corpus, order: Order, chosen: list[Dispute], by: AbstractBaseUser, outcome: Outcome
) -> None:
    if order.to.isdecimal() and not disputes.names_told(corpus, by):
        raise Problem("not-allowed", act="settle by a person")

    def settle(row: Dispute) -> str:
        if row.state == DisputeState.SETTLED:
            return "settled already"
        choice = _choice(row, order)
        if choice is None:
            return "nobody holds a version like that, or two do"
        document = row.adjudication.document
        _, gold = adjudicate.open_disputes(document, by=by)
        adjudicate.settle(
            document,
            by=by,
            at=gold.version,
            client_id=uuid.uuid4(),
            dispute=row.ident,
            reason=f"with others, {order.words}",
            **choice,
        )
        return ""

    _each(chosen, settle, outcome)


def _choice(row: Dispute, order: Order) -> dict[str, Any] | None:
    """Return what to settle a dispute with; None when that side has no version, or two."""
    adjudication = row.adjudication
    clusters = comparison.clusters(adjudication)
    cluster = next((one for one in clusters if one.ident == row.ident), None)
    if cluster is None:
        return None
    submitted = comparison.submitted_layers(adjudication)
    letters = {letter: str(pk) for pk, letter in comparison.letters(submitted).items()}
    layers = _side(row, order, letters)
    if not layers:
        return None
    held = [name for name in layers if name in cluster.members]
    if not held:
        return {"choice": "none"}
    schema = schema_rows(adjudication.schema).view
    numbers: Counter[int] = Counter()
    for number, (holders, _) in enumerate(core.shuffled(cluster, schema), start=1):
        numbers[number] = len(set(holders) & set(held))
    (number, most), *others = numbers.most_common(2)
    if others and others[0][1] == most:
        return None
    return {"choice": "version", "number": number}


def _side(row: Dispute, order: Order, letters: dict[str, str]) -> list[str]:
    """Return the layers on the side that is taken, by their names; none where there is no side."""
    told = row.sides.get("facets", {})
    if order.to == SUGGESTION:
        return _suggested(told, letters)
    if order.to == VALUE:
        return _holding(told.get(order.facet, {"sides": [], "cells": []}), order.value, letters)
    people = row.sides.get("people", {})
    mine = [letter for letter, key in people.items() if str(key) == order.to]
    taken = [
        letter for facet in told.values() for side in facet["sides"] for letter in side["held"]
    ]
    if not mine or mine[0] not in taken or _did_not_look(told, mine[0]):
        return []
    return [letters[mine[0]]] if mine[0] in letters else []


def _did_not_look(told: dict[str, Any], letter: str) -> bool:
    sides = told.get(UNSEEN, {"sides": []})["sides"]
    return any(letter in side["held"] for side in sides if side["value"] == NOT_SEEN)


def _suggested(told: dict[str, Any], letters: dict[str, str]) -> list[str]:
    """Return who says in every facet what was suggested."""
    agreeing: set[str] | None = None
    for facet in told.values():
        holders: set[str] = set()
        for side in facet["sides"]:
            if side["suggested"]:
                holders.update(side["held"])
        agreeing = holders if agreeing is None else agreeing & holders
    return [letters[letter] for letter in sorted(agreeing or ()) if letter in letters]


def _holding(told: dict[str, Any], value: str, letters: dict[str, str]) -> list[str]:
    """Return who holds a value of a facet."""
    places = set()
    for left, right, a, b in told["cells"]:
        places |= {place for place, key in ((left, a), (right, b)) if key == value}
    held = [letter for place in sorted(places) for letter in told["sides"][place]["held"]]
    return [letters[letter] for letter in held if letter in letters]


def _by_policy(
    corpus: Corpus,
    order: Order,
    chosen: list[Dispute],
    by: AbstractBaseUser,
    outcome: Outcome,
    *,
    decide: Policy,
) -> None:
    documents: dict[int, tuple[Adjudication, set[int]]] = {}
    for row in chosen:
        if row.state == DisputeState.SETTLED:
            outcome.left["settled already"] += 1
            continue
        documents.setdefault(row.adjudication_id, (row.adjudication, set()))[1].add(row.ident)
    for adjudication, idents in documents.values():
        try:
            settled = policies.settle_these(adjudication, idents, policy=order.to, decide=decide)
        except Problem as problem:
            outcome.left[problem.message] += len(idents)
            continue
        outcome.done += settled
        if settled < len(idents):
            outcome.left["the policy does not decide it"] += len(idents) - settled


def _reopen(
    corpus: Corpus, order: Order, chosen: list[Dispute], by: AbstractBaseUser, outcome: Outcome
) -> None:
    def reopen(row: Dispute) -> str:
        if row.state == DisputeState.OPEN:
            return "open already"
        adjudicate.reopen(row, by=by)
        return ""

    _each(chosen, reopen, outcome)


def _assign(
    corpus: Corpus, order: Order, chosen: list[Dispute], by: AbstractBaseUser, outcome: Outcome
) -> None:
    to = None
    if order.to:
        to = get_user_model().objects.filter(pk=int(order.to)).first()
        if to is None:
            raise Problem("not-found", what="person", name=order.to)
    if chosen:
        outcome.done += rows.assign(chosen, to=to, by=by)


def erase_said(corpus: Corpus, said: re.Pattern[str]) -> None:
    """Take out of the jobs of a corpus in which side was taken what was erased from its logs."""
    for job in Job.objects.filter(corpus=corpus, kind="bulk"):
        arguments = without_said(job.arguments, said)
        result = without_said(job.result, said)
        error = without_said(job.error, said)
        Job.objects.filter(pk=job.pk).update(arguments=arguments, result=result, error=error)
