"""A usable site out of a folder of articles: corpus, guideline, documents, demo accounts."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from annotator.services.accounts import account
from annotator.services.imports import Report, import_documents
from corpus.core.problems import Problem
from corpus.importers.reading import Reading
from corpus.models import Corpus, Role
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member

DEMO_PEOPLE = {
    "admin": "site admin and manager",
    "bob": "reviewer",
    "carol": "reviewer",
    "dave": "no membership",
}


@dataclass(frozen=True, slots=True)
class Seeded:
    """What seeding made: the corpus, the import's report, and the names of new accounts."""

    corpus: Corpus
    report: Report
    accounts: list[str]


def seed(folder: Path, *, password: str) -> Seeded:
    """Load a folder of text files, with `guideline.md` and the metadata of `gold.jsonl` if any.

    Twice gives the same: accounts that exist keep their passwords, articles that are there are
    skipped.
    """
    if not folder.is_dir():
        raise Problem("file-missing").at(str(folder))
    slug = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or "seeds"
    corpus = Corpus.objects.select_related("schema").filter(slug=slug).first()
    if corpus is None:
        corpus = create_corpus(slug)
    guideline = folder / "guideline.md"
    if guideline.is_file():
        text = guideline.read_text(encoding="utf-8")
        if text != corpus.guideline:
            corpus.guideline = text
            corpus.save(update_fields=["guideline"])
    texts = sorted(folder.glob("*.txt"))
    if not texts:
        empty = Problem("nothing-to-do", act="seed", reason="the folder holds no .txt file")
        raise empty.at(str(folder))
    described = _described(folder / "gold.jsonl")
    report = import_documents(corpus, texts, reading=Reading(format="text"), described=described)
    return Seeded(corpus, report, _people(corpus, password))


def _described(gold: Path) -> dict[str, dict[str, Any]]:
    """Return the title, outlet, date and targets that stand beside the gold, by document id."""
    if not gold.is_file():
        return {}
    with gold.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines if line.strip()]
    return {row["id"]: row.get("meta", {}) for row in rows}


def _people(corpus: Corpus, password: str) -> list[str]:
    """Make the demo accounts with their roles; return the names of those that are new."""
    new = []
    for name in DEMO_PEOPLE:
        user, made = account(name, password=password, admin=name == "admin")
        if made:
            new.append(name)
        if name == "admin":
            add_member(corpus, user, Role.MANAGER)
        elif name != "dave":
            add_member(corpus, user, Role.REVIEWER)
    return new
