"""The attribution frame as the rules find it, and which of two that overlap is kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from corpus.core.span import Range, size

from .calibration import calibrated
from .cues import Cue
from .speakers import Mention


@dataclass(frozen=True, slots=True)
class Frame:
    """What is said, by whom, and why it is thought so.

    `weight` is that of the cue in its frame, `rule` names the rule in a word and `why` says it in a sentence.
    """

    passage: int
    ranges: tuple[Range, ...]
    cue: Cue | None
    cue_range: Range | None
    speaker: Mention | None
    weight: float
    rule: str
    why: str

    @property
    def start(self) -> int:
        """Return where the claim starts."""
        return self.ranges[0][0]

    @property
    def end(self) -> int:
        """Return where the claim ends."""
        return self.ranges[-1][1]

    @property
    def score(self) -> float:
        """Return the confidence: the cue's weight times how sure the speaker is, calibrated."""
        sureness = self.speaker.sureness if self.speaker else 0.75
        return calibrated(self.weight * (0.5 + 0.5 * sureness), self.rule)


def outermost(frames: Iterable[Frame]) -> list[Frame]:
    """Return the frames whose claims do not overlap; the surer and longer of two wins."""
    kept: list[Frame] = []
    for frame in sorted(frames, key=lambda f: (-size(f.ranges), -f.weight)):
        if not any(overlap(frame, other) for other in kept):
            kept.append(frame)
    return kept


def overlap(left: Frame, right: Frame) -> bool:
    if left.end <= right.start or right.end <= left.start:
        return False
    return any(a < d and c < b for a, b in left.ranges for c, d in right.ranges)
