"""Find the attribution frames of a text: each claim with its cue, its speaker and a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpus.core.span import Range, trim

from . import cues as cue_finder
from .claims import POLICY, Boundaries, bounded, extent, kind, without_marks
from .continued import continued, interrupted
from .cues import Cue, lexicon
from .frames import Frame, nested_in, outermost
from .passages import Passage
from .quotes import Quote, within
from .repair import is_sentence
from .speakers import Mention, speaker_of, speakers_of
from .unattributed import unattributed

LABEL = re.compile(r"[\"“]?([A-Z][\w.’'\-]*(?:[ ,(][\w.’'()\-]+){0,6}):\s+(?=\S)")
NO_LABEL = re.compile(
    r"(?i)\W*(?:note|update|updated|watch|read|photo|video|related|source|sources|listen|editor.*|also|more|q&a|"
    r"analysis|opinion|breaking|live|exclusive|see|correction|here.*|contact|by|topics?|tags?|share|image|"
    r"caption|latest|the latest|review)$"
)

# Quoted words alone in these frames are fitted into the writer's sentence, which is mixed speech.
FITTED = frozenset({"as", "small-clause", "object", "noun", "passive", "infinitive"})
SHORTEST_HEADLINE = 3
LONGEST_SOURCE = 8
HEADLINE = 0.8

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


def frames_of(
    passages: list[Passage], threshold: float, *, nested: bool = False, policy: Boundaries = POLICY
) -> list[Frame]:
    """Return the frames of a text's passages in text order: the outermost, or with `nested` those
    within them too.
    """
    cued = [f for n, p in enumerate(passages) for f in _cued(n, p, policy) if f.weight >= threshold]
    found = outermost(cued)
    for number in sorted(set(range(len(passages))) - {f.passage for f in found}):
        found += _dangling(number, passages[number], policy)
        found += _headline(number, passages[number], policy)
    found += unattributed(passages, found)
    found = outermost(interrupted(passages, continued(passages, outermost(found))))
    if nested:
        found += nested_in(found, [*cued, *_inside(passages, threshold, policy)])
    quotes = [q for p in passages for q in p.quotes]
    return sorted(
        (_finished(f, passages, quotes, policy) for f in found), key=lambda f: (f.start, -f.end)
    )


def _finished(
    frame: Frame, passages: list[Passage], quotes: Sequence[Quote], policy: Boundaries
) -> Frame:
    """Return a frame with the kind of its claim, and without its quotation marks where the policy
    leaves them out.
    """
    text, own = passages[frame.passage].text, within(quotes, frame.start, frame.end)
    ranges = frame.ranges if policy.quotation_marks else without_marks(frame.ranges, own, text)
    found = kind(frame.ranges, own, text)
    fitted = "mixed" if found == "direct" and frame.rule in FITTED else found
    return replace(frame, kind=frame.kind or fitted, ranges=ranges)


def _inside(passages: list[Passage], threshold: float, policy: Boundaries) -> Iterator[Frame]:
    """Yield the frames in the quotations of passages; what is a quotation there is so by its own
    marks.
    """
    layer = [(n, inside) for n, p in enumerate(passages) for inside in p.insides]
    while layer:
        for number, inside in layer:
            found = outermost(f for f in _cued(0, inside, policy) if f.weight >= threshold)
            for frame in (*found, *unattributed([inside], found)):
                yield replace(_finished(frame, [inside], inside.quotes, policy), passage=number)
        layer = [(n, deeper) for n, inside in layer for deeper in inside.insides]


def _cued(number: int, passage: Passage, policy: Boundaries) -> Iterator[Frame]:
    """Yield the frames of one passage that a cue of its own introduces."""
    label = _labelled(number, passage, policy)
    if label is not None:
        yield label
    for cue in cue_finder.find(passage):
        ranges = extent(cue, passage, policy)
        if not ranges:
            continue
        frame, weight = cue.frame, cue.weight
        quote = _opening_quote(passage, ranges)
        if quote is not None and frame in ("clause", "object", "infinitive"):
            frame = "quotation"
            weight = max(weight, lexicon().weight("quotation", cue.name))
        author = _is_opinion(cue, passage)
        words = " ".join(t.text for t in passage.doc[cue.first : cue.last + 1])
        yield Frame(
            number,
            ranges,
            replace(cue, frame=frame),
            passage.range_of(cue.first, cue.last),
            () if author else speakers_of(cue, passage),
            weight,
            frame,
            ("the writer's own opinion, with {cue}" if author else WHY[frame]).format(
                cue=f"“{words}”"
            ),
            author=author,
        )


def _dangling(number: int, passage: Passage, policy: Boundaries) -> Iterator[Frame]:
    """Yield what stands before a reporting clause cut off from it: `It ended. Two sources told
    NBC.`
    """
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
        ranges = bounded(passage, [passage.range_of(0, sentence.start - 1)], policy)
        if (
            ranges
            and speaker is not None
            and speaker.head.pos_ != "PRON"
            and verb.i > speaker.head.i
        ):
            why = f"sentence before “{verb.text}”, which reports nothing else"
            place = passage.range_of(verb.i, verb.i)
            yield Frame(
                number, ranges, cue, place, (replace(speaker, sureness=0.5),), 0.6, "dangling", why
            )


def _is_opinion(cue: Cue, passage: Passage) -> bool:
    """Tell whether the writer gives an opinion in his or her own voice: `I think that …` outside
    quotations.
    """
    verb = cue.head
    speaking = any(c.dep_ == "nsubj" and c.lower_ == "i" for c in verb.children)
    past = verb.tag_ in ("VBD", "VBN")
    return speaking and not past and cue_finder.lemma_of(verb) in lexicon().opinions


def _headline(number: int, passage: Passage, policy: Boundaries) -> Iterator[Frame]:
    """Yield what a headline says before a comma, a source and a verb: `Bridge to reopen in May,
    sources say`.
    """
    doc = passage.doc
    if len(doc) <= SHORTEST_HEADLINE:
        return
    verb = doc[-1]
    comma = next((t.i for t in reversed(doc[-LONGEST_SOURCE:]) if t.text == ","), 0)
    weight = lexicon().weights["clause"].get(cue_finder.lemma_of(verb), 0.0)
    if (
        comma < SHORTEST_HEADLINE
        or weight < HEADLINE
        or verb.i - comma < 2
        or verb.tag_ == "VBN"
        or passage.quotes
    ):
        return
    ranges = bounded(passage, [passage.range_of(0, comma - 1)], policy)
    start, end = passage.range_of(comma + 1, verb.i - 1)
    if not ranges or start >= end:
        return
    cue = cue_finder.verb_cue(verb, "clause", ())
    speaker = Mention(start, end, doc[verb.i - 1], HEADLINE)
    why = f"headline with “{verb.text}” at its end"
    yield Frame(
        number, ranges, cue, passage.range_of(verb.i, verb.i), (speaker,), weight, "headline", why
    )


def _opening_quote(passage: Passage, ranges: tuple[Range, ...]) -> Quote | None:
    """Return the quoted sentence that a claim consists of, if it does."""
    start, end = ranges[0]
    return next(
        (
            q
            for q in passage.quotes_in(start, end)
            if q.start == start and q.end == end and is_sentence(passage.text, q)
        ),
        None,
    )


def _labelled(number: int, passage: Passage, policy: Boundaries) -> Frame | None:
    """Return the frame of a paragraph that starts with a name and a colon."""
    match = LABEL.match(passage.text, passage.start, passage.end)
    if match is None or NO_LABEL.match(match[1]):
        return None
    tokens = passage.tokens_in(match.start(1), match.end(1))
    inside = bool(passage.quotes_in(match.start(1), match.end(1)))
    verbs = [
        n
        for n in tokens
        if passage.doc[n].pos_ in ("VERB", "AUX") and not passage.doc[n].text.isupper()
    ]
    # Within a quotation the parser saw a stand-in: there only capitals tell a name.
    if not tokens or (not match[1].isupper() if inside else verbs):
        return None
    ranges = bounded(passage, [(match.end(), passage.end)], policy)
    if not ranges or ranges[0][0] < match.end():
        quoted = [q for q in passage.quotes if q.start < match.start(1)]
        ranges = (trim(passage.text, match.end(), quoted[0].inner[1] if quoted else passage.end),)
        if ranges[0][0] >= ranges[0][1]:
            return None
    head = passage.doc[tokens[-1]]
    mention = Mention(match.start(1), match.end(1), head, 0.9)
    weight = lexicon().weight("colon", ":")
    return Frame(
        number, ranges, None, None, (mention,), weight, "colon", "what follows a name and a colon"
    )
