"""One schema turned into another: what of the first becomes what of the second, and of layers.

A map names what is renamed, merged or dropped; what keeps its name needs no line. Everything of the
first schema must be in the second or in the map, so that nothing is dropped unsaid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from .problems import Problem
from .schema import Attribute, LinkKind, SchemaView
from .span import LayerView, Link, Span

LABEL, LINK, DOCUMENT = "label", "link", "document"
MAP_FIELDS = ("labels", "links", "attributes", "values")

# What becomes of a name or value; what is unfit has a new name, but the new schema forbids it.
RENAMED, MERGED, DROPPED, UNFIT = "renamed", "merged", "dropped", "unfit"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Something of a schema: a label, a kind of link, an attribute of one, or one of its choices.

    `sort` is label, link or document, whose `holder` has no name.
    """

    sort: str
    holder: str
    attribute: str = ""
    value: str = ""

    @property
    def name(self) -> str:
        """Return what maps and messages call it."""
        name = f"{self.holder}.{self.attribute}" if self.attribute else self.holder
        return f"{name}={self.value}" if self.value else name

    @property
    def words(self) -> str:
        """Return what it is and its name."""
        if self.value:
            return f"value {self.name}"
        return f"attribute {self.name}" if self.attribute else f"{self.sort} {self.name}"


# A place, what it becomes ("" for nothing), and one of the outcomes; counted in spans or links.
Outcome = tuple[Place, str, str]


@dataclass(frozen=True)
class Change:
    """What each label, kind of link, attribute and choice of one schema becomes in another.

    None is what is dropped. `lacking` is what neither the new schema nor the map names.
    """

    old: SchemaView
    new: SchemaView
    names: Mapping[Place, str | None] = field(default_factory=dict)
    lacking: tuple[Place, ...] = ()

    def becomes(self, place: Place) -> str | None:
        """Return the new name of something of the old schema, None when it is dropped."""
        return self.names[place]

    @cached_property
    def merged(self) -> frozenset[Place]:
        """Return the labels, kinds and attributes of which several become one."""
        into: dict[tuple[str, str | None, str | None], list[Place]] = {}
        for place, name in self.names.items():
            if name is None or place.value:
                continue
            holder = self.names.get(Place(place.sort, place.holder), "")
            key = (place.sort, holder, name) if place.attribute else (place.sort, name, None)
            into.setdefault(key, []).append(place)
        several: set[Place] = set()
        for places in into.values():
            # One attribute of two merged labels is no merge of attributes.
            if len({place.attribute or place.holder for place in places}) > 1:
                several.update(places)
        return frozenset(several)


def read_map(data: Any, old: SchemaView, new: SchemaView) -> Change:
    """Read a map of one schema onto another; raise `Problem` naming everything wrong in it."""
    reader = _MapReader(old, new)
    change = reader.change(data)
    if reader.mistakes:
        raise Problem("schema-map", reason="; ".join(reader.mistakes[:20]))
    return change


