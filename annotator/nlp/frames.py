"""The attribution frame as the rules find it, and which of two that overlap is kept."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass
from operator import itemgetter

from corpus.core.span import Range, overlaps, size

from .calibration import calibrated
from .cues import Cue
from .speakers import Mention


@dataclass(frozen=True, slots=True)
class Frame:
    """What is said, by whom, and why it is thought so.

    `weight` is that of the cue in its frame, `rule` names the rule in a word and `why` says it in a
    sentence. Several `speakers` say it together. `author` tells that the writer says it in his or
    her own voice; then there is none.
    """

    passage: int
    ranges: tuple[Range, ...]
    cue: Cue | None
    cue_range: Range | None
    speakers: tuple[Mention, ...]
    weight: float
    rule: str
    why: str
    kind: str = ""
    author: bool = False

    @property
    def start(self) -> int:
        """Return where the claim starts."""
        return self.ranges[0][0]

    @property
    def end(self) -> int:
        """Return where the claim ends."""
        return self.ranges[-1][1]

    @property
    def speaker(self) -> Mention | None:
        """Return the first speaker, none when the text names none."""
        return self.speakers[0] if self.speakers else None

    @property
    def speaker_state(self) -> str:
        """Return linked, author or unknown, as the schema has it; empty when nothing tells it.

        That no speaker was found does not make one unknown: only a passive that names nobody does,
        as in `it was said that`.
        """
        if self.author:
            return "author"
        if self.speakers:
            return "linked"
        return "unknown" if self.cue is not None and self.cue.passive else ""

    @property
    def score(self) -> float:
        """Return the confidence: the cue's weight times how sure the speaker is, calibrated."""
        sureness = self.speaker.sureness if self.speaker else 0.75
        return calibrated(self.weight * (0.5 + 0.5 * sureness), self.rule)


def outermost(frames: Iterable[Frame]) -> list[Frame]:
    """Return the frames whose claims do not overlap; the surer and longer of two wins."""
    kept: list[Frame] = []
    taken: list[Range] = []
    for frame in sorted(frames, key=lambda f: (-size(f.ranges), -f.weight)):
        if not any(overlaps(piece, taken) for piece in frame.ranges):
            kept.append(frame)
            for piece in frame.ranges:
                insort(taken, piece)
    return kept


def nested_in(frames: Iterable[Frame], candidates: Iterable[Frame]) -> list[Frame]:
    """Return the candidates that stand with their cue in one piece of a claim of `frames`, and
    those in them in turn.

    A nested claim is somebody's: one without a speaker is only a part of what the outer one says.
    """
    pieces: list[Range] = []
    for frame in frames:
        pieces.extend(frame.ranges)
    pieces.sort()
    inner = []
    for frame in candidates:
        if frame.speakers and frame.cue_range and _holds(pieces, frame, frame.cue_range):
            inner.append(frame)
    level = outermost(inner)
    if not level:
        return []
    kept = set(map(id, level))
    return level + nested_in(level, [frame for frame in inner if id(frame) not in kept])


def _holds(pieces: list[Range], frame: Frame, cue_range: Range) -> bool:
    """Tell whether one of the sorted, disjoint pieces holds a claim and its cue."""
    at = bisect_right(pieces, frame.start, key=itemgetter(0)) - 1
    if at < 0:
        return False
    start, end = pieces[at]
    return start <= cue_range[0] and max(frame.end, cue_range[1]) <= end
