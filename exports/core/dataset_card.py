"""The dataset card of a release: front matter that dataset hubs read, and a full data sheet.

What the site knows stands there by itself; what only people know is what they said (see
`dataset_about`), else it is "Not stated.".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from corpus.core.schema import SchemaView
from exports.core.dataset_about import SECTIONS, demoted
from exports.core.dataset_features import CONFIGS, SPLITS, card_features, columns, data_file
from exports.core.datasheet import agreement_section, cell, changes_section, table
from exports.core.positions import PARTS, UNUSED

NOT_STATED = "Not stated."
ABOUT_CONFIGS = {
    "gold": "a document a row, with the spans and links that were agreed or settled",
    "all_annotators": (
        "a document a row, with the layer of each annotator, and for each frame"
        " how many gave it which value"
    ),
    "provenance": (
        "a span a row: suggested or not, what each annotator did with it, who decided, and why"
    ),
}
# Licences by the names under which hubs know them.
LICENCES = re.compile(
    r"cc0-1\.0|cc-by(-nc)?(-sa|-nd)?-(2\.0|2\.5|3\.0|4\.0)|odc-by|odbl|pddl|mit|apache-2\.0"
)
NOT_IN_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def page(
    *,
    name: str,
    digest: str,
    sheet: Mapping[str, Any],
    card: Mapping[str, Any],
    schema: SchemaView,
    form: str,
) -> str:
    """Return the README of a release whose data files have this form."""
    sheet = _in_order(sheet)
    card = _in_order(card)
    parts = [
        _front_matter(sheet, card, schema, form),
        f"# {cell(sheet['corpus'])}, release {name}",
        f"{sheet['documents']} documents, {sheet['words']} words. Digest `{digest}`.",
        _how_to_load(card),
    ]
    for section in SECTIONS:
        stated = card["about"].get(section, "")
        known = _KNOWN[section](sheet, card)
        body = "\n\n".join(filter(None, (stated or _unstated(section), *known)))
        parts.append(f"## {section}\n\n{body}")
    parts.append(f"## Guideline\n\n{demoted(card['guideline']) or 'There is none.'}")
    return "\n\n".join(parts) + "\n"


def _in_order(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts with their keys in one order: PostgreSQL keeps those of JSON in another."""
    ordered: dict[str, Any] = json.loads(json.dumps(facts, sort_keys=True))
    return ordered


def _unstated(section: str) -> str:
    """Return what stands for words of people, in sections that need them."""
    people = ("Motivation", "People and pay", "Uses", "Maintenance")
    return NOT_STATED if section in people else ""


def _front_matter(
    sheet: Mapping[str, Any], card: Mapping[str, Any], schema: SchemaView, form: str
) -> str:
    """Return YAML whose values are JSON, which every YAML parser reads alike."""
    tasks = ["token-classification"]
    attributes = [a for label in schema.labels.values() for a in label.attributes]
    if any(attribute.kind == "choice" for attribute in attributes):
        tasks.append("text-classification")
    values: dict[str, Any] = {
        "language": [card["language"].partition("-")[0].lower()],
        **_licence(sheet["licences"]),
        "pretty_name": f"{sheet['corpus']}",
        "size_categories": [_size(sheet["documents"])],
        "task_categories": tasks,
    }
    lines = ["---"]
    lines += [f"{key}: {_json(value)}" for key, value in values.items()]
    lines.append("configs:")
    for config in _configs(card):
        lines.append(f"- config_name: {config}")
        lines.append("  data_files:")
        for split in _splits(card, config):
            lines.append(f"  - split: {split}")
            lines.append(f"    path: {data_file(config, split, form)}")
        if config == "gold":
            lines.append("  default: true")
    lines.append("dataset_info:")
    described = columns(schema)
    for config in _configs(card):
        lines.append(f"- config_name: {config}")
        lines.append("  features:")
        lines += [f"  - {_json(feature)}" for feature in card_features(described[config])]
    return "\n".join([*lines, "---"])


def _json(value: Any) -> str:
    """Return a value as JSON that is YAML too, which takes some characters for line ends or none.

    JSON's own escapes would part characters beyond the first 65,536 in halves.
    """
    return NOT_IN_YAML.sub(
        lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False)
    )


def _configs(card: Mapping[str, Any]) -> list[str]:
    """Return the configurations that have rows."""
    return [config for config in CONFIGS if card["rows"].get(config)]


def _licence(licences: Mapping[str, int]) -> dict[str, str]:
    """Return the licence under the name that hubs know, else as it was stated."""
    if not licences or set(licences) == {"not stated"}:
        return {"license": "unknown"}
    named = {re.sub(r"[\s_]+", "-", name.strip().lower()) for name in licences}
    if len(named) == 1:
        [known] = named
        if LICENCES.fullmatch(known):
            return {"license": known}
    return {"license": "other", "license_name": "; ".join(sorted(licences))}


def _size(documents: int) -> str:
    for limit, name in SIZES:
        if documents < limit:
            return name
    return "n>1M"


