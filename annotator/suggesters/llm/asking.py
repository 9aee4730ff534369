"""Many requests to one server: so many at once, tried again after faults, within the limits.

Everything is decided in the thread that asks; the others do one request each.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

from annotator.suggesters.llm.answers import Answers, Key
from annotator.suggesters.llm.client import (
    Client,
    Completion,
    LaterError,
    LostError,
    Message,
    RefusedError,
    UnfitError,
)
from annotator.suggesters.llm.reading import parsed
from annotator.suggesters.llm.server import Server
from annotator.suggesters.llm.spending import Usage, reckoned
from corpus.core.callbacks import Cancelled, never_cancelled
from corpus.core.problems import Problem

TRIES = 6
# Of an answer that is no JSON: the model may be asked in vain for ever.
READINGS = 2
FIRST_WAIT = 1.0
LONGEST_WAIT = 600.0
# So often that a cancelled job ends soon.
LOOK_SECONDS = 0.5
# So many texts in a row that were given up say that the server is away: from then on one request of
# each call finds out whether it is back, and after more texts none.
AWAY_AFTER = 3
GONE_AFTER = 12
# Refusals that mean every request, whatever was answered before: the key, or money.
FINAL = (401, 402)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, and `about` what, for whoever asks."""

    key: Key
    messages: Sequence[Message]
    schema: Mapping[str, Any]
    about: Any = None


@dataclass(frozen=True, slots=True)
class Cut:
    """An answer that was cut at the limit of tokens."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A request that was not sent, because the job is cancelled."""


# The JSON object of an answer, or what became of the request instead.
Outcome = dict[str, Any] | Cut | Stopped | Problem


@dataclass(order=True, slots=True)
class _Try:
    """A request that waits until a moment of the clock, and how often it was tried and read."""

    ready: float
    number: int
    request: Request = field(compare=False)
    tries: int = field(default=0, compare=False)
    readings: int = field(default=0, compare=False)


