"""The settings of a corpus."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from corpus.forms import CorpusForm, SettingsForm
from corpus.models import Corpus
from tests.acts import (
    SLUG,
    audit_log,
)

SETTINGS = {"name": "Harbour", "language": "en", "targets": "", "guideline": ""}


def test_the_manager_changes_name_targets_and_guideline(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client, url = as_user(alice), reverse("settings", kwargs=SLUG)
    client.post(
        url,
        {
            **SETTINGS,
            "name": "Port",
            "targets": "sea wall\r\n\r\n sea  wall \r\nfees",
            "guideline": "# A\r\nb",
        },
    )
    corpus.refresh_from_db()
    assert (corpus.name, corpus.targets, corpus.guideline) == (
        "Port",
        ["sea wall", "fees"],
        "# A\nb",
    )
    assert audit_log(corpus)[-1] == ("alice", "changed name, targets, guideline")
    client.post(
        url, {**SETTINGS, "name": "Port", "targets": "sea wall\nfees", "guideline": "# A\nb"}
    )
    assert len(audit_log(corpus)) == 1
    for wrong in (
        {"reasons": "x" * 121},
        {"reasons": "\n".join("abcdefghij")},
        {"name": ""},
        {"language": "xx"},
        {"targets": "x" * 201},
        {"guideline": "x" * 200_001},
    ):
        assert client.post(url, {**SETTINGS, **wrong}).status_code == 400
    corpus.refresh_from_db()
    assert corpus.name == "Port"


def test_the_manager_writes_the_reasons_that_adjudicators_choose_from(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client, url = as_user(alice), reverse("settings", kwargs=SLUG)
    assert "the guideline says so" in client.get(url).content.decode()
    client.post(url, {**SETTINGS, "reasons": "a slip\r\n\r\n as  the  guide says\na slip"})
    corpus.refresh_from_db()
    assert corpus.reasons == ["a slip", "as the guide says"]
    client.post(url, {**SETTINGS, "reasons": ""})
    corpus.refresh_from_db()
    assert corpus.reasons == []


def test_a_guideline_is_shown_as_it_will_be_read_and_nothing_is_saved(
    corpus: Corpus, alice: Any, bob: Any, dave: Any, as_user: Any
) -> None:
    url = reverse("guideline-preview", kwargs=SLUG)
    sent = {"guideline": "## Claims\n\n<script>alert(1)</script> *What* is said."}
    html = as_user(alice).post(url, sent).content.decode()
    assert '<h2 id="claims">Claims</h2>' in html and "<em>What</em>" in html
    assert "<script" not in html
    assert "Nothing is written yet" in as_user(alice).post(url, {}).content.decode()
    assert as_user(bob).post(url, sent).status_code == 403
    assert as_user(dave).post(url, sent).status_code == 404
    corpus.refresh_from_db()
    assert corpus.guideline == ""


def test_a_guideline_begins_with_that_of_a_template(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client, url = as_user(alice), reverse("settings", kwargs=SLUG)
    assert "?begin=entities#id_guideline" in client.get(url).content.decode()
    begun = client.get(f"{url}?begin=entities").content.decode()
    assert begun.count("Mark every name of a person") == 2
    corpus.guideline = "# Ours"
    corpus.save()
    written = client.get(f"{url}?begin=entities").content.decode()
    assert "Mark every name" not in written and "?begin=" not in written


def test_each_setting_is_explained(corpus: Corpus, alice: Any, as_user: Any) -> None:
    client = as_user(alice)
    for form in (
        client.get(reverse("settings", kwargs=SLUG)).context["form"],
        SettingsForm(corpus=corpus, suggesters=["rules.v1"]),
        CorpusForm(),
    ):
        assert [field.name for field in form if len(str(field.help_text).split()) < 4] == []


def test_the_manager_says_whether_suggestions_are_made_unasked(
    corpus: Corpus, alice: Any, as_user: Any
) -> None:
    client, url = as_user(alice), reverse("settings", kwargs=SLUG)
    assert "suggestions are made for them at once" in client.get(url).content.decode()
    client.post(url, {**SETTINGS, "suggest_on_import": "no"})
    corpus.refresh_from_db()
    assert corpus.suggest_on_import is False
    # A form without the field leaves it.
    client.post(url, SETTINGS)
    corpus.refresh_from_db()
    assert corpus.suggest_on_import is False
    Corpus.objects.filter(pk=corpus.pk).update(language="de")
    assert "suggestions are made for them" not in client.get(url).content.decode()
