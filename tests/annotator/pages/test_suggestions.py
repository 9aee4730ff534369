"""The page of what suggests: the list is changed, tried, used, discarded, and used again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from annotator.services import suggest
from corpus.jobs.run import run_job
from corpus.models import Corpus, Job
from tests.acts import SLUG, add_document, page
from tests.annotator.scripted import LATER_NAME, scripted

SAID = "“The wall will not hold,” said Mayor Ilse Brandt.\n"
RULES = '{"suggester": "rules.v1", "overrules": false}'
LATER = f'{{"suggester": "{LATER_NAME}", "overrules": false}}'
ADDRESS = reverse("suggestions-page", kwargs=SLUG)


def run_jobs() -> None:
    """Do what waits in the background."""
    for pk in Job.objects.filter(state="queued").values_list("pk", flat=True):
        run_job.func(pk)


@pytest.fixture
def manager(corpus: Corpus, alice: Any, as_user: Any, tmp_path: Path) -> Any:
    add_document(corpus, tmp_path, "one", SAID)
    suggest.suggest_corpus(corpus)
    return as_user(alice)


def sent(manager: Any, act: str, *choices: str, **values: Any) -> str:
    answer = manager.post(
        ADDRESS, {"choice": choices, "threshold": "0.5", "act": act, **values}, follow=True
    )
    return answer.content.decode()


def order(html: str) -> list[str]:
    """Return the suggesters of the list on a page."""
    listed = html.partition('<ol class="suggesters">')[2].partition("</ol>")[0]
    return [part.partition("</strong>")[0] for part in listed.split("<strong>")[1:]]


def test_the_list_is_changed_by_buttons_and_nothing_is_kept_before_it_is_tried(
    manager: Any, corpus: Corpus
) -> None:
    with scripted():
        html = page(manager, "suggestions-page")
        assert order(html) == ["rules.v1"]
        added = sent(manager, "add", RULES, new=LATER_NAME)
        assert order(added) == ["rules.v1", LATER_NAME]
        assert order(sent(manager, "up 1", RULES, LATER)) == [LATER_NAME, "rules.v1"]
        assert order(sent(manager, "down 0", RULES, LATER)) == [LATER_NAME, "rules.v1"]
        assert order(sent(manager, "remove 0", RULES, LATER)) == [LATER_NAME]
        assert "checked" in sent(manager, "add", RULES, LATER, new="x", overrules=["1"])
        assert order(page(manager, "suggestions-page")) == ["rules.v1"]
    corpus.refresh_from_db()
    assert corpus.chosen_suggesters == []


def test_it_is_tried_used_and_what_was_before_is_used_again(manager: Any, corpus: Corpus) -> None:
    with scripted():
        html = sent(manager, "try", RULES, LATER, overrules=["1"], threshold="0.6")
        assert "Trying them in the background" in html
        assert 'data-job-state="queued"' in html
        run_jobs()
        html = page(manager, "suggestions-page")
        assert "1 of 1 documents that were tried" in html
        assert "stance: – → oppose" in html and "The wall will not hold" in html
        assert "Requests: 1" in html
        trial = Job.objects.get(kind="trial")
        assert "They suggest from now on" in sent(manager, f"use {trial.pk}")
        corpus.refresh_from_db()
        assert corpus.chosen_suggesters == [
            {"suggester": "rules.v1", "overrules": False},
            {"suggester": LATER_NAME, "overrules": True},
        ]
        assert corpus.threshold == 0.6
        run_jobs()
        html = page(manager, "suggestions-page")
        assert "What would change" not in html and "rules.v1, from 0.5 on" in html
        event = html.partition('value="again ')[2].partition('"')[0]
        sent(manager, f"again {event}")
        corpus.refresh_from_db()
        assert (corpus.chosen_suggesters, corpus.threshold) == (
            [{"suggester": "rules.v1", "overrules": False}],
            0.5,
        )


def test_a_trial_is_discarded(manager: Any, corpus: Corpus) -> None:
    sent(manager, "try", RULES, threshold="0.7")
    run_jobs()
    trial = Job.objects.get(kind="trial")
    html = sent(manager, f"discard {trial.pk}")
    assert "Nothing was changed" in html and "What would change" not in html
    assert not Job.objects.filter(kind="trial").exists()


@pytest.mark.parametrize(
    ("choices", "values"),
    [
        ((), {}),
        ((RULES, RULES), {}),
        (('{"suggester": "trained:/etc"}',), {}),
        (('{"suggester": "magic"}',), {}),
        ((RULES,), {"threshold": "much"}),
        ((RULES,), {"threshold": "2"}),
        (("[]",), {}),
        (('{"suggester": 1}',), {}),
        (('{"suggester": "rules.v1", "map": 1}',), {}),
        (("{",), {}),
    ],
)
def test_what_cannot_be_used_is_said_and_nothing_runs(
    manager: Any, choices: tuple[str, ...], values: dict[str, Any]
) -> None:
    form = {"choice": choices, "threshold": "0.5", "act": "try", **values}
    assert manager.post(ADDRESS, form).status_code == 400
    assert not Job.objects.filter(kind="trial").exists()
