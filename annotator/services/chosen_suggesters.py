"""Which suggesters a corpus is suggested for with, in order, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.conf import settings

from annotator.models import Run
from annotator.selectors import patterns, pipelines
from annotator.services import language_models, runs
from annotator.suggesters import SUGGESTERS, Suggester
from annotator.suggesters.capabilities import BY_NAME, Capabilities
from annotator.suggesters.joined import Joined, Part
from annotator.suggesters.llm import suggester as llm
from corpus import permissions
from corpus.core.callbacks import Cancelled, never_cancelled
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.models import Corpus, Job
from corpus.selectors import schema_rows
from corpus.services import audit, corpora

DEFAULT = "rules.v1"
LANGUAGE_MODEL = llm.NAME
# What may give the parts that a trained pipeline does not.
FILLS = ("rules",)
# The language that the rules read.
RULES_READ = "en"
# Of one corpus: joined, and listed of those before.
MOST = 10
FORMER = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """A suggester as it is chosen: its name, and what it is made with.

    What stands behind a colon says which: `trained:FOLDER` names the folder of a pipeline.
    `label_map` maps the names of a trained pipeline onto the schema's, and `fill` says what gives
    the parts that it lacks: "rules" or nothing. One that `overrules` replaces what it contradicts
    of those before it. `version` is that of the patterns, 0 for the newest.
    """

    name: str = DEFAULT
    label_map: Mapping[str, str] = field(default_factory=dict)
    fill: str = ""
    overrules: bool = False
    version: int = 0

    @property
    def kind(self) -> str:
        """Return which suggester it is, without what stands behind the colon."""
        return self.name.partition(":")[0]

    @property
    def model(self) -> str:
        """Return what stands behind the colon, or ""."""
        return self.name.partition(":")[2]

    def as_json(self) -> dict[str, Any]:
        """Return it as a corpus and a job keep it."""
        row: dict[str, Any] = {"suggester": self.name, "overrules": self.overrules}
        if self.label_map:
            row["map"] = dict(self.label_map)
        if self.fill:
            row["fill"] = self.fill
        if self.version:
            row["version"] = self.version
        return row

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Choice:
        """Return a choice that was kept or sent; raise `TypeError` for what is none."""
        name, names, fill = row["suggester"], row.get("map", {}), row.get("fill", "")
        if not all(isinstance(word, str) for word in (name, fill, *names, *names.values())):
            raise TypeError("a suggester is named by words")
        return cls(name, names, fill, bool(row.get("overrules")), int(row.get("version", 0)))


@dataclass(frozen=True, slots=True)
class Making:
    """What a suggester is made for: a corpus with its schema, the bar, and how it was chosen.

    `job` is the one that it works for, None on the command line.
    """

    corpus: Corpus
    schema: SchemaView
    threshold: float
    choice: Choice
    job: Job | None = None
    cancelled: Cancelled = never_cancelled


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggester that pages can offer for a corpus.

    `gives` names what it can give of the schema, `why` says why it cannot be used.
    """

    name: str
    gives: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Maker:
    """How the suggesters of a kind are made, and which of them pages can offer."""

    make: Callable[[Making], Suggester]
    offers: Callable[[Corpus, SchemaView], Iterable[Offer]]


def _rules(making: Making) -> Suggester:
    make: Callable[..., Suggester] = SUGGESTERS.get(DEFAULT)
    return make(
        settings.SPACY_MODEL,
        making.threshold,
        schema=making.schema,
        language=making.corpus.language,
    )


def _offered_rules(corpus: Corpus, schema: SchemaView) -> Iterator[Offer]:
    yield offer_of(DEFAULT, BY_NAME[DEFAULT], schema)


def _trained(making: Making) -> Suggester:
    choice = making.choice
    model, names, fill = choice.model, choice.label_map, choice.fill
    if not model:
        raise Problem(
            "model-invalid", reason="name the folder of the pipeline, as in trained:news/model-best"
        )
    make: Callable[..., Suggester] = SUGGESTERS.get("trained")
    return make(
        str(pipelines.path_of(model)),
        schema=making.schema,
        label_map=names,
        fill=fill,
        parser=settings.SPACY_MODEL,
    )


def pinned(choices: Iterable[Choice], corpus: Corpus) -> list[Choice]:
    """Return choices with the patterns and the maps of pipelines that they have now.

    What is saved while a job suggests counts from the next one on.
    """
    fixed = []
    for choice in choices:
        if choice.kind == "patterns" and not choice.version:
            saved = patterns.newest(corpus)
            fixed.append(replace(choice, version=saved.version if saved else 0))
        elif choice.kind == "trained" and not choice.label_map:
            fixed.append(_mapped(choice, corpus))
        else:
            fixed.append(choice)
    return fixed


