"""A spaCy component that tells which spans of a text are linked: `link_extractor`.

It stands alone, so that it can go wherever what it trains goes:

    python -m spacy train relations/config.cfg --code scripts/relations.py --output relations/model
    python scripts/relations.py evaluate relations/model/model-best relations/test.jsonl scores.json
    python scripts/relations.py join model/model-best relations/model/model-best joined

Two spans are a candidate when some kind of link runs from the label of one to the label of the
other, and they stand near enough. Each candidate gets a score for each such kind. The scores stand
in `doc._.rel` as in explosion's tutorial on relations: by the first tokens of both spans, then by
kind. Spans are the entities of a document, and those of its group `spans_key`.
"""

from __future__ import annotations

import argparse
import json
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from typing import Any, NamedTuple

import spacy
from spacy.language import Language
from spacy.pipeline.trainable_pipe import TrainablePipe
from spacy.scorer import PRFScore
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import registry
from spacy.vocab import Vocab
from thinc.api import Linear, Maxout, Model, Optimizer, chain, set_dropout_rate
from thinc.types import Floats2d

Network = Model[Any, Any]
FACTORY = "link_extractor"
# Tokens between the two spans of a candidate, at most; a paragraph of news has some sixty.
MAX_DISTANCE = 100
THRESHOLD = 0.5
SPANS_KEY = "sc"
# Examples that the sizes of the model are taken from.
SAMPLE = 20
# How many tokens apart two spans are is told by the last of these that is not more.
GAPS = (0, 1, 2, 3, 5, 9, 17, 33)
# The target stands before the source, behind it, or within.
SIDES = 3
# Of counts and ranks, the last stands for all above it too.
COUNTS = 3
FEATURES = len(GAPS) * SIDES + COUNTS * 5
# Of each span, its first and its last token are read.
TOKENS_READ = 4
SENTENCE_ENDS = frozenset(".!?…。！？؟۔।")


# Tuples, as spaCy gives a module from `--code` no place where dataclasses look for it.
class Kind(NamedTuple):
    """A kind of link, with the labels that it runs from and to."""

    name: str
    sources: list[str]
    targets: list[str]


class Candidates(NamedTuple):
    """The pairs of spans of a document that may be linked, source first.

    `fits` tells for each pair and kind whether the labels are those of the kind, `features` where
    the two stand to each other and to other spans.
    """

    doc: Doc
    pairs: list[tuple[Span, Span]]
    fits: Any
    features: Any


def candidates(
    doc: Doc, kinds: Sequence[Kind], max_distance: int, spans_key: str, xp: Any
) -> Candidates:
    """Return the candidates of a document; `xp` is numpy, or what takes its place on a GPU."""
    spans = _spans(doc, spans_key)
    pairs = []
    fits = []
    for source in spans:
        outgoing = [kind for kind in kinds if source.label_ in kind.sources]
        for target in spans if outgoing else ():
            possible = [kind in outgoing and target.label_ in kind.targets for kind in kinds]
            if any(possible) and target is not source and _gap(source, target) <= max_distance:
                pairs.append((source, target))
                fits.append(possible)
    return Candidates(
        doc,
        pairs,
        xp.asarray(fits, dtype="float32").reshape((len(pairs), len(kinds))),
        xp.asarray(_features(doc, spans, pairs), dtype="float32").reshape((len(pairs), FEATURES)),
    )


def _spans(doc: Doc, spans_key: str) -> list[Span]:
    """Return the spans that may be linked, each place and label once, in text order."""
    found = list(doc.ents)
    if spans_key in doc.spans:
        found.extend(doc.spans[spans_key])
    places = {(span.start, -span.end, span.label_): span for span in reversed(found)}
    return [places[key] for key in sorted(places)]


def _gap(one: Span, other: Span) -> int:
    """Return how many tokens stand between two spans."""
    return max(other.start - one.end, one.start - other.end, 0)


def _features(
    doc: Doc, spans: Sequence[Span], pairs: Sequence[tuple[Span, Span]]
) -> list[list[float]]:
    """Return for each pair where its spans stand to each other and among the others."""
    starts: dict[str, list[int]] = {}
    for span in spans:
        starts.setdefault(span.label_, []).append(span.start)
    # How many sentences end before each token.
    ended = [0, *accumulate(token.text in SENTENCE_ENDS for token in doc)]
    ranks_of_targets = _ranks([(id(source), _gap(source, target)) for source, target in pairs])
    ranks_of_sources = _ranks([(id(target), _gap(source, target)) for source, target in pairs])
    rows = []
    for number, (source, target) in enumerate(pairs):
        side = 0 if target.end <= source.start else 1 if target.start >= source.end else 2
        gap = bisect_right(GAPS, _gap(source, target)) - 1
        first, last = sorted((source, target), key=lambda span: span.start)
        rows.append(
            [
                *_one_of(len(GAPS) * SIDES, gap * SIDES + side),
                *_one_of(COUNTS, ended[max(first.end, last.start)] - ended[first.end]),
                *_one_of(COUNTS, _between(starts[source.label_], first, last)),
                *_one_of(COUNTS, _between(starts[target.label_], first, last)),
                *_one_of(COUNTS, ranks_of_targets[number]),
                *_one_of(COUNTS, ranks_of_sources[number]),
            ]
        )
    return rows


