"""Small pipelines, trained or ruled, as folders to suggest with."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.training import Example

from annotator.core.claim_text import claim_text
from corpus.core.span import Span

PEOPLE = ("Ilse Brandt", "Tomas Okafor", "Rosa Lind", "Peter Novak", "Anna Weiss", "Tom Hale")
THINGS = ("wall", "bridge", "ferry", "school", "harbour", "market")
STANCES = {
    "support": ("will help us all", "deserves every coin", "was worth the wait"),
    "oppose": ("will ruin us all", "must never be built", "was a costly mistake"),
    "neutral": ("opens in May", "is nine years old", "lies by the river"),
    "mixed": ("helps some and hurts some", "has two sides", "is good but dear"),
    "unclear": ("is what it is", "is there to see", "has its own story"),
}
SPEAKERS_AND_CLAIMS = [
    {"label": "SPEAKER", "pattern": "Mayor Ilse Brandt"},
    {"label": "SPEAKER", "pattern": "Tomas Okafor"},
    {"label": "CLAIM", "pattern": "“The wall will not hold,”"},
    {"label": "CLAIM", "pattern": "that the town was broke"},
]


def sentences(number: int) -> list[tuple[str, list[tuple[int, int, str]], str]]:
    """Return so many paragraphs of one claim each, with their spans and the stance."""
    draw = random.Random(0)
    rows = []
    for _ in range(number):
        person, thing = draw.choice(PEOPLE), draw.choice(THINGS)
        stance = draw.choice(list(STANCES))
        claim = f"“The {thing} {draw.choice(STANCES[stance])},”"
        text = f"{claim} said {person} on Tuesday."
        start = text.index(person)
        spans = [(0, len(claim), "CLAIM"), (start, start + len(person), "SPEAKER")]
        rows.append((text, spans, stance))
    return rows


def taught(nlp: Language, examples: list[Example], rounds: int) -> Language:
    """Train a blank pipeline, the same way each time."""
    spacy.util.fix_random_seed(0)
    random.seed(0)
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(rounds):
        random.shuffle(examples)
        for batch in spacy.util.minibatch(examples, size=16):
            nlp.update(batch, sgd=optimizer)
    return nlp


def trained_finder(folder: Path) -> Path:
    """Train `ner` on paragraphs."""
    nlp = spacy.blank("en")
    nlp.add_pipe("ner")
    examples = []
    for text, spans, _ in sentences(60):
        examples.append(Example.from_dict(nlp.make_doc(text), {"entities": spans}))
    folder.mkdir(parents=True)
    taught(nlp, examples, 10).to_disk(folder)
    return folder


def trained_classifier(folder: Path) -> Path:
    """Train `textcat` on claims with their target and context."""
    nlp = spacy.blank("en")
    nlp.add_pipe("textcat")
    examples = []
    for text, spans, stance in sentences(120):
        claim = Span(1, "CLAIM", spans[0][0], spans[0][1])
        cats = {value: float(value == stance) for value in STANCES}
        doc = nlp.make_doc(claim_text(text, claim))
        examples.append(Example.from_dict(doc, {"cats": cats}))
    folder.mkdir(parents=True)
    taught(nlp, examples, 10).to_disk(folder)
    return folder


def ruled(folder: Path, patterns: list[dict[str, Any]], **about: Any) -> Path:
    """Write a pipeline that finds what its patterns say in `doc.spans["sc"]`."""
    nlp = spacy.blank("en")
    nlp.add_pipe("span_ruler", config={"spans_key": "sc"}).add_patterns(patterns)
    folder.mkdir(parents=True, exist_ok=True)
    nlp.to_disk(folder)
    if about:
        (folder / "saidby.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


def described(folder: Path, **components: tuple[str, list[str]]) -> Path:
    """Write what the files of a pipeline tell, and nothing that could be loaded.

    Each component has a factory and its labels.
    """
    folder.mkdir(parents=True)
    config = ["[nlp]", f"pipeline = {json.dumps(list(components))}", 'lang = "en"']
    for name, (factory, _) in components.items():
        config += [f"[components.{name}]", f'factory = "{factory}"', "x = ${paths.train}"]
    (folder / "config.cfg").write_text("\n".join(config), encoding="utf-8")
    labels = {name: own for name, (_, own) in components.items()}
    meta = {"lang": "en", "version": "1.2.0", "labels": labels}
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    return folder
