"""What a trained pipeline gives beyond spans: links, attributes, stances, names; by a schema."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, SpanGroup
from spacy.tokens import Span as Phrase

from annotator.nlp import relations
from annotator.nlp.pipeline import DEFAULT_MODEL
from annotator.suggesters.classifier import Classifier
from annotator.suggesters.label_map import LabelMap
from annotator.suggesters.rules import Rules
from annotator.suggesters.trained import Trained
from corpus.core.layer_check import check
from corpus.core.schema import ATTRIBUTION, STANCES, SchemaView
from corpus.core.schema_file import parse
from corpus.core.span import LayerView
from tests.acts import TEXT, code
from tests.annotator.nlp import test_relations as linked
from tests.annotator.suggesters.pipelines import (
    SPEAKERS_AND_CLAIMS,
    ruled,
    sentences,
    trained_classifier,
    trained_finder,
)

OWN = parse(
    {
        "labels": [
            {
                "name": "EVENT",
                "attributes": [{"name": "mood", "kind": "choice", "choices": ["glad", "sad"]}],
            },
            {"name": "PLACE"},
        ],
        "links": [{"name": "in", "source": "EVENT", "target": "PLACE"}],
    }
)


def found(suggester: Any, text: str = TEXT, targets: tuple[str, ...] = ()) -> LayerView:
    (layer,) = suggester.suggest([text], [targets])
    return layer


def words(layer: LayerView, label: str, text: str = TEXT) -> list[str]:
    return [span.covered(text) for span in layer.in_order() if span.label == label]


def said(layer: LayerView, text: str = TEXT) -> dict[str, list[str]]:
    """The words of each claim with those of its speakers."""
    claims = [span for span in layer.in_order() if span.label == "CLAIM"]
    return {
        span.covered(text): [s.covered(text) for s in layer.targets_of(span.ident)]
        for span in claims
    }


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a trained finder of spans, and a trained classifier beside it."""
    folder = tmp_path_factory.mktemp("news")
    trained_finder(folder / "spans" / "model-best")
    trained_classifier(folder / "stance" / "model-best")
    return folder


@pytest.fixture
def extensions() -> Iterator[None]:
    """Forget the extensions that a test made up."""
    yield
    if Doc.has_extension("rel"):
        Doc.remove_extension("rel")
    if Phrase.has_extension("stance"):
        Phrase.remove_extension("stance")


def writer(folder: Path, name: str, write: Any) -> Path:
    """Write a pipeline with somebody else's component, which calls `write` on each document."""
    Language.component(name, assigns=["doc.spans"], func=write)
    nlp = spacy.blank("en")
    nlp.add_pipe(name)
    nlp.to_disk(folder)
    return folder


def test_a_pipeline_without_a_label_of_the_schema_is_refused(tmp_path: Path) -> None:
    folder = ruled(tmp_path / "model", [{"label": "PERSON", "pattern": "Ilse Brandt"}])
    assert code(lambda: Trained(str(folder))) == "suggester-labels"
    assert code(lambda: Trained(str(folder), label_map={"PERSON": "NOBODY"})) == "label-map"
    mapped = Trained(str(folder), label_map={"PERSON": "SPEAKER"})
    assert words(found(mapped), "SPEAKER") == ["Ilse Brandt"]


def test_what_a_suggester_can_give_is_told_by_the_schema(tmp_path: Path) -> None:
    rules = Rules().capabilities
    assert (rules.labels, rules.links) == ({"SPEAKER", "CLAIM", "CUE"}, {"said_by"})
    assert ("CLAIM", "stance") in rules.attributes
    assert code(lambda: Rules(schema=OWN)) == "suggester-labels"
    folder = ruled(tmp_path / "model", SPEAKERS_AND_CLAIMS[:2])
    given = Trained(str(folder)).capabilities
    assert (given.labels, given.links) == ({"SPEAKER"}, frozenset())


def test_the_rules_give_what_a_schema_holds_of_theirs() -> None:
    speakers = ATTRIBUTION.as_json()
    speakers["labels"] = [row for row in speakers["labels"] if row["name"] == "SPEAKER"]
    speakers["links"] = []
    speakers["labels"][0]["attributes"] = []
    schema = parse(speakers)
    layer = found(Rules(schema=schema))
    assert "Mayor Ilse Brandt" in words(layer, "SPEAKER")
    assert list(check(layer, schema, TEXT)) == []


def test_a_folder_may_hold_the_output_of_a_training(news: Path, tmp_path: Path) -> None:
    text, _, _ = sentences(3)[2]
    layer = found(Trained(str(news)), text)
    assert len(words(layer, "CLAIM", text)) == 1
    assert len(words(layer, "SPEAKER", text)) == 1
    ruled(tmp_path / "one", SPEAKERS_AND_CLAIMS)
    ruled(tmp_path / "two", SPEAKERS_AND_CLAIMS)
    assert code(lambda: Trained(str(tmp_path))) == "model-invalid"


