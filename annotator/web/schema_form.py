"""A schema as a form: rows of fields, each with what it was called before.

The form works without JavaScript: every button sends all rows, and the answer shows them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from corpus.core.schema import Attribute, Label, LinkKind, SchemaView
from corpus.core.schema_file import as_place

Row = dict[str, Any]

# What has a control; the rest of a row goes along unseen.
LABEL_TEXTS = ("name", "title", "description", "colour", "key")
LINK_TEXTS = ("name", "title", "description", "key")
ATTRIBUTE_TEXTS = ("name", "title", "description", "kind")
LABEL_FLAGS = ("fold",)
LINK_FLAGS = ("required", "owned", "many", "symmetric")
ATTRIBUTE_FLAGS = ("required", "identity", "fold")
# Between a choice and its key.
SIGN = "|"


@dataclass(slots=True)
class SchemaForm:
    """The rows of a schema; a link names the labels at its ends by the `uid` of their rows."""

    labels: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)
    attributes: list[Row] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        """Return the schema as `schema_file` reads it."""
        names = {row["uid"]: row["name"] for row in self.labels}
        labels = [
            {**_own(row), "attributes": [_attribute_data(a) for a in row["attributes"]]}
            for row in self.labels
        ]
        links = []
        for row in self.links:
            sources = [names[uid] for uid in row["sources"] if uid in names]
            targets = [names[uid] for uid in row["targets"] if uid in names]
            attributes = [_attribute_data(a) for a in row["attributes"]]
            ends = {"sources": sources, "targets": targets, "attributes": attributes}
            links.append({**_own(row), **ends, **self._following(row)})
        attributes = [_attribute_data(row) for row in self.attributes]
        return {"labels": labels, "links": links, "attributes": attributes}

    def _following(self, row: Row) -> dict[str, Any]:
        """Return what of a kind of link has no control, by the names that things have now."""
        renamed = {}
        for label in self.labels:
            if label["uid"] in row["sources"]:
                renamed.update({a["was"] or a["name"]: a["name"] for a in label["attributes"]})
        given = row["rest"].get("unless", {})
        unless = {renamed[name]: values for name, values in given.items() if name in renamed}
        facet = row["rest"].get("facet", "")
        return {"unless": unless, "facet": "" if facet == row["was"] else facet}

    def names(self) -> dict[str, dict[str, str]]:
        """Return a map of what was called otherwise before."""
        renamed: dict[str, dict[str, str]] = {"labels": {}, "links": {}, "attributes": {}}
        for section, rows in (("labels", self.labels), ("links", self.links)):
            for row in rows:
                if row["was"] and row["was"] != row["name"]:
                    renamed[section][row["was"]] = row["name"]
                for attribute in row["attributes"]:
                    self._rename(renamed["attributes"], row["was"], attribute)
        for attribute in self.attributes:
            self._rename(renamed["attributes"], "", attribute)
        return {section: rows for section, rows in renamed.items() if rows}

    def _rename(self, rows: dict[str, str], holder: str, attribute: Row) -> None:
        was = attribute["was"]
        if was and was != attribute["name"]:
            rows[f"{holder}.{was}"] = attribute["name"]

    def act(self, act: str) -> str:
        """Add a row, or move or remove one, as in "add labels 0 attributes" or "up links 1".

        Returns the prefix of the row to go on with, "" where there is none.
        """
        verb, *path = act.split()
        rows = self._rows(path if verb == "add" else path[:-1])
        if rows is None:
            return ""
        if verb == "add":
            rows.append(self._new(path[-1]))
            return "-".join((*path, str(len(rows) - 1)))
        place = int(path[-1]) if path[-1].isdigit() else -1
        if not 0 <= place < len(rows):
            return ""
        row = rows.pop(place)
        if verb == "remove":
            place -= 1
        else:
            place = max(0, place - 1) if verb == "up" else min(place + 1, len(rows))
            rows.insert(place, row)
        return "-".join((*path[:-1], str(max(0, place))))

    def _rows(self, path: Sequence[str]) -> list[Row] | None:
        """Return the rows that a path leads to, None when it leads nowhere."""
        match path:
            case ["labels"]:
                return self.labels
            case ["links"]:
                return self.links
            case ["attributes"]:
                return self.attributes
            case ["labels" | "links" as section, number, "attributes"] if number.isdigit():
                rows = self.labels if section == "labels" else self.links
                return rows[int(number)]["attributes"] if int(number) < len(rows) else None
        return None

    def _new(self, section: str) -> Row:
        if section == "attributes":
            return {**_empty(ATTRIBUTE_TEXTS, ATTRIBUTE_FLAGS), "kind": "choice", "choices": ""}
        row = {**_empty(LINK_TEXTS, LINK_FLAGS), "attributes": []}
        if section == "links":
            return {**row, "many": True, "sources": [], "targets": []}
        uids = {label["uid"] for label in self.labels}
        number = len(uids)
        while f"n{number}" in uids:
            number += 1
        label = _empty(LABEL_TEXTS, LABEL_FLAGS)
        return {**label, "uid": f"n{number}", "attributes": []}

    def shown(self, mistakes: Sequence[str] = ()) -> Shown:
        """Return the form for a page, with each mistake beside what it is about."""
        return Shown(self, list(mistakes))


def _empty(texts: Sequence[str], flags: Sequence[str]) -> Row:
    return {**dict.fromkeys(texts, ""), **dict.fromkeys(flags, False), "was": "", "rest": {}}


def _own(row: Row) -> dict[str, Any]:
    """Return the fields of a row that a schema has under the same names."""
    known = {*LABEL_TEXTS, *LABEL_FLAGS, *LINK_TEXTS, *LINK_FLAGS}
    return {name: value for name, value in row.items() if name in known}


def _attribute_data(row: Row) -> dict[str, Any]:
    data = {name: row[name] for name in (*ATTRIBUTE_TEXTS, *ATTRIBUTE_FLAGS)}
    if row["kind"] in ("choice", "choices"):
        choices, keys = _choices(row["choices"])
        data |= {"choices": choices, "keys": keys}
    default = row["rest"].get("default")
    attribute = Attribute("", str(row["kind"]), tuple(data.get("choices", ())))
    if default is not None and attribute.allowed_instead(default) is None:
        data["default"] = default
    return data


def _choices(text: str) -> tuple[list[str], dict[str, str]]:
    """Return the choices that a text lists, one in a line, and the keys of those that have one."""
    choices: list[str] = []
    keys: dict[str, str] = {}
    for line in text.splitlines():
        choice, sign, key = line.rpartition(SIGN)
        if not sign:
            choice, key = line, ""
        if choice := choice.strip():
            choices.append(choice)
            if key := key.strip():
                keys[choice] = key
    return choices, keys


def of_schema(schema: SchemaView, *, known: bool = True) -> SchemaForm:
    """Return the form of a schema; `known` when its names are those of the corpus now."""
    data = schema.as_json()
    form = SchemaForm()
    uid_of = {row["name"]: f"l{number}" for number, row in enumerate(data["labels"])}
    for row in data["labels"]:
        form.labels.append({**_of(row, known), "uid": uid_of[row["name"]]})
    for row in data["links"]:
        ends = {end: [uid_of[name] for name in row[end]] for end in ("sources", "targets")}
        rest = {"unless": row["unless"], "facet": row["facet"]}
        form.links.append({**_of(row, known), **ends, "rest": rest})
    form.attributes = [_attribute_of(row, known) for row in data["attributes"]]
    return form


def of_change(schema: SchemaView, names: Any, old: SchemaView) -> SchemaForm:
    """Return the form of a schema that a map leads to, each row with what it was called before."""
    given = names if isinstance(names, dict) else {}
    form = of_schema(schema, known=False)
    labels = _was(given.get("labels"), list(old.labels))
    links = _was(given.get("links"), list(old.links))
    attributes = given.get("attributes")
    for row in form.labels:
        row["was"] = labels.get(row["name"], "")
        if row["was"]:
            _name_before(row["attributes"], row["was"], attributes, old.labels[row["was"]])
    called = {}
    for row in form.labels:
        called.update({(row["uid"], a["name"]): a["was"] or a["name"] for a in row["attributes"]})
    for row in form.links:
        row["was"] = links.get(row["name"], "")
        if row["was"]:
            _name_before(row["attributes"], row["was"], attributes, old.links[row["was"]])
        facet = row["rest"]["facet"]
        unless = {}
        for name, values in row["rest"]["unless"].items():
            for uid in row["sources"]:
                if (uid, name) in called:
                    unless[called[uid, name]] = values
        row["rest"] = {"unless": unless, "facet": "" if facet == row["name"] else facet}
    _name_before(form.attributes, "", attributes, old)
    return form


def _was(rows: Any, old: Sequence[str]) -> dict[str, str]:
    """Return by new names what was called otherwise or the same before; what stays goes first."""
    becomes = rows if isinstance(rows, dict) else {}
    was = {name: name for name in old if becomes.get(name, name) == name}
    for name in old:
        if isinstance(new := becomes.get(name), str):
            was.setdefault(new, name)
    return was


def _name_before(
    attributes: list[Row], holder: str, rows: Any, old: Label | LinkKind | SchemaView
) -> None:
    """Write into rows of attributes what they were called before."""
    given = rows if isinstance(rows, dict) else {}
    names = [attribute.name for attribute in old.attributes]
    becomes = {n: given[f"{holder}.{n}"] for n in names if f"{holder}.{n}" in given}
    was = _was(becomes, names)
    for row in attributes:
        row["was"] = was.get(row["name"], "")


def _of(row: Mapping[str, Any], known: bool) -> Row:
    attributes = [_attribute_of(attribute, known) for attribute in row["attributes"]]
    return {**row, "attributes": attributes, "was": row["name"] if known else "", "rest": {}}


def _attribute_of(row: Mapping[str, Any], known: bool) -> Row:
    lines = []
    for choice in row["choices"]:
        key = row["keys"].get(choice, "")
        # A choice that holds the sign itself ends in one, so that no part of it is read as a key.
        lines.append(f"{choice} {SIGN} {key}".rstrip() if key or SIGN in choice else choice)
    rest = {} if row["default"] is None else {"default": row["default"]}
    was = row["name"] if known else ""
    return {**row, "choices": "\n".join(lines), "was": was, "rest": rest}


def read(post: QueryDict) -> SchemaForm:
    """Return the form that a browser sent."""
    form = SchemaForm()
    for prefix in _prefixes(post, "labels"):
        row = _read(post, prefix, LABEL_TEXTS, LABEL_FLAGS)
        row |= {"uid": post.get(f"{prefix}-uid", ""), "attributes": _attributes(post, prefix)}
        form.labels.append(row)
    for prefix in _prefixes(post, "links"):
        row = _read(post, prefix, LINK_TEXTS, LINK_FLAGS)
        ends = {end: post.getlist(f"{prefix}-{end}") for end in ("sources", "targets")}
        form.links.append({**row, **ends, "attributes": _attributes(post, prefix)})
    form.attributes = _attributes(post, "")
    return form


def _prefixes(post: QueryDict, section: str) -> Iterator[str]:
    number = 0
    while f"{section}-{number}-name" in post:
        yield f"{section}-{number}"
        number += 1


def _attributes(post: QueryDict, holder: str) -> list[Row]:
    section = f"{holder}-attributes" if holder else "attributes"
    rows = []
    for prefix in _prefixes(post, section):
        row = _read(post, prefix, ATTRIBUTE_TEXTS, ATTRIBUTE_FLAGS)
        rows.append({**row, "choices": post.get(f"{prefix}-choices", "")})
    return rows


def _read(post: QueryDict, prefix: str, texts: Sequence[str], flags: Sequence[str]) -> Row:
    row: Row = {name: post.get(f"{prefix}-{name}", "").strip() for name in texts}
    row |= {name: f"{prefix}-{name}" in post for name in flags}
    row["was"] = post.get(f"{prefix}-was", "")
    try:
        rest = json.loads(post.get(f"{prefix}-rest") or "{}")
    except ValueError:
        rest = {}
    row["rest"] = rest if isinstance(rest, dict) else {}
    return row


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row on the page: the names of its fields begin with `prefix`, its buttons name `path`."""

    prefix: str
    path: str
    row: Row
    errors: dict[str, list[str]]
    attributes: list[ShownRow] = field(default_factory=list)
    sources: list[tuple[str, str, bool]] = field(default_factory=list)
    targets: list[tuple[str, str, bool]] = field(default_factory=list)

    @property
    def rest(self) -> str:
        """Return what goes along unseen."""
        return json.dumps(self.row["rest"])

    @property
    def more(self) -> list[str]:
        """Return the mistakes that no control of the row is about."""
        return self.errors.get("", [])


