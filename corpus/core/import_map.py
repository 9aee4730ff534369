"""A map from the names of somebody's files to those of a schema, for imports.

As JSON: `{"labels": {"theirs": "ours"}, "links": {…}, "attributes": {…}, "values": {"attribute":
{"theirs": "ours"}}, "frames": {…}}`. Null leaves out. An attribute may be named with its label or
link kind, as `LABEL.theirs`. What a map does not name keeps its name.

A frame is how some corpora say who said what: a span, as the trigger of brat's events, with links
to both. `"frames": {"Attribution": {"source": "Content", "target": "Source", "kind": "said_by"}}`
makes of each span `Attribution` a link from where its link `Content` leads to where its link
`Source` does; the span itself goes.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from pathlib import Path
from typing import Any

from .layer_fit import words
from .problems import Problem
from .schema import Attribute, SchemaView
from .span import LayerView, Link, Span

ASKED = ("labels", "links", "attributes", "values")
SECTIONS = (*ASKED, "frames")
FRAME = ("source", "target", "kind")
# What corpora of who said what call the same thing, in English and German.
SAME = (
    frozenset({"source", "speaker", "sayer", "sprecher", "sprecherin", "quelle"}),
    frozenset(
        {
            *("content", "claim", "quote", "quotation", "statement"),
            *("aussage", "zitat", "behauptung", "inhalt"),
        }
    ),
    frozenset({"cue", "trigger", "redeverb", "hinweiswort"}),
    frozenset({"stance", "haltung", "standpunkt", "stellungnahme"}),
)
Names = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class ImportMap:
    """What labels, link kinds, attributes and values of files are called here; None leaves out."""

    labels: Names = field(default_factory=dict)
    links: Names = field(default_factory=dict)
    attributes: Names = field(default_factory=dict)
    values: Mapping[str, Names] = field(default_factory=dict)
    frames: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the form of files."""
        return {section: dict(getattr(self, section)) for section in SECTIONS}

    def apply(self, layer: LayerView) -> tuple[LayerView, Counter[str]]:
        """Return a layer under our names, and what the map left out, by reason."""
        left: Counter[str] = Counter()
        # Most imports have no map, and hundreds of thousands of spans.
        if not any(getattr(self, section) for section in SECTIONS):
            return layer, left
        layer, made = self._without_frames(layer, left)
        spans: dict[int, Span] = {}
        for span in layer.spans.values():
            label = self.labels.get(span.label, span.label)
            if label is None:
                left[f"left out by the map: label {span.label}"] += 1
                continue
            attributes = self._attributes(span.attributes, span.label, left)
            spans[span.ident] = replace(span, label=label, attributes=attributes)
        links: dict[int, Link] = {}
        for link in layer.links.values():
            # What was made of a frame has its name from the map.
            kind = link.kind if link.ident in made else self.links.get(link.kind, link.kind)
            if kind is None:
                left[f"left out by the map: link {link.kind}"] += 1
            elif link.source not in spans or link.target not in spans:
                left["left out by the map: links of spans that it leaves out"] += 1
            else:
                attributes = self._attributes(link.attributes, link.kind, left)
                links[link.ident] = replace(link, kind=kind, attributes=attributes)
        document = self._attributes(layer.attributes, "", left)
        return replace(layer, spans=spans, links=links, attributes=document), +left

    def _without_frames(
        self, layer: LayerView, left: Counter[str]
    ) -> tuple[LayerView, frozenset[int]]:
        """Return a layer with links in place of frames, and the idents of those links."""
        triggers = {n: span for n, span in layer.spans.items() if span.label in self.frames}
        if not triggers:
            return layer, frozenset()
        ends: dict[tuple[int, str], list[int]] = {}
        links: dict[int, Link] = {}
        for link in layer.links.values():
            if link.source in triggers:
                ends.setdefault((link.source, link.kind), []).append(link.target)
            elif link.target not in triggers:
                links[link.ident] = link
            else:
                left["left out by the map: links to frames"] += 1
        ident = max(layer.links, default=0)
        made = []
        for number, span in triggers.items():
            frame = self.frames[span.label]
            sources = ends.get((number, frame["source"]), [])
            targets = ends.get((number, frame["target"]), [])
            # Who said nothing, and what nobody said, are spans without a link.
            left[f"frames without both ends: {span.label}"] += not (sources and targets)
            for source, target in product(sources, targets):
                ident += 1
                made.append(ident)
                links[ident] = Link(ident, frame["kind"], source, target)
        spans = {n: span for n, span in layer.spans.items() if n not in triggers}
        return replace(layer, spans=spans, links=links), frozenset(made)

    def _attributes(
        self, values: Mapping[str, Any], holder: str, left: Counter[str]
    ) -> dict[str, Any]:
        mapped: dict[str, Any] = {}
        for name, value in values.items():
            full = f"{holder}.{name}" if holder else name
            ours = self.attributes.get(full, self.attributes.get(name, name))
            if ours is None:
                left[f"left out by the map: attribute {full}"] += 1
                continue
            said = self._value(value, (full, name, ours))
            if said is None:
                left[f"left out by the map: {name} {words(value)[:60]}"] += 1
            elif ours in mapped:
                left[f"left out by the map: a second {ours}"] += 1
            else:
                mapped[ours] = said
        return mapped

    def _value(self, value: Any, names: tuple[str, ...]) -> Any:
        """Return what a value is here, None when it is left out; of a list each is mapped."""
        table = next((self.values[name] for name in names if name in self.values), None)
        if table is None:
            return value
        if isinstance(value, list):
            several: list[Any] = []
            for one in value:
                ours = table.get(words(one), one)
                # Two of theirs may become one of ours.
                if ours is not None and ours not in several:
                    several.append(ours)
            return several or None
        return table.get(words(value), value)


