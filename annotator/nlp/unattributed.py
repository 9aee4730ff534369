"""Give a speaker to the quotations that no cue of the parse claimed."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter

from corpus.core.span import Range, overlaps

from .cues import Cue, in_quote, verb_cue
from .dialogue import in_turn
from .frames import Frame
from .passages import Passage
from .quotes import Quote
from .repair import is_sentence
from .speakers import Mention, phrase, phrase_head, speakers_of

LONG = 6
SENTENCE_ENDS = ("", ".", "?", "!", "\n", "”")
NEXT_TO = 5
SURELY_QUOTES = 0.95
NEAR = 30
START = attrgetter("start")


def unattributed(passages: list[Passage], found: list[Frame]) -> list[Frame]:
    """Return frames for the quotations that stand in no claim yet."""
    by_passage: list[list[Frame]] = [[] for _ in passages]
    for frame in sorted(found, key=START):
        by_passage[frame.passage].append(frame)
    added: list[Frame] = []
    for number, passage in enumerate(passages):
        own = by_passage[number]
        taken = sorted(piece for frame in own for piece in frame.ranges)
        for quote in passage.quotes:
            if overlaps((quote.start, quote.end), taken):
                continue
            if not _says(passage.text, quote):
                given = _short(number, passage, quote)
                if given is not None:
                    insort(own, given, key=START)
                    added.append(given)
                continue
            before = by_passage[number - 1] if number else []
            given = _beside(number, passage, quote) or _introduced(number, passages, quote)
            given = given or _carried(number, passage, quote, own, before)
            if given is not None:
                insort(own, given, key=START)
                added.append(given)
    return in_turn(passages, found, added)


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
    given = _beside(number, passage, quote)
    if given is None or given.cue is None or given.weight < SURELY_QUOTES or not given.speakers:
        return None
    return given if _words_between(passage.text, quote, given.cue_range) <= NEXT_TO else None


def _words_between(text: str, quote: Quote, place: Range | None) -> int:
    start, end = place or (quote.start, quote.end)
    return len((text[quote.end : start] if start >= quote.end else text[end : quote.start]).split())


def _beside(number: int, passage: Passage, quote: Quote) -> Frame | None:
    """Return the frame of a quotation with a reporting verb right beside it in its own sentence."""
    after = [passage.doc[n] for n in _until_stop(passage, quote.end)]
    before = [passage.doc[n] for n in _since_stop(passage, quote.start)]
    text = passage.text
    last = text[quote.inner[0] : quote.inner[1]].rstrip()[-1:]
    ends_open = last in ",?!—–-…" or text[quote.end : quote.end + 1] == ","
    introduced = text[passage.start : quote.start].rstrip()[-1:] in (":", ",")
    for tokens, near in ((after, ends_open), (before if introduced else [], introduced)):
        verbs = [
            t
            for t in tokens
            if t.pos_ == "VERB" and (t.dep_ not in ("amod", "compound") or t.is_sent_start)
        ]
        if verbs and near:
            verb = verbs[0] if tokens is after else verbs[-1]
            cue = verb_cue(verb, "quotation", ())
            return _frame(number, passage, quote, cue, speakers_of(cue, passage))
    if after and (ends_open or last == ".") and len(after) <= 6:
        head = phrase_head(after[0])
        if head is not None and not any(t.pos_ in ("VERB", "AUX") for t in after):
            start, end = phrase(head, passage)
            if start < end:
                mention = Mention(start, end, head, 0.7)
                why = "quotation with a name beside it"
                return Frame(
                    number, ((quote.start, quote.end),), None, None, (mention,), 0.6, "name", why
                )
    return None


def _frame(
    number: int, passage: Passage, quote: Quote, cue: Cue, speakers: tuple[Mention, ...]
) -> Frame:
    words = passage.doc[cue.first : cue.last + 1].text
    return Frame(
        number,
        ((quote.start, quote.end),),
        cue,
        passage.range_of(cue.first, cue.last),
        speakers,
        cue.weight,
        "quotation",
        f"quotation beside “{words}”",
    )


def _until_stop(passage: Passage, start: int) -> Iterator[int]:
    """Yield the tokens after a quotation, to the end of its sentence or the next quotation."""
    for n in passage.tokens_in(start, passage.end):
        token = passage.doc[n]
        if token.text in (".", ";", "?", "!") or in_quote(passage, token):
            return
        if passage.starts[n] >= start and token.text != ",":
            yield n


def _since_stop(passage: Passage, end: int) -> list[int]:
    """Return the tokens before a quotation, from the start of its sentence."""
    found: list[int] = []
    for n in reversed(passage.tokens_in(passage.start, end)):
        token = passage.doc[n]
        if token.text in (".", ";", "?", "!") or in_quote(passage, token):
            break
        found.append(n)
    return found[::-1]


def _introduced(number: int, passages: list[Passage], quote: Quote) -> Frame | None:
    """Return the frame of a quotation that the paragraph before announces with a colon."""
    passage = passages[number]
    if number == 0 or quote.start != passage.start:
        return None
    before = passages[number - 1]
    if before.text[before.end - 1] != ":":
        return None
    verbs = [before.doc[n] for n in _since_stop(before, before.end) if before.doc[n].pos_ == "VERB"]
    if not verbs:
        return None
    cue = verb_cue(verbs[-1], "quotation", ())
    frame = _frame(number, before, quote, cue, speakers_of(cue, before))
    return replace(frame, why="quotation that the paragraph before announces")


def _carried(
    number: int, passage: Passage, quote: Quote, own: list[Frame], before: list[Frame]
) -> Frame | None:
    """Return the frame of a quotation that goes on with the speaker of the nearest claim."""
    sentence = is_sentence(passage.text, quote)
    whole = quote.start == passage.start
    at = bisect_right(own, quote.start, key=START)
    beside = own[max(0, at - 1) : at + 1]
    nearest = min(
        beside,
        key=lambda f: abs(f.start - quote.start) + NEAR * (f.start > quote.start),
        default=None,
    )
    if nearest is None and whole and before:
        nearest = max(before, key=lambda f: f.end)
    speakers = nearest.speakers if nearest else ()
    if not speakers:
        if not sentence:
            return None
        why = "quotation without a speaker in the text"
        return Frame(number, ((quote.start, quote.end),), None, None, (), 0.55, "alone", why)
    carried = tuple(replace(m, sureness=m.sureness * (0.8 if own else 0.6)) for m in speakers)
    why = "quotation that goes on after one with a speaker"
    return Frame(number, ((quote.start, quote.end),), None, None, carried, 0.8, "carried", why)