def _ranks(rows: Sequence[tuple[int, int]]) -> list[int]:
    """Return for each row how many with the same key have a smaller number."""
    numbers: dict[int, list[int]] = {}
    for key, number in rows:
        numbers.setdefault(key, []).append(number)
    for group in numbers.values():
        group.sort()
    return [bisect_left(numbers[key], number) for key, number in rows]


def _between(starts: Sequence[int], first: Span, last: Span) -> int:
    """Return how many spans begin between two."""
    return max(0, bisect_left(starts, last.start) - bisect_left(starts, first.end))


def _one_of(length: int, number: int) -> list[float]:
    row = [0.0] * length
    row[min(number, length - 1)] = 1.0
    return row


@registry.architectures("saidby.LinkModel.v1")  # type: ignore[untyped-decorator]
def link_model(tok2vec: Network, hidden: int) -> Model[list[Candidates], Floats2d]:
    """Return a model that gives a number for each candidate and kind, above 0 for a link."""
    head: Network = chain(Maxout(nO=hidden, nP=3, dropout=0.0, normalize=True), Linear())
    return Model(
        "link_model",
        _forward,
        init=_init,
        layers=[tok2vec, head],
        refs={"tok2vec": tok2vec, "head": head},
    )


def _forward(
    model: Network, batch: list[Candidates], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], list[Candidates]]]:
    inputs, spread = _inputs(model, batch, is_train)
    numbers, back_through_head = model.get_ref("head")(inputs, is_train)

    def backprop(gradient: Floats2d) -> list[Candidates]:
        spread(back_through_head(gradient))
        return batch

    return numbers, backprop


def _init(model: Network, X: Any = None, Y: Any = None) -> Network:  # noqa: N803 - as thinc calls them
    if X is not None:
        model.get_ref("tok2vec").initialize(X=[row.doc for row in X])
        inputs, _ = _inputs(model, X, False)
        model.get_ref("head").initialize(X=inputs, Y=Y)
    return model


def _inputs(
    model: Network, batch: list[Candidates], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], None]]:
    """Return what the head reads of each candidate, and what takes its gradient to the tokens."""
    ops = model.ops
    vectors, back_to_tokens = model.get_ref("tok2vec")([row.doc for row in batch], is_train)
    lengths = [len(row.doc) for row in batch]
    places: list[int] = []
    for offset, row in zip(accumulate([0, *lengths]), batch, strict=False):
        for source, target in row.pairs:
            for span in (source, target):
                places.extend((offset + span.start, offset + span.end - 1))
    indices = ops.xp.asarray(places, dtype="int32")
    flat = ops.flatten(vectors)
    width = flat.shape[1]
    read = flat[indices].reshape((-1, TOKENS_READ * width))
    fits = ops.xp.vstack([row.fits for row in batch])
    features = ops.xp.vstack([row.features for row in batch])

    def spread(gradient: Floats2d) -> None:
        of_tokens = ops.xp.ascontiguousarray(gradient[:, : TOKENS_READ * width])
        table = ops.alloc2f(*flat.shape)
        ops.scatter_add(table, indices, of_tokens.reshape((-1, width)))
        back_to_tokens(ops.unflatten(table, ops.asarray1i(lengths)))

    return ops.xp.hstack([read, features, fits]), spread