def read(path: Path, schema: SchemaView) -> ImportMap:
    """Read a map from a file; raise `Problem` that names it."""
    try:
        return parse(json.loads(path.read_text(encoding="utf-8")), schema)
    except OSError as error:
        raise Problem("file-unreadable", reason=error.strerror or error).at(str(path)) from None
    except (ValueError, RecursionError) as error:
        raise Problem("label-map", reason=f"it is no JSON ({error})").at(str(path)) from None
    except Problem as problem:
        raise problem.at(str(path)) from None


def parse(data: Any, schema: SchemaView) -> ImportMap:
    """Read a map; raise `Problem` that names all of its mistakes."""
    if not isinstance(data, dict):
        raise Problem("label-map", reason=f"it is no object with {', '.join(SECTIONS)}")
    mistakes = list(_mistakes(data, schema))
    if mistakes:
        raise Problem("label-map", reason="; ".join(mistakes[:20]))
    return ImportMap(**{section: data.get(section) or {} for section in SECTIONS})


def _mistakes(data: Mapping[str, Any], schema: SchemaView) -> Iterator[str]:
    for section in data.keys() - set(SECTIONS):
        yield f"it has {section!r}; a map has {', '.join(SECTIONS)}"
    attributes = list(_attributes_of(schema))
    known = {
        "labels": set(schema.labels),
        "links": set(schema.links),
        "attributes": {attribute.name for attribute in attributes},
    }
    for section, names in known.items():
        yield from _wrong_names(section, data.get(section) or {}, names)
    values = data.get("values") or {}
    if not isinstance(values, dict):
        yield "values is no object"
        return
    for name, table in values.items():
        yield from _wrong_names(f"values of {name!r}", table, _choices(name, attributes))
    yield from _wrong_frames(data.get("frames") or {}, schema)


def _wrong_frames(frames: Any, schema: SchemaView) -> Iterator[str]:
    if not isinstance(frames, dict):
        yield "frames is no object"
        return
    for name, frame in frames.items():
        whole = isinstance(frame, dict) and set(frame) == set(FRAME)
        if not whole or not all(isinstance(end, str) for end in frame.values()):
            yield f"frame {name!r} must have the names {', '.join(FRAME)}"
        elif frame["kind"] not in schema.links:
            has = ", ".join(schema.links) or "none"
            yield f"frame {name!r} leads to {frame['kind']!r}; the schema has {has}"


def _wrong_names(section: str, table: Any, known: set[str] | None) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"{section} is no object"
        return
    for theirs, ours in table.items():
        if not isinstance(ours, str | None):
            yield f"{section}: {theirs!r} leads to no name"
        elif ours is not None and known is not None and ours not in known:
            has = ", ".join(sorted(known)[:30]) or "none"
            yield f"{section}: {theirs!r} leads to {ours!r}; the schema has {has}"


