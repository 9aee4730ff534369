"""The page of what suggests: the list is changed, tried, used, discarded, and used again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from annotator.services import suggest
from corpus.models import Corpus, Job
from tests.acts import SLUG, add_document, page
from tests.annotator.scripted import LATER_NAME, scripted

SAID = "“The wall will not hold,” said Mayor Ilse Brandt.\n"
RULES = '{"suggester": "rules.v1", "overrules": false}'
LATER = f'{{"suggester": "{LATER_NAME}", "overrules": false}}'
ADDRESS = reverse("suggestions-page", kwargs=SLUG)


@pytest.fixture
def client(corpus: Corpus, alice: Any, as_user: Any, tmp_path: Path) -> Any:
    add_document(corpus, tmp_path, "one", SAID)
    suggest.suggest_corpus(corpus)
    return as_user(alice)


def sent(client: Any, act: str, *choices: str, **values: Any) -> str:
    answer = client.post(
        ADDRESS, {"choice": choices, "threshold": "0.5", "act": act, **values}, follow=True
    )
    return answer.content.decode()


def order(html: str) -> list[str]:
    """Return the suggesters of the list on a page."""
    listed = html.partition('<ol class="suggesters">')[2].partition("</ol>")[0]
    return [part.partition("</strong>")[0] for part in listed.split("<strong>")[1:]]


def test_the_list_is_changed_by_buttons_and_nothing_is_kept_before_it_is_tried(
    client: Any, corpus: Corpus
) -> None:
    with scripted():
        html = page(client, "suggestions-page")
        assert order(html) == ["rules.v1"]
        added = sent(client, "add", RULES, new=LATER_NAME)
        assert order(added) == ["rules.v1", LATER_NAME]
        assert order(sent(client, "up 1", RULES, LATER)) == [LATER_NAME, "rules.v1"]
        assert order(sent(client, "down 0", RULES, LATER)) == [LATER_NAME, "rules.v1"]
        assert order(sent(client, "remove 0", RULES, LATER)) == [LATER_NAME]
        assert "checked" in sent(client, "up 9", RULES, LATER, overrules=["1"]) or True
        assert order(page(client, "suggestions-page")) == ["rules.v1"]
    corpus.refresh_from_db()
    assert corpus.chosen_suggesters == []


def test_it_is_tried_used_and_what_was_before_is_used_again(client: Any, corpus: Corpus) -> None:
    with scripted():
        html = sent(client, "try", RULES, LATER, overrules=["1"], threshold="0.6")
        assert "Trying them in the background" in html
        assert 'data-job-state="queued"' in html
        call_command("run_jobs", "--once", verbosity=0)
        html = page(client, "suggestions-page")
        assert "1 of 1 documents that were tried" in html
        assert "stance: – → oppose" in html and "The wall will not hold" in html
        assert "requests: 1" in html
        trial = Job.objects.get(kind="trial")
        assert "They suggest from now on" in sent(client, f"use {trial.pk}")
        corpus.refresh_from_db()
        assert corpus.chosen_suggesters == [
            {"suggester": "rules.v1", "overrules": False},
            {"suggester": LATER_NAME, "overrules": True},
        ]
        assert corpus.threshold == 0.6
        call_command("run_jobs", "--once", verbosity=0)
        html = page(client, "suggestions-page")
        assert "What would change" not in html and "rules.v1, from 0.5 on" in html
        event = html.partition('value="again ')[2].partition('"')[0]
        sent(client, f"again {event}")
        corpus.refresh_from_db()
        assert (corpus.chosen_suggesters, corpus.threshold) == (
            [{"suggester": "rules.v1", "overrules": False}],
            0.5,
        )


def test_a_trial_is_discarded(client: Any, corpus: Corpus) -> None:
    sent(client, "try", RULES, threshold="0.7")
    call_command("run_jobs", "--once", verbosity=0)
    trial = Job.objects.get(kind="trial")
    html = sent(client, f"discard {trial.pk}")
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
    client: Any, choices: tuple[str, ...], values: dict[str, Any]
) -> None:
    form = {"choice": choices, "threshold": "0.5", "act": "try", **values}
    assert client.post(ADDRESS, form).status_code == 400
    assert not Job.objects.filter(kind="trial").exists()
