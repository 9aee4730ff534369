"""Make a release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from corpus.core.problems import Problem
from corpus.importers.parquet import PYARROW
from corpus.management.base import SaidbyCommand
from corpus.selectors import corpus_called
from exports.core.dataset_about import SECTIONS, read
from exports.encoders.dataset import installed_form
from exports.selectors import release_called
from exports.services.origin import ORIGINS
from exports.services.releases import release, write_again


class Command(SaidbyCommand):
    """`release SLUG NAME --to FOLDER [--origin NAME] [--about FILE] [--again]`."""

    help = "Pin the gold of a corpus under a name and write it, with digests, into a new folder."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug, the name and the folder."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("name")
        parser.add_argument("--to", required=True, type=Path, metavar="FOLDER")
        parser.add_argument(
            "--origin",
            default="all",
            choices=list(ORIGINS),
            help="; ".join(f"{name}: {words}" for name, words in ORIGINS.items()),
        )
        parser.add_argument(
            "--about",
            type=Path,
            metavar="FILE",
            help="Markdown with words of people for the dataset card, under headings such as"
            f" ## Motivation ({', '.join(SECTIONS)}); the next release says them again",
        )
        parser.add_argument(
            "--again", action="store_true", help="write the files of a release that is there"
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Release."""
        corpus = corpus_called(options["slug"])
        if options["again"]:
            made = release_called(corpus, options["name"])
            write_again(made, to=options["to"], progress=self.progress)
        else:
            made = release(
                corpus,
                options["name"],
                to=options["to"],
                origin=options["origin"],
                about=_about(options["about"]),
                progress=self.progress,
            )
        sheet = made.datasheet
        line = f"Released {made.name}: {sheet['documents']} documents, digest {made.digest}."
        changes = sheet["changes"]
        if changes:
            line += f" Since {changes['since']}: {changes['sentence']}."
        form = installed_form()
        if made.card and form == "jsonl":
            line += f" The dataset is in JSONL: for Parquet, pip install {PYARROW}."
        answer = {"release": made.name, "digest": made.digest, **sheet}
        if made.card:
            answer["dataset"] = {"form": form, "rows": made.card["rows"]}
        return answer, line


def _about(path: Path | None) -> dict[str, str]:
    """Read what people say of the dataset."""
    if path is None:
        return {}
    try:
        return read(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise Problem("file-unreadable", reason="it is not UTF-8").at(str(path)) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise Problem("file-unreadable", reason=reason).at(str(path)) from None