def test_a_classifier_gives_the_attribute_whose_choices_it_knows(news: Path) -> None:
    trained = Trained(str(news))
    right = total = 0
    for text, _, stance in sentences(40):
        for span in found(trained, text).spans.values():
            if span.label == "CLAIM":
                total += 1
                right += span.attributes["stance"] == stance
                assert span.evidence is not None and "classifier" in span.evidence["stance"]
    assert total >= 35
    assert right / total > 0.8


def test_the_values_of_a_classifier_are_mapped(news: Path, tmp_path: Path) -> None:
    schema = ATTRIBUTION.as_json()
    for label in schema["labels"]:
        for attribute in label["attributes"]:
            if attribute["name"] == "stance":
                attribute["name"] = "side"
                attribute["keys"] = {}
                attribute["choices"] = ["pro", "con", "none"]
    names = {"support": "pro", "oppose": "con"} | dict.fromkeys(
        ("neutral", "mixed", "unclear"), "none"
    )
    text, _, stance = sentences(1)[0]
    layer = found(Trained(str(news), schema=parse(schema), label_map=names), text)
    (claim,) = (span for span in layer.spans.values() if span.label == "CLAIM")
    assert claim.attributes == {"side": names[stance]}


def test_a_classifier_in_the_same_pipeline_reads_claims_and_not_the_text(
    news: Path, tmp_path: Path
) -> None:
    nlp = spacy.load(news / "spans" / "model-best")
    nlp.add_pipe("textcat", source=spacy.load(news / "stance" / "model-best"))
    nlp.to_disk(tmp_path / "both")
    rows = sentences(6)
    text = "\n\n".join(row[0] for row in rows)
    layer = found(Trained(str(tmp_path / "both")), text)
    stances = [s.attributes["stance"] for s in layer.in_order() if s.label == "CLAIM"]
    # The context of a claim is another here than in training, where it stood alone.
    assert len(stances) == 6 and len(set(stances)) > 1
    apart = found(Trained(str(news)), text)
    assert stances == [s.attributes["stance"] for s in apart.in_order() if s.label == "CLAIM"]


def test_a_classifier_that_is_not_sure_says_nothing() -> None:
    nlp = spacy.blank("en")
    component: Any = nlp.add_pipe("textcat")
    for stance in STANCES:
        component.add_label(stance)
    nlp.initialize()
    classifier = Classifier(nlp, "textcat", LabelMap(), ATTRIBUTION)
    assert classifier.places == (("CLAIM", "stance"),)
    ((value, sureness),) = classifier.choose(["The wall will not hold"])
    # It was trained on nothing.
    assert sureness < 0.5
    assert value == ""


def test_relations_of_a_trained_component_become_links(tmp_path: Path, extensions: None) -> None:
    Doc.set_extension("rel", default={}, force=True)

    def write(doc: Doc) -> Doc:
        text = doc.text
        claim, speaker = "“The wall will not hold,”", "Mayor Ilse Brandt"
        if claim in text:
            ends = []
            for label, said in (("CLAIM", claim), ("SPEAKER", speaker)):
                start = text.index(said)
                ends.append(doc.char_span(start, start + len(said), label=label))
            doc.ents = ends
            doc._.rel = {
                (ends[0].start, ends[1].start): {"SAYS": 0.9, "in": 0.8},
                (ends[1].start, ends[0].start): {"SAYS": 0.2},
            }
        return doc

    folder = writer(tmp_path / "model", "test_relations", write)
    assert said(found(Trained(str(folder), label_map={"SAYS": "said_by"}))) == {
        "“The wall will not hold,”": ["Mayor Ilse Brandt"]
    }
    assert found(Trained(str(folder))).links == {}


def test_links_of_our_component_are_taken_from_its_threshold_on(tmp_path: Path) -> None:
    text = "Bo Ek said nobody came. Di Fox smiled.\n\nCy Orr smiled. Ann Lee said it was late."
    rules = [{"label": "SPEAKER", "pattern": name} for name in linked.PEOPLE]
    rules += [{"label": "CLAIM", "pattern": claim} for claim in linked.CLAIMS]
    folder = tmp_path / "both"
    ruled(folder / "spans", rules)
    linked.trained(folder)
    by_claim = {"nobody came": ["Bo Ek"], "it was late": ["Ann Lee"]}
    assert said(found(Trained(str(folder)), text), text) == by_claim
    relations.join(folder / "spans", folder / "links", tmp_path / "joined")
    assert said(found(Trained(str(tmp_path / "joined")), text), text) == by_claim
    nlp = spacy.load(folder / "links")
    nlp.get_pipe("links").cfg["threshold"] = 1.1
    nlp.to_disk(folder / "links")
    assert found(Trained(str(folder)), text).links == {}


