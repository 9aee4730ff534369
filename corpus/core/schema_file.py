"""Schemas as JSON: read with every mistake named by label and field, for files, forms and the API.

A schema that was written before kinds of links could be `owned` means what it meant then: the
target of `said_by` belongs to its claim, the name of a speaker says who it is.
"""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from .problems import Problem
from .schema import (
    ATTRIBUTE_KINDS,
    ATTRIBUTION,
    RESERVED_FACETS,
    Attribute,
    Label,
    LinkKind,
    SchemaView,
)
from .values import UNSTORABLE

LONGEST_NAME = 60
LONGEST_TITLE = 100
LONGEST_DESCRIPTION = 10_000
# Of labels, kinds of links, and attributes of one holder; and of choices of one attribute.
MOST_LABELS = 500
MOST_CHOICES = 500
MOST_ROWS = MOST_LABELS
# Controls, halves of surrogate pairs, and what ends a line.
NOT_IN_NAMES = ("Cc", "Cs", "Zl", "Zp")
# Of a file, in bytes; the largest schema that is allowed is smaller.
LARGEST_FILE = 5_000_000
# So many mistakes are named at once, each in so many characters.
MOST_NAMED = 20
LONGEST_REASON = 300

SCHEMA_FIELDS = ("labels", "links", "attributes")
LABEL_FIELDS = ("name", "title", "description", "colour", "key", "fold", "attributes")
ATTRIBUTE_FIELDS = (
    *("name", "title", "description", "kind", "choices", "keys", "required", "default"),
    *("identity", "fold"),
)
# `source` and `target` are what files wrote when a kind had one of each.
LINK_FIELDS = (
    *("name", "title", "description", "sources", "targets", "source", "target", "key", "required"),
    *("unless", "owned", "many", "symmetric", "facet", "attributes"),
)


def parse(data: Any) -> SchemaView:
    """Read a schema from JSON data, as `as_json` writes it; raise `Problem` when it is not one.

    The problem names all mistakes, each with its label and field.
    """
    view, mistakes = read_with_mistakes(data)
    if mistakes:
        named = "; ".join(mistakes[:MOST_NAMED])
        more = len(mistakes) - MOST_NAMED
        raise Problem("schema-invalid", reason=f"{named}; and {more} more" if more > 0 else named)
    return view


def read_with_mistakes(data: Any) -> tuple[SchemaView, list[str]]:
    """Return a schema as far as it can be read, and every mistake with its place.

    A place is that of `as_place`, further in with a comma; a colon ends it.
    """
    reader = _Reader()
    view = reader.schema(data)
    return (view if reader.mistakes else _as_before(data, view)), reader.mistakes


def as_place(sort: str, name: Any, number: int) -> str:
    """Return what a mistake calls a row: by its name, or counted from 1 where it has none."""
    if isinstance(name, str) and name.strip():
        return f"{sort} {name[:LONGEST_NAME]!r}"
    return f"{sort} {number}"


def read_file(path: Path) -> SchemaView:
    """Return the schema that a JSON file holds, or raise `Problem` with the place."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Problem("schema-invalid", reason=f"larger than {LARGEST_FILE} bytes")
        return parse_text(path.read_bytes())
    except OSError as error:
        raise Problem("file-unreadable", reason=error.strerror).at(str(path)) from None
    except Problem as problem:
        raise problem.at(str(path)) from None


def parse_text(text: str | bytes) -> SchemaView:
    """Read a schema from the text of a JSON file; raise `Problem` when it is not one."""
    return parse(json_of(text))


def json_of(text: str | bytes) -> Any:
    """Return what the text of a JSON file holds; raise `Problem` when it is not JSON."""
    if len(text) > LARGEST_FILE:
        raise Problem("schema-invalid", reason=f"larger than {LARGEST_FILE} bytes")
    try:
        words = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        return json.loads(words, object_pairs_hook=_once)
    except RecursionError:
        raise Problem("row-json", reason="nested too deeply") from None
    except ValueError as error:
        raise Problem("row-json", reason=str(error)) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; one that names a field twice would lose the first."""
    row = dict(pairs)
    if len(row) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise ValueError(f"the field {twice!r} is there twice in one object")
    return row


