"""The settings of a corpus."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

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
