"""What tests of several nouns do: people sign up, articles come in, reviews are handed in, disputes
settled.
"""

from __future__ import annotations

import json
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from annotator.core.decisions import link_value, span_value
from annotator.models import Assignment, Decision, Layer
from annotator.selectors import disputes
from annotator.services import adjudicate, imports, review
from corpus.core.problems import Problem
from corpus.core.span import LayerView, Link, Span, layer_view
from corpus.models import Corpus, Document
from corpus.services import audit

TEXT = (
    "Sea wall vote 😀\n\n“The wall will not hold,” said Mayor Ilse Brandt."
    " She added that it would cost more.\n\n"
    "Opposition leader Tomas Okafor denied that the town was broke.\n"
)
PASSWORD = "correct horse battery"
SLUG = {"slug": "harbour"}
DOC = {"slug": "harbour", "external_id": "sea-wall"}


def person(name: str, **more: Any) -> Any:
    return get_user_model().objects.create_user(name, password=PASSWORD, **more)


def find(words: str, text: str = TEXT) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def suggested() -> LayerView:
    """Three claims with their speakers, as a suggester would give them for `TEXT`."""
    spans = [
        Span(
            1,
            "CLAIM",
            *find("“The wall will not hold,”"),
            score=0.9,
            attributes={"kind": "direct", "stance": "oppose", "speaker_state": "linked"},
            evidence={"rule": "quotation", "cue": "said", "why": "quotation before 'said'"},
        ),
        Span(
            2, "SPEAKER", *find("Mayor Ilse Brandt"), score=0.95, attributes={"name": "Ilse Brandt"}
        ),
        Span(3, "SPEAKER", *find("She"), score=0.7, attributes={"name": "Ilse Brandt"}),
        Span(
            4,
            "CLAIM",
            *find("that it would cost more"),
            score=0.8,
            attributes={"kind": "indirect", "stance": "unclear", "speaker_state": "linked"},
        ),
        Span(
            5,
            "SPEAKER",
            *find("Opposition leader Tomas Okafor"),
            score=0.9,
            attributes={"name": "Tomas Okafor"},
        ),
        Span(
            6,
            "CLAIM",
            *find("that the town was broke"),
            score=0.6,
            attributes={"kind": "indirect", "stance": "oppose", "speaker_state": "linked"},
        ),
    ]
    return layer_view(
        spans, [Link(1, "said_by", 1, 2), Link(2, "said_by", 4, 3), Link(3, "said_by", 6, 5)]
    )


def add_document(
    corpus: Corpus, folder: Path, name: str = "sea-wall", text: str = TEXT
) -> Document:
    path = folder / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    report = imports.import_documents(corpus, [path], update=True)
    assert (report.imported + report.replaced, report.problems) == (1, [])
    return Document.objects.select_related("corpus").get(
        corpus=corpus, external_id=name, retired_at=None
    )


def accept_all(layer: Layer | None) -> list[dict[str, Any]]:
    """Decisions that accept every suggestion as shown."""
    view, text = suggested(), TEXT
    found = [
        {
            "client_id": str(uuid.uuid4()),
            "verb": "accept",
            "subject": "span",
            "ident": s.ident,
            "after": dict(span_value(s)),
            "exact": s.text(text),
            "elapsed_ms": 500,
        }
        for s in view.in_order()
    ]
    return found + [
        {
            "client_id": str(uuid.uuid4()),
            "verb": "link",
            "subject": "link",
            "ident": x.ident,
            "after": dict(link_value(x)),
        }
        for x in view.links.values()
    ]


def submit_as(document: Any, user: Any, *, change: Any = None) -> Layer:
    layer = review.open_layer(document, by=user)
    decisions = accept_all(layer)
    if change:
        change(decisions)
    review.decide(layer, decisions, by=user, at=0)
    return review.submit(layer, by=user, at=len(decisions))


def support(decisions: list[dict[str, Any]]) -> None:
    """Carol sees the first claim as support."""
    claim = next(d for d in decisions if d["ident"] == 1 and d["subject"] == "span")
    claim["after"]["attributes"] = {**claim["after"]["attributes"], "stance": "support"}


