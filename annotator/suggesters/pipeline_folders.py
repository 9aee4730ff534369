"""What a folder tells of the spaCy pipelines in it, without loading them.

To load a pipeline is to run what its configuration names; `config.cfg` and `meta.json` are read as
text alone, and say what each component is and which labels it has.
"""

from __future__ import annotations

import configparser
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem

# How deep pipelines lie in a folder, as in the output of a training or in a package.
DEEPEST = 3
# Of a folder that a page may name: no path, nothing hidden.
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
# Bytes of a file that is read.
LARGEST = 5_000_000
# Labels of one component that are listed.
MOST_LABELS = 500

CLASSIFIERS = ("textcat", "textcat_multilabel")
LINKERS = ("link_extractor",)
SPAN_GIVERS = (
    *("ner", "beam_ner", "entity_ruler", "span_ruler", "future_entity_ruler"),
    *("spancat", "spancat_singlelabel"),
)
# What has labels that are none of spans, or none at all.
OTHERS = frozenset(
    (
        *("tok2vec", "transformer", "curated_transformer", "tagger", "morphologizer", "parser"),
        *("beam_parser", "senter", "sentencizer", "attribute_ruler", "lemmatizer"),
        *("trainable_lemmatizer", "entity_linker", "merge_entities", "merge_noun_chunks"),
        *("merge_subtokens", "token_splitter", "doc_cleaner", "span_finder"),
    )
)


@dataclass(frozen=True, slots=True)
class Component:
    """A component that gives something, by its name; `kind` says what.

    "spans", "links", "values" of an attribute, or "any" where its factory is not known here.
    """

    name: str
    kind: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PipelineFolder:
    """The pipelines of a folder as their files describe them; `why` says why they are unusable."""

    name: str
    language: str = ""
    version: str = ""
    components: tuple[Component, ...] = ()
    why: str = ""

    def names(self, *kinds: str) -> tuple[str, ...]:
        """Return the labels of all components of these kinds, each once, in order."""
        found: dict[str, None] = {}
        for component in self.components:
            if component.kind in kinds:
                found |= dict.fromkeys(component.labels)
        return tuple(found)

    @property
    def classifiers(self) -> tuple[Component, ...]:
        """Return the components that choose a value."""
        return tuple(c for c in self.components if c.kind == "values")


def folders_of(root: Path) -> list[str]:
    """Return the names of the folders in a folder that hold a pipeline, in order."""
    try:
        inner = sorted(path for path in root.iterdir() if NAME.fullmatch(path.name))
        return [path.name for path in inner if path.is_dir() and pipelines_in(path)]
    except OSError:
        return []


def folder_called(root: Path, name: str) -> Path:
    """Return the folder of this name in a folder; raise `Problem` when it holds no pipeline."""
    if name not in folders_of(root):
        raise Problem("not-found", what="pipeline", name=name[:80])
    return root / name


def pipelines_in(folder: Path) -> list[Path]:
    """Return the pipelines in a folder; of `model-best` and `model-last` side by side the best."""
    found = list(_pipelines(folder, DEEPEST))
    kept = []
    for place in found:
        if place.name != "model-last" or place.with_name("model-best") not in found:
            kept.append(place)
    return kept


def _pipelines(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the folders of pipelines in a folder, not looking into those."""
    if (folder / "config.cfg").is_file() and (folder / "meta.json").is_file():
        yield folder
        # A classifier may lie in the folder of the pipeline whose spans it classifies.
        depth = min(depth, 1)
    if depth:
        for inner in sorted(path for path in folder.iterdir() if path.is_dir()):
            yield from _pipelines(inner, depth - 1)


def read(root: Path, name: str) -> PipelineFolder:
    """Return what the files of a folder tell; raise `Problem` when it holds no pipeline."""
    folder = folder_called(root, name)
    components: dict[str, Component] = {}
    language = version = ""
    for place in pipelines_in(folder):
        try:
            meta = _meta(place)
            factories = _factories(place)
        except RecursionError:
            return PipelineFolder(name, why=f"{place.name} cannot be read: nested too deeply")
        except (OSError, ValueError, configparser.Error) as error:
            reason = " ".join(str(error).split())[:200]
            return PipelineFolder(name, why=f"{place.name} cannot be read: {reason}")
        language = language or str(meta.get("lang", ""))
        version = version or str(meta.get("version", ""))
        for component in _components(meta, factories):
            components.setdefault(component.name, component)
    return PipelineFolder(name, language, version, tuple(components.values()))


def _components(meta: dict[str, Any], factories: dict[str, str]) -> Iterator[Component]:
    labels = meta.get("labels")
    listed: dict[str, Any] = labels if isinstance(labels, dict) else {}
    for name in factories:
        own = listed.get(name)
        known: tuple[str, ...] = ()
        if isinstance(own, list):
            known = tuple(label for label in own if isinstance(label, str))
        kind = _kind(factories[name])
        if kind and known:
            yield Component(name, kind, known[:MOST_LABELS])


def _kind(factory: str) -> str:
    """Return what a component of a factory gives, "" when that is nothing to suggest."""
    if factory in CLASSIFIERS:
        return "values"
    if factory in LINKERS:
        return "links"
    if factory in SPAN_GIVERS:
        return "spans"
    return "" if factory in OTHERS else "any"


def _meta(place: Path) -> dict[str, Any]:
    data = json.loads(_text(place / "meta.json"))
    if not isinstance(data, dict):
        raise ValueError("its meta.json holds no object")
    return data


def _factories(place: Path) -> dict[str, str]:
    """Return the factory of each component of a pipeline, in order."""
    config = configparser.ConfigParser(interpolation=None, strict=False)
    config.optionxform = str  # type: ignore[method-assign, assignment]
    config.read_string(_text(place / "config.cfg"))
    names = json.loads(config.get("nlp", "pipeline", fallback="[]"))
    if not isinstance(names, list):
        raise ValueError("its pipeline is no list")
    found = {}
    for name in names:
        factory = config.get(f"components.{name}", "factory", fallback='""')
        found[str(name)] = factory.strip('"')
    return found


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path.name} is larger than {LARGEST} bytes")
    return path.read_text(encoding="utf-8")
