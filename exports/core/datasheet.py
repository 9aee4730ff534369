"""The page that goes with a release: what is in it, who made it, what it lacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def page(name: str, corpus: str, digest: str, sheet: Mapping[str, Any]) -> str:
    """Return a release's data sheet as Markdown.

    Its questions are those of Gebru et al. 2021, "Datasheets for Datasets", section 3, as far as
    the site can answer them.
    """
    parts = [
        f"# {corpus}, release {name}",
        f"{sheet['documents']} documents, {sheet['words']} words. Digest `{digest}`.",
        table("What is in it", ("label", "spans"), sheet["spans"].items()),
        table("Who annotated", ("reviewer", "documents"), sheet["reviewers"].items()),
        table("Who decided gold", ("person or policy", "decisions"), sheet["decided"].items()),
        agreement_section(sheet["agreement"]),
        table("Suggestions shown", ("suggester", "documents"), sheet["suggesters"].items()),
        table("Licence of the texts", ("licence", "documents"), sheet["licences"].items()),
        table("Known gaps", ("gap", "count"), sheet["gaps"].items()),
        changes_section(sheet["changes"]),
        f"Schema version {sheet['schema_version']}. Guideline SHA-256 `{sheet['guideline']}`.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def table(title: str, head: tuple[str, str], rows: Any, *, level: int = 2) -> str:
    """Return a section with a table of two columns, "" when it has no rows."""
    lines = [f"| {cell(left)} | {cell(right)} |" for left, right in sorted(rows)]
    if not lines:
        return ""
    return "\n".join(
        [f"{'#' * level} {title}", "", f"| {head[0]} | {head[1]} |", "|---|---|", *lines]
    )


def cell(value: object) -> str:
    """Return a value as one line of Markdown that ends no cell of a table."""
    return " ".join(str(value).split()).replace("|", "\\|")


def agreement_section(rows: list[Mapping[str, Any]], *, level: int = 2) -> str:
    """Return the section on how far reviewers agree."""
    mark = "#" * level
    if not rows:
        return (
            f"{mark} Agreement\n\nNo document was reviewed by two people, so there is none to tell."
        )
    lines = [_agreement_line(row) for row in rows]
    head = "| measure | label | value | 95 % interval | n | why none |\n|---|---|---|---|---|---|"
    return "\n".join([f"{mark} Agreement, all pairs of reviewers", "", head, *lines])


def _agreement_line(row: Mapping[str, Any]) -> str:
    cells = (
        row["measure"],
        " ".join(filter(None, (row["label"], row.get("of")))),
        _number(row["value"]),
        f"{_number(row['low'])} to {_number(row['high'])}",
        row["n"],
        cell(row["reason"] or ""),
    )
    return f"| {' | '.join(map(str, cells))} |"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def changes_section(changes: Mapping[str, Any] | None, *, level: int = 2) -> str:
    """Return the section on what changed since the release before."""
    mark = "#" * level
    if changes is None:
        return f"{mark} Changes\n\nThis is the first release."
    lines = [f"- {cell(who)}: {what}" for who, what in sorted(changes["by"].items())]
    documents = (
        f"{changes['documents_added']} documents added, {changes['documents_removed']} removed"
    )
    return "\n".join(
        [
            f"{mark} Changes since {changes['since']}",
            "",
            f"{changes['sentence']}; {documents}.",
            "",
            *lines,
        ]
    )
