"""Does a model learn from the exported folder: `python -m tools.bench_trained [--steps N]`.

Imports the seeds' gold, exports it, trains the two data sets that a small corpus can carry by the
command that the folder's README gives, and scores the test part beside a baseline that knows the
training part's counts alone: the most frequent stance for every claim; no span, and so no F, for
spans.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tools.evaluate import GOLD, ROOT


def main() -> None:
    """Train in a folder of its own and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--steps", type=int, default=600, help="training steps at most (default 600)"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _export(folder)
        for title, data, metric in (
            ("stance", folder / "out" / "stance", "cats_macro_f"),
            ("spans", folder / "out", "ents_f"),
        ):
            learned = _train(data, options.steps)[metric]
            base = _baseline(data) if title == "stance" else 0.0
            sys.stdout.write(
                f"{title:<8} {metric:<14}"
                f" trained {100 * learned:5.1f}   baseline {100 * base:5.1f}\n"
            )


def _export(folder: Path) -> None:
    """Make the gold of the seeds one person's review and export it, parted 70/15/15."""
    environment = {
        **os.environ,
        "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
        "SAIDBY_DATA": str(folder / "data"),
    }
    files = [str(ROOT / "seeds" / name) for name in GOLD]
    commands = [
        ["migrate", "-v0"],
        ["create_corpus", "seeds"],
        ["import_documents", "seeds", *files, "--spans", "ignore"],
        *(["import_layer", "seeds", name, "--as", "gold-hand", "--submit"] for name in files),
        [
            "export",
            "seeds",
            "--layer",
            "gold-hand",
            "--format",
            "spacy",
            "--split",
            "70/15/15",
            "--to",
            str(folder / "out"),
        ],
    ]
    for command in commands:
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _train(folder: Path, steps: int) -> dict[str, Any]:
    """Train as the README says, within so many steps, and return the scores of the test part."""
    spacy = [sys.executable, "-m", "spacy"]
    limits = ["--training.max_steps", str(steps), "--training.eval_frequency", "100"]
    train = [*spacy, "train", "config.cfg", "--output", "model", *limits]
    subprocess.run(train, cwd=folder, check=True, capture_output=True)
    subprocess.run(
        [*spacy, "evaluate", "model/model-best", "test", "--output", "scores.json"],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    scores: dict[str, Any] = json.loads((folder / "scores.json").read_text(encoding="utf-8"))
    return scores


def _baseline(folder: Path) -> float:
    """Return the macro F of giving every claim of the test part the stance that is most frequent in
    training.
    """
    import spacy
    from spacy.tokens import DocBin

    vocab = spacy.blank("en").vocab

    def stances(part: str) -> list[str]:
        docs = (
            doc
            for path in sorted((folder / part).glob("*.spacy"))
            for doc in DocBin().from_disk(path).get_docs(vocab)
        )
        return [max(doc.cats, key=lambda name: doc.cats[name]) for doc in docs]

    common = Counter(stances("train")).most_common(1)[0][0]
    test = stances("test")
    precision = test.count(common) / len(test)
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return 2 * precision / (precision + 1) / len(labels)


if __name__ == "__main__":
    main()
