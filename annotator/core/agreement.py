"""How far people agree, measure by measure; there is no one figure for all.

Each article is counted once (`count`), and every measure is a function of sums of these counts
(`measures`), so that the same counts give the figure, its interval, and the figures of each pair,
outlet or month.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations

from annotator.core import alpha, unitize
from annotator.core.bootstrap import Estimate, Floats, Key, Statistic, Sums, Tally, estimate
from annotator.core.compare import Cluster, Shown, compare
from annotator.core.frames import Frame, reasons, without_frames
from annotator.core.identity import Mention, identities, mention
from corpus.core.schema import DOCUMENT, Attribute, Label, LinkKind, SchemaView
from corpus.core.span import LayerView, Span

PARTIAL = 0.5
# A word keeps one inner apostrophe; marks and white space never count, so edges differ by words
# alone.
WORD = re.compile(r"\w+(?:['’]\w+)?")
Counts = Mapping[Key, float]


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure with its 95 % interval over articles, or None with the `reason`.

    F1 lies between 0 and 1, an alpha below 1. It rests on `n` of the `total` items that there are:
    spans, frames, or for an alpha the aligned places and the units, in so many `articles`. `of`
    names the attribute's value where the measure is of one value.
    """

    measure: str
    label: str
    a: str | None
    b: str | None
    value: float | None
    low: float | None
    high: float | None
    n: int
    total: int
    articles: int
    reason: str = ""
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One text as several people annotated it, by their names.

    `shown` tells what somebody did not look at: such a place says nothing of how far two people
    agree.
    """

    text: str
    layers: Mapping[str, LayerView]
    shown: Shown = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts of one article: over all people together, and of each pair of them."""

    together: Counts
    pairs: Mapping[tuple[str, str], Counts]


def agreement(articles: Sequence[Article], schema: SchemaView) -> list[Measure]:
    """Return every measure over all pairs of people (`a`, `b` null), then of each pair."""
    together: Tally = Tally()
    pairs: dict[tuple[str, str], Tally] = {}
    for article in articles:
        counted = count(article, schema)
        together.add(counted.together)
        for pair, counts in counted.pairs.items():
            pairs.setdefault(pair, Tally()).add(counts)
    rows = measures(together, schema)
    for (a, b), tally in sorted(pairs.items()):
        rows.extend(measures(tally, schema, a=a, b=b))
    return rows


def count(article: Article, schema: SchemaView) -> Counted:
    """Count what the measures need of one article, which two or more people annotated."""
    words = WordIndex(article.text)
    whole = {name: _covered(words, view, schema) for name, view in article.layers.items()}
    mentions: list[Span] = []
    for view in article.layers.values():
        mentions.extend(view.spans[link.target] for link in view.links.values())
    known = identities(mentions, schema)
    pairs: dict[tuple[str, str], Counts] = {}
    together: dict[Key, float] = defaultdict(float)
    for a, b in combinations(sorted(article.layers), 2):
        clusters, layers = _looked_at(article, (a, b), schema)
        covered = {
            name: whole[name] if view is article.layers[name] else _covered(words, view, schema)
            for name, view in layers.items()
        }
        own: dict[Key, float] = defaultdict(float)
        for label in schema.labels:
            _count_spans(own, label, covered[a][label], covered[b][label])
        _count_frames(own, clusters)
        for key, number in own.items():
            together[key] += number
        _count_facets(own, clusters, known, schema)
        _count_units(own, layers, schema, len(article.text))
        pairs[a, b] = own
    if len(pairs) == 1:
        return Counted(next(iter(pairs.values())), pairs)
    clusters, layers = _looked_at(article, tuple(article.layers), schema)
    _count_facets(together, clusters, known, schema)
    _count_units(together, layers, schema, len(article.text))
    return Counted(together, pairs)


