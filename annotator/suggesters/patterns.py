"""Suggest what fits a list of patterns, by spaCy's matchers over the words of a text alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby, repeat
from operator import attrgetter
from typing import Any

import spacy
from spacy.language import Language
from spacy.matcher import Matcher, PhraseMatcher
from spacy.tokens import Doc
from spacy.tokens import Span as Phrase
from spacy.util import filter_spans

from annotator.core.patterns import MOST_TOKENS, Pattern, digest, write
from annotator.suggesters.capabilities import Capabilities, require_common_label
from annotator.suggesters.report import Report
from corpus.core.schema import SchemaView
from corpus.core.span import LayerView, Span, layer_view, trim

# The tokenizer of languages that have none of their own.
ANY_LANGUAGE = "xx"
# Tokens that are matched in one go: what goes on as long as it fits would take longer and longer.
WINDOW = 200
LONGEST_WHY = 120


class Patterns:
    """The patterns of a corpus: of each label the longest matches, none overlapping another.

    Patterns whose label the schema does not know are left out; `Problem` when that is all of them.
    What goes on with `+` or `*` is found as far as its window goes.
    """

    name = "patterns"
    shown_as = name

    def __init__(
        self, patterns: Sequence[Pattern], *, schema: SchemaView, language: str = "en"
    ) -> None:
        labels = frozenset(pattern.label for pattern in patterns)
        require_common_label(self.name, labels, schema)
        self._patterns = [pattern for pattern in patterns if pattern.label in schema.labels]
        self._nlp = _blank(language)
        self.config: Mapping[str, Any] = {
            "patterns": digest(write(patterns)),
            "model": f"blank:{self._nlp.lang}",
        }
        self.capabilities = Capabilities(
            labels=labels,
            attributes=frozenset((p.label, name) for p in self._patterns for name in p.attributes),
        ).within(schema)
        self.report = Report()
        self._tokens = Matcher(self._nlp.vocab)
        self._phrases = PhraseMatcher(self._nlp.vocab)
        for number, pattern in enumerate(self._patterns):
            self._add(pattern, number)

    def suggest(
        self, texts: Iterable[str], targets: Iterable[Sequence[str]] | None = None
    ) -> Iterator[LayerView]:
        """Yield the suggested layer of each text."""
        no_targets: Iterator[Sequence[str]] = repeat(())
        for text, _ in zip(texts, no_targets if targets is None else targets, strict=False):
            spans = []
            for ident, (pattern, start, end) in enumerate(self.matches(text), start=1):
                why = f"the pattern {pattern.ident or pattern.shown}"
                evidence = {"rule": "pattern", "why": why[:LONGEST_WHY]}
                spans.append(
                    Span(
                        ident,
                        pattern.label,
                        start,
                        end,
                        attributes=dict(pattern.attributes),
                        evidence=evidence,
                    )
                )
            yield layer_view(spans)

    def matches(self, text: str) -> list[tuple[Pattern, int, int]]:
        """Return each match with the pattern that found it, in order of the text."""
        self._nlp.max_length = max(self._nlp.max_length, len(text) + 1)
        doc = self._nlp.make_doc(text)
        found = []
        for phrase in _longest(doc, self._found(doc)):
            start, end = trim(text, phrase.start_char, phrase.end_char)
            if start < end:
                found.append((self._patterns[int(phrase.id_)], start, end))
        return sorted(found, key=lambda row: (row[1], -row[2], row[0].label))

    def _found(self, doc: Doc) -> Iterator[Phrase]:
        """Yield all matches, some twice: what one window cuts off stands whole in the next."""
        if len(self._phrases):
            for key, start, end in self._phrases(doc):
                yield self._phrase(doc, key, start, end)
        if len(self._tokens):
            for first in range(0, len(doc), WINDOW):
                window = doc[first : first + WINDOW + MOST_TOKENS]
                for key, start, end in self._tokens(window):
                    if start < end:
                        yield self._phrase(doc, key, first + start, first + end)

    def _phrase(self, doc: Doc, key: int, start: int, end: int) -> Phrase:
        number = self._nlp.vocab.strings[key]
        return Phrase(doc, start, end, self._patterns[int(number)].label, span_id=number)

    def _add(self, pattern: Pattern, number: int) -> None:
        if isinstance(pattern.words, str):
            self._phrases.add(str(number), [self._nlp.make_doc(pattern.words)])
        else:
            tokens = [dict(token) for token in pattern.words]
            self._tokens.add(str(number), [tokens], greedy="LONGEST")


def _longest(doc: Doc, phrases: Iterable[Phrase]) -> Iterator[Phrase]:
    """Yield the longest phrases of each label, none overlapping another; the first pattern wins."""
    label = attrgetter("label")
    in_order = sorted(phrases, key=lambda phrase: (phrase.label, int(phrase.id_)))
    for _, own in groupby(in_order, key=label):
        yield from filter_spans(list(own))


def _blank(language: str) -> Language:
    """Return the tokenizer of a language, that of any language where it has none or needs more."""
    try:
        return spacy.blank(language.partition("-")[0].lower())
    except (ImportError, ValueError):
        return spacy.blank(ANY_LANGUAGE)
