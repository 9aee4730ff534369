"""`make eval`: measure the pre-annotator on annotated corpora; print the table, write eval.json.

The corpora and their scorer stand outside the project, in the folder that SAIDBY_EVAL names
(default `../shared/eval`). Without it there is nothing to measure, which is said and is no error.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.nlp.targets import mentioned
from annotator.suggesters.rules import Rules
from corpus.core.span import LayerView, Span

ROOT = Path(__file__).parent.parent
FOLDER = Path(os.environ.get("SAIDBY_EVAL") or ROOT.parent / "shared" / "eval")
GOLD = ("gold.jsonl", "wire.jsonl")
CLAIMS = Path(__file__).parent / "stance_claims.jsonl"
BOOTSTRAP = 200
BINS = 10


@dataclass(frozen=True, slots=True)
class Row:
    """One figure beside what it must and should reach; in percent unless the name tells."""

    name: str
    value: float
    must: float
    aim: float
    low: float | None = None
    high: float | None = None
    less_is_better: bool = False

    @property
    def verdict(self) -> str:
        """Say whether the figure reaches what it must or what we aim at."""
        sign = -1 if self.less_is_better else 1
        return (
            "aim"
            if sign * (self.value - self.aim) >= 0
            else "must"
            if sign * (self.value - self.must) >= 0
            else "MISSED"
        )


def read(path: Path) -> list[dict[str, Any]]:
    """Return the documents of a JSONL file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def scored_form(doc: dict[str, Any], layer: LayerView) -> dict[str, Any]:
    """Return a suggested layer in the scorer's form: one claim for each fragment."""
    spans: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    attributes: dict[str, Any] = {}
    pieces: dict[int, list[str]] = {}
    for span in layer.in_order():
        for number, (start, end) in enumerate(span.ranges):
            ident = f"{span.ident}.{number}"
            pieces.setdefault(span.ident, []).append(ident)
            spans.append(
                {"id": ident, "start": start, "end": end, "label": span.label, **_named(span)}
            )
            attributes[ident] = {**span.attributes, "score": span.score}
    for link in layer.links.values():
        links += [
            {"claim": c, "speaker": s} for c in pieces[link.source] for s in pieces[link.target]
        ]
    return {
        "id": doc["id"],
        "text": doc["text"],
        "spans": spans,
        "links": links,
        "attributes": attributes,
        "meta": {},
    }


def _named(span: Span) -> dict[str, str]:
    return {"name": span.attributes["name"]} if span.attributes.get("name") else {}


def predict(docs: list[dict[str, Any]], rules: Rules) -> dict[str, dict[str, Any]]:
    """Return the suggestions for each document by its id."""
    layers = rules.suggest(doc["text"] for doc in docs)
    return {doc["id"]: scored_form(doc, layer) for doc, layer in zip(docs, layers, strict=True)}


def scorer(folder: Path, name: str = "score") -> Any:
    """Load a scorer as a module."""
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def judged(
    score: Any, gold: Iterable[dict[str, Any]], found: dict[str, dict[str, Any]]
) -> Iterator[tuple[float, bool]]:
    """Yield the confidence of each suggested claim, and whether gold has that claim (word Jaccard
    of a half).
    """
    for doc in gold:
        words, mask = score.words_of(doc["text"]), score.quoted_mask(doc["text"])
        ours, theirs = (score.Side(d, words, mask) for d in (found[doc["id"]], doc))
        right = {j for _, j in score.pair_up(theirs.claims, ours.claims, score.half)}
        for number, claim in enumerate(ours.claims):
            yield claim["attributes"]["score"], number in right


def calibration_error(pairs: list[tuple[float, bool]]) -> float:
    """Return the expected calibration error in ten equal bins, from 0 to 1 (Naeini et al. 2015,
    section 3).
    """
    total = 0.0
    for number in range(BINS):
        inside = [
            (c, r)
            for c, r in pairs
            if number / BINS < c <= (number + 1) / BINS or (number == 0 and c == 0)
        ]
        if inside:
            gap = abs(sum(c for c, _ in inside) - sum(r for _, r in inside))
            total += gap / len(pairs)
    return total


