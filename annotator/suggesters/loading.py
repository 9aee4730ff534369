"""The pipelines in a folder: which of them finds spans, which classifies them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import spacy
from spacy.language import Language

from annotator.nlp import components, relations
from annotator.suggesters.label_map import ABOUT
from annotator.suggesters.pipeline_folders import CLASSIFIERS, pipelines_in
from corpus.core.problems import Problem

# What they give the others: vectors of tokens.
VECTORS = ("tok2vec", "transformer", "curated_transformer")
# Components that read the whole document; they are our own.
WHOLE = "saidby_"
# What a component of ours gives, as it has no labels to tell of it.
GIVEN_BY_RULES = {"saidby_claims": ("CLAIM", "CUE"), "saidby_speakers": ("SPEAKER",)}
WITHOUT_LABELS = ("span_finder",)


@dataclass(frozen=True, slots=True)
class Pipelines:
    """A pipeline that finds spans, and those that classify and link them, which may be the same.

    `files` is a digest of all their files: another training is another run.
    """

    finder: Language
    classifiers: tuple[Language, ...]
    linkers: tuple[Language, ...]
    files: str


def load(folder: Path) -> Pipelines:
    """Load the pipelines of a folder; raise `Problem` when none of them finds spans.

    The folder is a pipeline, or holds some, as the output of a training or a package does. Of
    `model-best` and `model-last` side by side the best is taken.
    """
    places = pipelines_in(folder)
    if not places:
        raise Problem("model-invalid", reason="there is no config.cfg with a meta.json in it")
    loaded = {place: spacy.load(place) for place in places}
    finders = [place for place, nlp in loaded.items() if _span_components(nlp)]
    if len(finders) != 1:
        reason = "none of its components finds spans or entities"
        if finders:
            names = ", ".join(place.relative_to(folder).as_posix() for place in finders)
            reason = f"it holds several that find spans ({names}); name the folder of one"
        raise Problem("model-invalid", reason=reason)
    used = [finders[0]]
    classifiers = []
    for place, nlp in loaded.items():
        if classifiers_in(nlp):
            classifiers.append(nlp)
            used.append(place)
    linkers = [place for place, nlp in loaded.items() if linkers_in(nlp)]
    if finders[0] in linkers:
        # It links what it finds itself.
        linkers = []
    digest = _digest(folder, [*used, *linkers])
    return Pipelines(
        loaded[finders[0]], tuple(classifiers), tuple(loaded[place] for place in linkers), digest
    )


def _span_components(nlp: Language) -> list[str]:
    """Return the components of a pipeline that give spans or entities, in order."""
    names = []
    for name in nlp.pipe_names:
        meta = nlp.get_pipe_meta(name)
        finds = {"doc.ents", "doc.spans"} & set(meta.assigns)
        if meta.factory in GIVEN_BY_RULES or (finds and not _is_ours(nlp, name)):
            names.append(name)
    return names


def _is_ours(nlp: Language, name: str) -> bool:
    return nlp.get_pipe_meta(name).factory.startswith(WHOLE)


def learned_labels(nlp: Language) -> set[str] | None:
    """Return the labels that components other than ours give to spans.

    None when a component has spans to give and no labels to tell of it.
    """
    labels: set[str] = set()
    for name in _span_components(nlp):
        if _is_ours(nlp, name) or nlp.get_pipe_meta(name).factory in WITHOUT_LABELS:
            continue
        if not hasattr(nlp.get_pipe(name), "labels"):
            return None
        labels |= set(nlp.pipe_labels.get(name, ()))
    return labels


def rule_labels(nlp: Language) -> set[str]:
    """Return the labels that our own components in a pipeline give."""
    labels: set[str] = set()
    for name in nlp.pipe_names:
        labels |= set(GIVEN_BY_RULES.get(nlp.get_pipe_meta(name).factory, ()))
    return labels


def classifiers_in(nlp: Language) -> list[str]:
    """Return the text classifiers of a pipeline, by the names of their components."""
    return [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in CLASSIFIERS]


def whole_document_components(nlp: Language) -> list[str]:
    """Return the components that must see all paragraphs at once."""
    return [name for name in nlp.pipe_names if _is_ours(nlp, name)]


def is_vectors(nlp: Language, name: str) -> bool:
    """Tell whether a component only gives vectors to others."""
    return nlp.get_pipe_meta(name).factory in VECTORS


def _digest(folder: Path, places: list[Path]) -> str:
    """Return a digest of what is told of a folder, and of every file of the pipelines used."""
    files = {folder / ABOUT}
    for place in places:
        files.update(place.rglob("*"))
    sha = hashlib.sha256()
    for path in sorted(path for path in files if path.is_file()):
        sha.update(path.relative_to(folder).as_posix().encode())
        sha.update(hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()[:16]


def linkers_in(nlp: Language) -> list[str]:
    """Return the components of a pipeline that link spans, by name."""
    return [name for name in nlp.pipe_names if "doc._.rel" in nlp.get_pipe_meta(name).assigns]


def link_threshold(pipelines: Iterable[Language]) -> float:
    """Return the score from which on the relations of some pipelines are links."""
    for nlp in pipelines:
        for name in linkers_in(nlp):
            return float(getattr(nlp.get_pipe(name), "threshold", relations.THRESHOLD))
    return relations.THRESHOLD


# The groups of spans that our own components fill; importing them registers their factories.
RULE_GROUPS = frozenset(components.GROUPS.values())
