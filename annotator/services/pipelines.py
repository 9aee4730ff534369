"""Writes of what the names of trained pipelines are called in a corpus."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from annotator.models import PipelineMap
from annotator.selectors import pipelines as selectors
from annotator.suggesters.label_map import check_map
from corpus import permissions
from corpus.core.problems import Problem
from corpus.models import Corpus
from corpus.selectors import schema_of, schema_rows
from corpus.services import audit

# What the rules speak of.
CLAIM = "CLAIM"


def map_names(
    corpus: Corpus, name: str, names: Mapping[str, str], *, fill: bool, by: permissions.User
) -> PipelineMap:
    """Say what the names of a pipeline are called in a corpus, "" for those that are left out.

    With `fill`, the rules give what the pipeline does not. Raises `Problem` for a pipeline that the
    site does not offer, and for a map that leads to a name which the schema does not know.
    """
    permissions.require(by, "suggest", corpus)
    selectors.folder_called(name)
    schema = schema_rows(schema_of(corpus)).view
    check_map(names, schema)
    if fill and CLAIM not in schema.labels:
        raise Problem("fill-schema", known=", ".join(schema.labels))
    with transaction.atomic():
        saved, _ = PipelineMap.objects.update_or_create(
            corpus=corpus,
            pipeline=name,
            defaults={"names": dict(names), "fill": fill, "saved_by_id": by.pk},
        )
        audit.note(corpus, "pipeline", by=by, pipeline=name, names=dict(names), fill=fill)
    return saved