def _looked_at(
    article: Article, names: Sequence[str], schema: SchemaView
) -> tuple[list[Cluster], dict[str, LayerView]]:
    """Return the places that all of these people looked at, and their layers with these alone."""
    layers = {name: article.layers[name] for name in names}
    shown = {name: article.shown[name] for name in names if name in article.shown}
    clusters = compare(layers, schema, shown=shown)
    left: dict[str, set[int]] = {name: set() for name in names}
    for cluster in clusters:
        if cluster.abstained:
            for name, frame in cluster.members.items():
                left[name].add(frame.head.ident)
    seen = [cluster for cluster in clusters if not cluster.abstained]
    return seen, {
        name: without_frames(view, left[name], schema) if left[name] else view
        for name, view in layers.items()
    }


class WordIndex:
    """The words of a text, so that spans compare by word and not by the stops and spaces at their
    edges.
    """

    def __init__(self, text: str) -> None:
        places = [match.span() for match in WORD.finditer(text)]
        self._starts = [start for start, _ in places]
        self._ends = [end for _, end in places]

    def of(self, span: Span) -> set[int]:
        """Return the places, among all words of the text, of the words that the span touches."""
        places: set[int] = set()
        for start, end in span.ranges:
            places.update(range(bisect_right(self._ends, start), bisect_left(self._starts, end)))
        return places


def _covered(words: WordIndex, view: LayerView, schema: SchemaView) -> dict[str, list[set[int]]]:
    """Return the words that each span covers, by label, in text order."""
    covered: dict[str, list[set[int]]] = {label: [] for label in schema.labels}
    for span in view.in_order():
        covered[span.label].append(words.of(span))
    return covered


def _count_spans(
    counts: dict[Key, float], label: str, left: list[set[int]], right: list[set[int]]
) -> None:
    """Count what two people's spans of one label share.

    That is, those alike word for word, those alike at least by half, and words.
    """
    counts["spans", label] += len(left) + len(right)
    # A span of marks alone, a lone dash say, has no words to compare.
    left = list(filter(None, left))
    right = list(filter(None, right))
    for name, at_least in (("span_f1_exact", 1.0), ("span_f1_partial", PARTIAL)):
        counts[name, label, "matched"] += _matches(left, right, at_least=at_least)
        counts[name, label, "items"] += len(left) + len(right)
    all_left = set().union(*left)
    all_right = set().union(*right)
    counts["span_f1_word", label, "matched"] += len(all_left & all_right)
    counts["span_f1_word", label, "items"] += len(all_left) + len(all_right)


def _matches(left: list[set[int]], right: list[set[int]], *, at_least: float) -> int:
    """Count one-to-one matches of at least this word Jaccard, best first; of equals the first in
    the text.
    """
    by_word: dict[int, list[int]] = defaultdict(list)
    for j, theirs in enumerate(right):
        for word in theirs:
            by_word[word].append(j)
    scored = []
    for i, ours in enumerate(left):
        touched: set[int] = set()
        for word in ours:
            touched.update(by_word.get(word, ()))
        for j in touched:
            scored.append((-len(ours & right[j]) / len(ours | right[j]), i, j))
    used_left: set[int] = set()
    used_right: set[int] = set()
    for score, i, j in sorted(scored):
        if -score >= at_least and i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
    return len(used_left)


def _count_frames(counts: dict[Key, float], clusters: Sequence[Cluster]) -> None:
    """Count the frames of two people, and those alike in every facet."""
    counts["frame_f1", "", "matched"] += sum(cluster.agreed for cluster in clusters)
    counts["frame_f1", "", "items"] += sum(len(cluster.members) for cluster in clusters)


def choices(label: str, schema: SchemaView) -> list[Attribute]:
    """Return the attributes of a label that are a choice of their own, such as the stance."""
    return [attribute for attribute in schema.compared(label) if attribute.kind == "choice"]


def _count_facets(
    counts: dict[Key, float],
    clusters: Sequence[Cluster],
    known: Mapping[Mention, str],
    schema: SchemaView,
) -> None:
    """Count the values and the links that people gave the places they aligned."""
    for label in _held_labels(schema):
        held = []
        for cluster in clusters:
            frames = [f for f in cluster.members.values() if f.head.label == label]
            if frames:
                held.append(frames)
        counts["places", label] += len(held)
        for attribute in schema.compared(label):
            values = [_values(frames, attribute) for frames in held]
            _add(counts, ("choice", label, attribute.name), alpha.count(values))
        for kind in schema.links_from(label):
            linked = [_ends(frames, kind, known, schema) for frames in held]
            _add(counts, ("link", label, kind.name), alpha.count(linked))


