"""A site in the middle of its work: some articles reviewed twice, some once, some flagged. For
pictures of pages.
"""

from __future__ import annotations

import json
import random
import tempfile
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import timezone

from annotator.core.decisions import link_value, span_value
from annotator.models import Activity, Layer
from annotator.selectors import disputes, layers
from annotator.services import (
    adjudicate,
    agreement,
    assignment_plan,
    assignments,
    imported_reviews,
    notes,
    policies,
    review,
    uploads,
)
from annotator.services.seed import seed
from annotator.services.suggest import suggest_corpus
from corpus import guideline
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Span
from corpus.jobs import run
from corpus.models import Corpus
from corpus.selectors import document_called, schema_rows, text_of
from corpus.services import invitations
from corpus.services.corpora import create_corpus
from exports.services import exports as services

SEEDS = Path(__file__).parent.parent / "seeds"
REVIEWED_BY_BOB = [
    "bakery-strike",
    "ferry-grounding-wire",
    "grain-depot-trial",
    "library-roof-row",
    "lithium-merger",
    "night-bus-cuts",
    "radar-leak-inquiry",
]
REVIEWED_BY_CAROL = [
    "bakery-strike",
    "ferry-grounding-wire",
    "glacier-cave-microbes",
    "grain-depot-trial",
    "library-roof-row",
    "sleep-pill-trial",
    "swan-quay-fire",
]
REVIEWED_ALIKE = ["night-bus-cuts", "radar-leak-inquiry"]


def furnish(password: str) -> Corpus:
    """Migrate, seed, suggest, and let Bob and Carol review.

    It is the same each time but for the dates.
    """
    dice = random.Random(7)
    call_command("migrate", verbosity=0)
    corpus = seed(SEEDS, password=password).corpus
    create_corpus("empty", name="Empty corpus")
    suggest_corpus(corpus)
    bob, carol = (get_user_model().objects.get(username=name) for name in ("bob", "carol"))
    for name in REVIEWED_BY_BOB:
        layer = _accept(corpus, name, bob, dice)
        review.hand_in(layer, by=bob, at=layer.version)
    _review_by_gold(corpus, dice)
    for name in REVIEWED_ALIKE:
        layer = _accept(corpus, name, carol, dice)
        review.hand_in(layer, by=carol, at=layer.version)
    _accept(corpus, "keeper-ban-appeal", bob, dice, share=0.5)
    review.open_layer(document_called(corpus, "tidal-barrier-vote"), by=bob)
    sections = [found.slug for found in guideline.read(corpus.guideline)[1]]
    for name, section, note in [
        ("bakery-strike", sections[2], "Does a chant count as a claim when nobody is named?"),
        ("lithium-merger", sections[2], "The filing itself speaks, not the company."),
        ("night-bus-cuts", sections[-1], "Two speakers share one quotation."),
        ("grain-depot-trial", "", "Nothing is said about court transcripts."),
    ]:
        layer = Layer.objects.get(owner=bob, document__external_id=name)
        claim = layer.spans.filter(label__name="CLAIM")[0]
        notes.flag(
            document_called(corpus, name), by=bob, subject=claim.ident, section=section, note=note
        )
    admin = get_user_model().objects.get(username="admin")
    run.run_job.call(services.start_release(corpus, "1", by=admin).pk)
    _settle(corpus, "ferry-grounding-wire", admin, dice)
    for name, kind in (("night-bus-cuts", "check"), ("keeper-ban-appeal", "calibration")):
        assignment_plan.set_sample(corpus, name, kind, by=admin)
    review.open_layer(document_called(corpus, "last-winter-of-lake-orrin"), by=carol)
    assignments.skip(
        document_called(corpus, "last-winter-of-lake-orrin"),
        by=carol,
        reason="I know the mayor well",
    )
    invitations.invite(corpus, "reviewer", by=admin, note="Erin of the night desk")
    agreement.measure(corpus)
    _upload(corpus, admin)
    run.run_job.call(services.start_release(corpus, "2", by=admin).pk)
    asked = {"format": "csv", "layer": "gold", "split": "80/10/10", "misaligned": "expand"}
    run.run_job.call(services.start_export(corpus, asked, by=admin).pk)
    run.run_job.call(policies.start_preview(corpus, "majority+longest", by=admin).pk)
    _spread(corpus, dice)
    return corpus


def _upload(corpus: Corpus, user: Any) -> None:
    """Have a file looked through that holds good rows and bad ones."""
    rows = [
        {
            "id": "harbour-fees",
            "text": "Harbour fees to rise\n\n“The smallest rise in ten years,” said Ada Lund.",
        },
        {
            "id": "tram-line",
            "text": "Tram line opens\n\nTomas Okafor said that nobody had asked for it.",
        },
        {"id": "empty", "text": ""},
    ]
    lines = "\n".join([*(json.dumps(row) for row in rows), "{not a row"])
    job = uploads.receive(corpus, [SimpleUploadedFile("monday.jsonl", lines.encode())], by=user)
    run.run_job.call(job.pk)


