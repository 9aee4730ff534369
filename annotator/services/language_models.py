"""Language models as suggesters: made from the settings, a corpus, its guideline and its gold."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from django.conf import settings

from annotator.selectors.calibration import calibration
from annotator.selectors.worked_examples import worked_examples
from annotator.services.answers import KeptAnswers
from annotator.suggesters.capabilities import all_of
from annotator.suggesters.llm.prompt import Prompt
from annotator.suggesters.llm.server import Server
from annotator.suggesters.llm.spending import Limits
from annotator.suggesters.llm.suggester import NAME, LanguageModel
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.models import Corpus, Job

if TYPE_CHECKING:
    from annotator.services.chosen_suggesters import Making


def server() -> Server:
    """Return the server that the settings name; raise `Problem` where they name none."""
    if settings.LLM_MONEY and not (settings.LLM_PRICE_IN or settings.LLM_PRICE_OUT):
        raise Problem(
            "llm-settings",
            reason="SAIDBY_LLM_MONEY says nothing without SAIDBY_LLM_PRICE_IN and _PRICE_OUT",
        )
    return Server(
        settings.LLM_URL,
        settings.LLM_MODEL,
        settings.LLM_KEY,
        seconds=settings.LLM_SECONDS,
        answer_tokens=settings.LLM_ANSWER_TOKENS,
        at_once=max(1, settings.LLM_AT_ONCE),
        limits=Limits(
            settings.LLM_TOKENS, settings.LLM_MONEY, settings.LLM_PRICE_IN, settings.LLM_PRICE_OUT
        ),
    )


def check(corpus: Corpus) -> None:
    """Raise `Problem` where no language model is set up, or a corpus forbids to use it."""
    server()
    if not corpus.language_models_allowed:
        raise Problem("llm-forbidden")


def make(making: Making) -> LanguageModel:
    """Return a language model for a corpus; `llm:stance` gives that attribute alone.

    Raises `Problem` where none is set up, where the corpus forbids it, and for an attribute that
    the schema does not have.
    """
    corpus = making.corpus
    check(corpus)
    attribute = making.choice.model
    job = making.job
    pinned = _pinned(job, "examples", attribute)
    examples = worked_examples(corpus, making.schema, attribute=attribute, only=pinned)
    if pinned is None:
        _pin(job, "examples", attribute, [worked.document for worked in examples])
    prompt = Prompt(
        making.schema,
        corpus.guideline,
        [worked.example for worked in examples],
        attribute,
    )
    model = LanguageModel(
        server(),
        prompt,
        answers=KeptAnswers(corpus, job),
        cancelled=partial(_is_cancelled, making),
        examples=[worked.as_json() for worked in examples],
    )
    shares = _pinned(job, "calibration", attribute)
    if shares is None:
        shares = calibration(
            corpus,
            model.config,
            name=model.shown_as,
            attribute=attribute,
            without=[worked.document for worked in examples],
        )
        _pin(job, "calibration", attribute, shares)
    if shares:
        model.calibrate(shares)
    return model


def _is_cancelled(making: Making) -> bool:
    """Tell whether to ask no more; raise `Problem` once the corpus forbids it."""
    if not Corpus.objects.filter(pk=making.corpus.pk, language_models_allowed=True).exists():
        raise Problem("llm-forbidden")
    return making.cancelled()


def _pinned(job: Job | None, what: str, attribute: str) -> Any:
    """Return what a job keeps through all its attempts, whatever is settled while it runs."""
    return None if job is None else job.arguments.get(what, {}).get(attribute)


def _pin(job: Job | None, what: str, attribute: str, value: Any) -> None:
    if job is not None:
        job.arguments[what] = {**job.arguments.get(what, {}), attribute: value}
        Job.objects.filter(pk=job.pk).update(arguments=job.arguments)


def gives(corpus: Corpus, schema: SchemaView) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each name by which a language model may be chosen, and the labels that it gives.

    There are none where none is set up or may be used.
    """
    try:
        check(corpus)
    except Problem:
        return
    yield NAME, tuple(schema.labels)
    attributes: dict[str, list[str]] = {}
    for label, attribute in sorted(all_of(schema).attributes):
        attributes.setdefault(attribute, []).append(label)
    for attribute, labels in attributes.items():
        yield f"{NAME}:{attribute}", tuple(labels)


def told() -> str:
    """Say what is sent where when a language model suggests, "" where none is set up."""
    try:
        return server().told
    except Problem:
        return ""
