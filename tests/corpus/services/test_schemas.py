"""Schemas: what is written reads back, each version beside the others, frozen once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpus.core.schema import ATTRIBUTION
from corpus.models import Corpus, Schema
from corpus.selectors import schema_rows
from corpus.services import schemas

pytestmark = pytest.mark.postgresql


def test_a_schema_reads_back_and_its_digest_names_its_content(corpus: Corpus) -> None:
    smaller = replace(ATTRIBUTION, links={})
    same = schemas.add_schema(corpus, ATTRIBUTION)
    other = schemas.add_schema(corpus, smaller)
    assert schema_rows(same).view == ATTRIBUTION
    assert schema_rows(other).view == smaller
    assert corpus.schema is not None
    assert [corpus.schema.version, same.version, other.version] == [1, 2, 3]
    assert corpus.schema.digest == same.digest != other.digest


def test_a_schema_is_frozen_once(corpus: Corpus) -> None:
    assert corpus.schema is not None
    schemas.freeze_schema(corpus.schema)
    moment = Schema.objects.get().frozen_at
    assert moment is not None
    schemas.freeze_schema(corpus.schema)
    assert Schema.objects.get().frozen_at == moment
