"""Reads of the trained pipelines that a site offers, and of what their names are called here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings

from annotator.models import PipelineMap
from annotator.suggesters import pipeline_folders
from annotator.suggesters.label_map import check_map
from annotator.suggesters.pipeline_folders import PipelineFolder
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.models import Corpus


def root() -> Path:
    """Return the folder of the site's pipelines, or raise `Problem` when there is none."""
    if not settings.MODELS:
        raise Problem("pipelines-none")
    return Path(settings.MODELS)


def names() -> list[str]:
    """Return the names of the site's pipelines."""
    return pipeline_folders.folders_of(root()) if settings.MODELS else []


def path_of(model: str) -> Path:
    """Return the folder of a pipeline: one of the site's by its name, else that of the path."""
    return root() / model if model in names() else Path(model)


def folder_called(name: str) -> PipelineFolder:
    """Return what the files of a pipeline tell, or raise `Problem` when there is none such."""
    return pipeline_folders.read(root(), name)


def map_of(corpus: Corpus, name: str) -> PipelineMap | None:
    """Return what the names of a pipeline are called in a corpus, once somebody said it."""
    return PipelineMap.objects.filter(corpus=corpus, pipeline=name).first()


def maps_of(corpus: Corpus) -> dict[str, PipelineMap]:
    """Return what was said of pipelines in a corpus, by their names."""
    return {row.pipeline: row for row in PipelineMap.objects.filter(corpus=corpus)}


def gives(names_map: Mapping[str, str], folder: PipelineFolder, schema: SchemaView) -> list[str]:
    """Return the labels of a schema that a pipeline gives under a map."""
    ours = {names_map.get(label, label) for label in folder.names("spans", "any")}
    return [label for label in schema.labels if label in ours]


def usable(corpus: Corpus, schema: SchemaView) -> Iterator[tuple[str, list[str], str]]:
    """Yield each pipeline of the site with the labels that it gives, or why it cannot be used."""
    said = maps_of(corpus)
    for name in names():
        row = said.get(name)
        if row is None:
            yield name, [], "say first what its names are called here, under Pipelines"
            continue
        folder = folder_called(name)
        labels = gives(row.names, folder, schema)
        why = folder.why or ("" if labels else "none of its labels is called as one of the schema")
        try:
            check_map(row.names, schema)
        except Problem as problem:
            why = problem.message
        yield name, labels, why
