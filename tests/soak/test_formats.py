"""Many random schemas and layers through every format and back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from tests.exports.encoders.odd_schemas import Corpus, corpora
from tests.exports.encoders.test_odd_schemas import (
    goes_out,
    keep_every_value,
    keep_places_and_links,
    keep_spans_or_count,
    keep_the_layer,
)
from tests.exports.encoders.test_round_trips import LOSSLESS

pytestmark = pytest.mark.usefixtures("one_tokenizer")

EXAMPLES = 500


@pytest.mark.parametrize("name", LOSSLESS)
@given(corpus=corpora())
@settings(max_examples=EXAMPLES)
def test_any_schema_comes_back_the_same(name: str, corpus: Corpus) -> None:
    keep_the_layer(name, corpus)


@given(corpus=corpora())
@settings(max_examples=EXAMPLES)
def test_any_schema_keeps_what_doccano_and_conll_can_hold(corpus: Corpus) -> None:
    keep_places_and_links(corpus)
    keep_spans_or_count(corpus)


@given(corpus=corpora())
@settings(max_examples=EXAMPLES)
def test_any_schema_goes_out_in_the_other_formats(corpus: Corpus) -> None:
    keep_every_value(corpus)
    goes_out("html", corpus)


@given(corpus=corpora())
@settings(max_examples=EXAMPLES // 10)
def test_any_schema_has_a_training_folder(corpus: Corpus) -> None:
    goes_out("spacy", corpus)