def _attributes_of(schema: SchemaView) -> Iterator[Attribute]:
    for label in schema.labels.values():
        yield from label.attributes
    for kind in schema.links.values():
        yield from kind.attributes
    yield from schema.attributes


def _choices(name: str, attributes: list[Attribute]) -> set[str] | None:
    """Return the choices of the attributes of a name, None where any value may come."""
    own = [a for a in attributes if a.name == name or name.endswith(f".{a.name}")]
    if not own or any(not attribute.choices for attribute in own):
        return None
    return {choice for attribute in own for choice in attribute.choices}


@dataclass(frozen=True, slots=True)
class Question:
    """A name in files that the schema does not know, and the names here that it may become.

    `guess` is the one that is most likely, None when there is none. `about` is the attribute of a
    value.
    """

    section: str
    theirs: str
    count: int
    ours: tuple[str, ...]
    guess: str | None
    about: str = ""


def questions(unknown: Mapping[str, Any], schema: SchemaView) -> list[Question]:
    """Return what is to be answered before files come in, in one order for one answer."""
    attributes = list(_attributes_of(schema))
    names = {
        "labels": tuple(schema.labels),
        "links": tuple(schema.links),
        "attributes": tuple(dict.fromkeys(attribute.name for attribute in attributes)),
    }
    asked = []
    for section, ours in names.items():
        for theirs, count in _by_count(unknown.get(section, {})):
            # Of an attribute `LABEL.name` the name may be one of ours.
            last = theirs.rpartition(".")[2] if section == "attributes" else theirs
            asked.append(Question(section, theirs, count, ours, _guess(last, ours)))
    for about, values in sorted(unknown.get("values", {}).items()):
        choices = tuple(sorted(_choices(about, attributes) or ()))
        for theirs, count in _by_count(values):
            guess = _guess(theirs, choices)
            asked.append(Question("values", theirs, count, choices, guess, about))
    return asked


def _by_count(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return names with counts, the most frequent first; databases keep no order of keys."""
    return sorted(counts.items(), key=lambda row: (-row[1], row[0]))


def _guess(theirs: str, ours: tuple[str, ...]) -> str | None:
    """Return the name here that differs from theirs in case and signs alone, or means the same."""
    plain = _plain(theirs)
    if not plain:
        return None
    meant = next((group for group in SAME if plain in group), frozenset())
    by_name = {_plain(name): name for name in reversed(ours)}
    return by_name.get(plain) or next((by_name[n] for n in by_name if n in meant), None)


def _frames(roles: Mapping[str, Mapping[str, int]], schema: SchemaView) -> dict[str, Any]:
    """Return the frames that spans with two links to unlike ends are likely to be, by label."""
    labels = tuple(schema.labels)
    frames: dict[str, Any] = {}
    for label, counts in sorted(roles.items()):
        guesses = {role: _guess(role, labels) for role in counts}
        for kind in schema.links.values():
            source = next((role for role in counts if guesses[role] in kind.sources), None)
            target = next((role for role in counts if guesses[role] in kind.targets), None)
            if source and target and source != target:
                frames[label] = {"source": source, "target": target, "kind": kind.name}
                break
    return frames


def _plain(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def answered(asked: list[Question], answers: list[str | None]) -> dict[str, Any]:
    """Return a map, as JSON, that says of each question what its name is here."""
    data: dict[str, Any] = {section: {} for section in ASKED}
    for question, ours in zip(asked, answers, strict=True):
        section = data[question.section]
        if question.about:
            section = section.setdefault(question.about, {})
        section[question.theirs] = ours
    return data


def ready(unknown: Mapping[str, Any], schema: SchemaView, names: ImportMap) -> dict[str, Any]:
    """Return a map to edit: what a map says, and each unknown name with the likely one here.

    Where none is likely the name is left out.
    """
    asked = questions(unknown, schema)
    more = answered(asked, [question.guess for question in asked])
    data = names.as_json()
    for section in ("labels", "links", "attributes"):
        data[section].update(more[section])
    for about, table in more["values"].items():
        data["values"][about] = {**data["values"].get(about, {}), **table}
    data["frames"] = {**_frames(unknown.get("roles", {}), schema), **data["frames"]}
    return data
