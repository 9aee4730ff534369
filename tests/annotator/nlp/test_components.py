"""The rules in a spaCy pipeline of somebody else's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import DocBin

from annotator.nlp import components
from annotator.nlp.pipeline import pipeline
from annotator.suggesters.rules import Rules

TEXT = (
    "Council splits over wall\n\n“The wall will not hold,” said Mayor Ilse Brandt. “It "
    "never did.”\n\n"
    "Brandt denied that the town was broke. The sea, she argued, had become too warm.\n"
)


@pytest.fixture(scope="module")
def nlp() -> Language:
    # The suggester's own pipeline is shared by all tests; this one is ours to change.
    source = pipeline()
    return components.add_to(type(source).from_config(source.config).from_bytes(source.to_bytes()))


def test_spans_and_what_is_known_of_them_stand_in_the_document(nlp: Language) -> None:
    doc = nlp(TEXT)
    assert [q.text for q in doc.spans["quotes"]] == ["“The wall will not hold,”", "“It never did.”"]
    assert [c.text for c in doc.spans["claims"]][:2] == [
        "“The wall will not hold,”",
        "“It never did.”",
    ]
    first = doc._.frames[0]
    assert [s.text for s in first["speakers"]] == ["Mayor Ilse Brandt"]
    assert first["names"] == ["Ilse Brandt"]
    assert (first["kind"], first["rule"], first["cue"]) == ("direct", "quotation", "said")
    assert "said" in first["why"]
    assert 0 < first["score"] <= 1
    denied = next(f for f in doc._.frames if f.get("cue") == "denied")
    assert denied["speaker_state"] == "linked"
    assert "stance" not in denied


def test_a_discontinuous_claim_is_two_spans_with_one_id(nlp: Language) -> None:
    doc = nlp(TEXT)
    warm = doc._.frames[-1]
    assert [piece.text for piece in warm["claim"]] == ["The sea", "had become too warm"]
    assert len({piece.id_ for piece in warm["claim"]}) == 1


def test_it_finds_what_the_suggester_finds(nlp: Language, rules: Rules) -> None:
    layer = next(iter(rules.suggest([TEXT])))
    suggested = {(s.label, a, b) for s in layer.spans.values() for a, b in s.ranges}
    doc = nlp(TEXT)
    groups = [doc.spans[name] for name in ("claims", "cues", "speakers")]
    assert {(s.label_, s.start_char, s.end_char) for group in groups for s in group} == suggested


def test_texts_in_batches_and_one_by_one_give_the_same(nlp: Language) -> None:
    texts = [TEXT, "", "No claim here.", TEXT.replace("Brandt", "Okafor"), "   \n\n  "]
    told = [[f["claim"][0].text for f in doc._.frames] for doc in nlp.pipe(texts, batch_size=2)]
    assert told == [[f["claim"][0].text for f in nlp(text)._.frames] for text in texts]


def test_everything_survives_a_docbin(nlp: Language) -> None:
    stored = DocBin(docs=[nlp(TEXT)]).to_bytes()
    [doc] = DocBin().from_bytes(stored).get_docs(spacy.blank("en").vocab)
    assert [str(f) for f in doc._.frames] == [str(f) for f in nlp(TEXT)._.frames]


def test_a_pipeline_that_lacks_what_is_needed_says_so() -> None:
    blank = spacy.blank("en")
    blank.add_pipe("saidby_quotes")
    doc = blank(TEXT)
    assert [q.text for q in doc.spans["quotes"]] == ["“The wall will not hold,”", "“It never did.”"]
    blank.add_pipe("saidby_claims")
    with pytest.raises(ValueError, match="need a parser"):
        blank(TEXT)
    other = spacy.blank("en")
    other.add_pipe("saidby_stance")
    with pytest.raises(ValueError, match="needs saidby_claims before it"):
        other(TEXT)


def test_it_works_in_a_process_without_django() -> None:
    code = (
        "import sys; sys.modules['django'] = None\n"
        "from annotator.nlp import components; from annotator.nlp.pipeline import pipeline\n"
        "nlp = components.add_to(pipeline())\n"
        "print(nlp('“We stay,” said Ada Lund.')._.frames[0]['names'])"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True)
    assert done.stdout.strip() == "['Ada Lund']", done.stderr