class _MapReader:
    """Reads a map and collects what is wrong with it."""

    def __init__(self, old: SchemaView, new: SchemaView) -> None:
        self.old = old
        self.new = new
        self.mistakes: list[str] = []
        self.names: dict[Place, str | None] = {}
        self.lacking: list[Place] = []

    def change(self, data: Any) -> Change:
        given = {} if data is None else data
        if not isinstance(given, dict):
            self.mistakes.append(f"it is an object with {', '.join(MAP_FIELDS)}")
            given = {}
        for name in given:
            if name not in MAP_FIELDS:
                self.mistakes.append(f"unknown field {str(name)[:80]!r}")
        labels = self._section(given, "labels")
        links = self._section(given, "links")
        attributes = self._section(given, "attributes")
        values = self._section(given, "values")
        self._names_of(LABEL, labels, self.old.labels, self.new.labels)
        self._names_of(LINK, links, self.old.links, self.new.links)
        seen: set[str] = set()
        for sort, holder, mine, others in self._holders():
            for attribute in mine:
                place = Place(sort, holder, attribute.name)
                seen.add(place.name)
                self._attribute(place, attribute, others, attributes, values)
        for section, rows in (("attributes", attributes), ("values", values)):
            for name in rows.keys() - seen:
                self.mistakes.append(f"{section}: the schema has no {name!r}")
        return Change(self.old, self.new, self.names, tuple(self.lacking))

    def _section(self, data: Mapping[str, Any], name: str) -> dict[str, Any]:
        rows = data.get(name) or {}
        if isinstance(rows, dict):
            return rows
        self.mistakes.append(f"{name} is an object of old names with new ones")
        return {}

    def _names_of(
        self,
        sort: str,
        rows: Mapping[str, Any],
        old: Mapping[str, Any],
        new: Mapping[str, Any],
    ) -> None:
        for name in rows.keys() - old.keys():
            self.mistakes.append(f"{sort}s: the schema has no {sort} {name!r}")
        for name in old:
            self._name(Place(sort, name), name, rows.get(name, name), new, said=name in rows)

    def _name(
        self, place: Place, own: str, becomes: Any, known: Mapping[str, Any], *, said: bool
    ) -> None:
        """Note what something becomes, said by the map or because its name stays."""
        if becomes is None:
            self.names[place] = None
        elif isinstance(becomes, str) and becomes in known:
            self.names[place] = becomes
        elif said:
            self.names[place] = None
            self.mistakes.append(f"{place.words}: the new schema has no {becomes!r}")
        else:
            self.names[place] = None
            self.lacking.append(place)

    def _holders(self) -> Iterator[tuple[str, str, tuple[Attribute, ...], Mapping[str, Attribute]]]:
        """Yield what holds attributes and is kept, with its old and its new ones."""
        for label in self.old.labels.values():
            becomes = self.names[Place(LABEL, label.name)]
            if becomes is not None:
                new = self.new.labels[becomes].attributes
                yield LABEL, label.name, label.attributes, _by_name(new)
        for kind in self.old.links.values():
            becomes = self.names[Place(LINK, kind.name)]
            if becomes is not None:
                new = self.new.links[becomes].attributes
                yield LINK, kind.name, kind.attributes, _by_name(new)
        yield DOCUMENT, "", self.old.attributes, _by_name(self.new.attributes)

    def _attribute(
        self,
        place: Place,
        attribute: Attribute,
        new: Mapping[str, Attribute],
        rows: Mapping[str, Any],
        values: Mapping[str, Any],
    ) -> None:
        said = place.name in rows
        self._name(place, attribute.name, rows.get(place.name, attribute.name), new, said=said)
        becomes = self.names[place]
        if becomes is None or not attribute.choices:
            return
        given = values.get(place.name) or {}
        if not isinstance(given, dict):
            self.mistakes.append(f"values: {place.name!r} has an object of old and new values")
            given = {}
        for value in given.keys() - set(attribute.choices):
            self.mistakes.append(f"values: {place.name!r} has no choice {value!r}")
        choices = new[becomes].choices
        # Any choice can be written as text.
        known = dict.fromkeys(choices or attribute.choices)
        for choice in attribute.choices:
            of_choice = replace(place, value=choice)
            becomes_value = given.get(choice, choice)
            if choice in given and not choices and isinstance(becomes_value, str):
                self.names[of_choice] = becomes_value
            else:
                self._name(of_choice, choice, becomes_value, known, said=choice in given)


def _by_name(attributes: tuple[Attribute, ...]) -> dict[str, Attribute]:
    return {attribute.name: attribute for attribute in attributes}