def _held_labels(schema: SchemaView) -> list[str]:
    """Return the labels, and the document's where it has attributes."""
    return [*schema.labels, *([DOCUMENT] if schema.attributes else [])]


def _values(frames: Sequence[Frame], attribute: Attribute) -> list[str]:
    """Return what each person gave an attribute, of those who gave it something."""
    given = [
        frame.head.attributes[attribute.name]
        for frame in frames
        if attribute.name in frame.head.attributes
    ]
    if attribute.kind == "choices":
        return [" + ".join(sorted(value)) for value in given]
    return [str(value) for value in given]


def _ends(
    frames: Sequence[Frame], kind: LinkKind, known: Mapping[Mention, str], schema: SchemaView
) -> list[str]:
    """Return what each person linked a span to, or why to nothing, of those who did either."""
    marked = []
    for frame in frames:
        ends = set()
        for linked in frame.linked_by(kind.name):
            part = known[mention(linked.span, schema)]
            ends.add(part if linked.anchor is None else f"#{linked.anchor}")
        marked.append(" + ".join(sorted(ends)) or " ".join(reasons(frame, kind).values()))
    return list(filter(None, marked))


def _count_units(
    counts: dict[Key, float], layers: Mapping[str, LayerView], schema: SchemaView, length: int
) -> None:
    """Count the stretches that people marked, by label.

    The value of a unit is its first choice, the stance.
    """
    for label in schema.labels.values():
        first = next((attribute.name for attribute in choices(label.name, schema)), "")
        people = []
        pieces = 0
        for view in layers.values():
            spans = [span for span in view.in_order() if span.label == label.name]
            people.append(unitize.units(spans, partial(_unit_value, attribute=first)))
            pieces += sum(len(span.ranges) for span in spans)
        if any(people):
            _add(counts, ("unit", label.name), unitize.count(people, length))
        counts["units", label.name] += sum(map(len, people))
        counts["pieces", label.name] += pieces


def _unit_value(span: Span, attribute: str) -> str:
    return str(span.attributes.get(attribute) or span.label)


def _add(counts: dict[Key, float], prefix: Key, more: Mapping[Key, float]) -> None:
    for key, number in more.items():
        counts[prefix + key] += number


@dataclass(frozen=True, slots=True)
class _Row:
    """How one measure is computed from sums, what it rests on, and why it may be undefined."""

    measure: str
    label: str
    statistic: Statistic
    n: Callable[[Sums], Floats]
    total: Callable[[Sums], Floats]
    reason: Callable[[int], str]
    of: str | None = None


def measures(
    tally: Tally, schema: SchemaView, *, a: str | None = None, b: str | None = None
) -> list[Measure]:
    """Return every measure over the articles of a tally, in a fixed order."""
    observed = tally.observed()
    rows = list(_rows(observed, schema))
    estimates = estimate(tally, {number: row.statistic for number, row in enumerate(rows)})
    return [
        _measure(row, estimates[number], observed, articles=tally.articles, a=a, b=b)
        for number, row in enumerate(rows)
    ]


def _measure(
    row: _Row, figure: Estimate, sums: Sums, *, articles: int, a: str | None, b: str | None
) -> Measure:
    n = int(row.n(sums)[0])
    reason = ""
    if figure.value is None:
        reason = row.reason(n)
    elif figure.low is None:
        reason = "no interval: it takes two articles"
    return Measure(
        measure=row.measure,
        label=row.label,
        a=a,
        b=b,
        value=figure.value,
        low=figure.low,
        high=figure.high,
        n=n,
        total=int(row.total(sums)[0]),
        articles=articles,
        reason=reason,
        of=row.of,
    )


