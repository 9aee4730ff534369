"""An answer read: what of it fits the schema and the text, and what does not, each with why."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotator.suggesters.llm.anchoring import Place, Quotable, chosen
from annotator.suggesters.llm.passages import Passage
from corpus.core.layer_check import check_link, check_span
from corpus.core.problems import Problem
from corpus.core.schema import DOCUMENT, Attribute, SchemaView
from corpus.core.span import LayerView, Link, Span, with_fragments
from corpus.core.values import UNSTORABLE

# Of a quote, where it is told what became of it.
SHOWN = 60
LONGEST_WHY = 500
MOST_SPANS = 2000


def parsed(answer: str) -> dict[str, Any] | None:
    """Return the JSON object in an answer; words and fences around it are passed over."""
    decoder = json.JSONDecoder()
    at = answer.find("{")
    if at < 0:
        return None
    try:
        value, _ = decoder.raw_decode(answer, at)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of an answer is in no layer: why, and its words, shortened."""

    why: Problem
    words: str = ""


@dataclass(slots=True)
class Reading:
    """The layer that the answers about one text add up to, and what was left out of it."""

    text: str
    schema: SchemaView
    rule: str
    spans: dict[int, Span] = field(default_factory=dict)
    links: dict[int, Link] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    _idents: dict[tuple[str, Place], int] = field(default_factory=dict)
    _targets: dict[tuple[str, int], set[int]] = field(default_factory=dict)

    def layer(self) -> LayerView:
        """Return the layer."""
        return LayerView(self.spans, self.links, attributes=self.attributes)

    def add(self, passage: Passage, answer: Mapping[str, Any]) -> None:
        """Add what an answer says of a passage."""
        drafts = list(self._drafts(answer))
        names = [f"{draft.label} {draft.quote}" for draft in drafts]
        places = self._places(passage, drafts)
        linked = _linked(answer)
        idents: dict[Any, int] = {}
        for draft, found, place in zip(drafts, places, chosen(names, places), strict=True):
            if place is None:
                problem = Problem("llm-repeat") if found else Problem("llm-quote")
                self._leave_out(problem, draft.quote)
                continue
            inside = passage.start <= place[0][0] < passage.end
            if not inside and draft.number not in linked:
                # It is the passage before or after that is asked about it.
                self._leave_out(Problem("llm-elsewhere"), draft.quote)
                continue
            ident = self._span(draft, place)
            if ident is not None and draft.number is not None:
                idents.setdefault(draft.number, ident)
        for row in self._rows(answer, "links"):
            self._link(row, idents)
        self._document(answer)

    def _places(self, passage: Passage, drafts: Sequence[_Draft]) -> list[list[Place]]:
        """Return where each quote may stand: in the passage, or else in its context."""
        inside = Quotable(self.text, passage.start, passage.end)
        around = Quotable(self.text, *passage.whole)
        return [inside.places(d.quote) or around.places(d.quote) for d in drafts]

    def _rows(self, answer: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
        rows = answer.get(name)
        if rows is None:
            return
        if not isinstance(rows, list):
            self._leave_out(Problem("llm-shape", what=name))
            return
        for row in rows[:MOST_SPANS]:
            if isinstance(row, dict):
                yield row
            else:
                self._leave_out(Problem("llm-shape", what=name))
        for _ in rows[MOST_SPANS:]:
            self._leave_out(Problem("llm-shape", what=name))

    def _drafts(self, answer: Mapping[str, Any]) -> Iterator[_Draft]:
        for row in self._rows(answer, "spans"):
            label, quote = row.get("label"), row.get("quote")
            if not isinstance(quote, str) or not quote.strip():
                self._leave_out(Problem("llm-shape", what="spans"))
            elif not isinstance(label, str) or label not in self.schema.labels:
                self._leave_out(Problem("llm-value", attribute="label"), f"{quote}: {label}")
            else:
                known = self.schema.attributes_by_name[label]
                values = self.values(row.get("attributes"), known, quote)
                yield _Draft(label, quote.strip(), _number(row.get("id")), values, _why(row))

    def values(self, given: object, known: Mapping[str, Attribute], quote: str) -> dict[str, Any]:
        """Return the values that attributes can have; what they cannot is left out and noted."""
        values: dict[str, Any] = {}
        if given is None:
            return values
        if not isinstance(given, dict):
            self._leave_out(Problem("llm-shape", what="attributes"))
            return values
        for name, value in given.items():
            if value is None or value in ("", []):
                continue
            if name not in known or known[name].allowed_instead(value) is not None:
                name = shortened(name)
                self._leave_out(Problem("llm-value", attribute=name), f"{quote}: {value}")
            else:
                values[name] = value
        return values

    def numbered(
        self, answer: Mapping[str, Any], spans: Sequence[Span]
    ) -> Iterator[tuple[Span, Any, str]]:
        """Yield each of some spans, numbered from 1, with its value in an answer and why."""
        given: dict[int | None, Mapping[str, Any]] = {}
        for row in self._rows(answer, "values"):
            given.setdefault(_number(row.get("id")), row)
        for number, span in enumerate(spans, start=1):
            row = given.pop(number, {})
            if not row:
                self._leave_out(Problem("llm-silent"), span.covered(self.text))
            yield span, row.get("value"), _why(row)
        for row in given.values():
            self._leave_out(Problem("llm-shape", what="values"), str(row.get("value")))

    def put(self, span: Span) -> None:
        """Add a span that stands there already."""
        self.spans[span.ident] = span

    def _span(self, draft: _Draft, place: Place) -> int | None:
        """Add a span and return its ident; one that is there gets what it lacks."""
        key = (draft.label, place)
        ident = self._idents.get(key)
        if ident is not None:
            there = self.spans[ident]
            attributes = {**draft.attributes, **there.attributes}
            self.spans[ident] = Span(
                ident,
                there.label,
                there.start,
                there.end,
                there.fragments,
                attributes,
                evidence=there.evidence,
            )
            return ident
        ident = len(self.spans) + len(self.links) + 1
        evidence = {"rule": self.rule, "why": draft.why}
        bare = Span(ident, draft.label, 0, 0, attributes=draft.attributes, evidence=evidence)
        span = with_fragments(bare, place)
        if any(check_span(span, self.schema, self.text)):
            self._leave_out(Problem("llm-shape", what="spans"), draft.quote)
            return None
        self.spans[ident] = span
        self._idents[key] = ident
        return ident

    def _link(self, row: Mapping[str, Any], idents: Mapping[Any, int]) -> None:
        source = idents.get(_number(row.get("source")))
        target = idents.get(_number(row.get("target")))
        kind = row.get("kind")
        if not isinstance(kind, str) or kind not in self.schema.links:
            self._leave_out(Problem("llm-value", attribute="kind"), str(kind))
            return
        if source is None or target is None:
            self._leave_out(Problem("llm-link"), kind)
            return
        targets = self._targets.setdefault((kind, source), set())
        if target in targets:
            return
        known = {a.name: a for a in self.schema.links[kind].attributes}
        values = self.values(row.get("attributes"), known, kind)
        link = Link(len(self.spans) + len(self.links) + 1, kind, source, target, values)
        too_many = targets and not self.schema.links[kind].many
        if too_many or any(check_link(link, self.layer(), self.schema)):
            self._leave_out(Problem("llm-link"), kind)
            return
        targets.add(target)
        self.links[link.ident] = link

    def _document(self, answer: Mapping[str, Any]) -> None:
        row = answer.get("document")
        if isinstance(row, dict) and self.schema.attributes:
            known = self.schema.attributes_by_name[DOCUMENT]
            self.attributes |= self.values(row.get("attributes"), known, "the document")

    def _leave_out(self, why: Problem, words: str = "") -> None:
        self.left_out.append(LeftOut(why, shortened(words)))


@dataclass(frozen=True, slots=True)
class _Draft:
    label: str
    quote: str
    number: int | None
    attributes: Mapping[str, Any]
    why: str


def shortened(words: str) -> str:
    """Return words in one line, cut where they are long."""
    line = " ".join(UNSTORABLE.sub("", words).split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"


def _linked(answer: Mapping[str, Any]) -> set[int]:
    """Return the numbers of the spans that links of an answer name."""
    numbers: set[int] = set()
    rows = answer.get("links")
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            for end in ("source", "target"):
                number = _number(row.get(end))
                if number is not None:
                    numbers.add(number)
    return numbers


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _why(row: Mapping[str, Any]) -> str:
    why = row.get("why")
    return " ".join(UNSTORABLE.sub("", why).split())[:LONGEST_WHY] if isinstance(why, str) else ""
