"""Suggest what a language model says: whole annotations, or one attribute of spans that are there.

Each request holds one passage of one document, so that what stands in a text can change nothing but
that text's suggestions.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, repeat
from typing import Any

from annotator.suggesters.capabilities import Capabilities, all_of
from annotator.suggesters.llm.answers import Answers, AnswersInMemory, Key
from annotator.suggesters.llm.asking import FIRST_WAIT, Asking, Cut, Request, Stopped
from annotator.suggesters.llm.passages import LONGEST, Passage, halves, passages
from annotator.suggesters.llm.prompt import (
    Prompt,
    cut_guideline,
    listing,
    request_digest,
    spans_within,
)
from annotator.suggesters.llm.reading import Reading
from annotator.suggesters.llm.server import Server
from annotator.suggesters.report import Report
from corpus.core.callbacks import Cancelled, never_cancelled
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Span
from corpus.core.text import digest

NAME = "llm"
# So many texts are asked about together.
TOGETHER = 8
# What a text is left without suggestions for; it may be had another time.
PASSING = ("llm-away", "llm-cap", "llm-request")


@dataclass(slots=True)
class _Text:
    """One text in work: its number within the call, and what was answered of its passages."""

    number: int
    text: str
    targets: Sequence[str]
    digest: str
    layer: LayerView | None = None
    answers: list[tuple[Passage, dict[str, Any]]] = field(default_factory=list)
    wrong: list[Problem] = field(default_factory=list)
    stopped: bool = False

    @property
    def is_left(self) -> bool:
        """Tell whether it stays without suggestions, to be tried another time."""
        return self.stopped or any(problem.code in PASSING for problem in self.wrong)


class LanguageModel:
    """A suggester that asks a server; its configuration pins model, prompt and passages.

    `prompt` is the whole annotation, or one attribute (`fill`). `answers` keep what was answered
    before. How sure a model says it is says nothing: a span has a score where gold has shown how
    often spans of its label are right, and none where it has not (`calibrate`).
    """

    name = NAME

    def __init__(
        self,
        server: Server,
        prompt: Prompt,
        *,
        answers: Answers | None = None,
        cancelled: Cancelled = never_cancelled,
        first_wait: float = FIRST_WAIT,
        examples: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self._server = server
        self._prompt = prompt
        self._schema: SchemaView = prompt.schema
        self._answers = AnswersInMemory() if answers is None else answers
        self._asking = Asking(server, self._answers, cancelled=cancelled, first_wait=first_wait)
        self._shares: Mapping[str, float] = {}
        self.report = Report()
        self.fills = bool(prompt.attribute)
        self.shown_as = f"{NAME}:{prompt.attribute}" if prompt.attribute else NAME
        self.capabilities = self._capabilities()
        self.config: Mapping[str, Any] = {
            "model": server.model,
            "host": server.host,
            "temperature": 0,
            "answer_tokens": server.answer_tokens,
            "passage": LONGEST,
            "prompt": prompt.digest[:16],
            "guideline": prompt.guideline_digest[:16],
            "guideline_cut": cut_guideline(prompt.guideline)[1],
            "attribute": prompt.attribute,
            "examples": list(examples),
            # None is held against the scores: all spans of a label have the same.
            "threshold": None,
        }

    def calibrate(self, shares: Mapping[str, float]) -> None:
        """Give what it says the share, from 0 to 1, of what is right of its kind.

        A kind is a label; of one attribute alone it is that, and stands in the reason.
        """
        self._shares = dict(shares)
        self.config = {**self.config, "calibration": self._shares}

    def _capabilities(self) -> Capabilities:
        """Return what it can give; raise `Problem` for an attribute that no label has."""
        if not self._prompt.attribute:
            return all_of(self._schema)
        labels = self._prompt.asked
        if not labels:
            raise Problem("llm-attribute", attribute=self._prompt.attribute)
        attributes = frozenset((label, self._prompt.attribute) for label in labels)
        return Capabilities(frozenset(labels), attributes=attributes)

    def suggest(
        self, texts: Iterable[str], targets: Iterable[Sequence[str]] | None = None
    ) -> Iterator[LayerView | None]:
        """Yield the suggested layer of each text; None where it has to be asked another time."""
        yield from self._layers(texts, repeat(None), targets)

    def fill(
        self,
        texts: Iterable[str],
        layers: Iterable[LayerView],
        targets: Iterable[Sequence[str]] | None = None,
    ) -> Iterator[LayerView | None]:
        """Yield for each text the spans of its layer whose attribute the model gives, with it."""
        yield from self._layers(texts, layers, targets)

    def _layers(
        self,
        texts: Iterable[str],
        layers: Iterable[LayerView | None],
        targets: Iterable[Sequence[str]] | None,
    ) -> Iterator[LayerView | None]:
        no_targets: Iterator[Sequence[str]] = repeat(())
        rows = enumerate(
            zip(texts, layers, no_targets if targets is None else targets, strict=False)
        )
        while batch := list(islice(rows, TOGETHER)):
            works = []
            for number, (text, layer, listed) in batch:
                works.append(_Text(number, text, listed, digest(text), layer))
            before = self._answers.spent()
            self._answer(works)
            self._count(self._answers.spent() - before)
            for work in works:
                yield self._layer(work)

    def _answer(self, works: Sequence[_Text]) -> None:
        """Ask about every passage; what was answered at too great a length is asked in halves."""
        requests = []
        for work in works:
            for passage in passages(work.text):
                requests += self._request(work, passage)
        while requests:
            halved: list[Request] = []
            for request, outcome in self._asking.outcomes(requests):
                work, passage = request.about
                if isinstance(outcome, Stopped):
                    work.stopped = True
                elif isinstance(outcome, Problem):
                    work.wrong.append(outcome)
                elif not isinstance(outcome, Cut):
                    work.answers.append((passage, outcome))
                else:
                    parts = halves(work.text, passage)
                    if not parts:
                        work.wrong.append(Problem("llm-cut"))
                    for part in parts:
                        halved += self._request(work, part)
            requests = halved

    def _request(self, work: _Text, passage: Passage) -> list[Request]:
        """Return the request for a passage; none where it has nothing to ask about."""
        listed: Sequence[Mapping[str, Any]] = ()
        if work.layer is not None:
            spans = spans_within(work.layer, passage, self._prompt.asked)
            if not spans:
                return []
            listed = listing(work.text, work.layer, spans)
        messages = self._prompt.messages(work.text, passage, targets=work.targets, listed=listed)
        key = Key(work.digest, request_digest(self._server.model, self._prompt, messages))
        first = not work.text[: passage.start].strip()
        schema = self._prompt.answer(first=first)
        return [Request(key, messages, schema, (work, passage))]

    def _layer(self, work: _Text) -> LayerView | None:
        """Return the layer of a text, and note what of the answers is not in it."""
        reading = Reading(work.text, self._schema, rule=self.shown_as)
        work.answers.sort(key=lambda answered: answered[0].start)
        for passage, answer in work.answers:
            if work.layer is None:
                reading.add(passage, answer)
            else:
                self._fill(reading, work.layer, passage, answer)
        for problem in work.wrong:
            self.report.note(work.number, str(problem))
        if work.is_left:
            return None
        for left_out in reading.left_out:
            self.report.note(work.number, str(left_out.why), example=left_out.words)
        return self._calibrated(reading.layer())

    def _calibrated(self, layer: LayerView) -> LayerView:
        """Return a layer with the scores of its spans, as far as they are known."""
        if self.fills or not self._shares:
            return layer
        spans = {}
        for ident, span in layer.spans.items():
            spans[ident] = replace(span, score=self._shares.get(span.label))
        return replace(layer, spans=spans)

    def _fill(
        self, reading: Reading, layer: LayerView, passage: Passage, answer: Mapping[str, Any]
    ) -> None:
        name = self._prompt.attribute
        spans = spans_within(layer, passage, self._prompt.asked)
        for span, value, why in reading.numbered(answer, spans):
            known = {name: self._prompt.asked[span.label]}
            quote = span.covered(reading.text)
            values = reading.values({name: value}, known, quote)
            if values:
                share = self._shares.get(name)
                if share is not None:
                    why = f"{why} (right in {share:.0%} of such cases in gold)".strip()
                reading.put(_answered(span, values, {"rule": self.shown_as, name: why}))

    def _count(self, used: Any) -> None:
        if used.requests:
            self.report.use(
                requests=used.requests,
                tokens_in=used.tokens_in,
                tokens_out=used.tokens_out,
                cost=self._server.limits.cost(used),
            )


def _answered(span: Span, values: Mapping[str, Any], evidence: Mapping[str, Any]) -> Span:
    return Span(
        span.ident,
        span.label,
        span.start,
        span.end,
        span.fragments,
        attributes=values,
        evidence=evidence,
    )
