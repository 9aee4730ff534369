"""The component that learns which spans are linked, as it goes with an exported folder."""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from annotator.nlp import relations
from annotator.nlp.relations import Kind, candidates, evaluate, join, read_examples

KINDS = [["said_by", ["CLAIM"], ["SPEAKER"]], ["in", ["EVENT"], ["PLACE"]]]
PEOPLE = ("Ann Lee", "Bo Ek", "Cy Orr", "Di Fox")
SAID = ["Di", "Fox", "said", "it", "rained", ".", "Bo", "Ek", "smiled", "."]
CLAIMS = ("it rained", "the wall fell", "nobody came", "it was late")


def row(
    text: list[str], spans: list[tuple[int, int, str]], links: list[tuple[int, int, str]]
) -> Any:
    """Return a paragraph in Prodigy's form; spans and links are by token."""
    return {
        "tokens": [{"text": word, "ws": True} for word in text],
        "spans": [
            {"token_start": start, "token_end": end - 1, "label": label}
            for start, end, label in spans
        ],
        "relations": [{"head": head, "child": child, "label": kind} for head, child, kind in links],
    }


def paragraphs(number: int) -> list[Any]:
    """Return paragraphs in which the speaker before `said` is the one of the claim behind it."""
    draw = random.Random(0)
    rows = []
    for _ in range(number):
        speaker, other = draw.sample(PEOPLE, 2)
        claim = draw.choice(CLAIMS).split()
        words = [*speaker.split(), "said", *claim, ".", *other.split(), "smiled", "."]
        after = 3 + len(claim)
        spans = [(0, 2, "SPEAKER"), (3, after, "CLAIM"), (after + 1, after + 3, "SPEAKER")]
        if draw.random() < 0.5:
            words = [*other.split(), "smiled", ".", *words[: after + 1]]
            spans = [(0, 2, "SPEAKER"), (4, 6, "SPEAKER"), (7, after + 4, "CLAIM")]
        speaker_end = 5 if spans[1][2] == "SPEAKER" else 1
        claim_end = next(end for _, end, label in spans if label == "CLAIM") - 1
        rows.append(row(words, spans, [(claim_end, speaker_end, "said_by")]))
    return rows


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in rows), encoding="utf-8")
    return path


def trained(folder: Path, rounds: int = 12) -> Path:
    """Train on a few paragraphs and return the folder of the pipeline."""
    folder.mkdir(exist_ok=True)
    data = write(folder / "train.jsonl", paragraphs(60))
    spacy.util.fix_random_seed(0)
    nlp = spacy.blank("en")
    component = nlp.add_pipe(relations.FACTORY, name="links")
    examples = list(read_examples(data, nlp))
    component.initialize(lambda: examples, nlp=nlp, labels=KINDS)
    optimizer = nlp.create_optimizer()
    for _ in range(rounds):
        for batch in spacy.util.minibatch(examples, size=8):
            nlp.update(batch, sgd=optimizer)
    nlp.to_disk(folder / "links")
    return folder / "links"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained(tmp_path_factory.mktemp("relations"))


def marked(nlp: Language, words: list[str], *spans: tuple[int, int, str]) -> Doc:
    doc = Doc(nlp.vocab, words=words)
    doc.set_ents([Span(doc, start, end, label=label) for start, end, label in spans])
    return doc


def test_what_was_learned_links_the_right_speaker(model: Path, tmp_path: Path) -> None:
    scores = evaluate(model, write(tmp_path / "test.jsonl", paragraphs(200)[60:]))
    assert scores["rel_micro_f"] > 0.9
    assert scores["rel_per_type"]["said_by"]["f"] == scores["rel_micro_f"]
    nlp = spacy.load(model)
    spans = ((0, 2, "SPEAKER"), (3, 5, "CLAIM"), (6, 8, "SPEAKER"))
    doc = nlp.get_pipe("links")(marked(nlp, SAID, *spans))
    assert set(doc._.rel) == {(3, 0), (3, 6)}
    assert doc._.rel[3, 0]["said_by"] > 0.5 > doc._.rel[3, 6]["said_by"]


def test_spans_of_a_group_are_linked_too_also_where_they_overlap(model: Path) -> None:
    nlp = spacy.load(model)
    doc = Doc(nlp.vocab, words=SAID)
    spans = [Span(doc, 0, 2, "SPEAKER"), Span(doc, 3, 5, "CLAIM"), Span(doc, 0, 5, "CLAIM")]
    doc.spans["sc"] = spans
    doc = nlp.get_pipe("links")(doc)
    assert set(doc._.rel) == {(3, 0), (0, 0)}


def test_only_pairs_that_a_kind_may_join_and_that_are_near_are_looked_at() -> None:
    nlp = spacy.blank("en")
    kinds = [Kind(*kind) for kind in KINDS]
    words = ["word"] * 60
    spans = [(0, 2, "CLAIM"), (4, 5, "SPEAKER"), (6, 7, "EVENT"), (50, 51, "SPEAKER")]
    doc = marked(nlp, words, *spans, (8, 9, "PLACE"))
    found = candidates(doc, kinds, 20, "sc", np)
    pairs = [(source.start, target.start) for source, target in found.pairs]
    assert pairs == [(0, 4), (6, 8)]
    assert found.fits.tolist() == [[1, 0], [0, 1]]
    assert len(candidates(doc, kinds, 100, "sc", np).pairs) == 3


def test_a_text_without_anything_to_link_stays_as_it_is(model: Path) -> None:
    nlp = spacy.load(model)
    for doc in nlp.pipe(["", "It rained."]):
        assert doc._.rel == {}


def test_it_is_put_behind_a_pipeline_that_finds_spans(model: Path, tmp_path: Path) -> None:
    finder = spacy.blank("en")
    ruler = finder.add_pipe("entity_ruler")
    ruler.add_patterns([{"label": "SPEAKER", "pattern": name} for name in PEOPLE])
    ruler.add_patterns([{"label": "CLAIM", "pattern": words} for words in CLAIMS])
    finder.to_disk(tmp_path / "finder")
    join(tmp_path / "finder", model, tmp_path / "joined")
    nlp = spacy.load(tmp_path / "joined")
    assert nlp.pipe_names == ["entity_ruler", "links"]
    doc = nlp("Bo Ek said nobody came. Di Fox smiled.")
    assert doc._.rel[3, 0]["said_by"] > 0.5 > doc._.rel[3, 6]["said_by"]


def test_the_command_scores_and_joins(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write(tmp_path / "test.jsonl", paragraphs(10))
    out = tmp_path / "scores.json"
    monkeypatch.setattr(sys, "argv", ["relations.py", "evaluate", str(model), str(data), str(out)])
    relations.main()
    assert json.loads(out.read_text(encoding="utf-8")) == json.loads(capsys.readouterr().out)
