"""Records as spaCy documents: spans, entities, missing values and paragraphs.

Spans stand in `doc.spans["sc"]`; attributes and links go into `SpanGroup.attrs` by span id, because
`span._.x` is keyed by offsets alone and lost unless user data is stored. The same spans stand as
entities, where of two that overlap the longer one stays. Sentences of a document are its
paragraphs: spaCy's reader cuts there what is longer than it may be.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc, SpanGroup
from spacy.tokens import Span as Phrase
from spacy.util import filter_spans

from corpus.core.problems import Problem
from corpus.core.span import Span
from exports.core.record import Record, Report, link_rows, span_id
from exports.encoders import Options

KEY = "sc"
# Words that the tokenizer keeps with their tokens.
CACHED = 200_000
# Tokens of the longest piece that trains at once. Memory follows the longest, and a paragraph of
# news has some sixty.
LONGEST = 256
# What a DocBin keeps of each token.
COLUMNS = ["ORTH", "SPACY", "ENT_IOB", "ENT_TYPE", "SENT_START"]
# Spans off token edges, in percent, from which on the tokens are more likely wrong than the spans.
MOST_MISALIGNED = 2
BLANK_LINE = re.compile(r"\n[^\S\n]*\n\s*")
LINE = re.compile(r"\n\s*")
SENTENCE_ENDS = frozenset(".!?…。！？؟۔")


@dataclass(slots=True)
class Measured:
    """What was seen of the spans, from which configuration, manifest and README are made.

    `lengths` counts tokens. `overlapping` spans are none of the entities, because a longer span
    takes their place; `masked` counts entities that touch what is in dispute, and its tokens.
    """

    lengths: list[int] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)
    entities: set[str] = field(default_factory=set)
    fragments: int = 0
    overlapping: int = 0
    masked_documents: int = 0
    masked_frames: int = 0
    masked_tokens: int = 0
    masked_spans: int = 0

    def add(self, label: str, length: int) -> None:
        """Count a span."""
        self.lengths.append(length)
        self.labels[label] = self.labels.get(label, 0) + 1

    def masked(self) -> dict[str, int]:
        """Return what is in dispute, for the manifest."""
        return {
            "documents": self.masked_documents,
            "frames": self.masked_frames,
            "tokens": self.masked_tokens,
            "spans": self.masked_spans,
        }


@dataclass(frozen=True, slots=True)
class Tokens:
    """What is read of every token of a document, read once.

    `starts` are places in the text; `known` is 0 where what the token is has a missing value.
    """

    text: str
    words: list[str]
    spaces: list[bool]
    starts: list[int]
    known: Any


def tokens_of(doc: Doc, text: str) -> Tokens:
    """Return the tokens of a document with this text."""
    array = doc.to_array(["ORTH", "SPACY", "IDX", "ENT_IOB"])
    words = array[:, 0].tolist()
    strings = doc.vocab.strings
    # Many tokens are few words, and a token costs more to make than a word to look up.
    spelled = {word: strings[word] for word in set(words)}
    return Tokens(
        text,
        [spelled[word] for word in words],
        array[:, 1].astype(bool).tolist(),
        array[:, 2].tolist(),
        array[:, 3],
    )


def blank(language: str) -> Language:
    """Return the tokenizer of a language, or raise `Problem` when spaCy has none."""
    try:
        nlp = spacy.blank(language)
    except ImportError as error:
        said = str(error).split("\n", 1)[0]
        reason = f"spaCy has no tokenizer for the corpus's language {language!r}: {said}"
        raise Problem("nothing-to-do", act="export", reason=reason) from None
    # An article may be longer than what spaCy's parser would take; only the tokenizer runs here.
    nlp.max_length = 10_000_000
    # Other tokenizers than spaCy's own, such as for Chinese, keep nothing.
    if isinstance(nlp.tokenizer, Tokenizer):
        nlp.tokenizer = Remembering(nlp.tokenizer)
    return nlp


class Remembering:
    """A tokenizer that takes each word apart once.

    spaCy's keeps 10,000 words, and nothing that stands behind a line break or another token that
    it has a rule for; so each word is given to it alone before.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.max_cache_size = CACHED
        self._seen: set[str] = set()

    def __call__(self, text: str) -> Doc:
        """Return the tokens of a text."""
        new = {*text.split()} - self._seen
        if len(self._seen) < CACHED:
            self._seen |= new
            for word in new:
                self._tokenizer(word)
        doc: Doc = self._tokenizer(text)
        return doc


