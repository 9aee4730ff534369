"""Suggest speakers, claims, cues and stances by rules over quotation marks and a parse."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from annotator.nlp.claims import kind
from annotator.nlp.frames import Frame, find_frames
from annotator.nlp.passages import Passage
from annotator.nlp.pipeline import DEFAULT_MODEL, pipeline
from corpus.core.span import LayerView, Link, Range, Span, layer_view, with_fragments

THRESHOLD = 0.5


class Rules:
    """The first suggester: every suggestion names the rule and the cue that made it."""

    name = "rules.v1"

    def __init__(self, model: str = DEFAULT_MODEL, threshold: float = THRESHOLD) -> None:
        self.config: Mapping[str, Any] = {"model": model, "threshold": threshold}

    def suggest(self, texts: Iterable[str]) -> Iterator[LayerView]:
        """Yield the suggested layer of each text."""
        nlp = pipeline(self.config["model"])
        for text in texts:
            passages, frames = find_frames(text, nlp, self.config["threshold"])
            yield _layer(text, passages, frames)


def _layer(text: str, passages: list[Passage], frames: list[Frame]) -> LayerView:
    """Return the layer of a text's frames, numbered in text order."""
    drafts: dict[tuple[str, tuple[Range, ...]], Span] = {}
    for frame in frames:
        for span in _spans(text, passages, frame):
            key = (span.label, span.ranges)
            if key not in drafts or (drafts[key].score or 0) < (span.score or 0):
                drafts[key] = span
    order = sorted(drafts, key=lambda k: (drafts[k].start, -drafts[k].end, k[0]))
    idents = {key: n for n, key in enumerate(order, 1)}
    pairs = sorted(
        {
            (idents["CLAIM", frame.ranges], idents["SPEAKER", ((frame.speaker.start, frame.speaker.end),)])
            for frame in frames
            if frame.speaker
        }
    )
    spans = [_numbered(drafts[key], idents[key]) for key in order]
    return layer_view(spans, (Link(len(spans) + n, "said_by", a, b) for n, (a, b) in enumerate(pairs, 1)))
