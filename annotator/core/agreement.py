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
from dataclasses import dataclass
from itertools import combinations

from annotator.core import alpha, unitize
from annotator.core.bootstrap import Estimate, Floats, Key, Statistic, Sums, Tally, estimate
from annotator.core.compare import DERIVED_ATTRIBUTES, Cluster, Frame, compare
from annotator.core.people import Mention, mention, persons
from corpus.core.schema import Attribute, Label, SchemaView
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
    """One text as several people annotated it, by their names."""

    text: str
    layers: Mapping[str, LayerView]


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
    found = measures(together, schema)
    for (a, b), tally in sorted(pairs.items()):
        found.extend(measures(tally, schema, a=a, b=b))
    return found


def count(article: Article, schema: SchemaView) -> Counted:
    """Count what the measures need of one article, which two or more people annotated."""
    words = WordIndex(article.text)
    covered = {name: _covered(words, view, schema) for name, view in article.layers.items()}
    people = persons(
        view.spans[link.target] for view in article.layers.values() for link in view.links.values()
    )
    pairs: dict[tuple[str, str], Counts] = {}
    together: dict[Key, float] = defaultdict(float)
    for a, b in combinations(sorted(article.layers), 2):
        layers = {name: article.layers[name] for name in (a, b)}
        clusters = compare(layers, schema)
        own: dict[Key, float] = defaultdict(float)
        for label in schema.labels:
            _count_spans(own, label, covered[a][label], covered[b][label])
        _count_frames(own, clusters)
        for key, number in own.items():
            together[key] += number
        _count_choices(own, clusters, people, schema)
        _count_units(own, layers, schema, len(article.text))
        pairs[a, b] = own
    if len(pairs) == 1:
        return Counted(next(iter(pairs.values())), pairs)
    _count_choices(together, compare(article.layers, schema), people, schema)
    _count_units(together, article.layers, schema, len(article.text))
    return Counted(together, pairs)


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
        found: set[int] = set()
        for start, end in span.ranges:
            found.update(range(bisect_right(self._ends, start), bisect_left(self._starts, end)))
        return found


def _covered(words: WordIndex, view: LayerView, schema: SchemaView) -> dict[str, list[set[int]]]:
    """Return the words that each span covers, by label, in text order."""
    found: dict[str, list[set[int]]] = {label: [] for label in schema.labels}
    for span in view.in_order():
        found[span.label].append(words.of(span))
    return found


def _count_spans(
    counts: dict[Key, float], label: str, left: list[set[int]], right: list[set[int]]
) -> None:
    """Count what two people's spans of one label share: alike word for word, at least by half, and
    in words.
    """
    counts["spans", label] += len(left) + len(right)
    left, right = [x for x in left if x], [x for x in right if x]
    for name, at_least in (("span_f1_exact", 1.0), ("span_f1_partial", PARTIAL)):
        counts[name, label, "matched"] += _matches(left, right, at_least=at_least)
        counts[name, label, "items"] += len(left) + len(right)
    all_left, all_right = set().union(*left), set().union(*right)
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
    scored = sorted(
        (-len(ours & right[j]) / len(ours | right[j]), i, j)
        for i, ours in enumerate(left)
        for j in {j for word in ours for j in by_word.get(word, ())}
    )
    used_left: set[int] = set()
    used_right: set[int] = set()
    for score, i, j in scored:
        if -score >= at_least and i not in used_left and j not in used_right:
            used_left.add(i)
            used_right.add(j)
    return len(used_left)


def _count_frames(counts: dict[Key, float], clusters: Sequence[Cluster]) -> None:
    """Count the frames of two people, and those alike in every facet."""
    counts["frame_f1", "", "matched"] += sum(cluster.agreed for cluster in clusters)
    counts["frame_f1", "", "items"] += sum(len(cluster.members) for cluster in clusters)


def choices(label: Label) -> list[Attribute]:
    """Return the attributes that are a choice of their own, such as the stance."""
    return [a for a in label.attributes if a.kind == "choice" and a.name not in DERIVED_ATTRIBUTES]


