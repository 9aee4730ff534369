"""Suggest with a trained spaCy pipeline.

That is what an exported folder gave, or any that fills span groups or entities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, repeat
from pathlib import Path
from typing import Any

from spacy.tokens import Doc

from annotator.core.claim_text import claim_text
from annotator.nlp.passages import paragraphs, pieces
from annotator.nlp.pipeline import DEFAULT_MODEL
from annotator.suggesters import loading
from annotator.suggesters.capabilities import (
    Capabilities,
    all_of,
    fitted,
    require_common_label,
)
from annotator.suggesters.classifier import classifiers
from annotator.suggesters.filling import Filling
from annotator.suggesters.label_map import LabelMap, about, check_map, names_of
from annotator.suggesters.predictions import Predictions
from annotator.suggesters.report import Report
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION, SchemaView
from corpus.core.span import LayerView, Range

BATCH = 64


class Trained:
    """The pipelines in a folder, their labels, link kinds, attributes and values mapped onto ours.

    A `label_map` maps them, as in `{"PERSON": "SPEAKER", "QUOTE": "CLAIM"}`; so does a file
    `saidby.json` in the folder, as in `{"labels": {"PERSON": "SPEAKER"}}`. What is not mapped keeps
    its name, and what the schema does not know is left out.

    A text is read paragraph by paragraph, as pipelines are trained best; our own components
    (`saidby_…`) read it whole, and so does everything where `saidby.json` has `"unit":
    "document"`. With `fill` "rules", the rules give what the pipelines do not.
    """

    name = "trained"

    def __init__(
        self,
        model: str,
        *,
        schema: SchemaView = ATTRIBUTION,
        label_map: Mapping[str, str] | None = None,
        fill: str = "",
        parser: str = DEFAULT_MODEL,
    ) -> None:
        folder = Path(model)
        check_map(label_map or {}, schema)
        try:
            told = about(folder)
            names = {**names_of(told), **(label_map or {})}
            pipelines = loading.load(folder)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError) as error:
            raise Problem("model-invalid", reason=" ".join(str(error).split())).at(model) from None
        except Problem as problem:
            raise problem.at(model) from None
        self.shown_as = f"trained:{pipelines.files[:8]}"
        self.config: Mapping[str, Any] = {
            "model": folder.name,
            "files": pipelines.files,
            "names": names,
            "fill": fill,
        }
        self.report = Report()
        self._schema = schema
        self._names = LabelMap(names)
        self._nlp = pipelines.finder
        self._whole = loading.whole_document_components(self._nlp)
        self._linkers = pipelines.linkers
        self._link_threshold = loading.link_threshold((self._nlp, *self._linkers))
        self._by_document = told.get("unit") == "document"
        self._with_target = told.get("classifier") != "claim"
        self._classifiers = classifiers(pipelines.classifiers, self._names, schema)
        self.capabilities = self._capabilities()
        self._filling = Filling(parser, schema, self.capabilities) if fill else None
        if self._filling is not None:
            self.capabilities = self._filling.capabilities

    def _capabilities(self) -> Capabilities:
        """Return what the pipelines can give of the schema; raise `Problem` when it is no label.

        Links and attributes may stand in whatever a component writes, so they are taken to be
        there where the labels are.
        """
        learned = loading.learned_labels(self._nlp)
        ours = {self._names.of(label) for label in learned or ()}
        if learned is None:
            ours = set(self._schema.labels)
        self._learned = ours
        given = ours | {self._names.of(label) for label in loading.rule_labels(self._nlp)}
        require_common_label(self.name, given, self._schema)
        return replace(all_of(self._schema), labels=frozenset(given)).within(self._schema)

    def suggest(
        self, texts: Iterable[str], targets: Iterable[Sequence[str]] | None = None
    ) -> Iterator[LayerView]:
        """Yield the suggested layer of each text.

        Spans have a score where the pipeline gives one.
        """
        no_targets: Iterator[Sequence[str]] = repeat(())
        for text, listed in zip(texts, no_targets if targets is None else targets, strict=False):
            layer = self._classified(text, self._found(text), listed)
            if self._filling is not None:
                layer = self._filling.filled(text, layer, listed)
            yield fitted(layer, self._schema)

    def _found(self, text: str) -> LayerView:
        """Return the spans, attributes and links that the pipeline finds in a text."""
        self._nlp.max_length = max(self._nlp.max_length, len(text) + 1)
        predictions = Predictions(
            text, self._schema, self._names, self._learned, self._link_threshold
        )
        ranges = [(0, len(text))] if self._by_document else _paragraphs(text)
        unused = [*self._whole, *loading.classifiers_in(self._nlp)]
        read = (text[start:end] for start, end in ranges)
        docs = list(self._nlp.pipe(read, batch_size=BATCH, disable=unused))
        for linker in self._linkers:
            for name in loading.linkers_in(linker):
                component: Any = linker.get_pipe(name)
                docs = list(component.pipe(docs, batch_size=BATCH))
        for (start, _), doc in zip(ranges, docs, strict=True):
            predictions.read(doc, start)
        if self._whole and docs:
            predictions.read(self._read_whole(docs))
        return predictions.layer()

    def _read_whole(self, docs: Sequence[Doc]) -> Doc:
        """Return one document of all paragraphs, as the components that need it left it."""
        # The stubs lack `exclude`.
        whole = Doc.from_docs(  # type: ignore[call-arg]
            list(docs), ensure_whitespace=False, exclude=["user_data"]
        )
        for name in self._whole:
            whole = self._nlp.get_pipe(name)(whole)
        return whole

    def _classified(self, text: str, layer: LayerView, targets: Sequence[str]) -> LayerView:
        """Return a layer with the attributes that a text classifier fills."""
        spans = dict(layer.spans)
        default = targets[0] if targets else ""
        for classifier in self._classifiers:
            for label, attribute in classifier.places:
                own = [s for s in spans.values() if s.label == label]
                own = [s for s in own if attribute not in s.attributes]
                read = []
                for span in own:
                    toward = str(span.attributes.get("target") or default)
                    words = span.covered(text)
                    read.append(claim_text(text, span, toward) if self._with_target else words)
                for span, (value, score) in zip(own, classifier.choose(read), strict=True):
                    if value:
                        why = f"by a text classifier, {score:.2f} sure"
                        spans[span.ident] = replace(
                            span,
                            attributes={**span.attributes, attribute: value},
                            evidence={**(span.evidence or {}), attribute: why},
                        )
        return replace(layer, spans=spans)


def _paragraphs(text: str) -> list[Range]:
    """Return the paragraphs of a text, long ones in pieces, each with the white space behind it."""
    starts: list[int] = []
    for start, end in paragraphs(text):
        starts.extend(first for first, last in pieces(text, start, end) if first < last)
    if not starts:
        return []
    return list(pairwise([0, *starts[1:], len(text)]))
