"""The schema page: shown, edited without JavaScript, previewed, changed."""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from annotator.models import Layer
from annotator.services import schema_versions
from annotator.web import schema_form
from corpus.core.schema import ATTRIBUTION, Attribute, Label, SchemaView
from corpus.core.schema_templates import TEMPLATES
from corpus.models import Corpus, Job, Schema
from corpus.selectors import schema_of, schema_rows
from tests.acts import SLUG, submit_as

PAGE = reverse("schema-page", kwargs=SLUG)
CONTROL = re.compile(r"<(input|textarea|select)\b([^>]*)>(?:(.*?)</\1>)?", re.DOTALL)


def fields(page: str) -> dict[str, Any]:
    """What a browser would send of the form, as it stands."""
    form = page[page.index('id="schema-form"') :]
    form = form[: form.index("</form>")]
    sent: dict[str, Any] = {}
    for tag, given, inner in CONTROL.findall(form):
        found = re.findall(r'([\w-]+)="([^"]*)"', given)
        attributes = {name: html.unescape(value) for name, value in found}
        name = attributes.get("name", "")
        if not name or name == "csrfmiddlewaretoken":
            continue
        if attributes.get("type") == "checkbox":
            if re.search(r"\bchecked\b", given):
                sent.setdefault(name, []).append(attributes.get("value", "on"))
        elif tag == "select":
            chosen = re.search(r"<option selected[^>]*>(.*?)</option>", inner, re.DOTALL)
            sent[name] = chosen[1].strip() if chosen else "choice"
        elif tag == "textarea":
            sent[name] = html.unescape(inner)
        else:
            sent[name] = attributes.get("value", "")
    return sent


def text(answer: Any) -> str:
    return answer.content.decode()


def named(corpus: Corpus) -> dict[str, Any]:
    return schema_rows(schema_of(Corpus.objects.get(pk=corpus.pk))).view.as_json()


@pytest.mark.parametrize("name", list(TEMPLATES))
def test_a_form_that_is_sent_as_it_stands_changes_nothing(
    corpus: Corpus, alice: Any, as_user: Any, name: str
) -> None:
    client = as_user(alice)
    new = json.dumps(TEMPLATES[name].schema.as_json()).encode()
    sent = SimpleUploadedFile("schema.json", new, "application/json")
    answer = client.post(PAGE, {"act": "upload", "file": sent})
    assert answer.status_code == 302
    assert named(corpus) == TEMPLATES[name].schema.as_json()
    page = text(client.get(PAGE))
    assert client.post(PAGE, {**fields(page), "act": "preview"}).status_code == 302
    assert named(corpus) == TEMPLATES[name].schema.as_json()


def test_choices_that_hold_the_sign_before_a_key_stay_whole() -> None:
    choice = Attribute("x", "choice", ("a|b", "c|d|", "e", "f|g"), keys={"e": "1", "f|g": "2"})
    schema = SchemaView({"A": Label("A", "A", attributes=(choice,))}, {})
    data = schema_form.of_schema(schema).data()["labels"][0]["attributes"][0]
    assert data["choices"] == ["a|b", "c|d|", "e", "f|g"]
    assert data["keys"] == {"e": "1", "f|g": "2"}


def test_it_reads_well(corpus: Corpus, alice: Any, as_user: Any) -> None:
    shown = " ".join(re.sub(r"<[^>]+>", " ", text(as_user(alice).get(PAGE))).split())
    assert "CLAIM Said by SPEAKER required part of the first" in shown
    assert "Version 1; nothing is annotated with it yet" in shown
    assert "support u" in shown