def options(change: Change, place: Place) -> list[str]:
    """Return what something of the old schema could become in the new one."""
    if not place.attribute:
        return list(change.new.labels if place.sort == LABEL else change.new.links)
    attributes = change.new.attributes
    if place.sort != DOCUMENT:
        holder = change.names[Place(place.sort, place.holder)] or ""
        holders = change.new.labels if place.sort == LABEL else change.new.links
        attributes = holders[holder].attributes
    known = _by_name(attributes)
    if not place.value:
        return list(known)
    becomes = change.names[replace(place, value="")] or ""
    return list(known[becomes].choices)


def touched(change: Change) -> tuple[frozenset[str], frozenset[str], bool]:
    """Return the labels and kinds of which layers may change, and whether documents may."""
    labels: set[str] = set()
    links: set[str] = set()
    of_document = False
    for label in change.old.labels.values():
        if _changes(change, LABEL, label.name, label.attributes):
            labels.add(label.name)
    for kind in change.old.links.values():
        if _changes(change, LINK, kind.name, kind.attributes) or _narrower(change, kind):
            links.add(kind.name)
    if _changes(change, DOCUMENT, "", change.old.attributes):
        of_document = True
    return frozenset(labels), frozenset(links), of_document


def _changes(change: Change, sort: str, holder: str, attributes: tuple[Attribute, ...]) -> bool:
    if sort == DOCUMENT:
        new = change.new.attributes
    else:
        becomes = change.names[Place(sort, holder)]
        if becomes != holder:
            return True
        kept = change.new.labels if sort == LABEL else change.new.links
        new = kept[holder].attributes
    known = _by_name(new)
    for attribute in attributes:
        place = Place(sort, holder, attribute.name)
        if change.names[place] != attribute.name or known[attribute.name].kind != attribute.kind:
            return True
        for choice in attribute.choices:
            if change.names[replace(place, value=choice)] != choice:
                return True
    return False


def _narrower(change: Change, kind: LinkKind) -> bool:
    """Tell whether the new kind of this name may refuse links that the old one took."""
    new = change.new.links[kind.name]
    if kind.many and not new.many:
        return True
    for ends, others in ((kind.sources, new.sources), (kind.targets, new.targets)):
        for label in ends:
            if change.names[Place(LABEL, label)] not in others:
                return True
    return False


def mapped_layer(view: LayerView, change: Change) -> tuple[LayerView, Counter[Outcome]]:
    """Return a layer as the new schema holds it, and what became of what was in it.

    Idents stay. Settled disputes are not mapped here: what they name is gold's.
    """
    counts: Counter[Outcome] = Counter()
    mapper = Mapper(change, counts)
    spans = {}
    for ident, span in view.spans.items():
        kept = mapper.span(span)
        if kept is not None:
            spans[ident] = kept
    links: dict[int, Link] = {}
    taken: set[tuple[str, int, int]] = set()
    full: set[tuple[str, int]] = set()
    for ident in sorted(view.links):
        link = mapper.link(view.links[ident], spans, taken, full)
        if link is not None:
            links[ident] = link
    # In the order that the layer had, so that a layer that stays is the same.
    ordered = {ident: links[ident] for ident in view.links if ident in links}
    attributes = mapper.values(DOCUMENT, "", view.attributes)
    layer = LayerView(
        spans, ordered, rejected=view.rejected, deferred=view.deferred, attributes=attributes
    )
    return layer, counts


