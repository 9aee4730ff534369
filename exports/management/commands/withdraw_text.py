"""Erase the text of a document."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called, document_called
from exports.services.exports import withdraw


class Command(SaidbyCommand):
    """`withdraw_text SLUG ID`."""

    help = (
        "Erase the text of a document for good, take it from the lists,"
        " and mark the releases that hold it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug and the document's id."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("id")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Withdraw."""
        releases = withdraw(document_called(corpus_called(options["slug"]), options["id"]))
        return {"id": options["id"], "releases": releases}, (
            f"The text of {options['id']} is erased; {releases} releases hold it and are marked. "
            "Take examples that quote it out of the guideline."
        )