def test_rows_are_added_moved_and_removed_without_a_script(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    page = text(client.get(PAGE))
    page = text(client.post(PAGE, {**fields(page), "act": "add labels"}))
    sent = {**fields(page), "labels-3-name": "PLACE", "labels-3-key": "4"}
    page = text(client.post(PAGE, {**sent, "act": "up labels 3"}))
    page = text(client.post(PAGE, {**fields(page), "act": "add labels 2 attributes"}))
    sent = {**fields(page), "labels-2-attributes-0-name": "sort"}
    sent |= {"labels-2-attributes-0-choices": "town | t\nriver"}
    page = text(client.post(PAGE, {**sent, "act": "add links"}))
    sent = {**fields(page), "links-1-name": "at", "links-1-sources": ["l1"]}
    sent |= {"links-1-targets": ["n3"]}
    page = text(client.post(PAGE, {**sent, "act": "remove labels 3"}))
    assert named(corpus) == ATTRIBUTION.as_json()
    answer = client.post(PAGE, {**fields(page), "act": "preview"})
    assert answer.status_code == 302
    made = named(corpus)
    assert [label["name"] for label in made["labels"]] == ["SPEAKER", "CLAIM", "PLACE"]
    (sort,) = made["labels"][2]["attributes"]
    assert (sort["choices"], sort["keys"]) == (["town", "river"], {"town": "t"})
    assert (made["links"][1]["sources"], made["links"][1]["targets"]) == (["CLAIM"], ["PLACE"])


def test_a_mistake_stands_beside_its_field(corpus: Corpus, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    sent = fields(text(client.get(PAGE)))
    sent |= {"labels-1-key": "1", "labels-1-attributes-0-choices": "", "labels-2-name": ""}
    answer = client.post(PAGE, {**sent, "act": "preview"})
    assert answer.status_code == 400
    page = html.unescape(text(answer))
    for control, said in (
        ("labels-1-key", "label 'CLAIM', key: '1' is also that of label 'SPEAKER'"),
        ("labels-1-attributes-0-choices", "attribute 'stance', choices: is a list of values"),
        ("labels-2-name", "label 3, name: is a text that is not empty"),
    ):
        assert said in page
        assert f'id="{control}-error"' in page
    assert named(corpus) == ATTRIBUTION.as_json()


@pytest.mark.django_db(transaction=True)
def test_a_change_is_seen_before_it_is_made(
    document: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    client = as_user(alice)
    sent = {**fields(text(client.get(PAGE))), "labels-0-name": "SOURCE"}
    page = text(client.post(PAGE, {**sent, "act": "remove labels 2"}))
    page = html.unescape(text(client.post(PAGE, {**fields(page), "act": "preview"})))
    assert "3 spans become SOURCE" in " ".join(page.split())
    assert "Label CUE" in page
    assert Schema.objects.count() == 1
    sent = hidden(page)
    page = text(client.post(PAGE, {**sent, "act": "confirm", "lacking-0": ""}))
    assert "Label CUE: will be dropped; nothing holds it" in " ".join(page.split())
    answer = client.post(PAGE, {**hidden(html.unescape(page)), "act": "confirm"}, follow=True)
    assert "Documents move to it in the background" in text(answer)
    assert 'data-job-state="queued"' in text(answer)
    call_command("run_jobs", "--once", verbosity=0)
    assert 'data-job-state="done"' in text(client.get(PAGE))
    layer = Layer.objects.get(schema__version=2, kind="review")
    labels = set(layer.spans.values_list("label__name", flat=True))
    assert labels == {"SOURCE", "CLAIM"}


@pytest.mark.parametrize("names", ["null", '{"labels": null, "values": {"CLAIM.stance": null}}'])
def test_a_map_that_says_nothing_of_a_section_can_be_gone_on_with(
    document: Any, alice: Any, bob: Any, as_user: Any, names: str
) -> None:
    submit_as(document, bob)
    data = json.loads(json.dumps(ATTRIBUTION.as_json()).replace('"SPEAKER"', '"SOURCE"'))
    data["labels"][1]["attributes"][0]["choices"].remove("unclear")
    del data["labels"][1]["attributes"][0]["keys"]["unclear"]
    sent = {"act": "confirm", "schema": json.dumps(data), "map": names}
    answer = as_user(alice).post(PAGE, {**sent, "lacking-0": "SOURCE", "lacking-1": ""})
    assert answer.status_code == 200
    made = json.loads(hidden(html.unescape(text(answer)))["map"])
    assert made["labels"] == {"SPEAKER": "SOURCE"}
    assert made["values"] == {"CLAIM.stance": {"unclear": None}}


def test_what_was_renamed_stays_so_when_a_change_has_to_wait(
    document: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    """A speaker becomes a claim and a claim a cue: said otherwise, spans would be mislabelled."""
    submit_as(document, bob)
    client = as_user(alice)
    sent = fields(text(client.get(PAGE)))
    sent |= {"labels-0-name": "CLAIM", "labels-1-name": "CUE", "labels-2-name": "WORD"}
    sent["labels-1-attributes-3-name"] = "who"
    page = html.unescape(text(client.post(PAGE, {**sent, "act": "preview"})))
    Job.objects.create(corpus=document.corpus, kind="merge", created_by_id=alice.pk)
    answer = client.post(PAGE, {**hidden(page), "act": "confirm"})
    assert answer.status_code == 409
    again = fields(text(answer))
    assert {name: again[name] for name in again if name.endswith("-was")} == {
        name: sent[name] for name in sent if name.endswith("-was")
    }
    Job.objects.all().delete()
    later = html.unescape(text(client.post(PAGE, {**again, "act": "preview"})))
    assert hidden(later) == hidden(page)


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="(schema|map)" value="(.*?)">\n', page)
    return dict(found)


def test_a_file_that_is_wrong_is_refused_on_the_page(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client = as_user(alice)
    for words, said in ((b"{", "not a JSON object"), (b'{"labels": []}', "has no labels")):
        sent = SimpleUploadedFile("schema.json", words, "application/json")
        answer = client.post(PAGE, {"act": "upload", "file": sent})
        assert answer.status_code == 400
        assert said in html.unescape(text(answer))
    assert client.post(PAGE, {"act": "upload"}).status_code == 400


def test_a_long_form_is_read(corpus: Corpus, alice: Any, as_user: Any) -> None:
    sent = {f"labels-{n}-more-{m}": "" for n in range(20) for m in range(60)}
    client = as_user(alice)
    form = fields(text(client.get(PAGE)))
    assert client.post(PAGE, {**sent, **form, "act": "add labels"}).status_code == 200


def test_it_is_exported_as_a_file(corpus: Corpus, alice: Any, as_user: Any) -> None:
    answer = as_user(alice).get(reverse("schema-json", kwargs=SLUG))
    assert json.loads(answer.content) == ATTRIBUTION.as_json()
    assert 'filename="harbour.schema.json"' in answer["Content-Disposition"]


@pytest.mark.parametrize("name", ["schema-page", "schema-json"])
def test_it_is_for_managers(corpus: Corpus, bob: Any, dave: Any, as_user: Any, name: str) -> None:
    address = reverse(name, kwargs=SLUG)
    assert as_user(bob).get(address).status_code == 403
    assert as_user(dave).get(address).status_code == 404
    assert as_user(bob).post(PAGE, {"act": "preview"}).status_code == 403


def test_acts_that_lead_nowhere_change_nothing(corpus: Corpus, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    sent = fields(text(client.get(PAGE)))
    for act in (
        "remove labels 99",
        "up labels x",
        "add nothing",
        "remove",
        "add labels 7 attributes",
    ):
        answer = client.post(PAGE, {**sent, "act": act})
        assert answer.status_code == 200
        assert fields(text(answer)) == sent


@pytest.mark.django_db(transaction=True)
def test_what_was_left_in_the_middle_goes_on(
    document: Any, alice: Any, bob: Any, as_user: Any
) -> None:
    submit_as(document, bob)
    schema = TEMPLATES["attribution"].schema
    more = {**schema.labels, "PLACE": TEMPLATES["entities"].schema.labels["PLACE"]}
    schema_versions.begin(document.corpus, replace(schema, labels=more), None)
    client = as_user(alice)
    assert "1 document still waits for the last change" in text(client.get(PAGE))
    client.post(PAGE, {"act": "resume"})
    assert "still waits" not in text(client.get(PAGE))
    call_command("run_jobs", "--once", verbosity=0)
    assert Layer.objects.filter(schema__version=2, kind="review").count() == 1
    assert "still waits" not in text(client.get(PAGE))
