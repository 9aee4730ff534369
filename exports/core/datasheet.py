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
        _table("What is in it", ("label", "spans"), sheet["spans"].items()),
        _table("Who annotated", ("reviewer", "documents"), sheet["reviewers"].items()),
        _table("Who decided gold", ("person or policy", "decisions"), sheet["decided"].items()),
        _agreement(sheet["agreement"]),
        _table("Suggestions shown", ("suggester", "documents"), sheet["suggesters"].items()),
        _table("Licence of the texts", ("licence", "documents"), sheet["licences"].items()),
        _table("Known gaps", ("gap", "count"), sheet["gaps"].items()),
        _changes(sheet["changes"]),
        f"Schema version {sheet['schema_version']}. Guideline SHA-256 `{sheet['guideline']}`.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _table(title: str, head: tuple[str, str], rows: Any) -> str:
    lines = [f"| {_cell(left)} | {_cell(right)} |" for left, right in sorted(rows)]
    if not lines:
        return ""
    return "\n".join([f"## {title}", "", f"| {head[0]} | {head[1]} |", "|---|---|", *lines])


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def _agreement(rows: list[Mapping[str, Any]]) -> str:
    if not rows:
        return "## Agreement\n\nNo document was reviewed by two people, so there is none to tell."
    lines = [_agreement_line(row) for row in rows]
    head = "| measure | label | value | 95 % interval | n | why none |\n|---|---|---|---|---|---|"
    return "\n".join(["## Agreement, all pairs of reviewers", "", head, *lines])


def _agreement_line(row: Mapping[str, Any]) -> str:
    cells = (
        row["measure"],
        " ".join(filter(None, (row["label"], row.get("of")))),
        _number(row["value"]),
        f"{_number(row['low'])} to {_number(row['high'])}",
        row["n"],
        _cell(row["reason"] or ""),
    )
    return f"| {' | '.join(map(str, cells))} |"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _changes(changes: Mapping[str, Any] | None) -> str:
    if changes is None:
        return "## Changes\n\nThis is the first release."
    lines = [f"- {_cell(who)}: {what}" for who, what in sorted(changes["by"].items())]
    documents = (
        f"{changes['documents_added']} documents added, {changes['documents_removed']} removed"
    )
    return "\n".join(
        [
            f"## Changes since {changes['since']}",
            "",
            f"{changes['sentence']}; {documents}.",
            "",
            *lines,
        ]
    )