def _count_choices(
    counts: dict[Key, float],
    clusters: Sequence[Cluster],
    people: Mapping[Mention, str],
    schema: SchemaView,
) -> None:
    """Count the stances and the speakers that people gave the places they aligned."""
    sources = {kind.source for kind in schema.links.values()}

    def speakers(frame: Frame) -> str:
        return " + ".join(sorted({people[mention(s)] for s in frame.speakers})) or str(
            frame.head.attributes.get("speaker_state", "")
        )

    for label in schema.labels.values():
        held = [[f for f in c.members.values() if f.head.label == label.name] for c in clusters]
        held = [frames for frames in held if frames]
        counts["places", label.name] += len(held)
        for attribute in choices(label):
            values = (
                [str(v) for f in frames if (v := f.head.attributes.get(attribute.name))]
                for frames in held
            )
            _add(counts, ("choice", label.name, attribute.name), alpha.count(values))
        if label.name in sources:
            said = ([who for f in frames if (who := speakers(f))] for frames in held)
            _add(counts, ("speaker", label.name), alpha.count(said))


def _count_units(
    counts: dict[Key, float], layers: Mapping[str, LayerView], schema: SchemaView, length: int
) -> None:
    """Count the stretches that people marked, by label; the value of a unit is its first choice,
    the stance.
    """
    for label in schema.labels.values():
        of = next((attribute.name for attribute in choices(label)), "")

        def value(span: Span, of: str = of) -> str:
            return str(span.attributes.get(of) or span.label)

        spans = [[s for s in view.in_order() if s.label == label.name] for view in layers.values()]
        people = [unitize.units(found, value) for found in spans]
        if any(people):
            _add(counts, ("unit", label.name), unitize.count(people, length))
        counts["units", label.name] += sum(map(len, people))
        counts["pieces", label.name] += sum(len(span.ranges) for found in spans for span in found)


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
    row: _Row, found: Estimate, sums: Sums, *, articles: int, a: str | None, b: str | None
) -> Measure:
    n, total = int(row.n(sums)[0]), int(row.total(sums)[0])
    reason = ""
    if found.value is None:
        reason = row.reason(n)
    elif found.low is None:
        reason = "no interval: it takes two articles"
    return Measure(
        row.measure,
        row.label,
        a,
        b,
        found.value,
        found.low,
        found.high,
        n,
        total,
        articles,
        reason,
        row.of,
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
            yield _Row(
                name,
                label.name,
                _f1(name, label.name),
                items,
                total,
                lambda n: "neither marked anything",
            )
    items = _at("items", "frame_f1", "")
    yield _Row(
        "frame_f1", "", _f1("frame_f1", ""), items, items, lambda n: "neither marked anything"
    )
    sources = {kind.source for kind in schema.links.values()}
    for label in schema.labels.values():
        name, places = label.name, _at(label.name, "places")
        prefix: Key
        for attribute in choices(label):
            prefix = ("choice", name, attribute.name)
            paired, reason = _at("paired", *prefix), _no_choice(attribute.name)
            yield _Row(
                f"alpha_{attribute.name}", name, _of(alpha.alpha, *prefix), paired, places, reason
            )
            yield _Row(
                f"ac1_{attribute.name}",
                name,
                _ac1(len(attribute.choices), *prefix),
                paired,
                places,
                reason,
            )
        if name in sources:
            prefix = ("speaker", name)
            paired = _at("paired", *prefix)
            yield _Row(
                "alpha_speaker",
                name,
                _of(alpha.alpha, *prefix),
                paired,
                places,
                _no_choice("speaker"),
            )
    for label in schema.labels.values():
        yield from _unit_rows(observed, label)


def _unit_rows(observed: Sums, label: Label) -> Iterator[_Row]:
    prefix, n, total = ("unit", label.name), _at(label.name, "units"), _at(label.name, "pieces")

    def reason(n: int) -> str:
        return "all of the text is marked alike" if n else "nobody marked anything"

    def no_values(n: int) -> str:
        return (
            "where people marked the same, all chose one value" if n else "nobody marked anything"
        )

    yield _Row("alpha_u", label.name, _of(unitize.alpha_u, *prefix), n, total, reason)
    for attribute in choices(label)[:1]:
        yield _Row(
            "alpha_u_binary", label.name, _of(unitize.alpha_u_binary, *prefix), n, total, reason
        )
        yield _Row(
            "alpha_u_coding", label.name, _of(unitize.alpha_u_coding, *prefix), n, total, no_values
        )
        for value in observed.at(*prefix, "length").names():
            if value in attribute.choices:
                yield _Row(
                    "alpha_u_value",
                    label.name,
                    _of(_value(value), *prefix),
                    n,
                    total,
                    no_values,
                    of=value,
                )


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
