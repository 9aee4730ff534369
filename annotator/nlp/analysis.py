"""Find the attribution frames of a text: each claim with its cue, its speaker and a reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from spacy.tokens import Token

from corpus.core.span import Range

from .announced import announced
from .claims import POLICY, Boundaries, bounded, extent, kind, without_marks
from .continued_quotes import continued, interrupted
from .cue_search import find_cues
from .cues import Cue, lemma_of, lexicon
from .frames import Frame, nested_in, outermost
from .fronted import parted, with_front
from .labels import Labels
from .passages import Passage
from .quotes import Quote, within
from .repair import is_sentence
from .speakers import Mention, speaker_of, speakers_of
from .tree import has_child
from .unattributed import unattributed
from .verb_cues import verb_cue

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
    "hearsay": "sentence with {cue}, which nobody says in it",
}


def frames_of(
    passages: list[Passage], threshold: float, *, nested: bool = False, policy: Boundaries = POLICY
) -> list[Frame]:
    """Return the frames of a text's passages in text order: the outermost, or with `nested` those
    within them too.
    """
    labels = Labels(passages)
    cued: list[Frame] = []
    for number, passage in enumerate(passages):
        label = labels.frame(number, passage, policy)
        if label is not None and label.weight >= threshold:
            cued.append(label)
        cued.extend(_cued(number, passage, threshold, policy))
    frames = outermost([*announced(passages, policy), *cued])
    silent = set(range(len(passages))) - {frame.passage for frame in frames}
    for number in sorted(silent):
        frames += _dangling(number, passages[number], policy)
        frames += _headline(number, passages[number], policy)
    frames += unattributed(passages, frames)
    # A quotation over several paragraphs is made whole before what it overlaps is left out.
    frames = continued(passages, outermost(frames))
    frames = outermost(interrupted(passages, frames))
    if nested:
        frames += nested_in(frames, [*cued, *_inside(passages, threshold, policy)])
    quotes = [quote for passage in passages for quote in passage.quotes]
    finished = [_finished(frame, passages, quotes, policy) for frame in frames]
    return sorted(finished, key=lambda frame: (frame.start, -frame.end))


def _finished(
    frame: Frame, passages: list[Passage], quotes: Sequence[Quote], policy: Boundaries
) -> Frame:
    """Return a frame with the kind of its claim, and without its quotation marks where the policy
    leaves them out.
    """
    text = passages[frame.passage].text
    own = within(quotes, frame.start, frame.end)
    ranges = frame.ranges
    if not policy.quotation_marks:
        ranges = without_marks(ranges, own, text)
    speech = kind(frame.ranges, own, text)
    if speech == "direct" and frame.rule in FITTED:
        speech = "mixed"
    return replace(frame, kind=frame.kind or speech, ranges=ranges)


def _inside(passages: list[Passage], threshold: float, policy: Boundaries) -> Iterator[Frame]:
    """Yield the frames in the quotations of passages.

    What is a quotation there is so by its own marks.
    """
    level: list[tuple[int, Passage]] = []
    for number, passage in enumerate(passages):
        level.extend((number, inside) for inside in passage.insides)
    while level:
        deeper: list[tuple[int, Passage]] = []
        for number, inside in level:
            frames = outermost(_cued(0, inside, threshold, policy))
            for frame in (*frames, *unattributed([inside], frames)):
                yield replace(_finished(frame, [inside], inside.quotes, policy), passage=number)
            deeper.extend((number, further) for further in inside.insides)
        level = deeper


def _cued(number: int, passage: Passage, threshold: float, policy: Boundaries) -> Iterator[Frame]:
    """Yield the frames of one passage that a cue of its own introduces, and surely enough."""
    for cue in find_cues(passage):
        ranges = extent(cue, passage, policy)
        if ranges:
            frame = with_front(_cue_frame(number, passage, cue, ranges), passage, policy)
            if frame.weight >= threshold:
                yield from parted(frame, passage)


def _cue_frame(number: int, passage: Passage, cue: Cue, ranges: tuple[Range, ...]) -> Frame:
    """Return the frame of a cue and what it reports."""
    rule = cue.frame
    weight = cue.weight
    if rule in ("clause", "object", "infinitive") and _is_quoted_sentence(passage, ranges[0]):
        # The quotation marks show that somebody speaks, whatever the verb.
        rule = "quotation"
        weight = max(weight, lexicon().weight(rule, cue.name))
    author = _is_opinion(cue, passage)
    why = "the writer's own opinion, with {cue}" if author else WHY[rule]
    words = " ".join(token.text for token in passage.doc[cue.first : cue.last + 1])
    return Frame(
        passage=number,
        ranges=ranges,
        cue=replace(cue, frame=rule),
        cue_range=passage.range_of(cue.first, cue.last),
        speakers=() if author else speakers_of(cue, passage),
        weight=weight,
        rule=rule,
        why=why.format(cue=f"“{words}”"),
        author=author,
    )


def _is_opinion(cue: Cue, passage: Passage) -> bool:
    """Tell whether the writer gives an opinion in his or her own voice: `I think that …` outside
    quotations.
    """
    verb = cue.head
    if verb.tag_ in ("VBD", "VBN") or lemma_of(verb) not in lexicon().opinions:
        return False
    return any(child.dep_ == "nsubj" and child.lower_ == "i" for child in verb.children)


def _is_quoted_sentence(passage: Passage, piece: Range) -> bool:
    """Tell whether a piece of a claim is a quotation of whole sentences and nothing else."""
    for quote in passage.quotes_in(*piece):
        if (quote.start, quote.end) == piece and is_sentence(passage.text, quote):
            return True
    return False


def _dangling(number: int, passage: Passage, policy: Boundaries) -> Iterator[Frame]:
    """Yield what stands before a reporting clause cut off from it: `It ended. Two sources told
    NBC.`
    """
    if passage.quotes:
        return
    for sentence in passage.doc.sents:
        verb = sentence.root
        if sentence.start == 0 or not _is_cut_off(verb):
            continue
        cue = verb_cue(verb, "clause", ())
        speaker = speaker_of(cue, passage)
        ranges = bounded(passage, [passage.range_of(0, sentence.start - 1)], policy)
        if not ranges or speaker is None:
            continue
        if speaker.head.pos_ != "PRON" and verb.i > speaker.head.i:
            yield Frame(
                passage=number,
                ranges=ranges,
                cue=cue,
                cue_range=passage.range_of(verb.i, verb.i),
                speakers=(replace(speaker, sureness=0.5),),
                weight=0.6,
                rule="dangling",
                why=f"sentence before “{verb.text}”, which reports nothing else",
            )


def _is_cut_off(verb: Token) -> bool:
    """Tell whether a verb of saying has nothing that it says with it."""
    lemma = lemma_of(verb)
    if lemma == "tell":
        return not has_child(verb, "ccomp", "xcomp", "neg", "auxpass")
    return lemma == "say" and not has_child(verb, "ccomp", "xcomp", "neg", "auxpass", "dobj")


def _headline(number: int, passage: Passage, policy: Boundaries) -> Iterator[Frame]:
    """Yield what a headline says before a comma, a source and a verb: `Bridge to reopen in May,
    sources say`.
    """
    doc = passage.doc
    if len(doc) <= SHORTEST_HEADLINE or passage.quotes:
        return
    verb = doc[-1]
    comma = next((token.i for token in reversed(doc[-LONGEST_SOURCE:]) if token.text == ","), 0)
    weight = lexicon().weights["clause"].get(lemma_of(verb), 0.0)
    if comma < SHORTEST_HEADLINE or verb.i - comma < 2:
        return
    if weight < HEADLINE or verb.tag_ == "VBN":
        return
    ranges = bounded(passage, [passage.range_of(0, comma - 1)], policy)
    start, end = passage.range_of(comma + 1, verb.i - 1)
    if ranges and start < end:
        yield Frame(
            passage=number,
            ranges=ranges,
            cue=verb_cue(verb, "clause", ()),
            cue_range=passage.range_of(verb.i, verb.i),
            speakers=(Mention(start, end, doc[verb.i - 1], HEADLINE),),
            weight=weight,
            rule="headline",
            why=f"headline with “{verb.text}” at its end",
        )