def _settle(corpus: Corpus, name: str, user: Any, dice: random.Random) -> None:
    """Settle every dispute of a document, now for the one and now for the other."""
    document = document_called(corpus, name)
    reasons = [
        "The reporting clause stays outside.",
        "Section “stance”: a plain fact takes no side.",
        "",
    ]
    adjudication, gold = adjudicate.open_disputes(document, by=user)
    for dispute in disputes.of_document(adjudication, gold)["disputes"]:
        gold.refresh_from_db(fields=["version"])
        adjudicate.settle(
            document,
            by=user,
            at=gold.version,
            client_id=uuid.UUID(int=dice.getrandbits(128)),
            dispute=dispute["ident"],
            choice="version",
            number=1 + dice.randrange(len(dispute["versions"])),
            reason=dice.choice(reasons),
        )


def _accept(
    corpus: Corpus, name: str, user: Any, dice: random.Random, *, share: float = 1.0
) -> Layer:
    """Accept a share of the suggestions, and say what they leave open."""
    document = document_called(corpus, name)
    layer = review.open_layer(document, by=user)
    view, text = layers.suggestions_of(layer), text_of(document)
    spans = view.in_order()[: round(share * len(view.spans))]
    kept = {span.ident for span in spans}
    schema = schema_rows(layer.schema).view
    spans = [_completed(span, view, schema) for span in spans]

    def one(verb: str, subject: str, ident: int, after: Any, **more: Any) -> dict[str, Any]:
        return {
            "client_id": str(uuid.UUID(int=dice.getrandbits(128))),
            "verb": verb,
            "subject": subject,
            "ident": ident,
            "after": dict(after),
            "elapsed_ms": dice.randrange(900, 16_000),
            **more,
        }

    decisions = [one("accept", "span", s.ident, span_value(s), exact=s.text(text)) for s in spans]
    decisions += [
        one("link", "link", x.ident, link_value(x))
        for x in view.links.values()
        if {x.source, x.target} <= kept
    ]
    return review.decide(layer, decisions, by=user, at=layer.version)


def _completed(span: Span, view: LayerView, schema: SchemaView) -> Span:
    """Return a suggestion with a value for all that is required; each reviewer says the same."""
    attributes = dict(span.attributes)
    for attribute in schema.attributes_of(span.label):
        if attribute.required and attribute.name not in attributes:
            attributes[attribute.name] = attribute.choices[span.ident % len(attribute.choices)]
    linked = {link.kind for link in view.links.values() if link.source == span.ident}
    for kind in schema.links_from(span.label):
        if kind.required and kind.name not in linked:
            for name, reasons in kind.unless.items():
                attributes.setdefault(name, reasons[-1])
    return replace(span, attributes=attributes)


def _review_by_gold(corpus: Corpus, dice: random.Random) -> None:
    """Hand in the seeds' own gold as Carol's reviews of some articles."""
    lines = (SEEDS / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if json.loads(line)["id"] in REVIEWED_BY_CAROL]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "gold.jsonl"
        path.write_text("\n".join(wanted), encoding="utf-8")
        imported_reviews.import_layers(corpus, [path], username="carol", submit=True)
    for layer in Layer.objects.filter(owner__username="carol"):
        Layer.objects.filter(pk=layer.pk).update(elapsed_ms=dice.randrange(60_000, 900_000))


def _spread(corpus: Corpus, dice: random.Random) -> None:
    """Spread what was done just now over the working days of a month, so that the charts of days
    have a shape.
    """
    today = timezone.now().date()
    month = [today - timedelta(days=ago) for ago in range(26)]
    for now in list(Activity.objects.filter(corpus=corpus)):
        days = [day for day in month if day.weekday() < 5 and dice.random() < 0.8]
        weights = [dice.randrange(2, 10) for _ in days]
        left = Activity(decisions=now.decisions, elapsed_ms=now.elapsed_ms, submitted=now.submitted)
        for place, (day, weight) in enumerate(zip(days, weights, strict=True), start=1):
            share = weight / sum(weights) if place < len(days) else 1.0
            part = {
                name: round(getattr(left if share == 1.0 else now, name) * share)
                for name in ("decisions", "elapsed_ms", "submitted")
            }
            for name, value in part.items():
                setattr(left, name, getattr(left, name) - value)
            Activity.objects.update_or_create(
                corpus=corpus, user_id=now.user_id, day=day, defaults=part
            )
        if today not in days:
            now.delete()
