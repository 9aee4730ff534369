"""The rules fill in what a trained pipeline does not give: links, names, stances, cues.

Each claim of the pipeline becomes a frame of the rules, with the cue and the speaker of the rules'
own frame at the same place, or else the nearest speaker of its paragraph. The rules then read
names, stances and targets from these frames as from their own.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from annotator.nlp.analysis import frames_of
from annotator.nlp.claims import kind
from annotator.nlp.frames import Frame
from annotator.nlp.layers import layer_of
from annotator.nlp.passages import Passage, read
from annotator.nlp.pipeline import pipeline
from annotator.nlp.speakers import Mention
from annotator.suggesters.capabilities import Capabilities, all_of, fitted
from annotator.suggesters.rules import THRESHOLD, Rules, version
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION, SchemaView
from corpus.core.span import LayerView, Link, Span, overlaps

CLAIM, SPEAKER, SAID_BY = "CLAIM", "SPEAKER", "said_by"
# A frame of the rules tells of a claim when it covers half of both.
LEAST = 0.5
# How much a speaker counts who was found by a pipeline, and a claim without a frame of the rules.
SURENESS = 0.9
WEIGHT = 0.7


@dataclass(frozen=True, slots=True)
class _Places:
    """What a text holds at its places: passages, frames of the rules, speakers by passage."""

    text: str
    passages: list[Passage]
    frames: list[Frame]
    speakers: Mapping[int, list[Mention]]

    def passage_at(self, place: int) -> int:
        """Return the number of the passage that a place lies in or behind."""
        return max(0, bisect_right(self.passages, place, key=lambda p: p.start) - 1)

    def frame_at(self, span: Span) -> Frame | None:
        """Return the frame of the rules that covers the same as a claim, at least by half."""
        first = bisect_right(self.frames, span.start, key=lambda frame: frame.end)
        last = bisect_left(self.frames, span.end, key=lambda frame: frame.start)
        best = (LEAST, -1)
        for number in range(first, last):
            frame = self.frames[number]
            shared = min(frame.end, span.end) - max(frame.start, span.start)
            covered = max(frame.end, span.end) - min(frame.start, span.start)
            best = max(best, (shared / covered, -number - 1))
        return self.frames[-best[1] - 1] if best[0] > LEAST else None

    def nearest(self, span: Span, number: int) -> tuple[Mention, ...]:
        """Return the speaker of a passage that stands nearest to a claim, outside of it."""
        outside = []
        for mention in self.speakers.get(number, ()):
            if not overlaps((mention.start, mention.end), span.ranges):
                gap = max(span.start - mention.end, mention.start - span.end, 0)
                outside.append((gap, mention.start, mention))
        return (min(outside, key=lambda row: row[:2])[2],) if outside else ()

    def same(self, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
        """Return the pipeline's speakers where the rules found these."""
        found = []
        for mention in mentions:
            for other in self.speakers.get(self.passage_at(mention.start), ()):
                if other.start < mention.end and mention.start < other.end:
                    found.append(other)
        return tuple(found)


