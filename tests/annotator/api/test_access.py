"""Who may ask for what, over the API and on pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.acts import (
    DOC,
    SLUG,
)

# (method, name, arguments, who may): everyone else is refused, an outsider as if nothing were
# there.
ENDPOINTS = [
    ("get", "api-corpus", SLUG, {"alice", "bob"}),
    ("get", "api-documents", SLUG, {"alice", "bob"}),
    ("get", "api-schema", SLUG, {"alice", "bob"}),
    ("put", "api-schema", SLUG, {"alice"}),
    ("get", "schema-page", SLUG, {"alice"}),
    ("post", "schema-page", SLUG, {"alice"}),
    ("get", "schema-json", SLUG, {"alice"}),
    ("get", "pipelines", SLUG, {"alice"}),
    ("get", "pipeline", {**SLUG, "name": "news"}, {"alice"}),
    ("post", "pipeline", {**SLUG, "name": "news"}, {"alice"}),
    ("get", "api-patterns", SLUG, {"alice"}),
    ("post", "api-patterns", SLUG, {"alice"}),
    ("get", "patterns", SLUG, {"alice"}),
    ("post", "patterns", SLUG, {"alice"}),
    ("get", "patterns-jsonl", SLUG, {"alice"}),
    ("get", "suggestions-page", SLUG, {"alice"}),
    ("post", "suggestions-page", SLUG, {"alice"}),
    ("get", "suggester-scores", SLUG, {"alice"}),
    ("post", "suggester-scores", SLUG, {"alice"}),
    ("get", "api-document", DOC, {"alice", "bob"}),
    ("get", "api-earlier", {**DOC, "sha256": "0" * 64}, {"alice", "bob"}),
    ("get", "earlier", {**DOC, "sha256": "0" * 64}, {"alice", "bob"}),
    ("post", "api-remove", DOC, {"alice"}),
    ("post", "api-put-back", DOC, {"alice"}),
    ("get", "api-removed", SLUG, {"alice"}),
    ("post", "api-withdraw", DOC, {"alice"}),
    ("get", "removal", DOC, {"alice"}),
    ("post", "removal", DOC, {"alice"}),
    ("post", "put-back", DOC, {"alice"}),
    ("post", "removal-of-several", SLUG, {"alice"}),
    ("post", "put-back-several", SLUG, {"alice"}),
    ("get", "removed", SLUG, {"alice"}),
    ("post", "withdraw-text", DOC, {"alice"}),
    ("get", "api-gold", DOC, {"alice"}),
    ("get", "api-layers", DOC, {"alice", "bob"}),
    ("get", "api-layer", {**DOC, "pk": 1}, {"alice"}),
    ("post", "api-suggestions", DOC, {"alice"}),
    ("get", "api-members", SLUG, {"alice"}),
    ("post", "api-members", SLUG, {"alice"}),
    ("delete", "api-member-role", {**SLUG, "username": "zoe", "role": "reviewer"}, {"alice"}),
    ("get", "api-invitations", SLUG, {"alice"}),
    ("post", "api-invitations", SLUG, {"alice"}),
    ("delete", "api-invitation", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "api-webhooks", SLUG, {"alice"}),
    ("post", "api-webhooks", SLUG, {"alice"}),
    ("delete", "api-webhook", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "api-agreement", SLUG, {"alice"}),
    ("post", "api-agreement", SLUG, {"alice"}),
    ("get", "api-audit", SLUG, {"alice"}),
    ("get", "api-jobs", SLUG, {"alice"}),
    ("post", "api-cancel-job", {**SLUG, "pk": 1}, {"alice"}),
    ("post", "api-retry-job", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "api-release", {**SLUG, "name": "1"}, {"alice"}),
    ("get", "api-release-files", {**SLUG, "name": "1"}, {"alice"}),
    ("post", "api-release-files", {**SLUG, "name": "1"}, {"alice"}),
    ("post", "api-next", SLUG, {"bob"}),
    ("post", "api-suggest", SLUG, {"alice"}),
    ("get", "api-job", {**SLUG, "pk": 1}, {"alice"}),
    ("post", "api-export", SLUG, {"alice"}),
    ("get", "api-download", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "api-releases", SLUG, {"alice"}),
    ("post", "api-releases", SLUG, {"alice"}),
    ("get", "releases", SLUG, {"alice"}),
    ("post", "releases", SLUG, {"alice"}),
    ("get", "release", {**SLUG, "name": "1"}, {"alice"}),
    ("post", "release-files", {**SLUG, "name": "1"}, {"alice"}),
    ("post", "export", SLUG, {"alice"}),
    ("get", "api-workspace", DOC, {"bob"}),
    ("post", "api-decisions", DOC, {"bob"}),
    ("get", "api-awaited", DOC, {"bob"}),
    ("post", "api-awaited", DOC, {"bob"}),
    ("get", "api-ahead", DOC, {"bob"}),
    ("post", "api-submit", DOC, {"bob"}),
    ("post", "api-reopen", DOC, {"bob"}),
    ("post", "api-give-back", DOC, {"alice"}),
    ("get", "api-comments", DOC, {"bob"}),
    ("post", "api-comments", DOC, {"bob"}),
    ("get", "api-flags", DOC, {"bob"}),
    ("post", "api-flags", DOC, {"bob"}),
    ("get", "api-disputes", DOC, {"alice"}),
    ("get", "api-dispute-queue", SLUG, {"alice"}),
    ("post", "api-settle", DOC, {"alice"}),
    ("post", "api-undo", DOC, {"alice"}),
    ("post", "api-reason", DOC, {"alice"}),
    ("get", "api-precedents", DOC, {"alice"}),
    ("post", "api-example", DOC, {"alice"}),
    ("get", "api-settled-before", DOC, {"bob"}),
    ("post", "api-close", DOC, {"alice"}),
    ("get", "corpus", SLUG, {"alice", "bob"}),
    ("get", "read", DOC, {"alice"}),
    ("get", "documents", SLUG, {"alice", "bob"}),
    ("get", "labels", SLUG, {"alice", "bob"}),
    ("get", "guideline", SLUG, {"alice", "bob"}),
    ("get", "queue", SLUG, {"bob"}),
    ("post", "next", SLUG, {"bob"}),
    ("post", "skip", SLUG, {"bob"}),
    ("get", "practice", SLUG, {"bob"}),
    ("post", "practice", SLUG, {"bob"}),
    ("get", "my-gold", SLUG, {"bob"}),
    ("get", "uploads", SLUG, {"alice"}),
    ("post", "begin-import", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "refused", {**SLUG, "pk": 1}, {"alice"}),
    ("post", "api-uploads", SLUG, {"alice"}),
    ("post", "api-addresses", SLUG, {"alice"}),
    ("post", "api-upload", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "members", SLUG, {"alice"}),
    ("post", "member-role", SLUG, {"alice"}),
    ("post", "invite", SLUG, {"alice"}),
    ("post", "end-invitation", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "settings", SLUG, {"alice"}),
    ("post", "webhooks", SLUG, {"alice"}),
    ("post", "webhook", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "audit", SLUG, {"alice"}),
    ("get", "audit-csv", SLUG, {"alice"}),
    ("post", "guideline-preview", SLUG, {"alice"}),
    ("post", "delete-corpus", SLUG, {"alice"}),
    ("get", "assignments", SLUG, {"alice"}),
    ("post", "set-plan", SLUG, {"alice"}),
    ("post", "set-sample", SLUG, {"alice"}),
    ("post", "give-back", SLUG, {"alice"}),
    ("post", "move-place", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "agreement", SLUG, {"alice"}),
    ("post", "measure", SLUG, {"alice"}),
    ("get", "history", DOC, {"alice"}),
    ("get", "flags", SLUG, {"alice"}),
    ("post", "flag-done", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "disputes", SLUG, {"alice"}),
    ("get", "settle-queue", SLUG, {"alice"}),
    ("get", "disputes-csv", SLUG, {"alice"}),
    ("post", "many-disputes", SLUG, {"alice"}),
    ("post", "dispute-rules", SLUG, {"alice"}),
    ("get", "policies", SLUG, {"alice"}),
    ("post", "policies", SLUG, {"alice"}),
    ("post", "api-policies", SLUG, {"alice"}),
    ("post", "suggest", SLUG, {"alice"}),
    ("post", "cancel-job", {**SLUG, "pk": 1}, {"alice"}),
    ("post", "retry-job", {**SLUG, "pk": 1}, {"alice"}),
    ("get", "review", DOC, {"bob"}),
    ("get", "adjudicate", DOC, {"alice"}),
]


def call(client: Client, method: str, name: str, arguments: dict[str, Any]) -> Any:
    url = reverse(name, kwargs=arguments)
    if method == "post":
        return client.post(url, data="{}", content_type="application/json")
    return getattr(client, method)(url)


def test_every_address_of_a_corpus_is_in_the_table() -> None:
    from annotator.api.urls import urlpatterns as endpoints
    from annotator.urls import pages
    from exports.urls import urlpatterns as exports

    names = {p.name for p in [*pages, *endpoints, *exports] if "<slug" in str(p.pattern)}
    assert names == {name for _, name, _, _ in ENDPOINTS}


@pytest.mark.parametrize(
    ("method", "name", "arguments", "allowed"), ENDPOINTS, ids=lambda v: v if type(v) is str else ""
)
def test_outsiders_and_wrong_roles_are_refused(
    document: Any,
    alice: Any,
    bob: Any,
    dave: Any,
    as_user: Any,
    method: str,
    name: str,
    arguments: dict[str, Any],
    allowed: set[str],
) -> None:
    signed_out = call(Client(), method, name, arguments)
    assert signed_out.status_code in (401, 403) or "/login/" in signed_out.headers.get(
        "Location", ""
    )
    assert call(as_user(dave), method, name, arguments).status_code == 404
    for user in (alice, bob):
        status = call(as_user(user), method, name, arguments).status_code
        if user.username in allowed:
            assert status not in (401, 403, 500), status
        else:
            assert status in (403, 404), status