def test_links_and_attributes_beside_a_span_group_are_read(
    tmp_path: Path, extensions: None
) -> None:
    Phrase.set_extension("stance", default=None, force=True)

    def write(doc: Doc) -> Doc:
        spans = []
        for ident, label, said in (
            ("c1", "CLAIM", "“The wall will not hold,”"),
            ("c1", "CLAIM", "on"),
            ("s1", "SPEAKER", "Ilse Brandt"),
        ):
            start = doc.text.find(said)
            if start >= 0:
                spans.append(
                    doc.char_span(
                        start,
                        start + len(said),
                        label=label,
                        span_id=ident,
                        alignment_mode="expand",
                    )
                )
        if len(spans) == 3:
            about = {"c1": {"score": 0.8124, "kind": "direct"}, "s1": {"name": "Ilse Brandt"}}
            attrs = {"spans": about, "links": [{"kind": "said_by", "source": "c1", "target": "s1"}]}
            doc.spans["mine"] = SpanGroup(doc, name="mine", spans=spans, attrs=attrs)
            spans[0]._.stance = "oppose"
        return doc

    text = "Morning.\n\n“The wall will not hold,” said Ilse Brandt, and went on."
    layer = found(Trained(str(writer(tmp_path / "model", "test_groups", write))), text)
    assert said(layer, text) == {"“The wall will not hold,” … on": ["Ilse Brandt"]}
    claim, speaker = layer.in_order()
    assert claim.attributes == {"kind": "direct", "stance": "oppose"}
    assert (claim.score, speaker.attributes) == (0.812, {"name": "Ilse Brandt"})


def test_a_model_of_an_own_schema_gives_its_spans(tmp_path: Path) -> None:
    patterns = [{"label": "EVENT", "pattern": "vote"}, {"label": "place", "pattern": "town"}]
    folder = ruled(tmp_path / "model", patterns)
    layer = found(Trained(str(folder), schema=OWN, label_map={"place": "PLACE"}))
    assert (words(layer, "EVENT"), words(layer, "PLACE")) == (["vote"], ["town"])
    assert code(lambda: Trained(str(folder), schema=OWN, fill="rules")) == "fill-schema"