class Asking:
    """Asks a server; what is answered is kept at once, so that nothing is asked twice."""

    def __init__(
        self,
        server: Server,
        answers: Answers,
        *,
        cancelled: Cancelled = never_cancelled,
        first_wait: float = FIRST_WAIT,
    ) -> None:
        self._server = server
        self._client = Client(server)
        self._answers = answers
        self._cancelled = cancelled
        self._first_wait = first_wait
        # The texts that were given up since the last answer, by their digests.
        self._given_up: set[str] = set()
        self._may_probe = True
        self._was_answered = answers.spent().requests > 0
        self._refused: list[tuple[Request, RefusedError]] = []
        self._closed_until = 0.0
        # By how much a server counts more tokens than were reckoned.
        self._more = 1.0

    def outcomes(self, requests: Iterable[Request]) -> Iterator[tuple[Request, Outcome]]:
        """Yield what becomes of each request, as it is known.

        Raises `Problem` when the server takes no request, and what `cancelled` raises.
        """
        self._may_probe = len(self._given_up) < GONE_AFTER
        waiting: list[_Try] = []
        for number, request in enumerate(requests):
            kept = self._answers.find(request.key)
            answer = None if kept is None else parsed(kept)
            if answer is None:
                heapq.heappush(waiting, _Try(0.0, number, request))
            else:
                yield request, answer
        if waiting:
            asked: dict[Future[Completion], _Try] = {}
            with ThreadPoolExecutor(self._server.at_once) as pool:
                try:
                    yield from self._all(waiting, asked, pool)
                except Problem:
                    # What was sent is paid for.
                    for future in wait(asked).done:
                        self._outcome(asked[future], future, waiting)
                    raise

    def _all(
        self, waiting: list[_Try], asked: dict[Future[Completion], _Try], pool: ThreadPoolExecutor
    ) -> Iterator[tuple[Request, Outcome]]:
        while waiting or asked or self._refused:
            if not asked:
                yield from self._refusals()
            while waiting and not self._refused and len(asked) < self._at_once:
                refused = self._why_not(waiting[0], asked.values())
                if refused is not None:
                    yield heapq.heappop(waiting).request, refused
                    continue
                ready = max(waiting[0].ready, self._closed_until)
                if ready > time.monotonic():
                    break
                one = heapq.heappop(waiting)
                future = pool.submit(self._client.ask, one.request.messages, one.request.schema)
                asked[future] = one
            for future in self._awaited(waiting, asked):
                one = asked.pop(future)
                outcome = self._outcome(one, future, waiting)
                if outcome is not None:
                    yield one.request, outcome

    @property
    def _is_away(self) -> bool:
        return len(self._given_up) >= AWAY_AFTER

    @property
    def _at_once(self) -> int:
        """Return how many requests may be under way."""
        return 1 if self._is_away else self._server.at_once

    def _refusals(self) -> Iterator[tuple[Request, Outcome]]:
        """Yield the refusals of single texts; raise `Problem` for what means every request.

        That is told when nothing is under way, as what is answered shows that others are taken.
        """
        while self._refused:
            request, error = self._refused.pop()
            if error.status in FINAL or not self._was_answered:
                self._refused.clear()
                raise Problem("llm-refused", host=self._server.host, reason=str(error))
            yield request, Problem("llm-request", host=self._server.host, reason=str(error))

    def _awaited(
        self, waiting: Sequence[_Try], asked: Mapping[Future[Completion], _Try]
    ) -> Iterable[Future[Completion]]:
        """Wait a moment; return what was answered in it."""
        seconds = LOOK_SECONDS
        if waiting and not self._refused and len(asked) < self._at_once:
            ready = max(waiting[0].ready, self._closed_until)
            seconds = min(seconds, max(0.0, ready - time.monotonic()))
        if not asked:
            time.sleep(seconds if waiting else 0.0)
            return ()
        return wait(asked, timeout=seconds, return_when=FIRST_COMPLETED).done

    def _why_not(self, one: _Try, asked: Iterable[_Try]) -> Outcome | None:
        """Return why a request is not sent, None when it may be."""
        if self._cancelled():
            return Stopped()
        # The rest of a text that was given up would be of no use.
        is_given_up = one.request.key.text in self._given_up
        if is_given_up or (self._is_away and not self._may_probe):
            return Problem("llm-away", host=self._server.host, reason="it was asked in vain")
        usage = self._answers.spent() + self._most(one.request)
        for other in asked:
            usage += self._most(other.request)
        if not self._server.limits.allow(usage):
            return Problem("llm-cap", cap=self._server.limits.words())
        return None

    def _most(self, request: Request) -> Usage:
        """Return the most that a request can use."""
        sent = sum(reckoned(message["content"]) for message in request.messages)
        return Usage(1, int(self._more * sent), self._server.answer_tokens)

    def _outcome(
        self, one: _Try, future: Future[Completion], waiting: list[_Try]
    ) -> Outcome | None:
        """Return what became of a request, None when it is tried again."""
        try:
            completion = future.result()
        except LaterError as error:
            if error.seconds is not None:
                # The server means all of us.
                pause = min(error.seconds, LONGEST_WAIT)
                self._closed_until = max(self._closed_until, time.monotonic() + pause)
            return self._again(one, str(error), waiting)
        except LostError as error:
            # Nobody tells what it cost, so that the most it can have cost is counted.
            self._answers.keep(one.request.key, None, self._most(one.request))
            return self._again(one, str(error), waiting)
        except RefusedError as error:
            self._give_up(one)
            self._refused.append((one.request, error))
            return None
        except UnfitError as error:
            return Problem("llm-request", host=self._server.host, reason=str(error))
        return self._read(one, completion, waiting)

    def _read(self, one: _Try, completion: Completion, waiting: list[_Try]) -> Outcome | None:
        """Keep an answer; return what it says, None when it is asked for once more."""
        self._given_up.clear()
        self._was_answered = True
        sent = self._most(one.request).tokens_in
        self._more *= max(1.0, completion.usage.tokens_in / sent)
        answer = parsed(completion.text)
        usable = None if answer is None or completion.cut else completion.text
        self._answers.keep(one.request.key, usable, completion.usage)
        if completion.cut:
            return Cut()
        if answer is not None:
            return answer
        if one.readings + 1 < READINGS:
            heapq.heappush(waiting, replace(one, readings=one.readings + 1))
            return None
        return Problem("llm-answer")

    def _again(self, one: _Try, reason: str, waiting: list[_Try]) -> Outcome | None:
        if one.tries + 1 >= TRIES or self._is_away:
            self._give_up(one)
            return Problem("llm-away", host=self._server.host, reason=reason)
        ready = time.monotonic() + self._first_wait * 2**one.tries
        heapq.heappush(waiting, replace(one, ready=ready, tries=one.tries + 1))
        return None

    def _give_up(self, one: _Try) -> None:
        if self._is_away:
            self._may_probe = False
        self._given_up.add(one.request.key.text)