def without(claim: int) -> Any:
    """Leave a suggested claim untouched, with its speaker."""

    def leave(decisions: list[dict[str, Any]]) -> None:
        links = [d for d in decisions if d["subject"] == "link" and d["after"]["source"] == claim]
        gone = {claim, *(d["after"]["target"] for d in links)}
        decisions[:] = [
            d
            for d in decisions
            if d not in links and not (d["subject"] == "span" and d["ident"] in gone)
        ]

    return leave


def rejecting(claim: int) -> Any:
    """Reject a suggested claim."""

    def reject(decisions: list[dict[str, Any]]) -> None:
        without(claim)(decisions)
        decisions.append(
            {
                "client_id": str(uuid.uuid4()),
                "verb": "reject",
                "subject": "span",
                "ident": claim,
                "after": {"rejected": True},
            }
        )

    return reject


def shorter(decisions: list[dict[str, Any]]) -> None:
    """Carol leaves out the last claim's “that”, and the first stance differs too."""
    support(decisions)
    claim = next(d for d in decisions if d["ident"] == 6 and d["subject"] == "span")
    start, end = find("the town was broke")
    claim["after"].update(start=start, end=end)
    claim["exact"] = "the town was broke"


def state(alice: Any, document: Any) -> dict[str, Any]:
    return disputes.of_document(*adjudicate.open_disputes(document, by=alice))


def version(dispute: dict[str, Any], **wanted: Any) -> int:
    """The number of the version with these words or attributes."""
    for held in dispute["versions"]:
        said = {**held["span"]["attributes"], "text": held["span"]["text"]}
        if wanted.items() <= said.items():
            return int(held["number"])
    raise LookupError(wanted)


def added(ident: int, label: str, start: int = 0, end: int = 3, words: str = "Sea") -> Any:
    """The decision that adds a span, as the page sends it."""
    value = {"label": label, "start": start, "end": end, "fragments": None, "attributes": {}}
    return {
        "client_id": str(uuid.uuid4()),
        "verb": "add",
        "subject": "span",
        "ident": ident,
        "after": value,
        "exact": words,
    }


def settle(document: Any, by: Any, dispute: dict[str, Any], **choice: Any) -> None:
    gold = Layer.objects.get(kind="gold")
    adjudicate.settle(
        document, by=by, at=gold.version, client_id=uuid.uuid4(), dispute=dispute["ident"], **choice
    )


def begin(document: Any, user: Any) -> Layer:
    layer = review.open_layer(document, by=user)
    return review.decide(layer, accept_all(layer)[:1], by=user, at=0)


def code(act: Any) -> str:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.code


def later(hours: int) -> None:
    """Let so many hours pass for every place and every decision."""
    by = timedelta(hours=hours)
    for place in Assignment.objects.exclude(taken_at=None):
        assert place.taken_at is not None
        Assignment.objects.filter(pk=place.pk).update(taken_at=place.taken_at - by)
    for row in Decision.objects.all():
        Decision.objects.filter(pk=row.pk).update(at=row.at - by)


def fill(corpus: Corpus, folder: Path, number: int, **more: Any) -> None:
    """Import so many documents, d000 first."""
    path = folder / "many.jsonl"
    rows = [
        {
            "id": f"d{n:03}",
            "text": f"{TEXT}{n}",
            "meta": {
                "title": f"Harbour news {n}",
                "outlet": f"Post {n % 3}",
                "published": f"2026-01-{n % 28 + 1:02}",
                **more,
            },
        }
        for n in range(number)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert imports.import_documents(corpus, [path]).imported == number


def page(client: Client, name: str, **more: Any) -> str:
    """Open a page of the corpus and return its HTML."""
    answer = client.get(reverse(name, kwargs={"slug": "harbour", **more}))
    assert answer.status_code == 200
    html: str = answer.content.decode()
    return html


def audit_log(corpus: Corpus) -> list[tuple[str, str]]:
    """Who did what, oldest first."""
    page, _ = audit.events(corpus, audit.EventFilter())
    return [(event.name, audit.sentence(event)) for event in page][::-1]


def settle_stance(document: Any, alice: Any, bob: Any, carol: Any) -> None:
    """Bob says oppose and Carol support; the adjudicator takes Bob's version with a reason."""
    submit_as(document, bob)
    submit_as(document, carol, change=support)
    (dispute,) = state(alice, document)["disputes"]
    number = version(dispute, stance="oppose")
    settle(
        document,
        alice,
        dispute,
        choice="version",
        number=number,
        reason="“Will not hold” is against it.",
    )
