"""Fit the confidence of the rules on the project's seeds: `python -m tools.calibrate` writes
calibration.json.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

from annotator.nlp.calibration import PATH, shifts
from annotator.suggesters.rules import Rules
from corpus.core.span import Span, jaccard, with_fragments

SEEDS = Path(__file__).parent.parent / "seeds" / "gold.jsonl"
# So many claims weigh as much as the shift of all rules together.
PRIOR = 10


def judged_by_rule() -> dict[str, list[tuple[float, bool]]]:
    """Return, for each rule, how sure it was of each claim before calibration, and whether gold has
    the claim.
    """
    shifts().update(rules={}, other=0.0)
    found: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    docs = [json.loads(line) for line in SEEDS.read_text(encoding="utf-8").splitlines()]
    for doc, layer in zip(docs, Rules().suggest(d["text"] for d in docs), strict=True):
        gold = [
            with_fragments(Span(0, "CLAIM", 0, 1), s.get("fragments") or [(s["start"], s["end"])])
            for s in doc["spans"]
            if s["label"] == "CLAIM"
        ]
        for claim in (s for s in layer.spans.values() if s.label == "CLAIM"):
            right = any(jaccard(claim, other) >= 0.5 for other in gold)
            found[(claim.evidence or {})["rule"]].append((claim.score or 0.0, right))
    return found


def fit() -> dict[str, object]:
    """Return the shifts as calibration.json holds them."""
    by_rule = judged_by_rule()
    gaps = {rule: sum(right - sure for sure, right in pairs) for rule, pairs in by_rule.items()}
    other = sum(gaps.values()) / sum(map(len, by_rule.values()))
    rules = {
        r: round((gaps[r] + PRIOR * other) / (len(by_rule[r]) + PRIOR), 4) for r in sorted(by_rule)
    }
    return {
        "source": "fitted on seeds/gold.jsonl",
        "licence": "CC0",
        "rules": rules,
        "other": round(other, 4),
    }


if __name__ == "__main__":
    PATH.write_text(json.dumps(fit(), indent=1) + "\n", encoding="utf-8")
