"""Suggest speakers, claims, cues and stances by rules over quotation marks and a parse."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import cache
from itertools import repeat
from pathlib import Path
from typing import Any

from annotator import nlp
from annotator.nlp.analysis import frames_of
from annotator.nlp.claims import Boundaries
from annotator.nlp.language import is_english
from annotator.nlp.layers import layer_of
from annotator.nlp.passages import read
from annotator.nlp.pipeline import DEFAULT_MODEL, pipeline
from annotator.suggesters.capabilities import all_of, fitted, require_common_label
from annotator.suggesters.report import Report
from corpus.core.schema import ATTRIBUTION, SchemaView
from corpus.core.span import LayerView

THRESHOLD = 0.5
ENGLISH = "en"
NOT_ENGLISH = "not in English, which the rules alone read: left without suggestions of theirs"
FOLDER = Path(nlp.__file__).parent


class Rules:
    """The first suggester: every suggestion names the rule and the cue that made it.

    `nested` also gives the claims within claims; `boundaries` changes fields of the boundary policy
    by name; `language` is the corpus's. All are part of the configuration, so that a run with
    others is another run. What a `schema` does not hold of labels, attributes and links is left
    out.
    """

    name = "rules.v1"

    def __init__(
        self,
        model: str = DEFAULT_MODEL,
        threshold: float = THRESHOLD,
        *,
        nested: bool = False,
        boundaries: Mapping[str, bool] | None = None,
        schema: SchemaView = ATTRIBUTION,
        language: str = ENGLISH,
    ) -> None:
        require_common_label(self.name, ATTRIBUTION.labels, schema)
        self.shown_as = self.name
        self.report = Report()
        if threshold != THRESHOLD:
            self.shown_as = f"{self.name}@{threshold:g}"
        self.capabilities = all_of(ATTRIBUTION).within(schema)
        self._schema = schema
        self._policy = Boundaries(**(boundaries or {}))
        self.config: Mapping[str, Any] = {
            "model": model,
            "threshold": threshold,
            "nested": nested,
            "language": language,
            "boundaries": asdict(self._policy),
            "rules": version(),
        }

    def suggest(
        self, texts: Iterable[str], targets: Iterable[Sequence[str]] | None = None
    ) -> Iterator[LayerView]:
        """Yield the suggested layer of each text.

        Where a text has no targets, they are proposed from its words. A text that is not in
        English, or of a corpus in another language, is left without any, which the report says.
        """
        parser = pipeline(self.config["model"])
        nested = self.config["nested"]
        no_targets: Iterator[Sequence[str]] = repeat(())
        pairs = zip(texts, no_targets if targets is None else targets, strict=False)
        for number, (text, listed) in enumerate(pairs):
            if self.config["language"] != ENGLISH or not is_english(text):
                self.report.note(number, NOT_ENGLISH)
                yield LayerView()
                continue
            passages = read(text, parser, nested=nested)
            frames = frames_of(
                passages, self.config["threshold"], nested=nested, policy=self._policy
            )
            yield fitted(layer_of(text, passages, frames, listed), self._schema)


@cache
def version() -> str:
    """Return a digest of the rules and their lexicons.

    Other rules are another run, and both stay visible.
    """
    files = sorted(path for path in FOLDER.rglob("*") if path.suffix in (".py", ".json"))
    sha = hashlib.sha256()
    for path in (*files, Path(__file__)):
        sha.update(path.read_bytes())
    return sha.hexdigest()[:16]