class Filling:
    """What the rules add to the layers of a pipeline; `capabilities` are those of both."""

    def __init__(self, parser: str, schema: SchemaView, given: Capabilities) -> None:
        by_rules = all_of(ATTRIBUTION).within(schema)
        if CLAIM not in by_rules.labels:
            raise Problem("fill-schema", known=", ".join(schema.labels))
        self._parser = parser
        self._schema = schema
        self._given = given
        self.version = version()
        self.capabilities = Capabilities(
            given.labels | by_rules.labels,
            given.links | by_rules.links,
            given.attributes | by_rules.attributes,
        )

    def filled(self, text: str, layer: LayerView, targets: Sequence[str]) -> LayerView:
        """Return a layer with what it lacks: what it holds stays as it is."""
        passages = read(text, pipeline(self._parser))
        frames = frames_of(passages, THRESHOLD)
        if not passages:
            return layer
        places = _Places(text, passages, frames, _speakers(layer, passages))
        if CLAIM in self._given.labels:
            claims = [span for span in layer.in_order() if span.label == CLAIM]
            frames = [self._frame(span, layer, places) for span in claims]
        elif SPEAKER in self._given.labels:
            frames = [replace(f, speakers=places.same(f.speakers)) for f in frames]
        by_rules = fitted(layer_of(text, passages, frames, targets), self._schema)
        return self._joined(layer, by_rules)

    def _frame(self, claim: Span, layer: LayerView, places: _Places) -> Frame:
        """Return a claim of the pipeline as the rules would hold it."""
        number = places.passage_at(claim.start)
        own = places.frame_at(claim)
        speakers = tuple(
            mention
            for span in layer.targets_of(claim.ident, SAID_BY)
            if (mention := _mention(span, places.passages)) is not None
        )
        if not speakers and SPEAKER in self._given.labels:
            found = places.same(own.speakers) if own is not None else ()
            speakers = found or places.nearest(claim, number)
        elif not speakers and own is not None:
            speakers = own.speakers
        if own is not None:
            author = own.author and not speakers
            return replace(own, ranges=claim.ranges, speakers=speakers, author=author)
        quotes = places.passages[number].quotes_in(claim.start, claim.end)
        return Frame(
            passage=number,
            ranges=claim.ranges,
            cue=None,
            cue_range=None,
            speakers=speakers,
            weight=WEIGHT,
            rule="trained",
            why="found by a trained pipeline",
            kind=kind(claim.ranges, quotes, places.text),
        )

    def _joined(self, layer: LayerView, more: LayerView) -> LayerView:
        """Return a layer with the attributes, links and kinds of spans that it lacks."""
        ident_of = {(span.label, span.ranges): ident for ident, span in layer.spans.items()}
        spans = dict(layer.spans)
        following = layer.next_ident()
        idents: dict[int, int] = {}
        for span in more.in_order():
            ident = ident_of.get((span.label, span.ranges))
            if ident is not None:
                idents[span.ident] = ident
                spans[ident] = _with_more(spans[ident], span)
            elif span.label not in self._given.labels:
                idents[span.ident] = following
                evidence = {**(span.evidence or {}), "suggester": Rules.name}
                spans[following] = replace(span, ident=following, evidence=evidence)
                following += 1
        links = dict(layer.links)
        linked = {(link.kind, link.source) for link in layer.links.values()}
        for link in more.links.values():
            if {link.source, link.target} <= set(idents):
                source = idents[link.source]
                if (link.kind, source) not in linked:
                    links[following] = Link(following, link.kind, source, idents[link.target])
                    following += 1
        return replace(layer, spans=spans, links=links)


def _with_more(span: Span, more: Span) -> Span:
    """Return a span with the attributes that it lacks, and why they are so."""
    told = more.evidence or {}
    # A reason for the rules' value is none for the pipeline's.
    reasons = {key: why for key, why in told.items() if key not in span.attributes}
    evidence = {**reasons, **(span.evidence or {})}
    attributes = {**more.attributes, **span.attributes}
    given_by = {name: Rules.name for name in more.attributes if name not in span.attributes}
    if given_by:
        evidence["given_by"] = given_by
    return replace(span, attributes=attributes, evidence=evidence)


def _speakers(layer: LayerView, passages: Sequence[Passage]) -> dict[int, list[Mention]]:
    """Return the speakers of a layer that stand outside its claims, by passage."""
    taken: list[tuple[int, int]] = []
    for span in layer.in_order():
        if span.label == CLAIM:
            for start, end in span.ranges:
                if not taken or start >= taken[-1][1]:
                    taken.append((start, end))
    by_passage: dict[int, list[Mention]] = {}
    for span in layer.in_order():
        if span.label == SPEAKER and not overlaps((span.start, span.end), taken):
            mention = _mention(span, passages)
            if mention is not None:
                number = max(0, bisect_right(passages, span.start, key=lambda p: p.start) - 1)
                by_passage.setdefault(number, []).append(mention)
    return by_passage


def _mention(span: Span, passages: Sequence[Passage]) -> Mention | None:
    """Return a span as a mention of the rules; none where the parser saw no word of it."""
    number = max(0, bisect_right(passages, span.start, key=lambda p: p.start) - 1)
    passage = passages[number]
    tokens = passage.tokens_in(span.start, span.end)
    if not tokens:
        return None
    head = passage.doc[tokens.start : tokens.stop].root
    return Mention(span.start, span.end, head, SURENESS)