class LinkExtractor(TrainablePipe):  # type: ignore[misc]
    """The component; its labels are the kinds of links."""

    def __init__(self, vocab: Vocab, model: Network, name: str, told: dict[str, Any]) -> None:
        _have_extension()
        self.vocab = vocab
        self.model = model
        self.name = name
        self.cfg = {"kinds": [], **told}

    @property
    def kinds(self) -> list[Kind]:
        """Return the kinds of links, in the order of the scores."""
        return [Kind(*row) for row in self.cfg["kinds"]]

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the names of the kinds."""
        return tuple(kind.name for kind in self.kinds)

    @property
    def threshold(self) -> float:
        """Return the score from which on a candidate counts as linked."""
        return float(self.cfg["threshold"])

    def initialize(
        self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language, labels: list[Any]
    ) -> None:
        """Take the kinds, and the sizes of the model from some examples.

        A kind is a row of its name, the label of its source and the label of its target.
        """
        self.cfg["kinds"] = [list(row) for row in labels]
        useful = (e for e in get_examples() if self._candidates(e.reference).pairs)
        examples = list(islice(useful, SAMPLE))
        if not examples:
            raise ValueError("No example has two spans that a link may join")
        sample = [self._candidates(example.reference) for example in examples]
        self.model.initialize(X=sample, Y=self._truth(examples, sample))

    def predict(self, docs: Iterable[Doc]) -> list[tuple[Candidates, Any]]:
        """Return the candidates of each document with their scores."""
        found = [self._candidates(doc) for doc in docs]
        batch = [row for row in found if row.pairs]
        if not batch:
            return []
        scores = _numbers(self.model.ops.sigmoid(self.model.predict(batch)))
        rows = []
        first = 0
        for row in batch:
            rows.append((row, scores[first : first + len(row.pairs)]))
            first += len(row.pairs)
        return rows

    def set_annotations(self, docs: Iterable[Doc], scores: list[tuple[Candidates, Any]]) -> None:
        """Write the scores into `doc._.rel`."""
        names = self.labels
        for row, numbers in scores:
            relations: dict[tuple[int, int], dict[str, float]] = dict(row.doc._.rel)
            fits = _numbers(row.fits)
            for number, (source, target) in enumerate(row.pairs):
                own = relations.setdefault((source.start, target.start), {})
                for kind, name in enumerate(names):
                    if fits[number, kind]:
                        own[name] = max(float(numbers[number, kind]), own.get(name, 0.0))
            row.doc._.rel = relations

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn from a batch of examples."""
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        found = [(example, self._candidates(example.predicted)) for example in examples]
        kept = [example for example, own in found if own.pairs]
        batch = [own for _, own in found if own.pairs]
        if not batch:
            return losses
        set_dropout_rate(self.model, drop)
        numbers, backprop = self.model.begin_update(batch)
        loss, gradient = self.get_loss(kept, numbers, batch)
        backprop(gradient)
        if sgd is not None:
            self.finish_update(sgd)
        losses[self.name] += loss
        return losses

    def get_loss(
        self, examples: Sequence[Example], scores: Floats2d, batch: Sequence[Candidates]
    ) -> tuple[float, Floats2d]:
        """Return the squared error, and the gradient of the cross entropy, of kinds that fit."""
        fits = self.model.ops.xp.vstack([row.fits for row in batch])
        truth = self._truth(examples, batch)
        gradient = (self.model.ops.sigmoid(scores) - truth) * fits
        return float((gradient**2).sum() / fits.sum()), gradient / len(fits)

    def score(self, examples: Iterable[Example], **_: Any) -> dict[str, Any]:
        """Return precision, recall and F of the links, of all kinds together and of each."""
        return scores_of(examples, self.threshold)

    def _candidates(self, doc: Doc) -> Candidates:
        return candidates(
            doc, self.kinds, self.cfg["max_distance"], self.cfg["spans_key"], self.model.ops.xp
        )

    def _truth(self, examples: Sequence[Example], batch: Sequence[Candidates]) -> Floats2d:
        rows = []
        for example, found in zip(examples, batch, strict=True):
            relations = example.reference._.rel
            for source, target in found.pairs:
                own = relations.get((source.start, target.start), {})
                rows.append([own.get(name, 0.0) for name in self.labels])
        return self.model.ops.asarray2f(rows)


@Language.factory(
    FACTORY,
    requires=["doc.ents"],
    assigns=["doc._.rel"],
    default_config={
        "model": {
            "@architectures": "saidby.LinkModel.v1",
            "hidden": 128,
            "tok2vec": {
                "@architectures": "spacy.HashEmbedCNN.v2",
                "pretrained_vectors": None,
                "width": 96,
                "depth": 4,
                "embed_size": 2000,
                "window_size": 1,
                "maxout_pieces": 3,
                "subword_features": True,
            },
        },
        "threshold": THRESHOLD,
        "max_distance": MAX_DISTANCE,
        "spans_key": SPANS_KEY,
    },
    default_score_weights={
        "rel_micro_p": 0.0,
        "rel_micro_r": 0.0,
        "rel_micro_f": 1.0,
        "rel_per_type": None,
    },
)
def make_link_extractor(
    nlp: Language, name: str, model: Network, threshold: float, max_distance: int, spans_key: str
) -> LinkExtractor:
    """Make the component."""
    told = {"threshold": threshold, "max_distance": max_distance, "spans_key": spans_key}
    return LinkExtractor(nlp.vocab, model, name, told)


