"""The rules as spaCy components, for any spaCy project and without Django.

    import spacy
    from annotator.nlp import components

    nlp = spacy.load("en_core_web_sm")
    components.add_to(nlp)  # or nlp.add_pipe("saidby_quotes"), nlp.add_pipe("saidby_claims"), …
    for doc in nlp.pipe(texts):
        for frame in doc._.frames:
            print(frame["speakers"], frame["claim"], frame.get("stance"))

Spans stand in `doc.spans["quotes"]`, `["claims"]`, `["cues"]` and `["speakers"]`, each with an id
(`span.id_`); the fragments of a discontinuous claim are spans with one id. What is known of a span
stands in `SpanGroup.attrs["spans"]` under its id, because `span._.x` is keyed by offsets alone and
two spans with equal bounds would overwrite each other.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, SpanGroup
from spacy.tokens import Span as Phrase

from corpus.core.span import LayerView, Span

from .analysis import frames_of
from .layers import layer_of
from .passages import Passage, paragraphs
from .quotes import outermost, regions

COMPONENTS = ("saidby_quotes", "saidby_claims", "saidby_speakers", "saidby_names", "saidby_stance")
GROUPS = {"CLAIM": "claims", "CUE": "cues", "SPEAKER": "speakers"}
LETTERS = {"CLAIM": "c", "CUE": "q", "SPEAKER": "s"}
THRESHOLD = 0.5
PARSE = ["token.dep", "token.head", "token.pos", "token.lemma", "doc.ents", "doc.sents"]

Component = Callable[[Doc], Doc]


def add_to(nlp: Language) -> Language:
    """Add every component to the end of a pipeline that parses, tags and lemmatises."""
    for name in COMPONENTS:
        nlp.add_pipe(name)
    return nlp


@Language.factory("saidby_quotes", assigns=["doc.spans"])
def quotes(nlp: Language, name: str) -> Component:
    """Make the component that finds quotations on the text alone; it needs no parse."""
    return _set_quotes


@Language.factory(
    "saidby_claims", assigns=["doc.spans"], requires=PARSE, default_config={"threshold": THRESHOLD}
)
def claims(nlp: Language, name: str, threshold: float) -> Component:
    """Make the component that finds what is said and the words that report it.

    `threshold` is the least weight of a cue in its frame, from 0 to 1. Each claim gets `kind`,
    `rule`, `why`, `cue` and a `score`, the calibrated confidence.
    """

    def set_claims(doc: Doc) -> Doc:
        layer = _layer(doc, threshold)
        _set_group(doc, layer, "CUE", _score)
        _set_group(doc, layer, "CLAIM", _about_claim)
        doc.spans["claims"].attrs["threshold"] = threshold
        return doc

    return set_claims


@Language.factory("saidby_speakers", assigns=["doc.spans"], requires=["doc.spans", *PARSE])
def speakers(nlp: Language, name: str) -> Component:
    """Make the component that finds who says each claim; links stand in
    `doc.spans["speakers"].attrs["links"]`.
    """
    return _set_speakers


@Language.factory("saidby_names", requires=["doc.spans", *PARSE])
def names(nlp: Language, name: str) -> Component:
    """Make the component that gives each speaker its canonical `name` where it has one."""
    return _set_names


@Language.factory("saidby_stance", requires=["doc.spans", *PARSE])
def stance(nlp: Language, name: str) -> Component:
    """Make the component that gives each claim its `stance` and `target` where they are known."""
    return _set_stance


def _set_quotes(doc: Doc) -> Doc:
    pieces = []
    for number, quote in enumerate(outermost(regions(doc.text, paragraphs(doc.text))), 1):
        piece = _phrase(doc, quote.start, quote.end, "QUOTE", f"r{number}")
        if piece is not None:
            pieces.append(piece)
    doc.spans["quotes"] = SpanGroup(doc, name="quotes", spans=pieces)
    return doc


def _score(span: Span) -> dict[str, Any]:
    return {"score": span.score}


def _about_claim(span: Span) -> dict[str, Any]:
    known = {"kind": span.attributes["kind"], "score": span.score}
    evidence = span.evidence or {}
    for key in ("rule", "why", "cue"):
        if key in evidence:
            known[key] = evidence[key]
    return known


def _set_speakers(doc: Doc) -> Doc:
    layer = _layer(doc, _threshold(doc, "saidby_speakers"))
    _set_group(doc, layer, "SPEAKER", _score)
    links = []
    for link in layer.links.values():
        links.append([_ident(layer.spans[link.source]), _ident(layer.spans[link.target])])
    doc.spans["speakers"].attrs["links"] = links
    _add(doc, layer, "CLAIM", ("speaker_state",))
    return doc


def _set_names(doc: Doc) -> Doc:
    if "speakers" not in doc.spans:
        raise ValueError("saidby_names needs saidby_speakers before it in the pipeline")
    _add(doc, _layer(doc, _threshold(doc, "saidby_names")), "SPEAKER", ("name",))
    return doc


def _set_stance(doc: Doc) -> Doc:
    _add(doc, _layer(doc, _threshold(doc, "saidby_stance")), "CLAIM", ("stance", "target"))
    return doc


def _threshold(doc: Doc, component: str) -> float:
    if "claims" not in doc.spans:
        raise ValueError(f"{component} needs saidby_claims before it in the pipeline")
    threshold: float = doc.spans["claims"].attrs["threshold"]
    return threshold


@lru_cache(maxsize=1)
def _layer(doc: Doc, threshold: float) -> LayerView:
    """Return the layer of a document; components that follow one another need the same one."""
    if not doc.has_annotation("DEP"):
        raise ValueError(
            "the components of Saidby need a parser, a tagger and a lemmatizer before them"
        )
    passages = _passages(doc)
    return layer_of(doc.text, passages, frames_of(passages, threshold))


def _passages(doc: Doc) -> list[Passage]:
    """Return the paragraphs of a parsed document, each as a document of its own."""
    text = doc.text
    ranges = paragraphs(text)
    quotes = outermost(regions(text, ranges))
    opened = [quote.start for quote in quotes]
    passages = []
    for start, end in ranges:
        tokens = doc.char_span(start, end, alignment_mode="expand")
        if tokens is None:
            continue
        starts = [max(token.idx, start) for token in tokens]
        ends = [min(token.idx + len(token), end) for token in tokens]
        own = quotes[bisect_left(opened, start) : bisect_left(opened, end)]
        passages.append(Passage(text, start, end, tokens.as_doc(), starts, ends, own))
    return passages


def _ident(span: Span) -> str:
    return f"{LETTERS[span.label]}{span.ident}"


def _phrase(doc: Doc, start: int, end: int, label: str, ident: str) -> Phrase | None:
    """Return the tokens of a range as a span of spaCy, none when there are none."""
    phrase: Phrase | None = doc.char_span(
        start, end, label=label, span_id=ident, alignment_mode="expand"
    )
    return phrase


def _set_group(
    doc: Doc, layer: LayerView, label: str, known: Callable[[Span], dict[str, Any]]
) -> None:
    """Set a span group of a document to the spans of one label, with what is known of each."""
    pieces = []
    about = {}
    for span in layer.in_order():
        if span.label != label:
            continue
        about[_ident(span)] = known(span)
        for start, end in span.ranges:
            piece = _phrase(doc, start, end, label, _ident(span))
            if piece is not None:
                pieces.append(piece)
    name = GROUPS[label]
    doc.spans[name] = SpanGroup(doc, name=name, spans=pieces, attrs={"spans": about})


def _add(doc: Doc, layer: LayerView, label: str, attributes: tuple[str, ...]) -> None:
    """Add attributes to what is known of the spans of one label."""
    about = doc.spans[GROUPS[label]].attrs["spans"]
    for span in layer.spans.values():
        ident = _ident(span)
        if span.label != label or ident not in about:
            continue
        for key in attributes:
            if key in span.attributes:
                about[ident][key] = span.attributes[key]
    doc.spans[GROUPS[label]].attrs["spans"] = about


def frames(doc: Doc) -> list[dict[str, Any]]:
    """Return the frames of a document.

    Each has `claim` (its pieces), `speakers`, `names`, and what is known of the claim. This is
    `doc._.frames`. What a component that was not added would have found is left out.
    """
    if "claims" not in doc.spans:
        return []
    speakers = doc.spans.get("speakers")
    links = speakers.attrs["links"] if speakers is not None else []
    about_speakers = speakers.attrs["spans"] if speakers is not None else {}
    every = []
    for ident, known in doc.spans["claims"].attrs["spans"].items():
        said_by = [speaker for claim, speaker in links if claim == ident]
        about = [about_speakers[speaker] for speaker in said_by]
        every.append(
            {
                **known,
                "claim": [span for span in doc.spans["claims"] if span.id_ == ident],
                "speakers": [span for span in speakers or () if span.id_ in said_by],
                "names": [speaker["name"] for speaker in about if "name" in speaker],
            }
        )
    return every


Doc.set_extension("frames", getter=frames, force=True)
