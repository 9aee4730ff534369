"""What the tests of exports and releases share."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.core.management import call_command

from annotator.core.decisions import Decision, span_value
from annotator.models import Layer
from annotator.selectors.layers import layer_view
from annotator.services import imports
from annotator.services.decision_log import Entry, write
from corpus.core.span import Span
from corpus.models import Corpus, Document
from tests.acts import TEXT, rejecting


def command(*args: Any) -> str:
    """Run a command and return what it prints."""
    out = StringIO()
    call_command(*map(str, args), stdout=out)
    return out.getvalue()


def refused(*args: Any) -> str:
    """Run a command that must fail and return what it says on stderr."""
    err = StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command(*map(str, args), stderr=err)
    assert caught.value.code == 1
    return err.getvalue()


def correct(document: Any, verb: str) -> None:
    """Change gold as an adjudicator would: drop its first claim, or change its stance."""
    gold = Layer.objects.get(kind="gold", document=document)
    view = layer_view(gold)
    claim = next(span for span in view.in_order() if span.label == "CLAIM")
    if verb == "remove":
        links = [link.ident for link in view.links.values() if link.source == claim.ident]
        entries = [Entry(Decision("unlink", "link", ident, None)) for ident in links]
        entries.append(Entry(Decision("remove", "span", claim.ident, None)))
    else:
        changed = replace(claim, attributes={**claim.attributes, "stance": "support"})
        decision = Decision("set", "span", claim.ident, span_value(changed))
        entries = [Entry(decision, exact=claim.text(TEXT))]
    write(gold, entries, at=gold.version, policy="correction")


def own_claim(decisions: list[dict[str, Any]]) -> None:
    """Reject the last suggested claim, not its speaker, and mark one of one's own elsewhere."""
    speaker = [d for d in decisions if (d["subject"], d["ident"]) == ("span", 5)]
    rejecting(6)(decisions)
    decisions.extend(speaker)
    start = TEXT.index("Sea wall vote")
    attributes = {"stance": "neutral", "speaker_state": "unknown"}
    value = {
        "label": "CLAIM",
        "start": start,
        "end": start + 13,
        "fragments": None,
        "attributes": attributes,
    }
    decisions.append(
        {
            "client_id": str(uuid.uuid4()),
            "verb": "add",
            "subject": "span",
            "ident": 50,
            "after": value,
            "exact": "Sea wall vote",
        }
    )


def article(number: int) -> str:
    """Return an article of a hundred words, the same each time and near to no other."""
    dice = Random(number)
    return " ".join(f"word{dice.randrange(5000)}" for _ in range(100))


def changed(text: str, begin: int = 0, end: int = 0) -> str:
    """Return a text with so many other words at its beginning and at its end."""
    words = text.split()
    first = [f"begin{n}" for n in range(begin)]
    last = [f"end{n}" for n in range(end)]
    return " ".join(first + words[begin : len(words) - end] + last)


def add_articles(corpus: Corpus, folder: Path, texts: dict[str, str], **meta: str) -> None:
    """Import articles by id, in each of which the first word is suggested as a claim."""
    rows = []
    for ident, text in texts.items():
        span = {"id": "c1", "label": "CLAIM", "start": 0, "end": len(text.split()[0])}
        rows.append(json.dumps({"id": ident, "text": text, "meta": meta, "spans": [span]}))
    path = folder / "in.jsonl"
    path.write_text("\n".join(rows), encoding="utf-8")
    report = imports.import_documents(corpus, [path], update=True)
    assert report.problems == []


def give_gold(corpus: Corpus) -> None:
    """Settle each current document without gold: its first word is a claim."""
    waiting = Document.objects.filter(corpus=corpus, retired_at__isnull=True)
    for document in waiting.exclude(layers__kind="gold").select_related("body"):
        gold = Layer.objects.create(document=document, schema=corpus.schema, kind="gold")
        first = document.body.text.split()[0]
        claim = Span(1, "CLAIM", 0, len(first), attributes={"stance": "unclear"})
        decision = Decision("add", "span", 1, span_value(claim))
        write(gold, [Entry(decision, exact=first)], at=0, policy="test")
