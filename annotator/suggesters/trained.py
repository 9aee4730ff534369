"""Suggest with a trained spaCy pipeline: what an exported folder gave, or any that fills span
groups or entities.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import spacy
from spacy.tokens import Doc

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
        """Yield the suggested layer of each text; spans have a score where the pipeline gives one,
        and no stance.
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
    group = doc.spans.get(GROUP)
    found: dict[tuple[int, int, str], float | None] = {}
    if group is not None:
        scores = group.attrs.get("scores")
        phrases = list(
            zip(group, scores if scores is not None else [None] * len(group), strict=True)
        )
    else:
        phrases = [(phrase, None) for phrase in doc.ents]
    for phrase, score in phrases:
        start, end = trim(text, phrase.start_char, phrase.end_char)
        if phrase.label_ in labels and start < end:
            found[start, end, labels[phrase.label_]] = (
                None if score is None else round(float(score), 3)
            )
    ordered = sorted(found.items(), key=lambda item: (item[0][0], -item[0][1], item[0][2]))
    return [
        Span(
            ident,
            label,
            start,
            end,
            score=score,
            evidence={"rule": "trained", "why": "found by a trained pipeline"},
        )
        for ident, ((start, end, label), score) in enumerate(ordered, 1)
    ]
