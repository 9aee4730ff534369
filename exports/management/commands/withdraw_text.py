"""Erase the text of a document."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.db import connection

from corpus.db.compact import compact
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called, versions_called
from exports.services.withdrawal import Withdrawal, withdraw


class Command(SaidbyCommand):
    """`withdraw_text SLUG ID`."""

    help = (
        "Erase every version of a document's text for good, take it from the lists, mark the"
        " releases that hold it, and name the backups that do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug and the document's id."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("id")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Withdraw, and write the file of the database anew."""
        versions = versions_called(corpus_called(options["slug"]), options["id"])
        document = next(row for row in versions if row.external_id == options["id"])
        withdrawal = withdraw(document)
        compacted = compact()
        return {**withdrawal.as_json(), "compacted": compacted}, _told(withdrawal, compacted)


def _told(withdrawal: Withdrawal, compacted: bool) -> str:
    versions = f" in {withdrawal.versions} versions" if withdrawal.versions > 1 else ""
    said = [
        f"The text of {withdrawal.id} is erased{versions}; "
        f"{len(withdrawal.releases)} releases hold it and are marked."
    ]
    if withdrawal.releases:
        names = ", ".join(withdrawal.releases)
        said.append(f"Delete what was written of them elsewhere: {names}.")
    if withdrawal.backups:
        said.append(f"These backups hold it: {', '.join(withdrawal.backups)}.")
    if withdrawal.uploads:
        said.append(f"{withdrawal.uploads} uploads that waited were thrown away.")
    if not compacted:
        what = "VACUUM FULL" if connection.vendor == "postgresql" else "this command again"
        said.append(f"The database's files may still hold words: run {what} when nobody works.")
    said.append("Take what else quotes it out of the guideline.")
    return " ".join(said)
