"""How fast documents with spans come in and go out, and in how much memory: `python -m
tools.bench_transfer`.

Each act runs in a process of its own, so that its peak of memory is its own. `--documents` says how
many documents, each of some 300 words with 25 spans and 8 links.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

WORDS = [f"word{n}" for n in range(5000)]
CLAIMS = 8
FORMATS = ("jsonl", "labelstudio", "spacy")


def row(number: int) -> str:
    """Return one document as a line of JSONL: eight sentences with speaker, cue and claim, and one
    more speaker.
    """
    dice = random.Random(number)
    text, spans, links = "", [], []
    for n in range(CLAIMS):
        speaker, cue, said = (
            f"Speaker {dice.choice(WORDS)}",
            "said",
            " ".join(dice.choices(WORDS, k=34)),
        )
        for ident, label, words, attributes in (
            (f"s{n}", "SPEAKER", speaker, {"name": speaker}),
            (f"q{n}", "CUE", cue, {}),
            (
                f"c{n}",
                "CLAIM",
                said,
                {"stance": "oppose", "kind": "indirect", "speaker_state": "linked"},
            ),
        ):
            spans.append(
                {
                    "id": ident,
                    "label": label,
                    "start": len(text),
                    "end": len(text) + len(words),
                    "text": words,
                    "attributes": attributes,
                    "score": 0.9,
                }
            )
            text += words + " "
        text = text[:-1] + ".\n"
        links.append({"kind": "said_by", "source": f"c{n}", "target": f"s{n}"})
    more = f"Document {number}"
    spans.append(
        {
            "id": "s9",
            "label": "SPEAKER",
            "start": len(text),
            "end": len(text) + len(more),
            "text": more,
            "attributes": {"name": more},
        }
    )
    return (
        json.dumps({"id": f"d{number}", "text": text + more, "spans": spans, "links": links}) + "\n"
    )


def measure_transfer(folder: Path, documents: int) -> dict[str, float]:
    """Return documents a second, processor seconds and megabytes at the peak, by act."""
    source = folder / "transfer.jsonl"
    with source.open("w", encoding="utf-8") as out:
        out.writelines(row(number) for number in range(documents))
    rows: dict[str, float] = {}
    acts = {"import with 25 spans": ["import_documents", "transfer", str(source)]}
    for name in FORMATS:
        acts[f"export {name}"] = [
            "export",
            "transfer",
            "--layer",
            "suggestions",
            "--format",
            name,
            "--to",
            str(folder / f"out-{name}"),
        ]
    _run("migrate", "--verbosity", "0")
    _run("create_corpus", "transfer")
    for name, command in acts.items():
        seconds, busy, peak = _run(*command)
        rows[f"{name}, documents a second"] = documents / seconds
        rows[f"{name}, processor seconds"] = busy
        rows[f"{name}, MB at the peak"] = peak
    return rows


def _run(*command: str) -> tuple[float, float, float]:
    """Run a command of manage.py; return its seconds and those of processors, both without those of
    starting, and its peak of memory in MB.

    The processes that it started count as processors' work, as the one that reads does.
    """
    code = (
        "import resource, sys, time, django; django.setup()\n"
        "from django.core.management import call_command\n"
        "def busy():\n"
        "    each = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))\n"
        "    return sum(used.ru_utime + used.ru_stime for used in each)\n"
        "started, before = time.perf_counter(), busy()\n"
        "call_command(*sys.argv[1:], stdout=open('/dev/null', 'w'))\n"
        "peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "print(time.perf_counter() - started, busy() - before, peak)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, *command], capture_output=True, text=True, check=True
    )
    seconds, busy, peak = map(float, answer.stdout.split())
    return seconds, busy, peak


def main() -> None:
    """Measure in a database of its own and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=10_000)
    documents = parser.parse_args().documents
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/transfer.sqlite3")
        os.environ.update(DJANGO_SETTINGS_MODULE="annotator.settings", SAIDBY_DATA=folder)
        for name, value in measure_transfer(Path(folder), documents).items():
            sys.stdout.write(f"{name:<56} {value:>12.2f}\n")


if __name__ == "__main__":
    main()
