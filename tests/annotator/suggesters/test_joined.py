"""Suggesters joined in order: what a later one adds, what it overrules, and who is named."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from annotator.suggesters.capabilities import all_of
from annotator.suggesters.joined import Joined, Part
from annotator.suggesters.report import Report
from corpus.core.schema import ATTRIBUTION, SchemaView
from corpus.core.schema_file import parse
from corpus.core.span import LayerView, Link, Span, layer_view
from tests.acts import code

TEXT = "“The wall will not hold,” said Mayor Ilse Brandt, and Tomas Okafor agreed."
PLACES = parse(
    {
        "labels": [{"name": "PERSON"}, {"name": "PLACE"}, {"name": "EVENT"}],
        "links": [{"name": "at", "source": "EVENT", "target": "PLACE"}],
    }
)


class Scripted:
    """A suggester that says what it is given to say."""

    name = "scripted"

    def __init__(
        self,
        name: str,
        *layers: LayerView | None,
        schema: SchemaView = ATTRIBUTION,
        fills: bool = False,
    ) -> None:
        self.shown_as = name
        self.config: dict[str, Any] = {"script": name}
        self.capabilities = all_of(schema)
        self.report = Report()
        self.fills = fills
        self.given: list[LayerView] = []
        self._layers = layers

    def suggest(
        self, texts: Iterable[str], targets: Iterable[Sequence[str]] | None = None
    ) -> Iterator[LayerView | None]:
        for _, layer in zip(texts, self._layers, strict=True):
            yield layer

    def fill(
        self,
        texts: Sequence[str],
        layers: Sequence[LayerView],
        targets: Sequence[Sequence[str]],
    ) -> Iterator[LayerView | None]:
        self.given = list(layers)
        yield from self._layers


def span(ident: int, label: str, words: str, text: str = TEXT, **values: Any) -> Span:
    start = text.index(words)
    return Span(ident, label, start, start + len(words), **values)


def said(*parts: Part, schema: SchemaView = ATTRIBUTION, text: str = TEXT) -> LayerView:
    (layer,) = Joined(parts, schema).suggest([text])
    assert layer is not None
    return layer


def one(layer: LayerView, label: str) -> Span:
    (found,) = [span for span in layer.spans.values() if span.label == label]
    return found


CLAIM = "“The wall will not hold,”"
RULES = layer_view(
    [
        span(1, "CLAIM", CLAIM, score=0.9, evidence={"rule": "quote", "why": "marks"}),
        span(2, "SPEAKER", "Ilse Brandt", attributes={"name": "Ilse Brandt"}),
    ],
    [Link(3, "said_by", 1, 2)],
)


def test_a_later_one_adds_what_those_before_it_lack_and_each_span_names_its_proposer() -> None:
    more = layer_view(
        [
            span(1, "CLAIM", CLAIM, attributes={"stance": "oppose"}, evidence={"stance": "not"}),
            span(2, "SPEAKER", "Tomas Okafor"),
        ],
        [Link(3, "said_by", 1, 2)],
    )
    layer = said(Part(Scripted("rules", RULES)), Part(Scripted("model", more)))
    claim = one(layer, "CLAIM")
    assert claim.attributes == {"stance": "oppose"}
    assert claim.evidence == {
        "rule": "quote",
        "why": "marks",
        "suggester": "rules",
        "also": ["model"],
        "stance": "not",
        "given_by": {"stance": "model"},
    }
    assert claim.score == 0.9
    named = {s.text(TEXT): (s.evidence or {})["suggester"] for s in layer.in_order()}
    assert named == {CLAIM: "rules", "Ilse Brandt": "rules", "Tomas Okafor": "model"}
    # The claim has a speaker, so that another is no addition.
    assert [s.text(TEXT) for s in layer.targets_of(claim.ident)] == ["Ilse Brandt"]


def test_spans_of_a_label_are_the_same_from_half_of_their_words_on() -> None:
    longer = layer_view([span(1, "SPEAKER", "Mayor Ilse Brandt")])
    other = layer_view([span(1, "SPEAKER", "Mayor Ilse Brandt, and Tomas Okafor")])
    rules = Part(Scripted("rules", RULES))
    layer = said(rules, Part(Scripted("model", longer)))
    speaker = one(layer, "SPEAKER")
    assert speaker.text(TEXT) == "Ilse Brandt"
    assert (speaker.evidence or {})["also"] == ["model"]
    assert len(said(rules, Part(Scripted("model", other))).spans) == 3


def test_one_that_overrules_replaces_what_it_contradicts_and_nothing_else() -> None:
    more = layer_view(
        [
            span(1, "CLAIM", CLAIM, score=0.4, attributes={"stance": "oppose"}),
            span(2, "SPEAKER", "Mayor Ilse Brandt"),
            span(3, "SPEAKER", "Tomas Okafor"),
        ],
        [Link(4, "said_by", 1, 3)],
    )
    before = layer_view(
        [
            span(1, "CLAIM", CLAIM, attributes={"stance": "support", "kind": "direct"}),
            span(2, "SPEAKER", "Ilse Brandt", attributes={"name": "Ilse Brandt"}),
            span(3, "CUE", "said"),
        ],
        [Link(4, "said_by", 1, 2)],
    )
    model = Part(Scripted("model", more), overrules=True)
    layer = said(Part(Scripted("rules", before)), model)
    claim = one(layer, "CLAIM")
    assert claim.attributes == {"stance": "oppose", "kind": "direct"}
    assert claim.evidence == {
        "suggester": "model",
        "also": ["rules"],
        "given_by": {"kind": "rules"},
    }
    assert claim.score == 0.4
    assert [s.text(TEXT) for s in layer.targets_of(claim.ident)] == ["Tomas Okafor"]
    mayor = min((s for s in layer.spans.values() if s.label == "SPEAKER"), key=lambda s: s.start)
    assert (mayor.text(TEXT), dict(mayor.attributes)) == (
        "Mayor Ilse Brandt",
        {"name": "Ilse Brandt"},
    )
    assert one(layer, "CUE").evidence == {"suggester": "rules"}


def test_one_that_overrules_gives_the_same_words_another_label() -> None:
    text = "The Brandt fair in Harbour."
    before = layer_view(
        [span(1, "PERSON", "Harbour", text), span(2, "EVENT", "The Brandt fair", text)]
    )
    more = layer_view(
        [span(1, "PLACE", "Harbour", text), span(2, "EVENT", "The Brandt fair", text)],
        [Link(3, "at", 2, 1)],
    )
    first = Part(Scripted("patterns", before, schema=PLACES))
    adding = said(first, Part(Scripted("model", more, schema=PLACES)), schema=PLACES, text=text)
    assert sorted(s.label for s in adding.spans.values()) == ["EVENT", "PERSON", "PLACE"]
    over = Part(Scripted("model", more, schema=PLACES), overrules=True)
    layer = said(first, over, schema=PLACES, text=text)
    assert sorted(s.label for s in layer.spans.values()) == ["EVENT", "PLACE"]
    assert one(layer, "PLACE").evidence == {"suggester": "model"}
    assert [s.label for s in layer.targets_of(one(layer, "EVENT").ident, "at")] == ["PLACE"]


def test_one_that_fills_in_is_given_what_was_found_and_gives_attributes_alone() -> None:
    says = layer_view([span(9, "CLAIM", CLAIM, attributes={"stance": "oppose"})])
    filler = Scripted("llm:stance", says, fills=True)
    layer = said(Part(Scripted("rules", RULES)), Part(filler))
    assert [s.label for s in filler.given[0].in_order()] == ["CLAIM", "SPEAKER"]
    claim = one(layer, "CLAIM")
    assert claim.attributes == {"stance": "oppose"}
    evidence = claim.evidence or {}
    assert (evidence["suggester"], evidence["given_by"]) == ("rules", {"stance": "llm:stance"})
    assert "also" not in evidence
    assert code(lambda: Joined([Part(filler)], ATTRIBUTION)) == "suggester-first"


def test_a_link_is_not_added_where_an_attribute_says_that_there_is_none() -> None:
    before = layer_view([span(1, "CLAIM", CLAIM, attributes={"speaker_state": "author"})])
    rules = Scripted("rules", before)
    assert not said(Part(rules), Part(Scripted("model", RULES))).links
    layer = said(Part(rules), Part(Scripted("model", RULES), overrules=True))
    assert len(layer.links) == 1
    assert one(layer, "CLAIM").attributes == {}


def test_the_parts_are_one_run_and_one_alone_is_as_it_is_by_itself() -> None:
    rules, model = Scripted("rules", RULES), Scripted("model", RULES)
    both = Joined([Part(rules), Part(model, overrules=True)], ATTRIBUTION)
    assert (both.name, both.shown_as) == ("joined", "rules + model (overrules)")
    assert [part["config"] for part in both.config["parts"]] == [rules.config, model.config]
    assert Joined([Part(model), Part(rules)], ATTRIBUTION).config != both.config
    alone = Joined([Part(rules)], ATTRIBUTION)
    assert (alone.name, alone.shown_as, alone.config) == ("scripted", "rules", rules.config)
    many = Joined([Part(Scripted(f"suggester-{n}", RULES)) for n in range(20)], ATTRIBUTION)
    assert len(many.shown_as) <= 100


def test_what_one_cannot_say_now_is_said_by_none_and_reports_come_together() -> None:
    down = Scripted("model", None, RULES)
    both = Joined([Part(Scripted("rules", RULES, RULES)), Part(down)], ATTRIBUTION)
    down.report.note(0, "the server did not answer")
    down.report.use(requests=2, cost=0.5)
    layers = list(both.suggest([TEXT, TEXT]))
    assert [layer is None for layer in layers] == [True, False]
    notes, usage = both.report.take()
    assert [(note.text, note.reason) for note in notes] == [(0, "the server did not answer")]
    assert usage == {"requests": 2, "cost": 0.5}
    assert both.report.take() == ([], {})


def test_what_has_a_score_below_the_threshold_is_left_out_but_for_what_others_link_to() -> None:
    layer = layer_view(
        [
            span(1, "CLAIM", CLAIM, score=0.8),
            span(2, "SPEAKER", "Ilse Brandt", score=0.3),
            span(3, "SPEAKER", "Tomas Okafor", score=0.3),
            span(4, "CUE", "said"),
        ],
        [Link(5, "said_by", 1, 2)],
    )
    part = Part(Scripted("model", layer))
    kept = Joined([part], ATTRIBUTION, threshold=0.5)
    (found,) = kept.suggest([TEXT])
    assert found is not None
    assert [s.text(TEXT) for s in found.in_order()] == [CLAIM, "said", "Ilse Brandt"]
    assert (kept.shown_as, kept.config["threshold"]) == ("model", 0.5)
    higher = Joined([part], ATTRIBUTION, threshold=0.9)
    (found,) = higher.suggest([TEXT])
    assert found is not None
    assert [s.text(TEXT) for s in found.in_order()] == ["said"]
    assert higher.shown_as == "model@0.9"


def test_time_follows_the_spans() -> None:
    def seconds(number: int) -> float:
        text = "Ann spoke. " * number
        firsts = [Span(n + 1, "SPEAKER", 11 * n, 11 * n + 3) for n in range(number)]
        longer = [Span(n + 1, "SPEAKER", 11 * n, 11 * n + 9) for n in range(number)]
        parts = [Part(Scripted("a", layer_view(firsts))), Part(Scripted("b", layer_view(longer)))]
        started = time.process_time()
        assert len(said(*parts, text=text).spans) == number
        return time.process_time() - started

    seconds(100)
    assert seconds(20_000) < 40 * seconds(2_000)
