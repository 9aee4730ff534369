"""Make a release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called
from exports.releases import release


class Command(SaidbyCommand):
    """`release SLUG NAME --to FOLDER`."""

    help = "Pin the gold of a corpus under a name and write it, with digests, into a new folder."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug, the name and the folder."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("name")
        parser.add_argument("--to", required=True, type=Path, metavar="FOLDER")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Release."""
        made = release(corpus_called(options["slug"]), options["name"], to=options["to"])
        answer = {"release": made.name, "digest": made.digest, **made.datasheet}
        changed = made.datasheet["changes"]
        since = f" Since {changed['since']}: {changed['sentence']}." if changed else ""
        return answer, f"Released {made.name}: {made.datasheet['documents']} documents, digest {made.digest}.{since}"
