"""What a layer may hold: labels, link kinds, and attributes of spans, links and the document."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .values import UNSTORABLE

ATTRIBUTE_KINDS = ("choice", "choices", "flag", "text", "number")
# The label of what belongs to the whole document; no label of a span is empty.
DOCUMENT = ""
# Facets that every frame has, in the order in which they are settled.
MISSING, BOUNDARY, LABEL = "missing", "boundary", "label"
# The facet that is settled last: one person holds a frame, and the others did not look at it.
UNSEEN = "unseen"
RESERVED_FACETS = (MISSING, BOUNDARY, LABEL, UNSEEN)


@dataclass(frozen=True, slots=True)
class Attribute:
    """A value that spans of one label, links of one kind, or the document carry.

    `choices` is empty unless the kind is choice or choices (several), `keys` holds the key of a
    choice. A span is known again by an `identity`: two speakers of one name are one person. What
    is marked `fold` rides along: a difference in it alone is no dispute.
    """

    name: str
    kind: str
    choices: tuple[str, ...] = ()
    required: bool = False
    title: str = ""
    description: str = ""
    default: Any = None
    keys: Mapping[str, str] = field(default_factory=dict)
    identity: bool = False
    fold: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the form that files and the API use."""
        return {
            "name": self.name,
            "title": self.title or self.name,
            "description": self.description,
            "kind": self.kind,
            "choices": list(self.choices),
            "keys": dict(self.keys),
            "required": self.required,
            "default": self.default,
            "identity": self.identity,
            "fold": self.fold,
        }

    @property
    def choices_with_keys(self) -> list[tuple[str, str]]:
        """Return the choices, each with its key or ""."""
        return [(choice, self.keys.get(choice, "")) for choice in self.choices]

    def allowed_instead(self, value: Any) -> str | None:
        """Say which values are allowed, None when this is one of them."""
        if self.kind == "choice" and value not in self.choices:
            return ", ".join(self.choices)
        if self.kind == "choices" and not self._are_choices(value):
            return "a list of different ones of " + ", ".join(self.choices)
        if self.kind == "flag" and not isinstance(value, bool):
            return "true, false"
        if self.kind == "text" and (not isinstance(value, str) or UNSTORABLE.search(value)):
            return "text without NUL and halves of surrogate pairs"
        if self.kind == "number" and not _is_number(value):
            return "a number"
        return None

    def words(self, value: Any) -> str:
        """Return a value as people read it."""
        if value is None:
            return "none"
        if self.kind == "flag":
            return "yes" if value else "no"
        return ", ".join(value) if self.kind == "choices" else str(value)

    def _are_choices(self, value: Any) -> bool:
        if not isinstance(value, list) or not value:
            return False
        known = all(isinstance(one, str) and one in self.choices for one in value)
        return known and len(set(value)) == len(value)


def _is_number(value: Any) -> bool:
    # A bool is an int to Python; no database column holds infinity in JSON, nor any other program
    # a whole number of four hundred digits.
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return -sys.float_info.max <= value <= sys.float_info.max


@dataclass(frozen=True, slots=True)
class Label:
    """A kind of span; one marked `fold` rides along with the frame that it belongs to."""

    name: str
    title: str
    description: str = ""
    colour: str = ""
    key: str = ""
    attributes: tuple[Attribute, ...] = ()
    fold: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the form that files and the API use."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "colour": self.colour,
            "key": self.key,
            "fold": self.fold,
            "attributes": [attribute.as_json() for attribute in self.attributes],
        }


