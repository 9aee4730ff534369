"""Go through a passage for the cues that report something in their own sentence."""

from __future__ import annotations

from spacy.tokens import Token

from .cues import Cue, in_quote, lexicon
from .noun_cues import noun_frames
from .passages import Passage
from .tree import child_word, has_child
from .verb_cues import verb_cue, verb_frames


def find_cues(passage: Passage) -> list[Cue]:
    """Return the cues of a passage that report something in their own sentence, in text order."""
    cues = []
    for token in passage.doc:
        if in_quote(passage, token):
            continue
        if token.lower_ == "according":
            best = _according(token)
        elif token.lower_ in lexicon().weights["hearsay"] and token.dep_ == "advmod":
            best = _hearsay(token)
        elif token.pos_ in ("VERB", "AUX"):
            best = max(verb_frames(token), key=lambda cue: cue.weight, default=None)
        elif _is_verb_as_noun(token):
            clauses = (below for below in token.rights if below.dep_ == "ccomp")
            best = verb_cue(token, "clause", tuple(clauses))
        elif token.pos_ in ("NOUN", "PROPN"):
            best = max(noun_frames(token), key=lambda cue: cue.weight, default=None)
        else:
            best = None
        if best is not None and best.weight > 0:
            cues.append(best)
    return cues


def _is_verb_as_noun(token: Token) -> bool:
    """Tell whether the tagger took a verb for a noun: `Lopez claims that …`."""
    return token.tag_ == "NNS" and has_child(token, "nsubj") and has_child(token, "ccomp")


def _hearsay(adverb: Token) -> Cue | None:
    """Return the cue of `reportedly`, which nobody in the sentence says."""
    if adverb.head.pos_ not in ("VERB", "AUX"):
        return None
    weight = lexicon().weight("hearsay", adverb.lower_)
    return Cue(
        adverb,
        adverb.lower_,
        "hearsay",
        weight,
        (adverb.head,),
        adverb.i,
        adverb.i,
        passive=True,
    )


def _according(token: Token) -> Cue | None:
    """Return the cue `according to`, which reports the clause that it stands in."""
    to = child_word(token, "to")
    if to is None or not has_child(to, "pobj", "pcomp"):
        return None
    weight = lexicon().weight("according", "according to")
    return Cue(token, "according to", "according", weight, (token.head,), token.i, to.i)
