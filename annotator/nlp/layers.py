"""Turn the frames of a text into the layer that a reviewer sees: spans with attributes and
evidence, and links.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from corpus.core.span import LayerView, Link, Range, Span, layer_view, with_fragments

from .frames import Frame
from .names import Names
from .passages import Passage
from .stance import Stance, stances
from .target_proposals import propose


def layer_of(
    text: str, passages: list[Passage], frames: list[Frame], targets: Sequence[str] = ()
) -> LayerView:
    """Return the layer of a text's frames, numbered in text order.

    `targets` lists what stances may be toward, the default first; without a list, targets are
    proposed from the text.
    """
    mentions = [mention for frame in frames for mention in frame.speakers]
    names = Names(passages, mentions)
    drafts: dict[tuple[str, tuple[Range, ...]], Span] = {}
    said_by = [_name_of(frame, names, text) for frame in frames]
    proposed = () if targets else propose(passages, names, frames, said_by)
    read = stances(passages, frames, said_by, names, targets, proposed)
    for frame, stance in zip(frames, read, strict=True):
        for span in _spans(text, frame, names, stance):
            key = (span.label, span.ranges)
            # Two frames may have a speaker or a cue in common: the surer one tells of it.
            if key not in drafts or (drafts[key].score or 0) < (span.score or 0):
                drafts[key] = span
    order = sorted(drafts, key=lambda key: (drafts[key].start, -drafts[key].end, key[0]))
    idents = {key: ident for ident, key in enumerate(order, 1)}
    pairs: set[tuple[int, int]] = set()
    for frame in frames:
        for mention in frame.speakers:
            speaker = idents["SPEAKER", ((mention.start, mention.end),)]
            pairs.add((idents["CLAIM", frame.ranges], speaker))
    spans = [replace(drafts[key], ident=idents[key]) for key in order]
    links = []
    for ident, (claim, speaker) in enumerate(sorted(pairs), len(spans) + 1):
        links.append(Link(ident, "said_by", claim, speaker))
    return layer_view(spans, links)


def _name_of(frame: Frame, names: Names, text: str) -> str:
    """Return the name of a frame's first speaker, else the words of the mention, empty when there
    is none.
    """
    if frame.speaker is None:
        return ""
    name = names.of(frame.speaker)
    return name.text if name else text[frame.speaker.start : frame.speaker.end]


def _spans(text: str, frame: Frame, names: Names, stance: Stance) -> Iterator[Span]:
    """Yield the spans of a frame: its claim, its cue, its speakers."""
    evidence: dict[str, Any] = {"rule": frame.rule, "why": frame.why}
    if frame.cue_range:
        evidence |= {"cue": text[slice(*frame.cue_range)], "cue_span": list(frame.cue_range)}
    if stance.why:
        evidence["stance"] = stance.why
    attributes = {
        "stance": stance.value,
        "kind": frame.kind,
        "speaker_state": frame.speaker_state,
        "target": stance.target,
    }
    # What the rules do not know is for a person to say.
    attributes = {name: value for name, value in attributes.items() if value}
    claim = Span(0, "CLAIM", 0, 0, attributes=attributes, score=frame.score, evidence=evidence)
    yield with_fragments(claim, frame.ranges)
    if frame.cue_range:
        yield Span(0, "CUE", *frame.cue_range, score=frame.weight, evidence=evidence)
    for mention in frame.speakers:
        name = names.of(mention)
        yield Span(
            0,
            "SPEAKER",
            mention.start,
            mention.end,
            attributes={"name": name.text} if name else {},
            score=round(mention.sureness * frame.weight, 3),
            evidence=evidence | ({"name_sureness": round(name.sureness, 2)} if name else {}),
        )