@dataclass(frozen=True, slots=True)
class LinkKind:
    """A kind of link, from spans of some labels to spans of others.

    The target of an `owned` one is part of its source's frame. A `required` one may be missing
    where an attribute of the source has one of the values in `unless`. A `symmetric` one means the
    same in both directions. Disputes and measures call it by its `facet`.
    """

    name: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    many: bool = True
    title: str = ""
    description: str = ""
    key: str = ""
    required: bool = False
    owned: bool = False
    symmetric: bool = False
    unless: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    attributes: tuple[Attribute, ...] = ()
    facet: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the form that files and the API use."""
        return {
            "name": self.name,
            "title": self.title or self.name.replace("_", " "),
            "description": self.description,
            "sources": list(self.sources),
            "targets": list(self.targets),
            "key": self.key,
            "required": self.required,
            "unless": {name: list(values) for name, values in self.unless.items()},
            "owned": self.owned,
            "many": self.many,
            "symmetric": self.symmetric,
            "facet": self.facet or self.name,
            "attributes": [attribute.as_json() for attribute in self.attributes],
        }

    def joins(self, source: str, target: str) -> bool:
        """Tell whether spans of these labels may be its ends."""
        return source in self.sources and target in self.targets


@dataclass(frozen=True)
class SchemaView:
    """A frozen version of a corpus's scheme; `attributes` are those of the document."""

    labels: Mapping[str, Label]
    links: Mapping[str, LinkKind]
    attributes: tuple[Attribute, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the form that files and the API use; `schema_file.parse` reads it back."""
        return {
            "labels": [label.as_json() for label in self.labels.values()],
            "links": [kind.as_json() for kind in self.links.values()],
            "attributes": [attribute.as_json() for attribute in self.attributes],
        }

    def attributes_of(self, label: str) -> tuple[Attribute, ...]:
        """Return the attributes of a label, or of the document."""
        return self.attributes if label == DOCUMENT else self.labels[label].attributes

    @cached_property
    def attributes_by_name(self) -> Mapping[str, Mapping[str, Attribute]]:
        """Return the attributes of each label and of the document, by their names."""
        by_name = {}
        for label in (DOCUMENT, *self.labels):
            by_name[label] = {attribute.name: attribute for attribute in self.attributes_of(label)}
        return by_name

    def links_from(self, label: str) -> tuple[LinkKind, ...]:
        """Return the kinds of links that may begin at spans of a label."""
        return self._links_from.get(label, ())

    @cached_property
    def _links_from(self) -> Mapping[str, tuple[LinkKind, ...]]:
        kinds: dict[str, tuple[LinkKind, ...]] = {}
        for kind in self.links.values():
            for label in kind.sources:
                kinds[label] = (*kinds.get(label, ()), kind)
        return kinds

    @cached_property
    def folded(self) -> frozenset[str]:
        """Return the labels whose spans are part of the frame that owns them.

        Those are the targets of owned kinds, unless they have links of their own: what they link
        to could not be compared otherwise.
        """
        owned: set[str] = set()
        for kind in self.links.values():
            if kind.owned:
                owned.update(kind.targets)
        return frozenset(owned - set(self._links_from))

    @cached_property
    def identities(self) -> Mapping[str, str]:
        """Return by label the attribute by which its spans are known again."""
        identities = {}
        for label in self.labels.values():
            for attribute in label.attributes:
                if attribute.identity:
                    identities[label.name] = attribute.name
        return identities

    def link_facet(self, kind: LinkKind) -> str:
        """Return what disputes and measures call a kind of link."""
        name = kind.facet or kind.name
        return f"link:{name}" if name in RESERVED_FACETS else name

    def link_in_dispute(self, label: str, facet: str) -> LinkKind | None:
        """Return the kind of links from a label that disputes call so."""
        named = (kind for kind in self.links_from(label) if self.link_facet(kind) == facet)
        return next(named, None)

    def attribute_in_dispute(self, label: str, facet: str) -> Attribute | None:
        """Return the attribute of a label that disputes call so."""
        for attribute in self.attributes_of(label):
            if self.attribute_facet(attribute.name) == facet:
                return attribute
        return None

    def attribute_facet(self, name: str) -> str:
        """Return what disputes and measures call an attribute of spans or of the document."""
        return f"attribute:{name}" if name in self._taken_facets else name

    @cached_property
    def _taken_facets(self) -> frozenset[str]:
        kinds = (self.link_facet(kind) for kind in self.links.values())
        return frozenset((*RESERVED_FACETS, *kinds))

    def compared(self, label: str) -> tuple[Attribute, ...]:
        """Return the attributes of a label in which two frames can differ by themselves.

        What rides along cannot, nor can what says why a link is missing, or who a part of a frame
        is: that is compared with the link.
        """
        return self._compared[label]

    @cached_property
    def _compared(self) -> Mapping[str, tuple[Attribute, ...]]:
        compared = {}
        for label in (*self.labels, DOCUMENT):
            elsewhere = {name for kind in self.links_from(label) for name in kind.unless}
            if label in self.folded and label in self.identities:
                elsewhere.add(self.identities[label])
            compared[label] = tuple(
                attribute
                for attribute in self.attributes_of(label)
                if not attribute.fold and attribute.name not in elsewhere
            )
        return compared

    @cached_property
    def riding(self) -> frozenset[str]:
        """Return the labels whose spans ride along: a difference in them alone is no dispute."""
        return frozenset(label.name for label in self.labels.values() if label.fold)

    def rides(self, kind: LinkKind) -> bool:
        """Tell whether links of a kind ride along, because all that they can go to does."""
        return self.riding.issuperset(kind.targets)

    def links_compared(self, label: str) -> tuple[LinkKind, ...]:
        """Return the kinds of links in which two frames of a label can differ by themselves."""
        return self._links_compared.get(label, ())

    @cached_property
    def _links_compared(self) -> Mapping[str, tuple[LinkKind, ...]]:
        compared = {}
        for label, kinds in self._links_from.items():
            compared[label] = tuple(kind for kind in kinds if not self.rides(kind))
        return compared

    @cached_property
    def facets(self) -> tuple[str, ...]:
        """Return the facets that can be in dispute, in the order in which they are settled."""
        names = [MISSING, BOUNDARY, LABEL]
        names += [self.link_facet(kind) for kind in self.links.values() if not self.rides(kind)]
        for label in (*self.labels, DOCUMENT):
            for attribute in self.compared(label):
                names.append(self.attribute_facet(attribute.name))
        return (*dict.fromkeys(names), UNSEEN)


def read(data: Mapping[str, Any]) -> SchemaView:
    """Return the schema that `as_json` gave; what people write is read by `schema_file.parse`."""
    labels = [
        Label(**{**row, "attributes": _read_attributes(row["attributes"])})
        for row in data["labels"]
    ]
    links = [_read_link_kind(row) for row in data["links"]]
    return SchemaView(
        {label.name: label for label in labels},
        {kind.name: kind for kind in links},
        _read_attributes(data["attributes"]),
    )


def _read_attributes(rows: Iterable[Mapping[str, Any]]) -> tuple[Attribute, ...]:
    return tuple(Attribute(**{**row, "choices": tuple(row["choices"])}) for row in rows)


def _read_link_kind(row: Mapping[str, Any]) -> LinkKind:
    values = {
        **row,
        "sources": tuple(row["sources"]),
        "targets": tuple(row["targets"]),
        "unless": {name: tuple(values) for name, values in row["unless"].items()},
        "attributes": _read_attributes(row["attributes"]),
    }
    return LinkKind(**values)


STANCES = ("support", "oppose", "neutral", "mixed", "unclear")
CLAIM_KINDS = ("direct", "indirect", "mixed")
SPEAKER_STATES = ("linked", "author", "unknown")

ATTRIBUTION = SchemaView(
    labels={
        "SPEAKER": Label(
            "SPEAKER",
            "Speaker",
            "The person or body that says it, as the reporting clause names it.",
            "brown",
            "1",
            (Attribute("name", "text", title="Name", identity=True),),
        ),
        "CLAIM": Label(
            "CLAIM",
            "Claim",
            "What is said, quoted or reported.",
            "blue",
            "2",
            (
                Attribute(
                    "stance",
                    "choice",
                    STANCES,
                    required=True,
                    title="Stance",
                    keys={
                        "support": "u",
                        "oppose": "o",
                        "neutral": "n",
                        "mixed": "m",
                        "unclear": "i",
                    },
                ),
                Attribute("target", "text", title="Target"),
                Attribute("kind", "choice", CLAIM_KINDS, title="Kind", fold=True),
                Attribute("speaker_state", "choice", SPEAKER_STATES, title="Speaker state"),
            ),
        ),
        "CUE": Label("CUE", "Cue", "The reporting expression.", "grey", "3", fold=True),
    },
    links={
        "said_by": LinkKind(
            "said_by",
            ("CLAIM",),
            ("SPEAKER",),
            title="Said by",
            required=True,
            owned=True,
            unless={"speaker_state": ("author", "unknown")},
            facet="speaker",
        )
    },
)
