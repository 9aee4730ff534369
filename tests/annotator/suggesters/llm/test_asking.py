"""Whatever a server does, it is asked within its limits, and no text stops another."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from annotator.suggesters.llm.answers import AnswersInMemory
from annotator.suggesters.llm.prompt import Prompt
from annotator.suggesters.llm.server import Server
from annotator.suggesters.llm.spending import Limits
from annotator.suggesters.llm.suggester import LanguageModel
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTION
from tests.acts import TEXT
from tests.annotator.suggesters.llm.scripted import (
    GOOD,
    KEY,
    NOTHING,
    made,
    notes,
    quotes,
    scripted,
    server_at,
)
from tests.model_server import Body, Reply, asked, fails, model_server, says
from tests.sites import free_port

# Every fault once, then a good answer.
FAULTS: dict[str, Reply] = {
    "429": fails(429, "slow down", Retry_After="0"),
    "500": fails(500),
    "503 with a date": fails(503, "later", Retry_After="Wed, 21 Oct 2015 07:28:00 GMT"),
    "cut body": Reply(body=says(GOOD).body, cut=40),
    "no envelope": Reply(body=b"<html>busy</html>"),
    "an envelope of nothing": Reply(body=b'{"choices": []}'),
    "cut JSON": says(json.dumps(GOOD)[:80]),
    "no JSON": says("I would rather not."),
    "another JSON": says("[1, 2]"),
    "too late": Reply(body=says(GOOD).body, seconds=4.0),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_after_a_fault_it_is_asked_again(fault: str) -> None:
    with scripted(FAULTS[fault], says(GOOD)) as server:
        model = made(server, seconds=2.0 if fault == "too late" else 30.0)
        (layer,) = model.suggest([TEXT])
    assert len(quotes(layer)) == 2
    assert len(server.bodies) == 2
    assert notes(model) == []


def test_it_waits_as_long_as_the_server_says() -> None:
    with scripted(fails(429, "slow down", Retry_After="0.5"), says(GOOD)) as server:
        started = time.monotonic()
        (layer,) = made(server).suggest([TEXT])
        assert time.monotonic() - started >= 0.5
    assert len(quotes(layer)) == 2


@pytest.mark.parametrize(
    ("reply", "code", "is_left"),
    [
        (fails(500), "llm-away", True),
        (fails(429), "llm-away", True),
        (fails(400, "content filter"), "llm-request", True),
        (says("never JSON"), "llm-answer", False),
        (says(json.dumps(GOOD)[:50], finish="length"), "llm-cut", False),
    ],
)
def test_a_text_for_which_nothing_can_be_had_is_named(
    reply: Reply, code: str, is_left: bool
) -> None:
    def answer(body: Body) -> Reply:
        return reply if "Okafor" in asked(body)["passage"] else says(NOTHING)

    with model_server(answer) as server:
        model = made(server)
        layers = list(model.suggest([TEXT, "Nobody said anything."]))
    assert [layer is None for layer in layers] == [is_left, False]
    assert {(number, found) for number, found, _ in notes(model)} == {(0, code)}


def test_a_server_that_is_not_there_is_asked_a_few_times_and_every_text_named() -> None:
    model = made(f"http://127.0.0.1:{free_port()}/v1")
    started = time.monotonic()
    assert list(model.suggest([f"{TEXT}{number}" for number in range(30)])) == [None] * 30
    assert time.monotonic() - started < 5
    assert {(number, code) for number, code, _ in notes(model)} == {
        (number, "llm-away") for number in range(30)
    }


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_key_model_or_address_ends_it_at_once_without_telling_the_key(status: int) -> None:
    refusal = fails(status, f"Incorrect API key provided: {KEY}")
    with scripted(refusal) as server, pytest.raises(Problem) as caught:
        list(made(server, at_once=1).suggest([TEXT, "Other."]))
    assert caught.value.code == "llm-refused"
    assert "SAIDBY_LLM_KEY" in str(caught.value) and KEY not in str(caught.value)
    assert len(server.bodies) == 1


def test_the_key_is_in_no_configuration_and_no_repr() -> None:
    server = server_at("https://example.org/v1")
    model = LanguageModel(server, Prompt(ATTRIBUTION))
    assert KEY not in repr(server)
    assert KEY not in json.dumps(dict(model.config))
    assert model.config["host"] == "example.org"
    assert "example.org, a server outside this one" in server.told
    assert "on this machine" in server_at("http://localhost:11434/v1").told


@pytest.mark.parametrize(
    ("url", "model"),
    [("", "m"), ("https://a/v1", ""), ("file:///etc", "m"), ("https://u:p@a/v1", "m"), ("a", "m")],
)
def test_settings_that_cannot_be_right_are_refused(url: str, model: str) -> None:
    with pytest.raises(Problem) as caught:
        Server(url, model)
    assert caught.value.code == "llm-settings"


def test_nothing_is_asked_twice() -> None:
    answers = AnswersInMemory()
    with scripted(says(GOOD)) as server:
        first = list(made(server, answers=answers).suggest([TEXT]))
        model = made(server, answers=answers)
        assert list(model.suggest([TEXT])) == first
        assert len(server.bodies) == 1
        # Another prompt is another request.
        list(made(server, answers=answers, prompt=Prompt(ATTRIBUTION, "New.")).suggest([TEXT]))
        assert len(server.bodies) == 2


def test_what_is_used_stays_below_the_cap_and_what_is_left_is_named() -> None:
    texts = [f"{TEXT}{number}" for number in range(20)]
    with scripted(says(GOOD, tokens=(3000, 500))) as server:
        limits = Limits(tokens=25_000, price_in=2.0, price_out=10.0)
        model = made(server, limits=limits, answer_tokens=600)
        layers = list(model.suggest(texts))
        used = model.report.take()
    assert 0 < sum(layer is not None for layer in layers) < 20
    assert used[1]["tokens_in"] + used[1]["tokens_out"] <= 25_000
    assert used[1]["requests"] == len(server.bodies)
    assert used[1]["cost"] == pytest.approx(len(server.bodies) * (3000 * 2 + 500 * 10) / 1e6)
    left = {number for number, layer in enumerate(layers) if layer is None}
    assert {note.text for note in used[0]} == left
    assert all("25,000 tokens" in note.reason for note in used[0])


def test_money_is_capped_too_and_answers_that_were_lost_count_as_the_most_they_can_cost() -> None:
    limits = Limits(money=0.02, price_in=2.0, price_out=10.0)
    with scripted(Reply(body=says(GOOD).body, cut=30)) as server:
        model = made(server, limits=limits, answer_tokens=600)
        assert list(model.suggest([TEXT])) == [None]
        used = model.report.take()[1]
    assert 0 < used["cost"] <= 0.02
    assert len(server.bodies) < 6


def test_cancelled_it_asks_no_more() -> None:
    stop = False

    def answer(body: Body) -> Reply:
        nonlocal stop
        stop = True
        return says(GOOD)

    with model_server(answer) as server:
        model = made(server, at_once=1, cancelled=lambda: stop)
        layers = list(model.suggest([f"{TEXT}{number}" for number in range(20)]))
    assert len(server.bodies) == 1
    assert sum(layer is not None for layer in layers) == 1
    assert notes(model) == []


def test_a_text_that_the_server_fails_on_stops_no_other_text() -> None:
    poison = "\n\n".join(f"Okafor {number}. " + "word " * 550 for number in range(5))

    def answer(body: Body) -> Reply:
        return fails(500) if "Okafor" in json.dumps(asked(body)) else says(GOOD)

    texts = [poison, *(f"{TEXT.replace('Okafor', 'Lee')}{number}" for number in range(20))]
    with model_server(answer) as server:
        layers = list(made(server).suggest(texts))
    assert [layer is None for layer in layers] == [True] + [False] * 20


def test_a_server_that_was_away_is_asked_again_with_one_text_at_a_time() -> None:
    def answer(body: Body) -> Reply:
        # Away for the first batch and the first of the second.
        return fails(500) if int(asked(body)["passage"]) <= 8 else says(NOTHING)

    with model_server(answer) as server:
        layers = list(made(server, at_once=4).suggest([str(number) for number in range(32)]))
    # The eight of the first batch and those of the second, whose first was asked in vain.
    assert [layer is None for layer in layers] == [True] * 16 + [False] * 16


@pytest.mark.parametrize("status", [403, 404])
def test_a_gateway_that_refuses_one_text_stops_no_other(status: int) -> None:
    def answer(body: Body) -> Reply:
        return fails(status, "moderated") if "bomb" in asked(body)["passage"] else says(NOTHING)

    with model_server(answer) as server:
        # First of all, too, while others are under way.
        model = made(server)
        layers = list(model.suggest(["A bomb.", *(f"Text {n}." for n in range(3)), "Bad bomb."]))
    assert [layer is None for layer in layers] == [True, False, False, False, True]
    assert [(number, code) for number, code, _ in notes(model)] == [
        (0, "llm-request"),
        (4, "llm-request"),
    ]


def test_what_was_answered_while_another_was_refused_is_kept() -> None:
    def answer(body: Body) -> Reply:
        if "first" in asked(body)["passage"]:
            return fails(401, "expired")
        return Reply(body=says(NOTHING).body, seconds=0.5)

    answers = AnswersInMemory()
    with model_server(answer) as server, pytest.raises(Problem):
        list(made(server, answers=answers).suggest(["The first.", "The other."]))
    assert len(answers.kept) == 1


@pytest.mark.parametrize("key", ["sk-secret\nX: y", "sk-secret\x00", "sk-sécret–"])
def test_a_key_that_no_header_holds_is_refused_and_not_quoted(key: str) -> None:
    with pytest.raises(Problem) as caught:
        Server("https://example.org/v1", "m", key)
    assert caught.value.code == "llm-settings"
    assert "SAIDBY_LLM_KEY" in str(caught.value)
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize("told", [-1, 0, True, 10**20, 1.5, "12", None])
def test_a_usage_that_cannot_be_is_reckoned_instead(told: Any) -> None:
    with scripted(says(GOOD, tokens=(told, told))) as server:
        model = made(server)
        list(model.suggest([TEXT]))
    _, used = model.report.take()
    assert 100 < used["tokens_in"] < 100_000
    assert 100 < used["tokens_out"] < 10_000
