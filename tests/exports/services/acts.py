"""What the tests of exports and releases share."""

from __future__ import annotations

import uuid
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from annotator.core.decisions import Decision, span_value
from annotator.models import Layer
from annotator.selectors.layers import layer_view
from annotator.services.decision_log import Entry, write
from tests.acts import TEXT


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
    """Leave the last suggested claim alone and mark one of one's own in another place."""
    decisions[:] = [
        d for d in decisions if d["ident"] != 6 and not (d["subject"] == "link" and d["ident"] == 3)
    ]
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
