"""What suggests for a corpus: listed in order, changed, tried on some documents, and used."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from annotator.pages.base import render_page
from annotator.selectors import suggested
from annotator.selectors import suggestion_trials as trials
from annotator.services import chosen_suggesters, suggest, suggestion_trials
from annotator.services.chosen_suggesters import Choice
from annotator.web.requests import UserRequest, whole_number
from corpus.core.problems import Problem
from corpus.jobs import worker
from corpus.models import Corpus, Job, JobState
from corpus.selectors import corpus_for


@dataclass(frozen=True, slots=True)
class Draft:
    """What a manager is about to choose; `focus` is the row that they have moved."""

    choices: tuple[Choice, ...]
    threshold: str
    edited: bool = False
    focus: int = -1


@require_http_methods(["GET", "HEAD", "POST"])
def suggestions_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show what suggests and what a trial found; change the list, try it, and use it."""
    corpus = corpus_for(request.user, slug, "manage")
    if request.method != "POST":
        return _page(request, corpus, _draft_of(corpus, trials.newest_trial(corpus)))
    act, _, which = request.POST.get("act", "try").partition(" ")
    if act in ("use", "again", "discard"):
        _act(request, corpus, act, whole_number(which))
        return redirect("suggestions-page", slug=slug)
    try:
        draft = _changed(_read(request.POST), act, which or request.POST.get("new", ""))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        raise Problem("request-invalid", reason="this is no list of suggesters") from None
    if act != "try":
        return _page(request, corpus, draft)
    try:
        threshold = chosen_suggesters.read_threshold(draft.threshold)
        suggestion_trials.start(corpus, draft.choices, threshold=threshold, by=request.user)
    except Problem as problem:
        # The list stays as it is on the page.
        return _page(request, corpus, draft, problem=problem)
    messages.success(request, "Trying them in the background; nothing is changed.")
    return redirect("suggestions-page", slug=slug)


def _act(request: UserRequest, corpus: Corpus, act: str, which: int) -> None:
    if act == "discard":
        suggestion_trials.discard(corpus, which, by=request.user)
        messages.success(request, "Nothing was changed.")
        return
    take = suggestion_trials.use if act == "use" else suggestion_trials.use_again
    take(corpus, which, by=request.user)
    messages.success(
        request, "They suggest from now on. What somebody has open stays as they see it."
    )


def _draft_of(corpus: Corpus, trial: Job | None) -> Draft:
    """Return what the page begins with: what is tried, or else what suggests now."""
    if trial is not None and trial.state != JobState.CANCELLED:
        choices = tuple(suggest.choices_of(trial))
        return Draft(choices, f"{trial.arguments['threshold']:g}")
    return Draft(tuple(chosen_suggesters.chosen(corpus)), f"{corpus.threshold:g}")


def _read(sent: QueryDict) -> Draft:
    """Return the list as the form sends it."""
    overruling = set(sent.getlist("overrules"))
    choices = []
    for number, row in enumerate(sent.getlist("choice")):
        choice = Choice.read(json.loads(row))
        choices.append(replace(choice, overrules=str(number) in overruling))
    return Draft(tuple(choices), sent.get("threshold", ""), edited=True)


def _changed(draft: Draft, act: str, which: str) -> Draft:
    """Return a list after a button was pressed."""
    choices = list(draft.choices)
    if act == "add":
        choices.append(Choice(which))
        return replace(draft, choices=tuple(choices), focus=len(choices) - 1)
    if act not in ("up", "down", "remove"):
        return draft
    number = int(which)
    choice = choices.pop(number)
    if act == "remove":
        return replace(draft, choices=tuple(choices), focus=min(number, len(choices) - 1))
    place = min(max(number + (1 if act == "down" else -1), 0), len(choices))
    choices.insert(place, choice)
    return replace(draft, choices=tuple(choices), focus=place)


def _page(
    request: UserRequest, corpus: Corpus, draft: Draft, *, problem: Problem | None = None
) -> HttpResponse:
    trial = trials.newest_trial(corpus)
    now = chosen_suggesters.chosen(corpus)
    done = trial is not None and trial.state == JobState.DONE
    offers = chosen_suggesters.offers(corpus)
    result = suggested.open_results(corpus, [trial.result], request.user)[0] if trial else {}
    return render_page(
        request,
        corpus,
        "annotator/suggestions.html",
        status=problem.status if problem else 200,
        problem=problem,
        draft=draft,
        rows=_rows(draft.choices, offers),
        addable=_addable(draft.choices, offers),
        sent=chosen_suggesters.told([Choice(offer.name) for offer in offers]),
        unusable=[offer for offer in offers if offer.why],
        now=now,
        trial=trial,
        result=result,
        examples=trials.examples(corpus, result, request.user) if done else [],
        former=chosen_suggesters.former(corpus),
        served=worker.is_served(),
    )


def _rows(
    choices: Sequence[Choice], offers: Sequence[chosen_suggesters.Offer]
) -> list[dict[str, object]]:
    """Return the suggesters of a list as the form shows them."""
    offered = {offer.name: offer for offer in offers}
    rows = []
    for choice in choices:
        rows.append(
            {
                "choice": choice,
                "json": json.dumps(choice.as_json()),
                "offer": offered.get(choice.name),
            }
        )
    return rows


def _addable(
    choices: Sequence[Choice], offers: Sequence[chosen_suggesters.Offer]
) -> list[chosen_suggesters.Offer]:
    """Return the suggesters that are not in a list yet."""
    taken = {choice.name for choice in choices}
    return [o for o in offers if o.gives and not o.why and o.name not in taken]
