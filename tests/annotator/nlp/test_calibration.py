"""Confidence is calibrated by rule, stays a share, and the file is what the seeds give."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from annotator.nlp.calibration import PATH, calibrated
from annotator.suggesters.rules import Rules

ROOT = Path(__file__).parent.parent.parent.parent


def test_a_confidence_stays_a_share_for_any_rule() -> None:
    assert calibrated(1.0, "carried") == 0.99
    assert calibrated(0.0, "clause") == 0.01
    assert 0 < calibrated(0.5, "a rule nobody wrote") < 1


def test_the_shifts_are_what_the_seeds_give() -> None:
    code = "import json; from tools.calibrate import fit; print(json.dumps(fit()))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == json.loads(PATH.read_text(encoding="utf-8"))


def test_other_rules_are_another_run() -> None:
    assert Rules().config["rules"] == Rules().config["rules"]
    assert len(Rules().config["rules"]) == 16
