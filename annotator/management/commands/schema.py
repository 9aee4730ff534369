"""Show, write or change the schema of a corpus."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from annotator.services import schema_versions
from corpus.core import schema_file
from corpus.core.problems import Problem
from corpus.core.schema import Attribute, SchemaView
from corpus.management.base import SaidbyCommand
from corpus.models import Corpus
from corpus.selectors import corpus_called, schema_of, schema_rows


class Command(SaidbyCommand):
    """`schema SLUG [--export FILE] [--change FILE [--map FILE]] [--preview]`."""

    help = (
        "Show the schema of a corpus, write it to a file, or change it: a change is a new version, "
        "to which the layers of every document are copied. Run again to go on after a stop."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the slug and the options."""
        super().add_arguments(parser)
        parser.add_argument("slug")
        parser.add_argument("--export", type=Path, metavar="FILE", help="write it as JSON")
        parser.add_argument("--change", type=Path, metavar="FILE", help="the new schema as JSON")
        parser.add_argument(
            "--map",
            type=Path,
            metavar="FILE",
            help="what becomes of labels, links, attributes and values, as JSON",
        )
        parser.add_argument(
            "--preview", action="store_true", help="say what a change would do, and do nothing"
        )

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Show, write or change it."""
        corpus = corpus_called(options["slug"])
        if options["change"]:
            return self._change(corpus, options)
        if options["map"] or options["preview"]:
            raise Problem("request-invalid", reason="--map and --preview go with --change FILE")
        schema = schema_of(corpus)
        view = schema_rows(schema).view
        answer = {"corpus": corpus.slug, "version": schema.version, "schema": view.as_json()}
        if path := options["export"]:
            words = json.dumps(view.as_json(), ensure_ascii=False, indent=2)
            try:
                path.write_text(words + "\n", encoding="utf-8")
            except OSError as error:
                raise Problem("file-unreadable", reason=error.strerror).at(str(path)) from None
            return answer, f"Wrote version {schema.version} to {path}."
        lines = [f"Schema of {corpus.slug}, version {schema.version}", *_shown(view)]
        return answer, "\n".join(lines)

    def _change(self, corpus: Corpus, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        new = schema_file.read_file(options["change"])
        data = _map(options["map"]) if options["map"] else None
        if options["preview"]:
            answer = schema_versions.preview(corpus, new, data)
            return answer, "\n".join(_previewed(answer))
        schema = schema_of(corpus)
        # After a stop the same command goes on with what waits.
        if schema_rows(schema).view.as_json() != new.as_json():
            schema = schema_versions.begin(corpus, new, data)
        moved = schema_versions.move_all(corpus, progress=self.progress)
        line = f"The schema is at version {schema.version}; {moved['documents']} documents moved."
        return {"corpus": corpus.slug, **moved}, line


def _map(path: Path) -> Any:
    try:
        return schema_file.json_of(path.read_bytes())
    except OSError as error:
        raise Problem("file-unreadable", reason=error.strerror).at(str(path)) from None
    except Problem as problem:
        raise problem.at(str(path)) from None


def _previewed(answer: dict[str, Any]) -> Iterator[str]:
    """Yield the lines that a preview prints."""
    if answer["in_place"]:
        yield "Nothing is annotated yet: the schema would be replaced as it stands."
    else:
        yield f"It would be version {answer['version']}; {answer['documents']} documents move."
    for name in answer["added"]:
        yield f"{name}: added"
    yield from answer["notes"]
    yield from schema_versions.summary(answer["changes"])
    for row in answer["lacking"]:
        yield (
            f"{row['what']}: in neither the new schema nor the map; held {row['count']} times and "
            f"suggested {row['suggested']} times in {row['documents']} documents"
        )


def _shown(view: SchemaView) -> Iterator[str]:
    """Yield the lines that show a schema."""
    for label in view.labels.values():
        key = f" [{label.key}]" if label.key else ""
        yield f"{label.name}{key}: {label.title}"
        yield from (f"  {_attribute(attribute)}" for attribute in label.attributes)
    for kind in view.links.values():
        words = [name for name in ("required", "owned", "symmetric") if getattr(kind, name)]
        ends = f"{' or '.join(kind.sources)} -> {' or '.join(kind.targets)}"
        yield f"{kind.name}: {ends}{', ' if words else ''}{', '.join(words)}"
        yield from (f"  {_attribute(attribute)}" for attribute in kind.attributes)
    for attribute in view.attributes:
        yield f"document, {_attribute(attribute)}"


def _attribute(attribute: Attribute) -> str:
    of = f" of {', '.join(attribute.choices)}" if attribute.choices else ""
    required = ", required" if attribute.required else ""
    return f"{attribute.name}: {attribute.kind}{of}{required}"
