"""The screenshots that are kept: of every page, in every look, and small."""

from __future__ import annotations

from annotator.urls import pages
from exports.urls import urlpatterns
from tools.screenshots import FOLDER, LARGEST, MODES, SHOTS

# Addresses that answer with no page of their own.
ELSEWHERE = {
    *(
        "home",
        "logout",
        "next",
        "removal-of-several",
        "give-back",
        "earlier",
        "suggest",
        "cancel-job",
        "retry-job",
        "flag-done",
        "settle-queue",
        "dispute-rules",
        "disputes-csv",
        "many-disputes",
    ),
    *(
        "skip",
        "member-role",
        "end-invitation",
        "set-plan",
        "set-sample",
        "move-place",
        "measure",
        "begin-import",
        "refused",
    ),
    *(
        "short-name",
        "guideline-preview",
        "put-back",
        "put-back-several",
        "api-withdraw",
        "withdraw-text",
    ),
    *("restore-corpus", "delete-corpus", "webhook", "audit-csv"),
    *("release-files", "export", "api-export", "api-releases", "api-download"),
    *("api-release", "api-release-files", "labels", "schema-json"),
    *("pipeline", "patterns-jsonl"),
    *("healthz", "readyz", "metrics", None),
}


def test_every_page_has_its_pictures_in_every_look() -> None:
    wanted = {f"{shot.name}-{mode}.png" for shot in SHOTS for mode in MODES}
    kept = {path.name: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert set(kept) == wanted
    assert max(kept.values()) <= LARGEST


def test_every_page_is_photographed() -> None:
    names = {
        page.name for page in [*pages, *urlpatterns] if getattr(page, "name", None)
    } - ELSEWHERE
    assert names <= {shot.name for shot in SHOTS}