def _as_before(data: Mapping[str, Any], view: SchemaView) -> SchemaView:
    """Return a schema of before `owned` with what its names meant then."""
    rows = {row["name"]: row for row in data.get("links") or ()}
    row = rows.get("said_by")
    if row is None or "owned" in row or "sources" in row:
        return view
    said_by = view.links["said_by"]
    sources = [view.labels[name] for name in said_by.sources]
    has_state = any(a.name == "speaker_state" for label in sources for a in label.attributes)
    before = ATTRIBUTION.links["said_by"]
    said_by = replace(
        said_by,
        owned=True,
        required=True,
        facet=before.facet,
        unless=before.unless if has_state else {},
    )
    labels = {
        label.name: replace(
            label, attributes=tuple(_attribute_before(a, label, said_by) for a in label.attributes)
        )
        for label in view.labels.values()
    }
    if "CUE" in labels:
        labels["CUE"] = replace(labels["CUE"], fold=True)
    return SchemaView(labels, {**view.links, "said_by": said_by}, view.attributes)


def _attribute_before(attribute: Attribute, label: Label, said_by: LinkKind) -> Attribute:
    if attribute.name == "name" and label.name in said_by.targets:
        return replace(attribute, identity=True)
    if attribute.name == "kind" and label.name in said_by.sources:
        return replace(attribute, fold=True)
    if attribute.name == "stance" and not attribute.keys:
        known = ATTRIBUTION.labels["CLAIM"].attributes[0].keys
        return replace(attribute, keys={c: known[c] for c in attribute.choices if c in known})
    return attribute