def read_by_two(folder: Path) -> list[dict[str, Any]]:
    """Return the claims whose stance two people read: those beside the corpora, and our own of
    other articles (positions and values alone; their text stays outside the project).
    """
    return [*read(folder / "data" / "polnear-dev-stance.jsonl"), *read(CLAIMS)]


def stance_toward_target(
    folder: Path, docs: list[dict[str, Any]], gold: list[dict[str, Any]], rules: Rules
) -> dict[str, Any]:
    """Return the scorer's figures for stance, each article read with its given target."""
    target = {claim["id"]: claim["target"] for claim in gold}
    docs = [doc for doc in docs if doc["id"] in target]
    layers = rules.suggest((doc["text"] for doc in docs), ([target[doc["id"]]] for doc in docs))
    return _stance_figures(folder, docs, gold, list(layers))


def stance_toward_own_target(
    folder: Path, docs: list[dict[str, Any]], gold: list[dict[str, Any]], rules: Rules
) -> dict[str, Any]:
    """Return the scorer's figures for stance without any target given, for the articles in which
    the rules find the readers' one.
    """
    target = {claim["id"]: claim["target"] for claim in gold}
    kept = []
    layers = []
    docs = [doc for doc in docs if doc["id"] in target]
    for doc, layer in zip(docs, rules.suggest(doc["text"] for doc in docs), strict=True):
        found = Counter(span.attributes.get("target", "") for span in layer.spans.values())
        del found[""]
        words = max(found, key=lambda name: found[name], default="").split()
        if mentioned(words, [target[doc["id"]]]):
            kept.append(doc)
            layers.append(layer)
    ids = {doc["id"] for doc in kept}
    return _stance_figures(folder, kept, [claim for claim in gold if claim["id"] in ids], layers)


def _stance_figures(
    folder: Path, docs: list[dict[str, Any]], gold: list[dict[str, Any]], layers: list[LayerView]
) -> dict[str, Any]:
    exported = [
        {"id": doc["id"], "text": doc["text"], "spans": list(map(_exported, layer.in_order()))}
        for doc, layer in zip(docs, layers, strict=True)
    ]
    figures: dict[str, Any] = scorer(folder, "stance").score(docs, gold, exported)
    right, said = figures["by answer"]["neutral"]
    return figures | {"neutral right": right / max(1, said)}


def _exported(span: Span) -> dict[str, Any]:
    return {"label": span.label, "fragments": span.ranges, "attributes": span.attributes}


def bootstrap(measure: Callable[[list[Any]], float], items: list[Any]) -> tuple[float, float]:
    """Return the 95 % interval of a measure over items drawn again."""
    draw = random.Random(0)
    found = sorted(measure(draw.choices(items, k=len(items))) for _ in range(BOOTSTRAP))
    return found[int(0.025 * BOOTSTRAP)], found[int(0.975 * BOOTSTRAP)]