def _splits(card: Mapping[str, Any], config: str) -> list[str]:
    """Return the splits that a configuration has rows in, train first."""
    return [split for split in SPLITS.values() if split in card["rows"][config]]


def _how_to_load(card: Mapping[str, Any]) -> str:
    rows = []
    for config in _configs(card):
        counts = card["rows"][config]
        splits = ", ".join(f"{split} {counts[split]}" for split in _splits(card, config))
        rows.append(f"| `{config}` | {ABOUT_CONFIGS[config]} | {splits} |")
    code = 'from datasets import load_dataset\n\ngold = load_dataset("FOLDER", "gold")'
    head = "| configuration | what | rows |\n|---|---|---|"
    return "\n".join([f"```python\n{code}\n```", "", head, *rows])


def _motivation(sheet: Mapping[str, Any], card: Mapping[str, Any]) -> Iterator[str]:
    yield from ()


def _composition(sheet: Mapping[str, Any], card: Mapping[str, Any]) -> Iterator[str]:
    yield table("Spans of gold", ("label", "spans"), sheet["spans"].items(), level=3)
    outlets = sorted(card["outlets"].items(), key=lambda outlet: (-outlet[1], outlet[0]))
    yield table("Outlets", ("outlet", "documents"), outlets, level=3)
    if card["published"]:
        first, last = card["published"]
        yield f"Published from {cell(first)} to {cell(last)}, where a date is known."
    yield from _parts(card)
    yield table("Known gaps", ("gap", "count"), sheet["gaps"].items(), level=3)
    yield (
        "The texts are news articles: they name people and say what those said. Texts that were"
        " withdrawn are in no configuration."
    )


def _parts(card: Mapping[str, Any]) -> Iterator[str]:
    """Yield how documents are parted."""
    parts = ", ".join(SPLITS[part] for part in PARTS)
    alike = "near-duplicates and documents of one story stay together"
    if "unused" not in card:
        # A card from before the corpus remembered the parts of a release.
        yield f"Documents are parted {card['split']} into {parts} by digests of their ids; {alike}."
        return
    yield (
        f"Documents are parted {card['split']} into {parts}; {alike}. The corpus remembers the"
        " parts: what was test in an earlier release, or in training data by percent, is test here."
    )
    if card["unused"]:
        yield (
            f"The split `{SPLITS[UNUSED]}` is for neither training nor tests: its documents are"
            " near to such as are in different parts."
        )
        yield table("Documents in no part", ("why", "documents"), card["unused"].items(), level=3)


def _collection(sheet: Mapping[str, Any], card: Mapping[str, Any]) -> Iterator[str]:
    if card["annotated"]:
        yield f"Annotated from {card['annotated'][0]} to {card['annotated'][1]}."
    yield (
        f"{card['reviews']} reviews, {card['blind']} of them without suggestions. Reviewers worked"
        " apart from each other; what they agreed on became gold by a policy, the rest was settled"
        " by adjudicators."
    )
    if card["practice"]:
        yield (
            f"{card['practice']} reviews for practice and control are in no configuration:"
            " gold was known before them."
        )
    shown = sheet["suggesters"].items()
    yield table("Suggestions shown", ("suggester", "documents"), shown, level=3)
    yield agreement_section(sheet["agreement"], level=3)


def _people(sheet: Mapping[str, Any], card: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "Pseudonyms stand for people. They are the same in every release of this corpus and in no"
        " other."
    )
    reviewers = sheet["reviewers"].items()
    yield table("Who annotated", ("reviewer", "documents"), reviewers, level=3)
    decided = sheet["decided"].items()
    yield table("Who decided gold", ("person or policy", "decisions"), decided, level=3)


def _preprocessing(sheet: Mapping[str, Any], card: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "Texts were decoded, line ends made `\\n`, and kept as they are since. Offsets count"
        " Unicode code points, half-open. `start`, `end` and `text` of an interrupted span are its"
        " envelope, `fragments` its pieces."
    )
    yield (
        "A missing attribute is an abstention, never a no: shares of a soft label are among those"
        " who gave a value. `existence` is among all annotators of the document."
    )


def _uses(sheet: Mapping[str, Any], card: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "Frames in dispute are not in `gold`; `provenance` lists them with `in_gold` false, so"
        " that training need not take them for text in which nothing is said."
    )


def _distribution(sheet: Mapping[str, Any], card: Mapping[str, Any]) -> Iterator[str]:
    licences = sheet["licences"].items()
    yield table("Licence of the texts", ("licence", "documents"), licences, level=3)


def _maintenance(sheet: Mapping[str, Any], card: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "This release does not change. `manage.py verify_release FOLDER`, on the site that made it,"
        " compares every file with the log."
    )
    yield changes_section(sheet["changes"], level=3)
    yield f"Schema version {sheet['schema_version']}. Guideline SHA-256 `{sheet['guideline']}`."


_KNOWN = {
    "Motivation": _motivation,
    "Composition": _composition,
    "Collection": _collection,
    "People and pay": _people,
    "Preprocessing": _preprocessing,
    "Uses": _uses,
    "Distribution": _distribution,
    "Maintenance": _maintenance,
}
