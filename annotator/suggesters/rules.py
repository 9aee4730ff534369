"""Suggest speakers, claims, cues and stances by rules over quotation marks and a parse."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from annotator import nlp
from annotator.nlp.analysis import find_frames
from annotator.nlp.claims import kind
from annotator.nlp.frames import Frame
from annotator.nlp.names import Names
from annotator.nlp.passages import Passage
from annotator.nlp.pipeline import DEFAULT_MODEL, pipeline
from annotator.nlp.stance import stance_of
from corpus.core.span import LayerView, Link, Range, Span, layer_view, with_fragments

THRESHOLD = 0.5
FOLDER = Path(nlp.__file__).parent


class Rules:
    """The first suggester: every suggestion names the rule and the cue that made it."""

    name = "rules.v1"

    def __init__(self, model: str = DEFAULT_MODEL, threshold: float = THRESHOLD) -> None:
        self.config: Mapping[str, Any] = {"model": model, "threshold": threshold, "rules": version()}

    def suggest(self, texts: Iterable[str]) -> Iterator[LayerView]:
        """Yield the suggested layer of each text."""
        parser = pipeline(self.config["model"])
        for text in texts:
            passages, frames = find_frames(text, parser, self.config["threshold"])
            yield _layer(text, passages, frames)


@cache
def version() -> str:
    """Return a digest of the rules and their lexicons: other rules are another run, and both stay visible."""
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".py", ".json"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in [*files, Path(__file__)])).hexdigest()[:16]


def _layer(text: str, passages: list[Passage], frames: list[Frame]) -> LayerView:
    """Return the layer of a text's frames, numbered in text order."""
    names = Names(passages, ((f.passage, f.speaker) for f in frames if f.speaker))
    drafts: dict[tuple[str, tuple[Range, ...]], Span] = {}
    for frame in frames:
        for span in _spans(text, passages[frame.passage], frame, names):
            key = (span.label, span.ranges)
            if key not in drafts or (drafts[key].score or 0) < (span.score or 0):
                drafts[key] = span
    order = sorted(drafts, key=lambda k: (drafts[k].start, -drafts[k].end, k[0]))
    idents = {key: n for n, key in enumerate(order, 1)}
    pairs = sorted(
        (idents["CLAIM", f.ranges], idents["SPEAKER", ((f.speaker.start, f.speaker.end),)]) for f in frames if f.speaker
    )
    spans = [replace(drafts[key], ident=idents[key]) for key in order]
    return layer_view(spans, (Link(len(spans) + n, "said_by", a, b) for n, (a, b) in enumerate(pairs, 1)))


def _spans(text: str, passage: Passage, frame: Frame, names: Names) -> Iterator[Span]:
    """Yield the spans of a frame: its claim, its speaker, its cue."""
    said = " … ".join(text[a:b] for a, b in frame.ranges)
    stance = stance_of(said, frame.cue)
    evidence: dict[str, Any] = {"rule": frame.rule, "why": frame.why}
    if frame.cue_range:
        evidence |= {"cue": text[slice(*frame.cue_range)], "cue_span": list(frame.cue_range)}
    if stance.word:
        evidence["stance"] = stance.word
    attributes = {
        "stance": stance.value,
        "kind": kind(frame.ranges, passage.quotes, text),
        "speaker_state": "linked" if frame.speaker else "unknown",
    }
    if stance.target:
        attributes["target"] = stance.target
    claim = Span(0, "CLAIM", 0, 0, attributes=attributes, score=frame.score, evidence=evidence)
    yield with_fragments(claim, frame.ranges)
    if frame.cue_range:
        yield Span(0, "CUE", *frame.cue_range, score=frame.weight, evidence=evidence)
    if frame.speaker:
        name = names.of(frame.speaker)
        yield Span(
            0,
            "SPEAKER",
            frame.speaker.start,
            frame.speaker.end,
            attributes={"name": name} if name else {},
            score=round(frame.speaker.sureness * frame.weight, 3),
            evidence=evidence,
        )
