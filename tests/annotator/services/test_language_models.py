"""A language model suggests for a corpus: asked once, within its cap, and told what it may know."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from annotator.core.decisions import Decision, span_value
from annotator.models import Adjudication, AdjudicationState, Answer, Layer, Run, Sample, Span
from annotator.services import chosen_suggesters, suggest, suggestion_trials
from annotator.services.answers import KeptAnswers
from annotator.services.chosen_suggesters import Choice
from annotator.services.decision_log import Entry, write
from annotator.suggesters.llm.answers import Key
from annotator.suggesters.llm.spending import Usage
from corpus.core.span import Span as SpanValue
from corpus.forms import SettingsForm
from corpus.jobs.run import TakenOverError, run_job
from corpus.models import Corpus, Document, Job
from corpus.services import corpora
from exports.core.positions import Thresholds, hashed
from exports.models import SplitMember
from exports.services.splits import training_side
from exports.services.withdrawal import withdraw
from tests.acts import SLUG, add_document, code, page
from tests.model_server import Body, ModelServer, Reply, asked, fails, model_server, says

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "sk-very-secret"
SAID = "“The wall will not hold,” said Mayor Ilse Brandt of ward {}.\n"


def mayor(body: Body) -> Reply:
    """A model that finds the mayor, and somebody of whom no text tells."""
    spans = [
        {"label": "SPEAKER", "id": 1, "quote": "Mayor Ilse Brandt", "why": "she says it"},
        {"label": "SPEAKER", "id": 2, "quote": "the zqxnobody", "why": ""},
    ]
    return says({"spans": spans, "links": []})


@pytest.fixture
def set_up(settings: Any) -> Callable[..., None]:
    def use(server: ModelServer, **more: Any) -> None:
        settings.LLM_URL = server.url
        settings.LLM_MODEL = "tiny"
        settings.LLM_KEY = KEY
        for name, value in more.items():
            setattr(settings, f"LLM_{name}", value)

    return use


@pytest.fixture
def server(set_up: Callable[..., None]) -> Iterator[ModelServer]:
    with model_server(mayor) as running:
        set_up(running)
        yield running


def command(*arguments: str) -> dict[str, Any]:
    out = StringIO()
    call_command("suggest", "harbour", "--json", *arguments, stdout=out, stderr=StringIO())
    answer: dict[str, Any] = json.loads(out.getvalue())
    return answer


def refused(*arguments: str) -> str:
    err = StringIO()
    with pytest.raises(SystemExit):
        call_command("suggest", "harbour", *arguments, stdout=StringIO(), stderr=err)
    return err.getvalue()


def articles(corpus: Corpus, folder: Path, number: int) -> None:
    for one in range(number):
        add_document(corpus, folder, f"a{one}", SAID.format(f"x{one}" * 30))


def test_url_model_and_key_alone_are_enough_for_the_command(
    server: ModelServer, corpus: Corpus, tmp_path: Path
) -> None:
    articles(corpus, tmp_path, 3)
    answer = command("--suggester", "llm")
    assert (answer["documents"], answer["spans"]) == (3, 3)
    (note,) = answer["notes"]
    assert note["count"] == 3
    assert sorted(note["documents"]) == ["a0", "a1", "a2"]
    assert {"document": "a0", "words": "the zqxnobody"} in note["examples"]
    assert answer["usage"]["tokens_in"] == 300
    run = Run.objects.get()
    assert run.config["model"] == "tiny"
    assert {"prompt", "guideline", "examples"} <= set(run.config)
    span = Span.objects.first()
    assert span is not None
    assert (span.score, span.evidence["why"]) == (None, "she says it")
    assert KEY not in json.dumps([run.config, run.environment, answer])
    # Again: nothing is asked.
    assert command("--suggester", "llm")["documents"] == 0
    assert len(server.bodies) == 3


def test_nothing_is_sent_where_none_is_set_up_or_the_corpus_forbids_it(
    server: ModelServer, corpus: Corpus, alice: Any, tmp_path: Path, settings: Any
) -> None:
    articles(corpus, tmp_path, 1)
    corpora.change_corpus(corpus, {"language_models_allowed": False}, by=alice)
    assert "[llm-forbidden]" in refused("--suggester", "llm")
    assert code(lambda: suggest.start(corpus, "llm", by=alice)) == "llm-forbidden"
    corpora.change_corpus(corpus, {"language_models_allowed": True}, by=alice)
    settings.LLM_URL = ""
    assert "SAIDBY_LLM_URL is not set" in refused("--suggester", "llm")
    assert code(lambda: suggest.start(corpus, "llm", by=alice)) == "llm-settings"
    assert server.bodies == []


def test_a_job_that_runs_sends_no_more_once_the_corpus_forbids_it(
    server: ModelServer, corpus: Corpus, alice: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles(corpus, tmp_path, 12)
    job = started(corpus, alice)
    keep = KeptAnswers.keep

    def kept(*args: Any) -> None:
        Corpus.objects.filter(pk=corpus.pk).update(language_models_allowed=False)
        keep(*args)

    monkeypatch.setattr(KeptAnswers, "keep", kept)
    run_job.call(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error[:15]) == ("failed", "[llm-forbidden]")
    # What was under way was paid for, and is kept.
    assert 1 <= len(server.bodies) == Answer.objects.exclude(content="").count() <= 5


def test_what_was_spent_is_summed_once_and_counts_those_beside_it(corpus: Corpus) -> None:
    one, other = KeptAnswers(corpus), KeptAnswers(corpus)
    for number in range(3):
        one.keep(Key("text", f"{number}"), "{}", Usage(1, 10, 2))
        other.keep(Key("text", f"o{number}"), None, Usage(1, 5, 1))
        assert (
            one.spent() == other.spent() == Usage(2 * number + 2, 15 * number + 15, 3 * number + 3)
        )
    with CaptureQueriesContext(connection) as asked_for:
        one.spent()
    # The rows that were counted are not counted again.
    assert f'"id" > {Answer.objects.latest("pk").pk}' in asked_for[0]["sql"]


def test_the_command_says_first_what_is_sent_where(
    server: ModelServer, corpus: Corpus, tmp_path: Path
) -> None:
    articles(corpus, tmp_path, 1)
    err = StringIO()
    call_command("suggest", "harbour", "--suggester", "llm", stdout=StringIO(), stderr=err)
    assert f"are sent to 127.0.0.1:{server.server_port}, a server on this machine" in err.getvalue()


def started(corpus: Corpus, by: Any, name: str = "llm") -> Job:
    return suggest.start(corpus, name, by=by)


def test_a_job_that_is_killed_goes_on_and_asks_nothing_twice(
    server: ModelServer, corpus: Corpus, alice: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    articles(corpus, tmp_path, 12)
    job = started(corpus, alice)
    stored = suggest.runs.store_all

    def killed(*args: Any) -> None:
        raise TakenOverError

    # It was answered about five documents, and nothing of that was written.
    monkeypatch.setattr(suggest.runs, "store_all", killed)
    run_job.call(job.pk)
    assert len(server.bodies) == 5
    monkeypatch.setattr(suggest.runs, "store_all", stored)
    Job.objects.filter(pk=job.pk).update(state="queued")
    run_job.call(job.pk)
    job.refresh_from_db()
    assert job.state == "done"
    assert Layer.objects.filter(kind="suggestion").count() == 12
    assert len(server.bodies) == len(set(server.passages)) == 12
    assert Answer.objects.filter(job=job).count() == 12


def test_the_cap_is_of_the_whole_job_and_what_is_left_is_named(
    set_up: Callable[..., None], corpus: Corpus, alice: Any, tmp_path: Path
) -> None:
    articles(corpus, tmp_path, 12)
    with model_server(lambda body: says({"spans": [], "links": []}, tokens=(3000, 10))) as server:
        set_up(server, TOKENS=20_000, ANSWER_TOKENS=500)
        job = started(corpus, alice)
        run_job.call(job.pk)
        job.refresh_from_db()
        done = len(server.bodies)
        assert 0 < done < 12
        assert job.result["usage"]["tokens_in"] <= 20_000
        assert job.result["documents"] == done
        (note,) = job.result["notes"]
        assert "20,000 tokens" in note["reason"]
        assert len(note["documents"]) == note["count"] == 12 - done
        # The same job again has no more to spend; another has.
        Job.objects.filter(pk=job.pk).update(state="queued")
        run_job.call(job.pk)
        assert len(server.bodies) <= done + 1
        for _ in range(6):
            run_job.call(started(corpus, alice).pk)
    assert Layer.objects.filter(kind="suggestion").count() == 12
    assert len(server.bodies) == len(set(server.passages)) == 12


def test_a_server_with_every_fault_once_leaves_no_document_out_and_asks_nothing_twice(
    set_up: Callable[..., None],
    corpus: Corpus,
    alice: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("annotator.suggesters.llm.suggester.FIRST_WAIT", 0.01)
    good = mayor({}).body
    faults = [
        fails(429, "slow down", Retry_After="0"),
        fails(500),
        Reply(body=good, cut=50),
        says('{"spans": [{"label"'),
        says("no JSON"),
        Reply(body=good, seconds=6),
        says({"spans": [{"label": "LIE", "id": 1, "quote": "ward"}], "links": []}),
    ]
    answered: list[str] = []

    def answer(body: Body) -> Reply:
        if faults:
            reply = faults.pop(0)
            if b"LIE" not in reply.body:
                return reply
        else:
            reply = mayor(body)
        answered.append(asked(body)["passage"])
        return reply

    articles(corpus, tmp_path, 10)
    with model_server(answer) as server:
        set_up(server, SECONDS=4, TOKENS=200_000)
        job = started(corpus, alice)
        run_job.call(job.pk)
    job.refresh_from_db()
    assert (job.state, job.result["documents"]) == ("done", 10)
    assert Layer.objects.filter(kind="suggestion").count() == 10
    assert len(answered) == len(set(answered)) == 10
    usage = job.result["usage"]
    assert usage["tokens_in"] + usage["tokens_out"] <= 200_000
    reasons = {note["reason"].partition("]")[0] for note in job.result["notes"]}
    assert reasons == {"[llm-quote", "[llm-value"}


def test_a_wrong_key_ends_the_job_and_is_told_nowhere(
    set_up: Callable[..., None], corpus: Corpus, alice: Any, tmp_path: Path
) -> None:
    articles(corpus, tmp_path, 2)
    with model_server(lambda body: fails(401, f"wrong key {KEY}")) as server:
        set_up(server)
        job = started(corpus, alice)
        run_job.call(job.pk)
    job.refresh_from_db()
    assert job.state == "failed"
    assert "[llm-refused]" in job.error and KEY not in job.error


def settle(document: Document, words: str, label: str = "SPEAKER") -> None:
    """Give a document gold: one span over the first of these words."""
    text = document.body.text
    start = text.index(words)
    gold = Layer.objects.create(document=document, schema=document.corpus.schema, kind="gold")
    value = span_value(SpanValue(1, label, start, start + len(words)))
    write(gold, [Entry(Decision("add", "span", 1, value), exact=words)], at=0, policy="test")
    Adjudication.objects.update_or_create(
        document=document,
        schema=document.corpus.schema,
        defaults={
            "corpus": document.corpus,
            "gold": gold,
            "state": AdjudicationState.DONE,
            "done_at": timezone.now(),
        },
    )


def of_part(part: str, number: int) -> list[str]:
    """So many ids whose documents are in a part by percent."""
    found: list[str] = []
    at = 0
    while len(found) < number:
        at += 1
        if Thresholds().part(hashed(f"n{at}")) == part:
            found.append(f"n{at}")
    return found


def add_gold(corpus: Corpus, folder: Path, names: list[str]) -> None:
    for name in names:
        document = add_document(corpus, folder, name, f"{name} {name}q spoke {name}z. " * 9)
        settle(document, f"{name}q")


def worked(server: ModelServer) -> set[str]:
    """The first words of the worked examples in the last request."""
    messages = server.bodies[-1]["messages"][1:-1]
    shown = (json.loads(m["content"]) for m in messages if m["role"] == "user")
    return {question["passage"].split()[0] for question in shown}


def test_worked_examples_are_from_the_training_side_of_gold_alone(
    server: ModelServer, corpus: Corpus, tmp_path: Path
) -> None:
    train = of_part("train", 12)
    add_gold(corpus, tmp_path, [*of_part("test", 2), *of_part("dev", 2), *train[:2]])
    command("--suggester", "llm")
    # Two are too few to learn from.
    assert worked(server) == set()
    add_gold(corpus, tmp_path, train[2:5])
    command("--suggester", "llm")
    assert worked(server) == set(train[:3])
    answers = [m["content"] for m in server.bodies[-1]["messages"] if m["role"] == "assistant"]
    assert json.loads(answers[0])["spans"][0]["quote"] == f"{train[0]}q"
    assert [row["document"] for row in Run.objects.latest("pk").config["examples"]] == train[:3]
    # More gold changes no prompt, and so asks nothing anew, until there is enough for eight.
    add_gold(corpus, tmp_path, train[5:7])
    asked_before = len(server.bodies)
    command("--suggester", "llm")
    assert len(server.bodies) == asked_before + 2
    add_gold(corpus, tmp_path, train[7:9])
    command("--suggester", "llm")
    assert worked(server) == set(train[:8])


def test_what_was_test_once_or_checks_reviewers_is_no_worked_example(
    server: ModelServer, corpus: Corpus, tmp_path: Path
) -> None:
    train = of_part("train", 6)
    add_gold(corpus, tmp_path, train)
    tested, checked, *others = train
    SplitMember.objects.create(
        corpus=corpus, name="paper", external_id=tested, position=hashed(tested), tested=True
    )
    assert training_side(corpus, train) == [checked, *others]
    document = Document.objects.get(external_id=checked)
    Sample.objects.create(corpus=corpus, document=document, kind="check")
    command("--suggester", "llm")
    assert worked(server) == set(others[:3])


def test_a_near_duplicate_of_a_test_document_does_not_teach(corpus: Corpus, tmp_path: Path) -> None:
    (tested,) = of_part("test", 1)
    (name,) = of_part("train", 1)
    add_document(corpus, tmp_path, tested, "The wall will not hold for long. " * 20)
    add_document(corpus, tmp_path, name, "The wall will not hold for long. " * 20 + "No.")
    first, second = Document.objects.order_by("pk")
    Document.objects.filter(pk=second.pk).update(alike=first)
    assert training_side(corpus, [name]) == []


def stances(body: Body) -> Reply:
    rows = [{"id": row["id"], "value": "oppose", "why": "will not"} for row in asked(body)["spans"]]
    return says({"values": rows})


def test_stance_alone_for_claims_that_the_rules_found_arrives_whole(
    set_up: Callable[..., None], corpus: Corpus, alice: Any, tmp_path: Path
) -> None:
    articles(corpus, tmp_path, 6)
    with model_server(stances) as server:
        set_up(server)
        answer = command(
            "--suggester", "rules.v1", "--suggester", "llm:stance", "--overrules", "llm:stance"
        )
    assert answer["documents"] == 6
    claims = Span.objects.filter(label__name="CLAIM", layer__kind="suggestion")
    told = sum(len(asked(body)["spans"]) for body in server.bodies)
    assert claims.count() == told >= 6
    for claim in claims:
        assert claim.attributes["stance"] == "oppose"
        assert claim.evidence["given_by"]["stance"] == "llm:stance"
        assert claim.evidence["stance"] == "will not"
        assert claim.evidence["suggester"] == "rules.v1"
    assert answer["notes"] == []


def test_withdrawing_a_text_erases_what_was_answered_about_it(
    server: ModelServer, corpus: Corpus, alice: Any, tmp_path: Path
) -> None:
    articles(corpus, tmp_path, 2)
    job = started(corpus, alice)
    run_job.call(job.pk)
    assert Answer.objects.exclude(content="").count() == 2
    withdraw(Document.objects.get(external_id="a0"))
    assert not Answer.objects.exclude(content="").exists()
    job.refresh_from_db()
    assert job.result["notes"][0]["count"] == 2
    assert "zqxnobody" not in json.dumps(job.result)
    # What it cost is still known.
    assert Answer.objects.filter(job=job).count() == 2


def test_the_pages_say_what_is_sent_where_before_it_is_and_a_manager_forbids_it(
    server: ModelServer, corpus: Corpus, alice: Any, as_user: Any, tmp_path: Path
) -> None:
    articles(corpus, tmp_path, 1)
    manager = as_user(alice)
    sentence = f"are sent to 127.0.0.1:{server.server_port}, a server on this machine"
    for name in ("suggestions-page", "suggester-scores", "settings"):
        assert sentence in page(manager, name), name
    # The overview says so where its button sends something.
    assert sentence not in page(manager, "corpus")
    chosen_suggesters.choose(corpus, [Choice("llm")], threshold=0.5, by=alice)
    assert sentence in page(manager, "corpus")
    form = SettingsForm(corpus=corpus, language_model=sentence)
    values = {name: str(value) for name, value in form.initial.items()}
    answer = manager.post(
        reverse("settings", kwargs=SLUG), {**values, "language_models_allowed": "no"}
    )
    assert answer.status_code == 302
    corpus.refresh_from_db()
    assert not corpus.language_models_allowed
    assert sentence not in page(manager, "suggestions-page")
    assert server.bodies == []


def test_a_trial_shows_the_words_that_were_left_out(
    server: ModelServer, corpus: Corpus, alice: Any, as_user: Any, tmp_path: Path
) -> None:
    articles(corpus, tmp_path, 2)
    suggestion_trials.start(corpus, [Choice("llm")], threshold=0.5, by=alice)
    run_job.call(Job.objects.get(kind="trial").pk)
    assert "the zqxnobody" in page(as_user(alice), "suggestions-page")
    # What the trial asked is not asked again.
    assert command("--suggester", "llm")["documents"] == 2
    assert len(server.bodies) == 2


def test_what_it_suggests_has_no_score_until_gold_says_how_often_it_is_right(
    server: ModelServer, corpus: Corpus, tmp_path: Path
) -> None:
    articles(corpus, tmp_path, 24)
    command("--suggester", "llm")
    assert set(Span.objects.values_list("score", flat=True)) == {None}
    for number, document in enumerate(Document.objects.order_by("pk")):
        # Of samples, so that no example changes the prompt; nine of twenty-four are wrong.
        Sample.objects.create(corpus=corpus, document=document, kind="calibration")
        settle(document, "Mayor Ilse Brandt" if number >= 9 else "Brandt")
    asked_before = len(server.bodies)
    answer = command("--suggester", "llm")
    # From what was kept: nothing is asked for it.
    assert (answer["documents"], len(server.bodies)) == (24, asked_before)
    run = Run.objects.latest("pk")
    assert run.config["calibration"] == {"SPEAKER": 0.6}
    suggested = Span.objects.filter(layer__run=run)
    assert set(suggested.values_list("score", flat=True)) == {0.6}