def _mapped(choice: Choice, corpus: Corpus) -> Choice:
    """Return a trained pipeline with its map in a corpus."""
    known = choice.model in pipelines.names()
    said = pipelines.map_of(corpus, choice.model) if known else None
    if said is None:
        return choice
    return replace(choice, label_map=said.names, fill=choice.fill or ("rules" if said.fill else ""))


def _offered_pipelines(corpus: Corpus, schema: SchemaView) -> Iterator[Offer]:
    # No other folder is offered: to load one is to run what its configuration names.
    for name, gives, why in pipelines.usable(corpus, schema):
        yield Offer(f"trained:{name}", tuple(gives), why)


def _patterns(making: Making) -> Suggester:
    found = patterns.patterns_of(making.corpus, version=making.choice.version)
    if not found:
        raise Problem("nothing-to-do", act="suggest", reason="the corpus has no patterns")
    make: Callable[..., Suggester] = SUGGESTERS.get("patterns")
    return make(found, schema=making.schema, language=making.corpus.language)


def _offered_patterns(corpus: Corpus, schema: SchemaView) -> Iterator[Offer]:
    labels = {pattern.label for pattern in patterns.patterns_of(corpus)}
    gives = tuple(label for label in schema.labels if label in labels)
    yield Offer("patterns", gives, "" if gives else "none are saved yet, under Patterns")


def _offered_language_models(corpus: Corpus, schema: SchemaView) -> Iterator[Offer]:
    for name, gives in language_models.gives(corpus, schema):
        yield Offer(name, gives)


MAKERS: dict[str, Maker] = {
    DEFAULT: Maker(_rules, _offered_rules),
    "patterns": Maker(_patterns, _offered_patterns),
    "trained": Maker(_trained, _offered_pipelines),
    LANGUAGE_MODEL: Maker(language_models.make, _offered_language_models),
}


def build(
    choices: Choice | Sequence[Choice],
    corpus: Corpus,
    *,
    threshold: float | None = None,
    job: Job | None = None,
    cancelled: Cancelled = never_cancelled,
) -> Suggester:
    """Return chosen suggesters joined in order, ready for the schema of a corpus.

    `threshold` is the bar from 0 to 1, the corpus's where it is left out. Raises `Problem` when one
    does not load, has nothing to give to the schema, or is there twice.
    """
    if isinstance(choices, Choice):
        choices = [choices]
    if corpus.schema is None:
        raise Problem("nothing-to-do", act="suggest", reason="the corpus has no schema")
    check(choices)
    schema = schema_rows(corpus.schema).view
    bar = corpus.threshold if threshold is None else threshold
    parts = []
    for choice in pinned(choices, corpus):
        ready = MAKERS[choice.kind].make(Making(corpus, schema, bar, choice, job, cancelled))
        # What lies in a folder of the command line's is known by its files.
        is_path = choice.kind == "trained" and choice.model not in pipelines.names()
        parts.append(Part(ready, choice.overrules, "" if is_path else choice.name))
    return Joined(parts, schema, threshold=bar)


def check(choices: Sequence[Choice]) -> None:
    """Raise `Problem` for a suggester that is not known, is there twice, or takes no such option.

    Nothing is loaded.
    """
    names = [choice.name for choice in choices]
    if not names or len(names) > MOST or len(set(names)) < len(names):
        raise Problem("suggesters-chosen", limit=MOST)
    for choice in choices:
        SUGGESTERS.check(choice.kind)
        if choice.kind != "trained" and (choice.label_map or choice.fill):
            option = "--map" if choice.label_map else "--fill"
            raise Problem("suggester-option", option=option, suggester=choice.name)


def offers(corpus: Corpus) -> list[Offer]:
    """Return the suggesters that are chosen by name alone, each with what it can give here."""
    if corpus.schema is None:
        return []
    schema = schema_rows(corpus.schema).view
    offered: list[Offer] = []
    for maker in MAKERS.values():
        offered += maker.offers(corpus, schema)
    return offered


def offer_of(name: str, capabilities: Capabilities, schema: SchemaView) -> Offer:
    """Return a suggester with the labels of a schema that it gives, or why it can give none."""
    here = capabilities.within(schema)
    gives = tuple(label for label in schema.labels if label in here.labels)
    if not gives:
        known = ", ".join(sorted(capabilities.labels))
        return Offer(name, (), f"it gives {known}, and this schema has none of them")
    return Offer(name, gives)


