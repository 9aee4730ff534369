"""Suggest with a trained spaCy pipeline.

That is what an exported folder gave, or any that fills span groups or entities.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.tokens import Doc
from spacy.tokens import Span as Phrase

from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION
from corpus.core.span import LayerView, Span, layer_view, trim

GROUP = "sc"
MAP = "saidby.json"


class Trained:
    """The pipeline in a folder, its labels mapped onto ours.

    Spans are read from `doc.spans["sc"]`, or from `doc.ents` where the pipeline has no such group.
    A file `saidby.json` in the folder may map labels, as in `{"labels": {"PERSON": "SPEAKER",
    "QUOTE": "CLAIM"}}`; without it labels of the attribution schema keep their names, and others
    are left out.
    """

    name = "trained"

    def __init__(self, model: str) -> None:
        folder = Path(model)
        try:
            self._nlp = spacy.load(folder)
            self._labels = _labels(folder)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise Problem("model-invalid", reason=" ".join(str(error).split())).at(model) from None
        self.config: Mapping[str, Any] = {
            "model": folder.name,
            "files": _digest(folder),
            "labels": self._labels,
        }

    def suggest(
        self, texts: Iterable[str], targets: Iterable[Sequence[str]] | None = None
    ) -> Iterator[LayerView]:
        """Yield the suggested layer of each text.

        Spans have a score where the pipeline gives one, and no stance.
        """
        for text in texts:
            self._nlp.max_length = max(self._nlp.max_length, len(text) + 1)
            yield layer_view(_spans(self._nlp(text), text, self._labels), ())


def _labels(folder: Path) -> dict[str, str]:
    path = folder / MAP
    if path.exists():
        labels = json.loads(path.read_text(encoding="utf-8"))["labels"]
        return {str(theirs): str(ours) for theirs, ours in labels.items()}
    return {name: name for name in ATTRIBUTION.labels}


def _digest(folder: Path) -> str:
    """Return a digest of every file: another training is another run."""
    sha = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        sha.update(path.relative_to(folder).as_posix().encode())
        sha.update(hashlib.sha256(path.read_bytes()).digest())
    return sha.hexdigest()[:16]


def _spans(doc: Doc, text: str, labels: Mapping[str, str]) -> list[Span]:
    """Return the spans of a document that have a label of ours, once each, in text order."""
    scores: dict[tuple[int, int, str], float | None] = {}
    for phrase, score in _scored(doc):
        start, end = trim(text, phrase.start_char, phrase.end_char)
        if phrase.label_ in labels and start < end:
            scores[start, end, labels[phrase.label_]] = score
    ordered = sorted(scores, key=lambda place: (place[0], -place[1], place[2]))
    spans = []
    for ident, (start, end, label) in enumerate(ordered, 1):
        spans.append(
            Span(
                ident,
                label,
                start,
                end,
                score=scores[start, end, label],
                evidence={"rule": "trained", "why": "found by a trained pipeline"},
            )
        )
    return spans


def _scored(doc: Doc) -> Iterator[tuple[Phrase, float | None]]:
    """Yield the spans that a pipeline gave, with their scores where it has any."""
    group = doc.spans.get(GROUP)
    if group is None:
        yield from ((phrase, None) for phrase in doc.ents)
        return
    scores = group.attrs.get("scores")
    if scores is None:
        yield from ((phrase, None) for phrase in group)
        return
    for phrase, score in zip(group, scores, strict=True):
        yield phrase, None if score is None else round(float(score), 3)