def table(folder: Path) -> list[Row]:
    """Measure everything."""
    score, rules = scorer(folder), Rules()
    dev = read(folder / "data" / "polnear-dev.jsonl")
    list(rules.suggest([dev[0]["text"]]))
    started = time.process_time()
    found = predict(dev, rules)
    speed = sum(len(doc["text"].split()) for doc in dev) / (time.process_time() - started)

    def figures(
        gold: list[dict[str, Any]], predicted: dict[str, Any], wanted: Any, intervals: bool = False
    ) -> Any:
        return score.score(gold, list(predicted.values()), wanted, BOOTSTRAP if intervals else 0)

    speech = figures(dev, found, ("cue_kind", "speech"), True)
    every = figures(dev, found, None, True)
    messy_gold = read(folder / "data" / "polnear-dev-messy.jsonl")
    messy = figures(messy_gold, predict(messy_gold, rules), ("cue_kind", "speech"))
    novels = read(folder / "data" / "litbank.jsonl")
    names = figures(novels, predict(novels, rules), None)
    gold = read_by_two(folder)
    articles = [*dev, *read(folder / "data" / "polnear-train.jsonl")]
    stance = stance_toward_target(folder, articles, gold, rules)
    own_target = stance_toward_own_target(folder, articles, gold, rules)
    pairs = list(judged(score, dev, found))
    low, high = bootstrap(calibration_error, pairs)

    def row(
        name: str, data: Any, path: tuple[str, ...], must: float, aim: float, interval: str = ""
    ) -> Row:
        value: Any = data
        for step in path:
            value = value[step]
        low, high = (100 * end for end in data["ci95"][interval]) if interval else (None, None)
        return Row(name, 100 * value, must, aim, low, high)

    e2e = ("attribution", "e2e_mention")
    clean, dirty = (d["attribution"]["e2e_mention"]["all"]["accuracy"] for d in (speech, messy))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        *(
            row(f"{t} partial F1", speech, ("claim", "partial", t, "f1"), *goal, f"{t} partial F1")
            for t, goal in (("direct", (96, 97)), ("mixed", (86, 92)), ("indirect", (72, 75)))
        ),
        row("claim exact F1", speech, ("claim", "exact", "all", "f1"), 73.5, 76, "claim exact F1"),
        row("claim word F1", speech, ("claim", "token", "all", "f1"), 89, 92, "claim token F1"),
        row(
            "right speaker end to end",
            speech,
            (*e2e, "all", "accuracy"),
            81,
            85,
            "e2e mention accuracy",
        ),
        row("right speaker end to end, direct", speech, (*e2e, "direct", "accuracy"), 86, 93),
        row(
            "all claims: exact F1", every, ("claim", "exact", "all", "f1"), 65, 68, "claim exact F1"
        ),
        row(
            "all claims: partial F1",
            every,
            ("claim", "partial", "all", "f1"),
            74,
            77,
            "claim partial F1",
        ),
        row(
            "all claims: end to end",
            every,
            (*e2e, "all", "accuracy"),
            65,
            72,
            "e2e mention accuracy",
        ),
        Row("messy copy: end-to-end points lost", 100 * (clean - dirty), 2, 1, less_is_better=True),
        row(
            "litbank, names resolved, given found",
            names,
            ("attribution", "e2e_lenient", "all", "given"),
            60,
            75,
        ),
        row("stance, target given: sides right", stance, ("sides right",), 60, 75),
        row("stance, target given: sides found", stance, ("sides found",), 28, 42),
        row("stance, target given: share answered", stance, ("share answered",), 35, 50),
        row("stance, target given: neutral right", stance, ("neutral right",), 72, 80),
        row("stance, target found: sides right", own_target, ("sides right",), 55, 70),
        Row(
            "calibration error of confidence (0 to 1)",
            calibration_error(pairs),
            0.08,
            0.04,
            low,
            high,
            True,
        ),
        Row("words per CPU second", speed, 2000, 3500),
        Row("resident memory, MB (this whole run)", memory, 700, 500, less_is_better=True),
    ]


def main() -> None:
    """Print the table and write eval.json."""
    out = sys.stdout
    if not (FOLDER / "score.py").exists():
        out.write(f"No corpora at {FOLDER}: nothing measured. Set SAIDBY_EVAL to their folder.\n")
        return
    rows = table(FOLDER)
    for row in rows:
        ends = (
            f"{row.low:.3g} to {row.high:.3g}"
            if row.low is not None and row.high is not None
            else ""
        )
        out.write(
            f"{row.name:<44}{row.value:>9.4g}  {ends:<16}"
            f" must {row.must:<6g} aim {row.aim:<6g} {row.verdict}\n"
        )
    data = [
        {
            "name": r.name,
            "value": r.value,
            "low": r.low,
            "high": r.high,
            "must": r.must,
            "aim": r.aim,
            "verdict": r.verdict,
        }
        for r in rows
    ]
    (ROOT / "eval.json").write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
