"""Find the attribution frames of a text: each claim with its cue, its speaker and a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from spacy.language import Language

from corpus.core.span import Range, trim

from . import cues as cue_finder
from .claims import bounded, extent
from .cues import lexicon
from .frames import Frame, outermost
from .leftovers import left_over
from .passages import Passage, read
from .quotes import Quote
from .repair import is_sentence
from .speakers import Mention, speaker_of

LABEL = re.compile(r"[\"“]?([A-Z][\w.’'\-]*(?:[ ,(][\w.’'()\-]+){0,6}):\s+(?=\S)")
NO_LABEL = re.compile(
    r"(?i)\W*(?:note|update|updated|watch|read|photo|video|related|source|sources|listen|editor.*|also|more|q&a|"
    r"analysis|opinion|breaking|live|exclusive|see|correction|here.*|contact|by|topics?|tags?|share|image|"
    r"caption|latest|the latest|review)$"
)

WHY = {
    "clause": "reported clause with {cue}",
    "infinitive": "what somebody is told or promises to do, with {cue}",
    "quotation": "quotation beside {cue}",
    "object": "what is said of something, with {cue}",
    "as": "described as something, with {cue}",
    "small-clause": "called something, with {cue}",
    "noun": "clause after the noun {cue}",
    "passive": "reported in the passive, with {cue}",
    "according": "sentence with {cue}",
}


def find_frames(text: str, nlp: Language, threshold: float) -> tuple[list[Passage], list[Frame]]:
    """Return the parsed passages of a text and its frames in text order, outermost only."""
    passages = read(text, nlp)
    found: list[Frame] = []
    for number, passage in enumerate(passages):
        found += _cued(number, passage)
    found = [f for f in found if f.weight >= threshold]
    found = outermost(found)
    for number in sorted(set(range(len(passages))) - {f.passage for f in found}):
        found += _dangling(number, passages[number])
    found += left_over(passages, found)
    return passages, sorted(outermost(found), key=lambda f: (f.start, -f.end))


def _cued(number: int, passage: Passage) -> Iterator[Frame]:
    """Yield the frames of one passage that a cue of its own introduces."""
    label = _labelled(number, passage)
    if label is not None:
        yield label
    for cue in cue_finder.find(passage):
        ranges = extent(cue, passage)
        if not ranges:
            continue
        frame, weight = cue.frame, cue.weight
        quote = _opening_quote(passage, ranges)
        if quote is not None and frame in ("clause", "object", "infinitive"):
            frame = "quotation"
            weight = max(weight, lexicon().weight("quotation", cue.name))
        yield Frame(
            number,
            ranges,
            replace(cue, frame=frame),
            passage.range_of(cue.first, cue.last),
            speaker_of(cue, passage),
            weight,
            frame,
            WHY[frame].format(cue=f"“{' '.join(t.text for t in passage.doc[cue.first : cue.last + 1])}”"),
        )


def _dangling(number: int, passage: Passage) -> Iterator[Frame]:
    """Yield what stands before a reporting clause cut off from it: `It ended. Two sources told NBC.`"""
    for sentence in passage.doc.sents:
        verb = sentence.root
        told = cue_finder.lemma_of(verb)
        if sentence.start == 0 or told not in ("say", "tell") or passage.quotes:
            continue
        taken = {"ccomp", "xcomp", "neg", "auxpass"} | ({"dobj"} if told == "say" else set())
        if any(c.dep_ in taken for c in verb.children):
            continue
        cue = cue_finder.verb_cue(verb, "clause", ())
        speaker = speaker_of(cue, passage)
        ranges = bounded(passage, [passage.range_of(0, sentence.start - 1)])
        if ranges and speaker is not None and speaker.head.pos_ != "PRON" and verb.i > speaker.head.i:
            why = f"sentence before “{verb.text}”, which reports nothing else"
            place = passage.range_of(verb.i, verb.i)
            yield Frame(number, ranges, cue, place, replace(speaker, sureness=0.5), 0.6, "dangling", why)


def _opening_quote(passage: Passage, ranges: tuple[Range, ...]) -> Quote | None:
    """Return the quoted sentence that a claim consists of, if it does."""
    start, end = ranges[0]
    return next((q for q in passage.quotes if q.start == start and q.end == end and is_sentence(passage.text, q)), None)


def _labelled(number: int, passage: Passage) -> Frame | None:
    """Return the frame of a paragraph that starts with a name and a colon."""
    match = LABEL.match(passage.text, passage.start, passage.end)
    if match is None or NO_LABEL.match(match[1]):
        return None
    tokens = passage.tokens_in(match.start(1), match.end(1))
    if not tokens or any(passage.doc[n].pos_ in ("VERB", "AUX") and not passage.doc[n].text.isupper() for n in tokens):
        return None
    ranges = bounded(passage, [(match.end(), passage.end)])
    if not ranges or ranges[0][0] < match.end():
        quoted = [q for q in passage.quotes if q.start < match.start(1)]
        ranges = (trim(passage.text, match.end(), quoted[0].inner[1] if quoted else passage.end),)
        if ranges[0][0] >= ranges[0][1]:
            return None
    head = passage.doc[tokens[-1]]
    mention = Mention(match.start(1), match.end(1), head, 0.9)
    return Frame(
        number, ranges, None, None, mention, lexicon().weight("colon", ":"), "colon", "what follows a name and a colon"
    )