def _numbers(array: Any) -> Any:
    """Return an array in numpy, which it is not on a GPU."""
    return array.get() if hasattr(array, "get") else array


def _have_extension() -> None:
    if not Doc.has_extension("rel"):
        Doc.set_extension("rel", default={})


def scores_of(examples: Iterable[Example], threshold: float) -> dict[str, Any]:
    """Return precision, recall and F of `doc._.rel`; none where nobody said what is linked."""
    together = PRFScore()
    by_kind: dict[str, PRFScore] = {}
    for example in examples:
        gold = _linked(example.reference, THRESHOLD)
        found = _linked(example.predicted, threshold)
        for link in gold | found:
            for score in (together, by_kind.setdefault(link[0], PRFScore())):
                score.tp += link in gold and link in found
                score.fp += link not in gold
                score.fn += link not in found
    if together.tp + together.fn == 0:
        return dict.fromkeys(("rel_micro_p", "rel_micro_r", "rel_micro_f", "rel_per_type"))
    return {
        "rel_micro_p": together.precision,
        "rel_micro_r": together.recall,
        "rel_micro_f": together.fscore,
        "rel_per_type": {kind: score.to_dict() for kind, score in sorted(by_kind.items())},
    }


def _linked(doc: Doc, threshold: float) -> set[tuple[str, int, int]]:
    """Return kind, source and target of what is linked, by the first tokens of the spans."""
    linked = set()
    for (source, target), own in doc._.rel.items():
        linked |= {(name, source, target) for name, score in own.items() if score >= threshold}
    return linked


@registry.readers("saidby.LinkedParagraphs.v1")  # type: ignore[untyped-decorator]
def linked_paragraphs(path: Path) -> Callable[[Language], Iterator[Example]]:
    """Return what reads examples from a file of rows as Prodigy writes relations."""
    return partial(read_examples, path)


def read_examples(path: Path, nlp: Language) -> Iterator[Example]:
    """Yield the paragraphs of a file; the spans are given, the links are what is learned."""
    _have_extension()
    with Path(path).open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            given = _document(nlp.vocab, row)
            reference = _document(nlp.vocab, row)
            first_tokens = {span["token_end"]: span["token_start"] for span in row["spans"]}
            relations: dict[tuple[int, int], dict[str, float]] = {}
            for relation in row["relations"]:
                ends = (first_tokens[relation["head"]], first_tokens[relation["child"]])
                relations.setdefault(ends, {})[relation["label"]] = 1.0
            reference._.rel = relations
            yield Example(given, reference)


def _document(vocab: Vocab, row: dict[str, Any]) -> Doc:
    words = [token["text"] for token in row["tokens"]]
    spaces = [token["ws"] for token in row["tokens"]]
    doc = Doc(vocab, words=words, spaces=spaces)
    spans = []
    for span in row["spans"]:
        spans.append(Span(doc, span["token_start"], span["token_end"] + 1, label=span["label"]))
    doc.set_ents(spans)
    return doc


def evaluate(model: Path, data: Path) -> dict[str, Any]:
    """Return the scores of a trained pipeline on a file of rows, whose spans are given."""
    nlp = spacy.load(model)
    [name] = [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory == FACTORY]
    component: Any = nlp.get_pipe(name)
    examples = list(read_examples(data, nlp))
    for example in examples:
        example.predicted = component(example.predicted)
    scores: dict[str, Any] = component.score(examples)
    return scores


def join(spans: Path, links: Path, to: Path) -> None:
    """Write the pipeline that finds spans with the component that links them at its end."""
    nlp = spacy.load(spans)
    trained = spacy.load(links)
    for name in trained.pipe_names:
        nlp.add_pipe(name, source=trained)
    nlp.to_disk(to)


def main() -> None:
    """Evaluate a trained pipeline, or join it to one that finds spans."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    arguments = {"evaluate": ("model", "data", "output"), "join": ("spans", "links", "output")}
    for command, paths in arguments.items():
        own = commands.add_parser(command)
        for path in paths:
            own.add_argument(path, type=Path)
    options = parser.parse_args()
    if options.command == "join":
        join(options.spans, options.links, options.output)
    else:
        scores = json.dumps(evaluate(options.model, options.data), indent=1)
        options.output.write_text(scores + "\n", encoding="utf-8")
        print(scores)  # noqa: T201 - a command that prints its answer


if __name__ == "__main__":
    main()
