"""The whole path of stances by a language model, on annotated articles.

The rules find the claims, a scripted server says the stances that two people gave (the corpora lie
in the folder that SAIDBY_EVAL names), and every stance that it says must be in the database. Run
`python -m tools.stance_by_model`; it prints the counts and ends with 1 when one is lost.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from tools.evaluate import FOLDER, read

NAME = "llm:stance"
SLUG = "stances"

Said = Counter[tuple[str, str, str]]


class Reader:
    """A scripted model that has read the articles: it says what a person said of the same words."""

    def __init__(self, texts: Mapping[str, str], rows: list[dict[str, Any]]) -> None:
        self._texts = texts
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            self._rows[row["id"]].append(row)
        self.asked = 0
        self.said: Said = Counter()

    def answer(self, body: Mapping[str, Any]) -> Any:
        """Answer one request."""
        from tests.model_server import asked, says

        question = asked(body)
        passage = question["passage"]
        name = next(name for name, text in self._texts.items() if passage in text)
        begins = self._texts[name].index(passage)
        values = []
        for span in question["spans"]:
            self.asked += 1
            words = span["quote"].split(" … ")[0]
            start = begins + max(0, passage.find(words))
            value = self._stance(name, start, start + len(words))
            if value is not None:
                self.said[name, span["quote"], value] += 1
            values.append({"id": span["id"], "why": "as a person said", "value": value})
        return says({"values": values})

    def _stance(self, name: str, start: int, end: int) -> str | None:
        """Return what was said of the claim that shares most words with a range."""
        best, stance = 0, None
        for row in self._rows[name]:
            shared = min(end, row["end"]) - max(start, row["start"])
            if shared > best:
                best, stance = shared, row["readers"][0]
        return stance


def main() -> int:
    """Run the path; return the exit code."""
    stances = FOLDER / "data" / "polnear-dev-stance.jsonl"
    if not stances.is_file():
        sys.stdout.write(f"No corpora at {FOLDER}: nothing measured.\n")
        return 0
    rows = read(stances)
    wanted = {row["id"]: row["target"] for row in rows}
    documents = [doc for doc in read(FOLDER / "data" / "polnear-dev.jsonl") if doc["id"] in wanted]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/site.sqlite3"
        os.environ["SAIDBY_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
        reader, arrived, given = _path(documents, wanted, rows, Path(folder))
    lost = (reader.said - arrived).total()
    made_up = (given - reader.said).total()
    sys.stdout.write(
        f"{len(documents)} articles, {reader.asked} claims of the rules asked about,"
        f" {reader.said.total()} stances said, {reader.said.total() - lost} arrived,"
        f" {made_up} that nobody said.\n"
    )
    return 1 if lost or made_up else 0


def _path(
    documents: list[dict[str, Any]],
    targets: Mapping[str, str],
    rows: list[dict[str, Any]],
    folder: Path,
) -> tuple[Reader, Said, Said]:
    """Import and suggest; return the reader, all stances in the database, and those by it alone.

    Where the rules gave the same stance, it stays theirs.
    """
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    from annotator.models import Span
    from annotator.services.imports import import_documents
    from corpus.core.span import Span as Value
    from corpus.selectors import text_of
    from corpus.services.corpora import create_corpus
    from tests.model_server import model_server

    call_command("migrate", verbosity=0)
    corpus = create_corpus(SLUG)
    path = folder / "articles.jsonl"
    lines = []
    for doc in documents:
        meta = {"targets": [targets[doc["id"]]]}
        lines.append(json.dumps({"id": doc["id"], "text": doc["text"], "meta": meta}))
    path.write_text("\n".join(lines), encoding="utf-8")
    assert import_documents(corpus, [path]).imported == len(documents)
    reader = Reader({doc["id"]: doc["text"] for doc in documents}, rows)
    with model_server(reader.answer) as server:
        settings.LLM_URL, settings.LLM_MODEL = server.url, "scripted"
        names = ["--suggester", "rules.v1", "--suggester", NAME, "--overrules", NAME]
        call_command("suggest", SLUG, *names, stdout=StringIO(), stderr=StringIO())
    arrived: Said = Counter()
    given: Said = Counter()
    for span in Span.objects.select_related("layer__document").filter(label__name="CLAIM"):
        stance = span.attributes.get("stance")
        if stance is None:
            continue
        pieces = tuple((a, b) for a, b in span.fragments) if span.fragments else None
        words = Value(0, "", span.start, span.end, pieces).covered(text_of(span.layer.document))
        name = span.layer.document.external_id
        arrived[name, words, stance] += 1
        if (span.evidence or {}).get("given_by", {}).get("stance") == NAME:
            given[name, words, stance] += 1
    return reader, arrived, given


if __name__ == "__main__":
    raise SystemExit(main())