class Mapper:
    """Maps spans, links and values, and counts what becomes of them."""

    def __init__(self, change: Change, counts: Counter[Outcome] | None = None) -> None:
        self.change = change
        self.counts: Counter[Outcome] = Counter() if counts is None else counts
        self.merged = change.merged

    def span(self, span: Span) -> Span | None:
        """Return a span under its new label, None when that is dropped."""
        label = self._name(Place(LABEL, span.label))
        if label is None:
            return None
        attributes = self.values(LABEL, span.label, span.attributes)
        if label == span.label and attributes == span.attributes:
            return span
        return replace(span, label=label, attributes=attributes)

    def link(
        self,
        link: Link,
        spans: Mapping[int, Span],
        taken: set[tuple[str, int, int]],
        full: set[tuple[str, int]],
    ) -> Link | None:
        """Return a link under its new kind; None when it is dropped or does not fit any more."""
        place = Place(LINK, link.kind)
        name = self._name(place)
        if name is None:
            return None
        source, target = spans.get(link.source), spans.get(link.target)
        if source is None or target is None:
            self.counts[place, "", DROPPED] += 1
            return None
        kind = self.change.new.links[name]
        key = (name, link.source, link.target)
        if key in taken:
            self.counts[place, name, MERGED] += 1
            return None
        one_too_many = not kind.many and (name, link.source) in full
        if one_too_many or not kind.joins(source.label, target.label):
            self.counts[place, name, UNFIT] += 1
            return None
        taken.add(key)
        full.add((name, link.source))
        attributes = self.values(LINK, link.kind, link.attributes)
        if name == link.kind and attributes == link.attributes:
            return link
        return replace(link, kind=name, attributes=attributes)

    def values(self, sort: str, holder: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the attributes that something holds by their new names, with their new values."""
        if not given:
            return given
        known = _by_name(self._new_attributes(sort, holder))
        old = _by_name(self._old_attributes(sort, holder))
        values: dict[str, Any] = {}
        for name, value in given.items():
            place = Place(sort, holder, name)
            if name not in old:
                # What no schema allows is in old layers only.
                self.counts[place, "", DROPPED] += 1
                continue
            becomes = self._name(place)
            if becomes is None:
                continue
            new_value = self._value(place, value, old[name], known[becomes])
            if new_value is None:
                continue
            if becomes in values and values[becomes] != new_value:
                self.counts[place, becomes, UNFIT] += 1
                continue
            values.setdefault(becomes, new_value)
        return values

    def _old_attributes(self, sort: str, holder: str) -> tuple[Attribute, ...]:
        if sort == DOCUMENT:
            return self.change.old.attributes
        holders = self.change.old.labels if sort == LABEL else self.change.old.links
        return holders[holder].attributes

    def _new_attributes(self, sort: str, holder: str) -> tuple[Attribute, ...]:
        if sort == DOCUMENT:
            return self.change.new.attributes
        becomes = self.change.names[Place(sort, holder)] or ""
        holders = self.change.new.labels if sort == LABEL else self.change.new.links
        return holders[becomes].attributes

    def _name(self, place: Place) -> str | None:
        """Return the new name of something, counted when it is another or shared one."""
        # A value that is none of the choices stands in old layers only.
        name = self.change.names.get(place)
        own = place.value or place.attribute or place.holder
        if name is None:
            self.counts[place, "", DROPPED] += 1
        elif name != own:
            outcome = MERGED if place in self.merged else RENAMED
            self.counts[place, name, outcome] += 1
        return name

    def _value(self, place: Place, value: Any, old: Attribute, new: Attribute) -> Any:
        """Return a value as the new attribute holds it, None when it cannot."""
        if old.choices:
            several = value if isinstance(value, list) else [value]
            chosen = [self._name(replace(place, value=str(one))) for one in several]
            kept = list(dict.fromkeys(one for one in chosen if one is not None))
            if not kept:
                return None
            value = kept if len(kept) > 1 or old.kind == new.kind == "choices" else kept[0]
        converted = _converted(value, new.kind)
        if new.allowed_instead(converted) is None:
            return converted
        self.counts[place, new.name, UNFIT] += 1
        return None


def _converted(value: Any, kind: str) -> Any:
    """Return a value in the form that another kind of attribute holds, where there is one."""
    if kind == "choices" and isinstance(value, str):
        return [value]
    if kind == "text" and not isinstance(value, str):
        if isinstance(value, bool):
            return "yes" if value else "no"
        return ", ".join(value) if isinstance(value, list) else str(value)
    if kind == "number" and isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return value