def document(
    nlp: Language, record: Record, options: Options, report: Report, measured: Measured
) -> Doc:
    """Return a record as a spaCy document.

    Each fragment of a discontinuous span is a span with the same id.
    """
    doc = nlp.make_doc(record.text)
    group = []
    attributes = {}
    places = []
    for span in record.layer.in_order():
        name = span_id(span)
        measured.fragments += bool(span.fragments)
        for number, (start, end) in enumerate(span.ranges):
            piece = doc.char_span(start, end, label=span.label, span_id=name)
            if piece is None:
                piece = _aligned(doc, span, start, end, record, options, report)
            if piece is not None:
                group.append(piece)
                places.append([name, number])
                measured.add(span.label, len(piece))
        attributes[name] = {"label": span.label, **dict(sorted(span.attributes.items()))}
    doc.spans[KEY] = SpanGroup(
        doc,
        name=KEY,
        spans=group,
        attrs={"id": record.id, "places": places, "spans": attributes, "links": link_rows(record)},
    )
    return doc


def _aligned(
    doc: Doc, span: Span, start: int, end: int, record: Record, options: Options, report: Report
) -> Phrase | None:
    """Return a fragment off token edges as the options want it, None when it is left out."""
    name = span_id(span)
    row = {
        "id": record.id,
        "span": name,
        "start": start,
        "end": end,
        "text": record.text[start:end],
    }
    if options.misaligned == "refuse":
        raise Problem("misaligned", count=1).at(f"{record.id} {name}")
    piece: Phrase | None = None
    if options.misaligned != "drop":
        piece = doc.char_span(start, end, label=span.label, span_id=name, alignment_mode="expand")
    if piece is None:
        report.dropped["off-token-edges"] += 1
        report.changed.append({**row, "became": None})
        return None
    report.changed.append({**row, "became": [piece.start_char, piece.end_char]})
    return piece


def check_alignment(measured: Measured, report: Report, options: Options) -> None:
    """Raise `Problem` when too many spans are off token edges and nobody said what to do."""
    count = len(report.changed)
    total = len(measured.lengths) + report.dropped["off-token-edges"]
    if not options.misaligned and 100 * count > MOST_MISALIGNED * total:
        raise Problem("misaligned", count=f"{count} of {total}")


def set_entities(doc: Doc, record: Record, options: Options, measured: Measured) -> None:
    """Make the spans of a document its entities too; what is in dispute has missing values."""
    spans = list(doc.spans[KEY])
    kept = filter_spans(spans)
    measured.overlapping += len(spans) - len(kept)
    missing: set[int] = set()
    if record.disputed and options.disputed == "mask":
        missing = _disputed_tokens(doc, record)
        certain = [span for span in kept if missing.isdisjoint(range(span.start, span.end))]
        for span in kept:
            if span not in certain:
                missing.update(range(span.start, span.end))
        measured.masked_documents += 1
        measured.masked_frames += record.disputes
        measured.masked_tokens += len(missing)
        measured.masked_spans += len(kept) - len(certain)
        kept = certain
    measured.entities.update(span.label_ for span in kept)
    doc.set_ents(kept, missing=[doc[number : number + 1] for number in sorted(missing)])


def _disputed_tokens(doc: Doc, record: Record) -> set[int]:
    """Return the numbers of the tokens that something in dispute touches."""
    missing: set[int] = set()
    for start, end in record.disputed:
        piece = doc.char_span(start, end, alignment_mode="expand")
        if piece is not None:
            missing.update(range(piece.start, piece.end))
    return missing


def set_paragraphs(doc: Doc, text: str) -> None:
    """Make the paragraphs of a document its sentences, those cut that are longer than `LONGEST`."""
    offsets = doc.to_array("IDX").tolist()
    breaks = BLANK_LINE if BLANK_LINE.search(text) else LINE
    starts = {bisect_left(offsets, match.end()) for match in breaks.finditer(text)}
    bounds = [*sorted(starts - {0, len(doc)}), len(doc)]
    # Before these tokens a cut would part an entity.
    inside = bytearray(len(doc) + 1)
    for entity in doc.ents:
        inside[entity.start + 1 : entity.end] = b"\1" * (len(entity) - 1)
    begin = 0
    for end in bounds:
        while end - begin > LONGEST:
            begin = _cut(doc, begin, inside)
            doc[begin].is_sent_start = True
        if end < len(doc):
            doc[end].is_sent_start = True
        begin = end


def _cut(doc: Doc, begin: int, inside: bytearray) -> int:
    """Return where a long paragraph is cut: behind a sentence, else between entities, else amid."""
    last = begin + LONGEST
    places = [place for place in range(last, begin + LONGEST // 2, -1) if not inside[place]]
    for place in places:
        before = doc[place - 1].text
        if before in SENTENCE_ENDS or "\n" in before:
            return place
    return places[0] if places else last


def pieces(doc: Doc) -> Iterator[Phrase]:
    """Yield the paragraphs of a document."""
    if doc.has_annotation("SENT_START"):
        yield from doc.sents
    else:
        yield doc[:]