def _rows(observed: Sums, schema: SchemaView) -> Iterator[_Row]:
    """Yield the measures of a schema.

    F1 in the sense of Hripcsak & Rothschild (2005), "Agreement, the F-measure, and reliability in
    information retrieval", JAMIA 12(3): with no true negatives to count, F1 between two people is
    symmetric and chance can be left out.
    """
    for label in schema.labels.values():
        for name in ("span_f1_exact", "span_f1_partial", "span_f1_word"):
            items = _at("items", name, label.name)
            total = items if name == "span_f1_word" else _at(label.name, "spans")
            yield _Row(name, label.name, _f1(name, label.name), items, total, _nothing_marked)
    items = _at("items", "frame_f1", "")
    yield _Row("frame_f1", "", _f1("frame_f1", ""), items, items, _nothing_marked)
    for name in _held_labels(schema):
        for attribute in schema.compared(name):
            yield from _attribute_rows(name, attribute, schema)
        for kind in schema.links_from(name):
            yield _link_row(name, kind, schema)
    for label in schema.labels.values():
        yield from _unit_rows(observed, label, schema)


def _nothing_marked(n: int) -> str:
    return "neither marked anything"


def _attribute_rows(label: str, attribute: Attribute, schema: SchemaView) -> Iterator[_Row]:
    """Yield the measures of an attribute: do people give the same value to the same thing?"""
    prefix = ("choice", label, attribute.name)
    paired = _at("paired", *prefix)
    places = _at(label, "places")
    facet = schema.attribute_facet(attribute.name)
    reason = _no_choice(facet)
    yield _Row(f"alpha_{facet}", label, _of(alpha.alpha, *prefix), paired, places, reason)
    number = 2 if attribute.kind == "flag" else len(attribute.choices)
    # With no fixed number of values there is no chance to correct for.
    if attribute.kind in ("choice", "flag"):
        yield _Row(f"ac1_{facet}", label, _ac1(number, *prefix), paired, places, reason)


def _link_row(label: str, kind: LinkKind, schema: SchemaView) -> _Row:
    """Return the measure of a kind of link: do people link the same things?"""
    prefix = ("link", label, kind.name)
    facet = schema.link_facet(kind)
    return _Row(
        measure=f"alpha_{facet}",
        label=label,
        statistic=_of(alpha.alpha, *prefix),
        n=_at("paired", *prefix),
        total=_at(label, "places"),
        reason=_no_choice(facet),
    )


def _unit_rows(observed: Sums, label: Label, schema: SchemaView) -> Iterator[_Row]:
    """Yield the measures of stretches: do people mark the same, and value it alike?"""
    prefix = ("unit", label.name)
    n = _at(label.name, "units")
    total = _at(label.name, "pieces")

    def row(name: str, statistic: Statistic, reason: Callable[[int], str], of: str = "") -> _Row:
        statistic = _of(statistic, *prefix)
        return _Row(name, label.name, statistic, n, total, reason, of or None)

    yield row("alpha_u", unitize.alpha_u, _no_units)
    for attribute in choices(label.name, schema)[:1]:
        yield row("alpha_u_binary", unitize.alpha_u_binary, _no_units)
        yield row("alpha_u_coding", unitize.alpha_u_coding, _no_values)
        for value in observed.at(*prefix, "length").names():
            if value in attribute.choices:
                yield row("alpha_u_value", _value(value), _no_values, of=value)


def _no_units(n: int) -> str:
    return "all of the text is marked alike" if n else "nobody marked anything"


def _no_values(n: int) -> str:
    if not n:
        return "nobody marked anything"
    return "where people marked the same, all chose one value"


def _at(key: str, *prefix: str) -> Statistic:
    return lambda sums: sums.at(*prefix)[key]


def _of(statistic: Statistic, *prefix: str) -> Statistic:
    return lambda sums: statistic(sums.at(*prefix))


def _f1(name: str, label: str) -> Statistic:
    return lambda sums: 2 * sums.at(name, label)["matched"] / sums.at(name, label)["items"]


def _ac1(categories: int, *prefix: str) -> Statistic:
    return lambda sums: alpha.ac1(sums.at(*prefix), categories)


def _value(value: str) -> Statistic:
    return lambda sums: unitize.alpha_u_value(sums, value)


def _no_choice(what: str) -> Callable[[int], str]:
    return lambda n: (
        f"all chose the same {what}" if n else f"nothing aligned has a {what} from two people"
    )