class Shown:
    """A form as a page shows it."""

    def __init__(self, form: SchemaForm, mistakes: list[str]) -> None:
        self._mistakes = mistakes
        ends = [(row["uid"], row["name"] or "(no name yet)") for row in form.labels]
        self.labels = [
            self._row("label", f"labels-{n}", f"labels {n}", n, row)
            for n, row in enumerate(form.labels)
        ]
        self.links = [
            self._row("link", f"links-{n}", f"links {n}", n, row, ends)
            for n, row in enumerate(form.links)
        ]
        self.attributes = self._attributes("document", "attributes", "attributes", form.attributes)
        # What no row is about.
        self.errors = self._mistakes

    def _row(
        self,
        sort: str,
        prefix: str,
        path: str,
        number: int,
        row: Row,
        ends: Sequence[tuple[str, str]] = (),
    ) -> ShownRow:
        place = as_place(sort, row["name"], number + 1)
        attributes = self._attributes(
            place, f"{prefix}-attributes", f"{path} attributes", row["attributes"]
        )
        return ShownRow(
            prefix,
            path,
            row,
            self._errors(place, row),
            attributes,
            [(uid, name, uid in row.get("sources", ())) for uid, name in ends],
            [(uid, name, uid in row.get("targets", ())) for uid, name in ends],
        )

    def _attributes(
        self, holder: str, prefix: str, path: str, rows: Sequence[Row]
    ) -> list[ShownRow]:
        shown = []
        for number, row in enumerate(rows):
            place = f"{holder}, {as_place('attribute', row['name'], number + 1)}"
            errors = self._errors(place, row)
            shown.append(ShownRow(f"{prefix}-{number}", f"{path} {number}", row, errors))
        return shown

    def _errors(self, place: str, row: Row) -> dict[str, list[str]]:
        """Return the mistakes at a place by field; they are told once."""
        errors: dict[str, list[str]] = {}
        left = []
        for mistake in self._mistakes:
            after = mistake.removeprefix(place)
            if after == mistake or after[:1] not in (",", ":"):
                left.append(mistake)
                continue
            name = after.partition(":")[0].strip(", ").partition(",")[0]
            errors.setdefault(_control(name, row), []).append(mistake)
        self._mistakes = left
        return errors


def _control(name: str, row: Row) -> str:
    """Return the control of a field; keys stand with their choices."""
    if name == "keys" and "choices" in row:
        return "choices"
    return name if name in row and name != "rest" else ""
