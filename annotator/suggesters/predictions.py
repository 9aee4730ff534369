"""What a pipeline wrote into its documents, as spans, attributes and links of a schema.

Spans are read from every span group, `sc` first, and from the entities. Links are read from
`doc._.rel`, laid out as in explosion's tutorial on relations, and from `attrs["links"]` of a span
group: rows of two span ids, or objects with `kind`, `source` and `target` as our exports have them.
Attributes are read from `attrs["spans"]` of a group by span id, and from extensions of spans that
are called like an attribute. Spans with one id are fragments where `attrs["spans"]` knows the id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from spacy.tokens import Doc, SpanGroup
from spacy.tokens import Span as Phrase
from spacy.tokens.underscore import Underscore

from annotator.suggesters.label_map import LabelMap
from annotator.suggesters.loading import RULE_GROUPS
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Link, Range, Span, jaccard, layer_view, trim, with_fragments

GROUP = "sc"
# What the rules found tells of a span that was learned when the two share so much.
LEAST = 0.5
EVIDENCE = {"rule": "trained", "why": "found by a trained pipeline"}
TOLD = ("rule", "why", "cue")

Key = tuple[str, tuple[Range, ...]]
# The pieces of a span in a document, with what is known of it.
Pieces = tuple[list[Phrase], Mapping[str, Any]]


class Predictions:
    """The spans and links of one text, read from the documents of its paragraphs or its own."""

    def __init__(
        self,
        text: str,
        schema: SchemaView,
        names: LabelMap,
        learned: set[str],
        link_threshold: float,
    ) -> None:
        self._text = text
        self._schema = schema
        self._names = names
        self._learned = learned
        self._link_threshold = link_threshold
        self._spans: dict[Key, Span] = {}
        self._links: set[tuple[str, Key, Key]] = set()

    def read(self, doc: Doc, at: int = 0) -> None:
        """Read a document that begins at this place of the text."""
        by_ident: dict[str, Key] = {}
        starts: dict[int, list[Key]] = defaultdict(list)
        groups = sorted(doc.spans.items(), key=_rank)
        learned = [group for name, group in groups if name not in RULE_GROUPS]
        by_rules = [group for name, group in groups if name in RULE_GROUPS]
        found = [pieces for group in learned for pieces in _gathered(group)]
        found += [([entity], {}) for entity in doc.ents]
        first_by_rules = len(found)
        found += [pieces for group in by_rules for pieces in _gathered(group)]
        for number, (pieces, known) in enumerate(found):
            key = self._add(pieces, known, at, by_rules=number >= first_by_rules)
            if key is not None:
                if pieces[0].id_:
                    by_ident.setdefault(pieces[0].id_, key)
                if key not in starts[pieces[0].start]:
                    starts[pieces[0].start].append(key)
        for _, group in groups:
            for row in group.attrs.get("links") or ():
                kind, source, target = _ends(row)
                self._link(kind, [by_ident.get(source)], [by_ident.get(target)])
        for kind, first, second in _relations(doc, self._link_threshold):
            self._link(kind, starts[first], starts[second])

    def layer(self) -> LayerView:
        """Return what was read as a layer, numbered in text order."""
        order = sorted(self._spans, key=lambda key: (key[1][0][0], -key[1][-1][1], key))
        idents = {key: ident for ident, key in enumerate(order, 1)}
        spans = [replace(self._spans[key], ident=ident) for key, ident in idents.items()]
        ends = sorted((idents[s], idents[t], kind) for kind, s, t in self._links)
        links = []
        for ident, (source, target, kind) in enumerate(ends, len(spans) + 1):
            links.append(Link(ident, kind, source, target))
        return layer_view(spans, links)

    def _add(
        self, pieces: Sequence[Phrase], known: Mapping[str, Any], at: int, by_rules: bool = False
    ) -> Key | None:
        """Add a span, once for each label and place; return its key, None when it is left out."""
        label = self._schema.labels.get(self._names.of(pieces[0].label_))
        ranges = []
        for piece in pieces:
            start, end = trim(self._text, piece.start_char + at, piece.end_char + at)
            if start < end:
                ranges.append((start, end))
        if label is None or not ranges:
            return None
        evidence = {name: known[name] for name in TOLD if name in known} or EVIDENCE
        score = known.get("score")
        span = with_fragments(Span(0, label.name, 0, 0, evidence=evidence), ranges)
        span = replace(span, score=None if score is None else round(float(score), 3))
        attributes = self._attributes(pieces[0], label.name, known)
        key: Key | None = (span.label, span.ranges)
        if by_rules and label.name in self._learned:
            # What was learned stands; the rules tell more of it.
            key = self._nearest(span)
        if key is None:
            return None
        own = self._spans.get(key, span)
        self._spans[key] = replace(own, attributes={**attributes, **own.attributes})
        return key

    def _nearest(self, span: Span) -> Key | None:
        """Return the span of this label that covers most of the same."""
        alike: list[tuple[float, Key]] = []
        for key, other in self._spans.items():
            if other.label == span.label and other.start < span.end and span.start < other.end:
                alike.append((jaccard(span, other), key))
        if not alike:
            return None
        share, nearest = max(alike)
        return nearest if share >= LEAST else None

    def _attributes(self, phrase: Phrase, label: str, known: Mapping[str, Any]) -> dict[str, Any]:
        values = {name: phrase._.get(name) for name in Underscore.span_extensions} | dict(known)
        ours = {self._names.of(name): value for name, value in values.items()}
        attributes = {}
        for attribute in self._schema.labels[label].attributes:
            value = self._names.value(ours.get(attribute.name), attribute)
            if value is not None and attribute.allowed_instead(value) is None:
                attributes[attribute.name] = value
        return attributes

    def _link(
        self, named: str, sources: Sequence[Key | None], targets: Sequence[Key | None]
    ) -> None:
        """Add a link of the kind named, or of the first kind that fits, between two spans."""
        wanted = self._names.of(named)
        for kind in self._schema.links.values():
            if named and kind.name != wanted:
                continue
            source = next((key for key in sources if key and key[0] in kind.sources), None)
            target = next((key for key in targets if key and key[0] in kind.targets), None)
            if source is not None and target is not None and source != target:
                self._links.add((kind.name, source, target))
                return


def _rank(item: tuple[str, SpanGroup]) -> tuple[bool, str]:
    return item[0] != GROUP, item[0]


def _gathered(group: SpanGroup) -> Iterator[Pieces]:
    """Yield the spans of a group, the fragments of one together."""
    about = group.attrs.get("spans") or {}
    scores = group.attrs.get("scores")
    if scores is None or len(scores) != len(group):
        scores = [None] * len(group)
    together: dict[tuple[str, str], Pieces] = {}
    for phrase, score in zip(group, scores, strict=True):
        known = about.get(phrase.id_) if phrase.id_ else None
        if known is None:
            yield [phrase], {} if score is None else {"score": score}
        else:
            together.setdefault((phrase.label_, phrase.id_), ([], known))[0].append(phrase)
    yield from together.values()


def _ends(row: Any) -> tuple[str, str, str]:
    """Return the kind of a link, "" where it is not said, and the ids of its ends."""
    if isinstance(row, Mapping):
        return str(row.get("kind", "")), str(row.get("source", "")), str(row.get("target", ""))
    source, target = row
    return "", str(source), str(target)


def _relations(doc: Doc, threshold: float) -> Iterator[tuple[str, int, int]]:
    """Yield kind, source and target of the relations, by the first tokens of both spans."""
    if not Doc.has_extension("rel"):
        return
    for (source, target), kinds in (doc._.rel or {}).items():
        for kind, score in kinds.items():
            if score >= threshold:
                yield kind, source, target