def test_spans_and_entities_are_both_read_and_each_once(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("span_ruler", config={"spans_key": "other"}).add_patterns(SPEAKERS_AND_CLAIMS[2:])
    nlp.add_pipe("entity_ruler").add_patterns(SPEAKERS_AND_CLAIMS[:3])
    nlp.to_disk(tmp_path / "model")
    layer = found(Trained(str(tmp_path / "model")))
    assert len(words(layer, "CLAIM")) == 2
    assert words(layer, "SPEAKER") == ["Mayor Ilse Brandt", "Tomas Okafor"]


def test_missing_parts_are_filled_by_the_rules_when_asked(tmp_path: Path) -> None:
    folder = ruled(tmp_path / "model", SPEAKERS_AND_CLAIMS)
    bare = found(Trained(str(folder)))
    assert (bare.links, {**bare.in_order()[0].attributes}) == ({}, {})
    layer = found(Trained(str(folder), fill="rules"), targets=("sea wall",))
    assert said(layer) == {
        "“The wall will not hold,”": ["Mayor Ilse Brandt"],
        "that the town was broke": ["Tomas Okafor"],
    }
    assert words(layer, "CUE") == ["said", "denied"]
    names = [s.attributes["name"] for s in layer.in_order() if s.label == "SPEAKER"]
    assert names == ["Ilse Brandt", "Tomas Okafor"]
    by_rules = found(Rules(), targets=("sea wall",))
    for span in layer.spans.values():
        if span.label == "CLAIM":
            (same,) = (other for other in by_rules.spans.values() if other.same_place(span))
            assert span.attributes == same.attributes
            assert span.attributes["speaker_state"] == "linked"
    assert list(check(layer, ATTRIBUTION, TEXT)) == []


def test_what_a_pipeline_gives_itself_is_not_filled(tmp_path: Path, news: Path) -> None:
    text = "\n\n".join(row[0] for row in sentences(8))
    own = found(Trained(str(news)), text)
    filled = found(Trained(str(news), fill="rules"), text)
    for label in ("CLAIM", "SPEAKER"):
        assert words(filled, label, text) == words(own, label, text)
    stances = [s.attributes["stance"] for s in filled.in_order() if s.label == "CLAIM"]
    assert stances == [s.attributes["stance"] for s in own.in_order() if s.label == "CLAIM"]
    assert len(filled.links) == len(words(own, "CLAIM", text))


def test_a_speaker_without_claims_gets_the_claims_of_the_rules(tmp_path: Path) -> None:
    folder = ruled(tmp_path / "model", SPEAKERS_AND_CLAIMS[:1])
    layer = found(Trained(str(folder), fill="rules"))
    assert said(layer)["“The wall will not hold,”"] == ["Mayor Ilse Brandt"]
    assert words(layer, "SPEAKER") == ["Mayor Ilse Brandt"]


def test_our_own_components_tell_more_of_what_was_learned(tmp_path: Path) -> None:
    nlp = import_module(DEFAULT_MODEL).load()
    ruler = nlp.add_pipe("span_ruler", config={"spans_key": "sc"})
    ruler.add_patterns([{"label": "CLAIM", "pattern": "The wall will not hold"}])
    for name in ("saidby_claims", "saidby_speakers", "saidby_names", "saidby_stance"):
        nlp.add_pipe(name)
    nlp.to_disk(tmp_path / "model")
    layer = found(Trained(str(tmp_path / "model")))
    # The claim that was learned, without its marks, with the link that the rules found.
    assert said(layer) == {"The wall will not hold": ["Mayor Ilse Brandt"]}
    (claim,) = (s for s in layer.spans.values() if s.label == "CLAIM")
    assert claim.attributes["kind"] == "direct"
    speaker = layer.targets_of(claim.ident)[0]
    assert speaker.attributes["name"] == "Ilse Brandt"


def long_text(times: int) -> str:
    return (
        "\n\n".join(row[0] for row in sentences(40))
        + "\n\n"
        + "\n\n".join(" ".join(row[0] for row in sentences(10)) for _ in range(times))
    )


def test_a_long_article_is_read_paragraph_by_paragraph(news: Path) -> None:
    text = long_text(40)
    assert len(spacy.blank("en").make_doc(text)) > 6000
    trained = Trained(str(news), fill="rules")
    whole = found(trained, text)
    alone = found(trained, sentences(1)[0][0])
    first = [s for s in whole.in_order() if s.end <= len(sentences(1)[0][0])]
    spans = [(s.label, s.start, s.end) for s in alone.in_order()]
    assert [(s.label, s.start, s.end) for s in first] == spans
    for span in whole.spans.values():
        assert "\n" not in span.text(text)


@pytest.mark.parametrize("fill", ["", "rules"])
def test_twice_the_text_takes_twice_the_time(news: Path, fill: str) -> None:
    trained = Trained(str(news), fill=fill)
    found(trained, long_text(1))

    def seconds(text: str) -> float:
        started = time.process_time()
        found(trained, text)
        return time.process_time() - started

    small, large = long_text(3), long_text(24)
    fastest = min(seconds(small) for _ in range(2))
    assert seconds(large) / fastest < 2 * len(large) / len(small)


def test_a_folder_may_say_that_it_was_trained_by_document(tmp_path: Path) -> None:
    across = [{"label": "CLAIM", "pattern": "cost more.\n\nOpposition"}]
    text = TEXT
    folder = ruled(tmp_path / "model", across)
    assert words(found(Trained(str(folder))), "CLAIM") == []
    ruled(folder, across, unit="document")
    assert words(found(Trained(str(folder))), "CLAIM", text) == ["cost more.\n\nOpposition"]


def test_schemas_are_checked(news: Path) -> None:
    """Whatever a pipeline gives, the layer fits the schema."""
    text = long_text(2)
    schema: SchemaView = ATTRIBUTION
    assert list(check(found(Trained(str(news)), text), schema, text)) == []


@pytest.mark.parametrize(
    ("names", "places"),
    [
        ({}, ()),
        ({"textcat": "EVENT.mood", "pro": "glad", "contra": "sad", "x": ""}, (("EVENT", "mood"),)),
        ({"textcat": "mood", "pro": "glad", "contra": "sad", "x": ""}, (("EVENT", "mood"),)),
        ({"textcat": "", "pro": "glad", "contra": "sad", "x": ""}, ()),
        ({"textcat": "EVENT.mood", "pro": "glad", "contra": "warm", "x": ""}, ()),
        ({"textcat": "EVENT.mood", "pro": "", "contra": "", "x": ""}, ()),
    ],
)
def test_a_classifier_fills_the_attribute_of_the_label_that_a_map_names(
    names: dict[str, str], places: tuple[Any, ...]
) -> None:
    nlp = spacy.blank("en")
    textcat: Any = nlp.add_pipe("textcat")
    for label in ("pro", "contra", "x"):
        textcat.add_label(label)
    assert Classifier(nlp, "textcat", LabelMap(names), OWN).places == places