class _Reader:
    """Reads a schema and collects what is wrong with it; what is wrong is read as if left out."""

    def __init__(self) -> None:
        self.mistakes: list[str] = []

    def schema(self, data: Any) -> SchemaView:
        """Return the schema, as far as it can be read."""
        if not isinstance(data, dict):
            self._wrong("schema", "is an object with labels and links")
            return SchemaView({}, {})
        self._known_fields(data, "schema", SCHEMA_FIELDS)
        rows = self._rows(data, "labels", "schema")
        if not rows:
            self._wrong("schema", "has no labels")
        labels: dict[str, Label] = {}
        for number, row in enumerate(rows, start=1):
            label = self._label(row, number)
            if label.name and label.name in labels:
                self._wrong(f"label {label.name!r}", "is there twice")
            labels[label.name] = label
        self._own_keys([(f"label {label.name!r}, key", label.key) for label in labels.values()])
        links: dict[str, LinkKind] = {}
        for number, row in enumerate(self._rows(data, "links", "schema"), start=1):
            kind = self._link_kind(row, number, labels)
            if kind.name and kind.name in links:
                self._wrong(f"link {kind.name!r}", "is there twice")
            links[kind.name] = kind
        self._own_keys([(f"link {kind.name!r}, key", kind.key) for kind in links.values()])
        attributes = self._attributes(data, "document")
        view = SchemaView(labels, links, attributes)
        self._own_facets(view)
        return view

    def _label(self, row: Any, number: int) -> Label:
        place = self._place("label", row, number)
        if not isinstance(row, dict):
            self._wrong(place, "is an object with a name")
            return Label("", "")
        self._known_fields(row, place, LABEL_FIELDS)
        name = self._name(row, place)
        return Label(
            name=name,
            title=self._text(row, "title", place, LONGEST_TITLE) or name.title(),
            description=self._text(row, "description", place, LONGEST_DESCRIPTION),
            colour=self._text(row, "colour", place, 20),
            key=self._key(row.get("key", ""), f"{place}, key"),
            attributes=self._attributes(row, place),
            fold=self._flag(row, "fold", place),
        )

    def _link_kind(self, row: Any, number: int, labels: Mapping[str, Label]) -> LinkKind:
        place = self._place("link", row, number)
        if not isinstance(row, dict):
            self._wrong(place, "is an object with a name, sources and targets")
            return LinkKind("", (), ())
        self._known_fields(row, place, LINK_FIELDS)
        kind = LinkKind(
            name=self._name(row, place),
            sources=self._ends(row, "source", place, labels),
            targets=self._ends(row, "target", place, labels),
            many=self._flag(row, "many", place, default=True),
            title=self._text(row, "title", place, LONGEST_TITLE),
            description=self._text(row, "description", place, LONGEST_DESCRIPTION),
            key=self._key(row.get("key", ""), f"{place}, key"),
            required=self._flag(row, "required", place),
            owned=self._flag(row, "owned", place),
            symmetric=self._flag(row, "symmetric", place),
            unless=self._unless(row, place),
            attributes=self._attributes(row, place),
            facet=self._text(row, "facet", place, LONGEST_NAME),
        )
        if kind.symmetric and kind.owned:
            self._wrong(place, "cannot be both symmetric and owned")
        if kind.symmetric and set(kind.sources) != set(kind.targets):
            self._wrong(place, "is symmetric, so its sources and targets must be the same labels")
        for name, values in kind.unless.items():
            self._check_unless(kind, name, values, place, labels)
        return kind

    def _ends(
        self, row: dict[str, Any], end: str, place: str, labels: Mapping[str, Label]
    ) -> tuple[str, ...]:
        """Return the labels at one end of a kind of link, given as a list or as one name."""
        several = f"{end}s"
        given = row.get(several, row.get(end))
        if several in row and end in row and row[several] != [row[end]]:
            self._wrong(place, f"has both {several} and {end}; leave {end} out")
        names = [given] if isinstance(given, str) else given
        if not isinstance(names, list) or not names:
            self._wrong(f"{place}, {several}", "names the labels it may have, as a list")
            return ()
        ends: list[str] = []
        for name in names:
            if not isinstance(name, str) or name not in labels:
                self._wrong(f"{place}, {several}", f"names the label {name!r}, which is not there")
            elif name in ends:
                self._wrong(f"{place}, {several}", f"names the label {name!r} twice")
            else:
                ends.append(name)
        return tuple(ends)

    def _unless(self, row: dict[str, Any], place: str) -> dict[str, tuple[str, ...]]:
        given = row.get("unless", {})
        if not isinstance(given, dict):
            self._wrong(f"{place}, unless", "is an object of attribute names with lists of values")
            return {}
        unless = {}
        for name, values in given.items():
            if isinstance(values, list) and all(isinstance(value, str) for value in values):
                unless[name] = tuple(values)
            else:
                self._wrong(f"{place}, unless", f"{name!r} has a list of values")
        return unless

    def _check_unless(
        self,
        kind: LinkKind,
        name: str,
        values: Sequence[str],
        place: str,
        labels: Mapping[str, Label],
    ) -> None:
        of_sources = [a for label in kind.sources for a in labels[label].attributes]
        known = {c for a in of_sources if a.name == name and a.kind == "choice" for c in a.choices}
        if not known:
            self._wrong(f"{place}, unless", f"names {name!r}, which no source has as a choice")
        for value in values:
            if known and value not in known:
                self._wrong(f"{place}, unless", f"{value!r} is no choice of {name!r}")

    def _attributes(self, row: dict[str, Any], place: str) -> tuple[Attribute, ...]:
        attributes: dict[str, Attribute] = {}
        for number, inner in enumerate(self._rows(row, "attributes", place), start=1):
            where = f"{place}, {self._place('attribute', inner, number)}"
            if not isinstance(inner, dict):
                self._wrong(where, "is an object with a name and a kind")
                continue
            attribute = self._attribute(inner, where)
            if attribute.name and attribute.name in attributes:
                self._wrong(where, "is there twice")
            attributes[attribute.name] = attribute
        identities = [name for name, attribute in attributes.items() if attribute.identity]
        if len(identities) > 1:
            self._wrong(place, f"has several identities: {', '.join(identities)}")
        return tuple(attributes.values())

    def _attribute(self, row: dict[str, Any], place: str) -> Attribute:
        self._known_fields(row, place, ATTRIBUTE_FIELDS)
        kind = row.get("kind")
        if kind not in ATTRIBUTE_KINDS:
            self._wrong(f"{place}, kind", f"is one of {', '.join(ATTRIBUTE_KINDS)}")
            kind = "text"
        choices = self._choices(row, place, kind)
        attribute = Attribute(
            name=self._name(row, place),
            kind=kind,
            choices=choices,
            required=self._flag(row, "required", place),
            title=self._text(row, "title", place, LONGEST_TITLE),
            description=self._text(row, "description", place, LONGEST_DESCRIPTION),
            default=row.get("default"),
            keys=self._choice_keys(row, place, choices),
            identity=self._flag(row, "identity", place),
            fold=self._flag(row, "fold", place),
        )
        if attribute.default is not None:
            instead = attribute.allowed_instead(attribute.default)
            if instead is not None:
                self._wrong(f"{place}, default", f"is not among what is allowed: {instead}")
        if attribute.identity and attribute.kind not in ("text", "choice"):
            self._wrong(f"{place}, identity", "is for text and choice")
        return attribute

    def _choices(self, row: dict[str, Any], place: str, kind: str) -> tuple[str, ...]:
        given = row.get("choices", [])
        where = f"{place}, choices"
        if kind not in ("choice", "choices"):
            if given:
                self._wrong(where, f"is for choice and choices; this is {kind}")
            return ()
        if not isinstance(given, list) or not given:
            self._wrong(where, "is a list of values")
            return ()
        if len(given) > MOST_CHOICES:
            self._wrong(where, f"has more than {MOST_CHOICES} values")
            return ()
        choices: list[str] = []
        for value in given:
            if not isinstance(value, str):
                self._wrong(where, f"holds {value!r}, which is no text; write it in quotes")
            elif value.strip() != value or not value or UNSTORABLE.search(value):
                self._wrong(where, f"holds {value!r}: empty, or with white space at an edge")
            elif value in choices:
                self._wrong(where, f"holds {value!r} twice")
            else:
                choices.append(value)
        return tuple(choices)

    def _choice_keys(
        self, row: dict[str, Any], place: str, choices: Sequence[str]
    ) -> dict[str, str]:
        given = row.get("keys", {})
        where = f"{place}, keys"
        if not isinstance(given, dict):
            self._wrong(where, "is an object of choices with a key each")
            return {}
        keys = {}
        for choice, value in given.items():
            if choice not in choices:
                self._wrong(where, f"names {choice!r}, which is no choice")
                continue
            keys[choice] = self._key(value, where)
        self._own_keys([(f"{where}, {choice!r}", key) for choice, key in keys.items()])
        return {choice: key for choice, key in keys.items() if key}

    def _own_keys(self, keys: Sequence[tuple[str, str]]) -> None:
        """Say where two of the same sort have one key."""
        holders: dict[str, str] = {}
        for place, key in keys:
            if key and key in holders:
                self._wrong(place, f"{key!r} is also that of {holders[key]}")
            elif key:
                holders[key] = place.removesuffix(", key")

    def _own_facets(self, view: SchemaView) -> None:
        """Say where two kinds of links would be called the same in disputes."""
        holders: dict[str, str] = {}
        for kind in view.links.values():
            facet = kind.facet or kind.name
            # A kind of such a name has another facet by itself.
            if kind.facet in RESERVED_FACETS and kind.facet != kind.name:
                self._wrong(f"link {kind.name!r}, facet", f"cannot be {facet!r}")
            if facet in holders:
                self._wrong(f"link {kind.name!r}, facet", f"is also that of {holders[facet]!r}")
            holders[facet] = kind.name

    def _place(self, sort: str, row: Any, number: int) -> str:
        return as_place(sort, row.get("name") if isinstance(row, dict) else None, number)

    def _rows(self, row: dict[str, Any], field: str, place: str) -> list[Any]:
        rows = row.get(field, [])
        if isinstance(rows, list):
            if len(rows) > MOST_ROWS:
                self._wrong(f"{place}, {field}", f"has more than {MOST_ROWS} rows")
            return rows[:MOST_ROWS]
        self._wrong(f"{place}, {field}", "is a list")
        return []

    def _name(self, row: dict[str, Any], place: str) -> str:
        name = row.get("name")
        if not isinstance(name, str) or not name.strip():
            self._wrong(f"{place}, name", "is a text that is not empty")
            return ""
        if name.strip() != name or any(unicodedata.category(c) in NOT_IN_NAMES for c in name):
            self._wrong(f"{place}, name", "has no white space at its edges and no control signs")
        if len(name) > LONGEST_NAME:
            self._wrong(f"{place}, name", f"is longer than {LONGEST_NAME} characters")
        return name

    def _text(self, row: dict[str, Any], field: str, place: str, longest: int) -> str:
        text = row.get(field, "")
        if not isinstance(text, str) or UNSTORABLE.search(text):
            self._wrong(f"{place}, {field}", "is a text")
            return ""
        if len(text) > longest:
            self._wrong(f"{place}, {field}", f"is longer than {longest} characters")
        return text.strip()

    def _flag(self, row: dict[str, Any], field: str, place: str, *, default: bool = False) -> bool:
        value = row.get(field, default)
        if not isinstance(value, bool):
            self._wrong(f"{place}, {field}", "is true or false")
            return default
        return value

    def _key(self, value: Any, place: str) -> str:
        key = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        if not isinstance(key, str) or len(key) > 1 or key.isspace():
            self._wrong(place, "is one sign, or empty")
            return ""
        return key

    def _known_fields(self, row: dict[str, Any], place: str, fields: Sequence[str]) -> None:
        for name in row:
            if name in fields:
                continue
            if len(self.mistakes) > MOST_NAMED:
                # No more is named, and looking for what was meant takes long.
                self.mistakes.append("")
                continue
            near = difflib.get_close_matches(str(name)[:80], fields, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(fields)}"
            self._wrong(place, f"has an unknown field {str(name)[:80]!r}; {hint}")

    def _wrong(self, place: str, reason: str) -> None:
        # What stands in a file may be long; the beginning says which it is.
        self.mistakes.append(f"{place}: {reason[:LONGEST_REASON]}")
