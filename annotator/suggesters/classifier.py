"""A text classifier of a pipeline as the choice of an attribute, such as the stance of claims."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from spacy.language import Language

from annotator.suggesters.label_map import LabelMap
from annotator.suggesters.loading import classifiers_in, is_vectors
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView

# A value of which a classifier is less sure is left out.
LEAST = 0.5


class Classifier:
    """One classifier of a pipeline; `places` are the labels and the attribute that it fills."""

    def __init__(self, nlp: Language, component: str, names: LabelMap, schema: SchemaView) -> None:
        self._nlp = nlp
        self._component = component
        self._values = {theirs: names.of(theirs) for theirs in nlp.pipe_labels[component]}
        self.places = _places(component, set(self._values.values()), names, schema)
        self._others = []
        for name in nlp.pipe_names:
            if name != component and not is_vectors(nlp, name):
                self._others.append(name)

    def choose(self, texts: Iterable[str]) -> Iterator[tuple[str, float]]:
        """Yield the value chosen for each text with its probability; "" where it is in doubt."""
        for doc in self._nlp.pipe(texts, disable=self._others):
            scores = {label: doc.cats[label] for label in self._values}
            best = max(scores, key=lambda label: (scores[label], label))
            doubtful = scores[best] < LEAST
            yield "" if doubtful else self._values[best], scores[best]


def classifiers(
    pipelines: Sequence[Language], names: LabelMap, schema: SchemaView
) -> list[Classifier]:
    """Return the classifiers of some pipelines that fill an attribute of a schema."""
    found = []
    for nlp in pipelines:
        for component in classifiers_in(nlp):
            classifier = Classifier(nlp, component, names, schema)
            if classifier.places:
                found.append(classifier)
    return found


def _places(
    component: str, values: set[str], names: LabelMap, schema: SchemaView
) -> tuple[tuple[str, str], ...]:
    """Return the labels and the attribute whose choices a classifier gives.

    The map may name the attribute for the component, alone or behind its label as in
    `CLAIM.stance`; else its choices are the classifier's labels. Values that the map leaves out are
    never chosen.
    """
    places = []
    named = names.of(component)
    values = values - {""}
    if not named or not values:
        return ()
    for label in schema.labels.values():
        for attribute in label.attributes:
            if named in (attribute.name, f"{label.name}.{attribute.name}"):
                if values <= set(attribute.choices):
                    return ((label.name, attribute.name),)
            elif set(attribute.choices) == values:
                places.append((label.name, attribute.name))
    if len({attribute for _, attribute in places}) > 1:
        known = ", ".join(sorted({attribute for _, attribute in places}))
        reason = f"its {component} may give {known}: name one for {component!r} in the map"
        raise Problem("model-invalid", reason=reason)
    return tuple(places)
