"""Attribute the quotations that no cue of the parse claimed."""

from __future__ import annotations

import re
from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter

from spacy.tokens import Token

from corpus.core.span import Range, overlaps

from .cues import in_quote
from .dialogue import in_turn
from .frames import Frame
from .passages import Passage
from .quotes import Quote
from .repair import is_sentence
from .speakers import DASHES, Mention, phrase, phrase_head, speakers_of
from .tree import child
from .verb_cues import verb_cue

LONG = 6
SENTENCE_ENDS = ("", ".", "?", "!", "\n", "”", ":")
STOPS = (".", ";", "?", "!")
NEXT_TO = 5
SURELY_QUOTES = 0.95
NEAR = 30
# So many words between quotations may be a name alone: `“No.” Anna Lopez, the mayor.`
LONGEST_NAME = 6
# So many characters behind a quotation hold the sign that parts it from who says it.
SIGN = 3
# A headline's source stands behind a dash or colon: `“We will rebuild” – UN chief`.
SOURCE = re.compile(r"\s*[-–—:]\s+([^.“\"]{2,60}?)\.?$")
SHORTEST_HEADLINE = 3
START = attrgetter("start")


def unattributed(passages: list[Passage], frames: list[Frame]) -> list[Frame]:
    """Return frames for the quotations that stand in no claim of these frames."""
    by_passage: list[list[Frame]] = [[] for _ in passages]
    for frame in sorted(frames, key=START):
        by_passage[frame.passage].append(frame)
    added: list[Frame] = []
    for number, passage in enumerate(passages):
        own = by_passage[number]
        claimed: list[Range] = []
        for frame in own:
            claimed.extend(frame.ranges)
        claimed.sort()
        before = by_passage[number - 1] if number else []
        for quote in passage.quotes:
            if overlaps((quote.start, quote.end), claimed):
                continue
            if _is_headline(passage, quote):
                attributed = _source(number, passage, quote)
            elif _says(passage.text, quote):
                attributed = (
                    _beside(number, passage, quote)
                    or _introduced(number, passages, quote)
                    or _carried(number, passage, quote, own, before)
                )
            else:
                attributed = _short(number, passage, quote)
            if attributed is not None:
                insort(own, attributed, key=START)
                added.append(attributed)
    return in_turn(passages, frames, added)


def _is_headline(passage: Passage, quote: Quote) -> bool:
    """Tell whether a paragraph is a quotation and a source: `'They left us': families speak`."""
    words = passage.text[quote.inner[0] : quote.inner[1]].split()
    if quote.start != passage.start or len(words) < SHORTEST_HEADLINE:
        return False
    return SOURCE.match(passage.text, quote.end, passage.end) is not None


def _source(number: int, passage: Passage, quote: Quote) -> Frame | None:
    """Return the frame of a quotation with the source that stands behind it in a headline."""
    match = SOURCE.match(passage.text, quote.end, passage.end)
    tokens = [passage.doc[n] for n in passage.tokens_in(*match.span(1))] if match else []
    verb = next((token for token in tokens if token.pos_ == "VERB"), None)
    if not tokens:
        return None
    first = tokens[0].i
    if verb is not None and verb.i == first:
        return _verb_frame(number, passage, quote, verb)
    last = verb.i - 1 if verb is not None else tokens[-1].i
    if passage.doc[last].pos_ not in ("NOUN", "PROPN", "PRON"):
        return None
    start, end = passage.range_of(first, last)
    mention = Mention(start, end, passage.doc[last], 0.8)
    why = "quotation with its source behind it"
    return _without_cue(number, quote, (mention,), 0.8, "name", why)


def _says(text: str, quote: Quote) -> bool:
    """Tell whether a quotation is something said, and not a title or a single word held at arm's
    length.
    """
    inner = text[quote.inner[0] : quote.inner[1]].strip()
    if not any(c.isalnum() for c in inner):
        return False
    words = inner.split()
    stops = inner[-1] in ".,?!…" or not quote.closed
    if is_sentence(text, quote) or len(words) >= LONG:
        return True
    return stops and inner[0].isupper() and (len(words) > 1 or _is_alone(text, quote))


def _is_alone(text: str, quote: Quote) -> bool:
    """Tell whether a quotation is a sentence by itself: `“No,” she said. “Never.”`"""
    before = text[max(0, quote.start - 3) : quote.start].rstrip(" ")[-1:]
    after = text[quote.end : quote.end + 2].strip()
    return before in SENTENCE_ENDS and (not after or after[0].isupper() or after[0] in '“"')


def _short(number: int, passage: Passage, quote: Quote) -> Frame | None:
    """Return the frame of a word or two in quotation marks, where a verb that only quotes stands
    next to it.
    """
    frame = _beside(number, passage, quote)
    if frame is None or frame.cue_range is None or not frame.speakers:
        return None
    if frame.weight < SURELY_QUOTES:
        return None
    between = _words_between(passage.text, quote, frame.cue_range)
    return frame if between <= NEXT_TO else None


def _words_between(text: str, quote: Quote, place: Range) -> int:
    start, end = place
    between = text[quote.end : start] if start >= quote.end else text[end : quote.start]
    return len(between.split())