def names_of(choices: Iterable[Choice]) -> str:
    """Return suggesters in words, in order."""
    return " + ".join(f"{c.name}{' (overrules)' if c.overrules else ''}" for c in choices)


def chosen(corpus: Corpus) -> list[Choice]:
    """Return the suggesters of a corpus in order.

    Where nobody has chosen any, that is the one whose suggestions are shown, or the rules.
    """
    if corpus.chosen_suggesters:
        return [Choice.read(row) for row in corpus.chosen_suggesters]
    return [Choice(corpus.shown_suggester or DEFAULT)]


def runnable(corpus: Corpus) -> list[Choice]:
    """Return the suggesters of a corpus if they run by their names alone, else none."""
    choices = chosen(corpus)
    return choices if usable(choices, corpus) else []


def told(choices: Iterable[Choice]) -> str:
    """Say what these send where, "" where they send nothing."""
    asks = any(choice.kind == LANGUAGE_MODEL for choice in choices)
    return language_models.told() if asks else ""


def usable(choices: Iterable[Choice], corpus: Corpus) -> bool:
    """Tell whether the names of some suggesters are enough to run each of them on a corpus."""
    gives = _usable_names(corpus)
    return all(choice.name in gives for choice in choices)


def _usable_names(corpus: Corpus) -> list[str]:
    """Return the names that are enough to run a suggester on a corpus."""
    return [offer.name for offer in offers(corpus) if offer.gives and not offer.why]


def choose(
    corpus: Corpus, choices: Sequence[Choice], *, threshold: float, by: permissions.User | None
) -> None:
    """Have a corpus suggested for with these from now on, from this bar on; `by` None for commands.

    What is shown changes when they first run. Raises `Problem` for one that its name is not enough
    for.
    """
    check_usable(choices, corpus)
    check_threshold(threshold)
    rows = [choice.as_json() for choice in choices]
    before = [choice.as_json() for choice in chosen(corpus)]
    if (before, corpus.threshold) != (rows, threshold) or not corpus.chosen_suggesters:
        details = {"names": names_of(choices), "before": before}
        corpora.choose_suggesters(corpus, rows, threshold=threshold, by=by, **details)


@dataclass(frozen=True, slots=True)
class Former:
    """What suggested until a moment; `event` is the key of the change in the audit log."""

    event: int
    choices: tuple[Choice, ...]
    threshold: float
    until: datetime

    @property
    def names(self) -> str:
        """Return its suggesters in words."""
        return names_of(self.choices)


def former(corpus: Corpus) -> list[Former]:
    """Return what suggested for a corpus before, newest first, each once and not what does now."""
    now = (tuple(chosen(corpus)), corpus.threshold)
    seen = [now]
    found = []
    gives = _usable_names(corpus)
    events, _ = audit.events(corpus, audit.EventFilter(act="suggesters"))
    for event in events:
        choices = tuple(Choice.read(row) for row in event.details["before"])
        threshold = event.details["threshold_before"]
        is_usable = all(choice.name in gives for choice in choices)
        if is_usable and (choices, threshold) not in seen:
            seen.append((choices, threshold))
            found.append(Former(event.pk, choices, threshold, event.at))
    return found[:FORMER]


def check_usable(choices: Sequence[Choice], corpus: Corpus) -> None:
    """Raise `Problem` unless the names of these suggesters are enough to run them on a corpus."""
    check(choices)
    if not usable(choices, corpus):
        offered = ", ".join(_usable_names(corpus))
        raise Problem("suggesters-offered", known=offered or "none")


def check_threshold(threshold: float) -> None:
    """Raise `Problem` for what is no score."""
    if not 0 <= threshold <= 1:
        raise Problem("threshold")


def read_threshold(words: str) -> float:
    """Return a score as somebody writes it; raise `Problem` for what is none."""
    try:
        threshold = float(words)
    except ValueError:
        raise Problem("threshold") from None
    check_threshold(threshold)
    return threshold


def adopt(corpus: Corpus, choices: Sequence[Choice], run: Run, *, threshold: float) -> None:
    """Show what a run of these makes in whatever is opened from now on, as commands ask for.

    Those that their names are enough for become the corpus's own, so that what comes in later gets
    the same.
    """
    if usable(choices, corpus):
        choose(corpus, choices, threshold=threshold, by=None)
        runs.show(corpus, run)
    else:
        corpora.show_suggester(corpus, run.shown_as)
