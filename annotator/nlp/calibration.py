"""Turn a rule's own sureness into a confidence that can be believed.

For each rule the shift between how sure it was and how often it was right, fitted on the project's
seeds by `python -m tools.calibrate`; with few claims it is drawn to the shift of all rules
together.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

PATH = Path(__file__).parent / "lexicons" / "calibration.json"


@cache
def shifts() -> dict[str, Any]:
    """Return the fitted shifts: `rules` by name, `other` for a rule that the seeds do not show."""
    fitted: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))
    return fitted


def calibrated(sureness: float, rule: str) -> float:
    """Return the confidence (0.01 to 0.99) of a suggestion that a rule made so surely."""
    shift: float = shifts()["rules"].get(rule, shifts()["other"])
    return round(min(0.99, max(0.01, sureness + shift)), 3)
