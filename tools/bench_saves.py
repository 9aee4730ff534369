"""What a save costs on a layer that holds much already, beside one that holds nothing.

Both are reviews of a text of 100,000 words with 5,000 suggestions; in one of them all suggestions
were accepted before. Seconds are of the processor, and the two take turns, so that the ratio holds
on a busy machine.
"""

from __future__ import annotations

import json
import statistics
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

WORDS = 100_000
SPANS = 5_000
SAVES = 60
PART = 500


def measure_saves(folder: Path) -> dict[str, float]:
    """Return each figure by its name and unit; the database must have been migrated."""
    from django.contrib.auth import get_user_model
    from django.test import Client
    from django.urls import reverse

    from annotator.services import review
    from annotator.services.runs import file_run, store
    from corpus.services.corpora import create_corpus
    from corpus.services.members import add_member
    from tests.acts import add_document
    from tools.longread import longread

    corpus = create_corpus("saves", reviewers_per_document=1)
    reader = get_user_model().objects.create_user("saver", password="bench")
    add_member(corpus, reader, "reviewer")
    client = Client()
    client.force_login(reader)
    text, view = longread(WORDS, SPANS)
    # The last frame is decided on again and again; the others were accepted, or were not.
    last = max(view.spans)
    kept = [ident for ident in view.spans if ident not in (last, last - 1)]
    versions: dict[str, int] = {}
    for name in ("empty", "full"):
        document = add_document(corpus, folder, f"saves-{name}", text + name)
        assert corpus.schema is not None
        store(file_run(corpus.schema, name), document, view)
        layer = review.open_layer(document, by=reader)
        found = accepted(view, kept, text) if name == "full" else []
        for start in range(0, len(found), PART):
            part = found[start : start + PART]
            layer = review.decide(layer, part, by=reader, at=layer.version)
        versions[f"saves-{name}"] = layer.version
    frame = accepted(view, [last - 1, last], text)
    away = {"verb": "reject", "subject": "span", "after": {"rejected": True}}
    acts: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "accept a frame": lambda: frame,
        "change an attribute": lambda: frame[:1],
        "reject a frame": lambda: [{**away, "ident": last - 1}, {**away, "ident": last}],
    }
    spent: dict[tuple[str, str], list[float]] = {}
    for _ in range(SAVES):
        for act, make in acts.items():
            for name in versions:
                decisions = [{**one, "client_id": str(uuid.uuid4())} for one in make()]
                body = json.dumps({"version": versions[name], "decisions": decisions})
                address = reverse("api-decisions", kwargs={"slug": "saves", "external_id": name})
                started = time.process_time()
                answer = client.post(address, data=body, content_type="application/json")
                spent.setdefault((act, name), []).append(1000 * (time.process_time() - started))
                assert answer.status_code == 200, answer.content
                versions[name] = answer.json()["version"]
    rows: dict[str, float] = {}
    for act in acts:
        empty = statistics.median(spent[act, "saves-empty"])
        full = statistics.median(spent[act, "saves-full"])
        rows[f"save, {act}: on an empty layer, CPU ms"] = empty
        rows[f"save, {act}: on {SPANS} accepted spans, CPU ms"] = full
        rows[f"save, {act}: on {SPANS} accepted spans against none, ratio"] = full / empty
    return rows


def accepted(view: Any, idents: list[int], text: str) -> list[dict[str, Any]]:
    """Return the decisions that accept spans with the links between them."""
    from annotator.core.decisions import link_value, span_value

    spans = [view.spans[ident] for ident in idents]
    found: list[dict[str, Any]] = [
        {
            "client_id": str(uuid.uuid4()),
            "verb": "accept",
            "subject": "span",
            "ident": span.ident,
            "after": dict(span_value(span)),
            "exact": span.text(text),
        }
        for span in spans
    ]
    held = set(idents)
    for link in view.links.values():
        if link.source in held and link.target in held:
            found.append(
                {
                    "client_id": str(uuid.uuid4()),
                    "verb": "link",
                    "subject": "link",
                    "ident": link.ident,
                    "after": dict(link_value(link)),
                }
            )
    return found


def main() -> None:
    """Set up a database of its own, measure, print and write."""
    from tools.bench import own_database, record

    folder = own_database()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    record(measure_saves(folder))


if __name__ == "__main__":
    main()
