"""Find whom a paragraph names before a colon: `Lena Park: It is safe.`, `**Q:** Is it?`"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from spacy.tokens import Token

from corpus.core.span import Range, trim

from .claims import Boundaries, bounded
from .cues import lexicon
from .frames import Frame
from .passages import Passage
from .speakers import Mention
from .verb_cues import verb_cue

# A name between marks of bold or a quotation mark that opened before it; `From` names no one.
LABEL = re.compile(
    r"(?:\*\*|__|\*|[\"“])?(?:From )?([A-Z][\w.’'\-]*(?:[ ,(]+[@\w.’'()\-]+){0,7}?)(?:\*\*|__|\*)?"
    r"(?::|(?<=\b[QA])\.)(?:\*\*|__|\*)?\s+(?=\S)"
)
NO_LABEL = re.compile(
    r"(?i)\W*(?:note|update|updated|watch|read|photo|video|related|source|sources|listen"
    r"|editor.*|also|more|q&a|analysis|opinion|breaking|live|exclusive|see|correction|here.*"
    r"|contact|by|topics?|tags?|share|image|explained|explainer|review|in pictures|fact check"
    r"|caption|latest|the latest|profile|interview|recap|preview|quiz|timeline)$"
)
MARKED = ("**", "__", "*")
# Who asks and who answers where nobody is named, each only beside the other.
INTERVIEW = {"Q": "A", "A": "Q", "Question": "Answer", "Answer": "Question"}
# Who speaks in headlines without a name of their own.
ROLES = frozenset(
    {
        *("mayor", "minister", "president", "premier", "governor", "chancellor", "senator"),
        *("police", "official", "officials", "chief", "spokesman", "spokeswoman", "spokesperson"),
        *("report", "study", "survey", "expert", "experts", "analyst", "analysts", "witness"),
        *("witnesses", "lawyer", "lawyers", "prosecutor", "prosecutors", "judge", "court"),
        *("coach", "captain", "source", "sources", "ministry", "government", "army", "military"),
        *("families", "residents", "union", "unions", "company", "host", "caller", "reporter"),
        *("poll", "polls", "insider", "insiders", "aide", "aides", "critics", "scientists"),
        *("moderator", "interviewer", "author", "director", "chairman", "chairwoman", "chair"),
    }
)
SPEAKERS = ("PERSON", "ORG")
PLACES = ("GPE", "LOC", "FAC")
LONGEST_NAME = 4
# What is named, and does not speak.
EVENTS = frozenset({"storm", "hurricane", "typhoon", "cyclone", "operation", "project"})
TWEETED = 0.95


@dataclass(frozen=True, slots=True)
class Label:
    """A name that a paragraph starts with: its range, where the words behind it start, and how it
    is set off.
    """

    name: Range
    words: int
    marked: bool


class Labels:
    """The labels of a text's passages; a name before a colon is surer where it comes again."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        self._found = [_label(passage) for passage in passages]
        self._often: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        if any(label is not None for label in self._found):
            for passage in passages:
                self._counts.update(token.text for token in passage.doc)
        for passage, label in zip(passages, self._found, strict=True):
            if label is not None:
                self._often[passage.text[slice(*label.name)]] += 1

    def frame(self, number: int, passage: Passage, policy: Boundaries) -> Frame | None:
        """Return the frame of a passage that starts with somebody's name and a colon."""
        label = self._found[number]
        if label is None:
            return None
        tokens = passage.tokens_in(*label.name)
        if not tokens:
            return None
        head = passage.doc[tokens[-1]]
        verb = head if _tweets(head) else None
        if verb is None and not self._names_somebody(label, passage):
            return None
        ranges = _words(label, passage, policy)
        if not ranges:
            return None
        if verb is None:
            start, end = label.name
            cue, cue_range = None, None
        else:
            start, end = trim(passage.text, label.name[0], passage.starts[verb.i])
            cue, cue_range = verb_cue(verb, "quotation", ()), passage.range_of(verb.i, verb.i)
            if start >= end or passage.quotes_in(label.words, label.words + 1):
                # The cue finds a quotation behind it by itself.
                return None
        return Frame(
            passage=number,
            ranges=ranges,
            cue=cue,
            cue_range=cue_range,
            speakers=(Mention(start, end, passage.doc[tokens[0]] if verb else head, 0.9),),
            weight=lexicon().weight("colon", ":"),
            rule="colon",
            why="what follows a name and a colon",
        )

    def _names_somebody(self, label: Label, passage: Passage) -> bool:
        """Tell whether a label is a speaker, and not the first half of a headline."""
        name = passage.text[slice(*label.name)]
        if passage.quotes_in(*label.name):
            # Within a quotation the parser saw a stand-in: there only capitals tell a name.
            return name.isupper()
        tokens = [passage.doc[n] for n in passage.tokens_in(*label.name)]
        if any(_is_verb(token) for token in tokens):
            return False
        other = INTERVIEW.get(name)
        if other is not None:
            return self._often[other] > 0
        set_off = label.marked or name.isupper() or self._often[name] > 1
        quotes = bool(passage.quotes_in(label.words, label.words + 1))
        return set_off or quotes or self._is_name(tokens)

    def _is_name(self, tokens: Sequence[Token]) -> bool:
        """Tell whether words are a name or an office, and no thing that a headline explains."""
        last = tokens[-1]
        if last.lower_ in ROLES:
            return True
        if len(tokens) > LONGEST_NAME or tokens[0].lower_ in EVENTS or last.pos_ != "PROPN":
            return False
        if last.ent_type_ in PLACES or any(token.pos_ == "ADP" for token in tokens):
            return False
        # A surname that the text has once more is somebody's.
        return last.ent_type_ in SPEAKERS or self._counts[last.text] > 1


def _label(passage: Passage) -> Label | None:
    match = LABEL.match(passage.text, passage.start, passage.end)
    if match is None or NO_LABEL.match(match[1]):
        return None
    before = passage.text[match.start() : match.start(1)]
    return Label(match.span(1), match.end(), before.startswith(MARKED))


def _words(label: Label, passage: Passage, policy: Boundaries) -> tuple[Range, ...]:
    """Return what is said behind a label, to the end of its paragraph or quotation."""
    ranges = bounded(passage, [(label.words, passage.end)], policy)
    if ranges and ranges[0][0] >= label.words:
        return ranges
    # The label stands in the quotation that follows it.
    around = next((quote for quote in passage.quotes if quote.start < label.name[0]), None)
    end = around.inner[1] if around is not None else passage.end
    start, end = trim(passage.text, label.words, end)
    return ((start, end),) if start < end else ()


def _tweets(token: Token) -> bool:
    """Tell whether a token before a colon is a verb of saying: `Lena Park (@lena) tweeted:`"""
    if token.pos_ != "VERB" or token.tag_ not in ("VBD", "VBN", "VBZ"):
        return False
    return lexicon().weights["quotation"].get(token.lemma_.lower(), 0.0) >= TWEETED


def _is_verb(token: Token) -> bool:
    # The tagger takes names in capitals for anything.
    return token.pos_ in ("VERB", "AUX") and not token.text.isupper()