def _beside(number: int, passage: Passage, quote: Quote) -> Frame | None:
    """Return the frame of a quotation with a reporting verb, or a name, right beside it in its own
    sentence.
    """
    text = passage.text
    after = [passage.doc[n] for n in _until_stop(passage, quote.end)]
    last = text[quote.inner[0] : quote.inner[1]].rstrip()[-1:]
    sign = text[quote.end : quote.end + SIGN].strip()[:1]
    ends_open = last in ",?!—–-…" or (sign and sign in (",", *DASHES))
    verbs = list(filter(_may_report, after)) if ends_open else []
    if verbs:
        return _verb_frame(number, passage, quote, verbs[0])
    if text[passage.start : quote.start].rstrip()[-1:] in (":", ","):
        before = [passage.doc[n] for n in _since_stop(passage, quote.start)]
        verbs = list(filter(_may_report, before))
        if verbs:
            return _verb_frame(number, passage, quote, verbs[-1])
    if 0 < len(after) <= LONGEST_NAME and (ends_open or last == "."):
        return _name_frame(number, passage, quote, after)
    return None


def _may_report(token: Token) -> bool:
    """Tell whether a token is a verb, and not a participle before a noun."""
    if token.pos_ != "VERB":
        return False
    return bool(token.is_sent_start) or token.dep_ not in ("amod", "compound")


def _verb_frame(number: int, passage: Passage, quote: Quote, verb: Token, why: str = "") -> Frame:
    """Return the frame of a quotation that a verb reports."""
    cue = verb_cue(verb, "quotation", ())
    words = passage.doc[cue.first : cue.last + 1].text
    return Frame(
        passage=number,
        ranges=((quote.start, quote.end),),
        cue=cue,
        cue_range=passage.range_of(cue.first, cue.last),
        speakers=speakers_of(cue, passage) or _inverted(verb, passage, quote),
        weight=cue.weight,
        rule="quotation",
        why=why or f"quotation beside “{words}”",
    )


def _inverted(verb: Token, passage: Passage, quote: Quote) -> tuple[Mention, ...]:
    """Return who stands right behind a verb that follows a quotation: `“…” – assured the mayor`."""
    behind = passage.text[quote.end : passage.starts[verb.i]].strip(" ,-–—")
    who = child(verb, "dobj", "appos", "attr")
    if behind or who is None or who.left_edge.i != verb.i + 1:
        return ()
    start, end = phrase(who, passage)
    return (Mention(start, end, who, 0.8),) if start < end else ()


def _name_frame(number: int, passage: Passage, quote: Quote, after: list[Token]) -> Frame | None:
    """Return the frame of a quotation that only a name follows, none where a verb does."""
    head = phrase_head(after[0])
    if head is not None and head.dep_ == "poss":
        # `“…” Lopez's sister, Eva.`
        head = head.head
    if head is None or any(token.pos_ in ("VERB", "AUX") for token in after):
        return None
    start, end = phrase(head, passage)
    if start >= end:
        return None
    mention = Mention(start, end, head, 0.7)
    return _without_cue(number, quote, (mention,), 0.6, "name", "quotation with a name beside it")


def _without_cue(
    number: int,
    quote: Quote,
    speakers: tuple[Mention, ...],
    weight: float,
    rule: str,
    why: str,
) -> Frame:
    ranges = ((quote.start, quote.end),)
    return Frame(number, ranges, None, None, speakers, weight, rule, why)


def _until_stop(passage: Passage, start: int) -> Iterator[int]:
    """Yield the tokens after a quotation, to the end of its sentence or the next quotation."""
    for n in passage.tokens_in(start, passage.end):
        token = passage.doc[n]
        if passage.starts[n] < start or token.text in (",", *DASHES):
            continue
        if token.text in STOPS or in_quote(passage, token):
            return
        yield n


def _since_stop(passage: Passage, end: int) -> list[int]:
    """Return the tokens before a quotation, from the start of its sentence."""
    numbers: list[int] = []
    for n in reversed(passage.tokens_in(passage.start, end)):
        token = passage.doc[n]
        if token.text in STOPS or in_quote(passage, token):
            break
        numbers.append(n)
    return numbers[::-1]


def _introduced(number: int, passages: list[Passage], quote: Quote) -> Frame | None:
    """Return the frame of a quotation that the paragraph before announces with a colon."""
    passage = passages[number]
    if number == 0 or quote.start != passage.start:
        return None
    before = passages[number - 1]
    if before.text[before.end - 1] != ":":
        return None
    tokens = [before.doc[n] for n in _since_stop(before, before.end)]
    verb = next((token for token in reversed(tokens) if token.pos_ == "VERB"), None)
    if verb is None:
        return None
    why = "quotation that the paragraph before announces"
    return _verb_frame(number, before, quote, verb, why)


def _carried(
    number: int, passage: Passage, quote: Quote, own: list[Frame], before: list[Frame]
) -> Frame | None:
    """Return the frame of a quotation that goes on with the speaker of the nearest claim."""
    at = bisect_right(own, quote.start, key=START)
    if not quote.closed:
        # What follows an unclosed quotation is another's.
        own = own[:at]
    nearest = min(
        own[max(0, at - 1) : at + 1],
        # A claim behind the quotation counts as so much farther away.
        key=lambda frame: abs(frame.start - quote.start) + NEAR * (frame.start > quote.start),
        default=None,
    )
    if nearest is None and before and quote.start == passage.start:
        nearest = max(before, key=lambda frame: frame.end)
    speakers = nearest.speakers if nearest else ()
    if speakers:
        sureness = 0.8 if own else 0.6
        carried = tuple(replace(m, sureness=m.sureness * sureness) for m in speakers)
        why = "quotation that goes on after one with a speaker"
        return _without_cue(number, quote, carried, 0.8, "carried", why)
    if is_sentence(passage.text, quote):
        why = "quotation for which no speaker was found"
        return _without_cue(number, quote, (), 0.55, "alone", why)
    return None
