"""Every address of the product; those of the API stand in `annotator.api.urls`."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView

from annotator.pages import (
    account,
    adjudicate,
    agreement,
    assignments,
    audit,
    corpora,
    disputes,
    documents,
    earlier,
    flags,
    guideline,
    history,
    jobs,
    labels,
    members,
    overview,
    patterns,
    pipelines,
    policies,
    practice,
    queue,
    read,
    removal,
    review,
    schema,
    suggester_scores,
    suggestions,
    tour,
    uploads,
    work_against_gold,
)
from annotator.pages import settings as corpus_settings
from annotator.web import health

CORPUS = "corpora/<slug:slug>"
DOCUMENT = f"{CORPUS}/documents/<path:external_id>"

pages = [
    path("", corpora.home, name="home"),
    path(
        "login/",
        auth.LoginView.as_view(
            template_name="annotator/login.html",
            extra_context={"single_sign_on": settings.SINGLE_SIGN_ON},
        ),
        name="login",
    ),
    path("tour/", tour.tour_page, name="tour"),
    path("profile/", account.account_page, name="profile"),
    path("profile/token/", account.token, name="token"),
    path("profile/password/", account.PasswordView.as_view(), name="password"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("favicon.ico", RedirectView.as_view(url="/static/annotator/favicon.svg", permanent=True)),
    path("corpora/", corpora.corpora_page, name="corpora"),
    path("corpora/new/", corpora.new_corpus, name="new-corpus"),
    path("corpora/new/short-name/", corpora.short_name_of, name="short-name"),
    path("corpora/restore/", corpora.restore_corpus, name="restore-corpus"),
    path(f"{CORPUS}/", overview.overview_page, name="corpus"),
    path(f"{CORPUS}/labels.css", labels.label_colours, name="labels"),
    path(f"{CORPUS}/settings/", corpus_settings.settings_page, name="settings"),
    path(f"{CORPUS}/settings/delete/", corpora.delete_corpus, name="delete-corpus"),
    path(
        f"{CORPUS}/settings/guideline/",
        corpus_settings.guideline_preview,
        name="guideline-preview",
    ),
    path(f"{CORPUS}/settings/webhooks/", corpus_settings.add_webhook, name="webhooks"),
    path(f"{CORPUS}/settings/webhooks/<int:pk>/", corpus_settings.webhook_act, name="webhook"),
    path(f"{CORPUS}/schema/", schema.schema_page, name="schema-page"),
    path(f"{CORPUS}/schema/json/", schema.schema_json, name="schema-json"),
    path(f"{CORPUS}/patterns/", patterns.patterns_page, name="patterns"),
    path(f"{CORPUS}/patterns/jsonl/", patterns.patterns_jsonl, name="patterns-jsonl"),
    path(f"{CORPUS}/pipelines/", pipelines.pipelines_page, name="pipelines"),
    path(f"{CORPUS}/pipelines/<str:name>/", pipelines.pipeline_page, name="pipeline"),
    path(f"{CORPUS}/audit/", audit.audit_page, name="audit"),
    path(f"{CORPUS}/audit/csv/", audit.audit_csv, name="audit-csv"),
    path(f"{CORPUS}/documents/", documents.documents_page, name="documents"),
    path(f"{CORPUS}/guideline/", guideline.guideline_page, name="guideline"),
    path(f"{CORPUS}/queue/", queue.queue_page, name="queue"),
    path(f"{CORPUS}/queue/next/", queue.next_document, name="next"),
    path(f"{CORPUS}/practice/", practice.practice_page, name="practice"),
    path(f"{CORPUS}/queue/skip/", queue.skip_document, name="skip"),
    path(f"{CORPUS}/queue/gold/", work_against_gold.work_against_gold_page, name="my-gold"),
    path(f"{CORPUS}/import/", uploads.uploads_page, name="uploads"),
    path(f"{CORPUS}/import/<int:pk>/", uploads.begin_import, name="begin-import"),
    path(f"{CORPUS}/import/<int:pk>/refused.csv", uploads.refused_rows, name="refused"),
    path(f"{CORPUS}/members/", members.members_page, name="members"),
    path(f"{CORPUS}/members/role/", members.member_role, name="member-role"),
    path(f"{CORPUS}/members/invite/", members.invite, name="invite"),
    path(
        f"{CORPUS}/members/invitations/<int:pk>/end/",
        members.end_invitation,
        name="end-invitation",
    ),
    path("invitations/<str:secret>/", members.invitation, name="invitation"),
    path(f"{CORPUS}/assignments/", assignments.assignments_page, name="assignments"),
    path(f"{CORPUS}/assignments/plan/", assignments.set_plan, name="set-plan"),
    path(f"{CORPUS}/assignments/sample/", assignments.set_sample, name="set-sample"),
    path(f"{CORPUS}/assignments/give-back/", assignments.give_back, name="give-back"),
    path(f"{CORPUS}/assignments/<int:pk>/move/", assignments.move_place, name="move-place"),
    path(f"{CORPUS}/agreement/", agreement.agreement_page, name="agreement"),
    path(f"{CORPUS}/agreement/measure/", agreement.measure_agreement, name="measure"),
    path(f"{CORPUS}/flags/", flags.flags_page, name="flags"),
    path(f"{CORPUS}/flags/<int:pk>/done/", flags.settle_flag, name="flag-done"),
    path(f"{CORPUS}/disputes/", disputes.disputes_page, name="disputes"),
    path(f"{CORPUS}/disputes/settle/", disputes.settle_queue, name="settle-queue"),
    path(f"{CORPUS}/disputes/policies/", policies.policies_page, name="policies"),
    path(f"{CORPUS}/disputes/csv/", disputes.disputes_csv, name="disputes-csv"),
    path(f"{CORPUS}/disputes/many/", disputes.many_disputes, name="many-disputes"),
    path(f"{CORPUS}/disputes/rules/", disputes.dispute_rules, name="dispute-rules"),
    path(f"{CORPUS}/suggestions/", suggestions.suggestions_page, name="suggestions-page"),
    path(
        f"{CORPUS}/suggestions/compare/",
        suggester_scores.suggester_scores_page,
        name="suggester-scores",
    ),
    path(f"{CORPUS}/suggest/", jobs.suggest, name="suggest"),
    path(f"{CORPUS}/jobs/<int:pk>/cancel/", jobs.cancel_job, name="cancel-job"),
    path(f"{CORPUS}/jobs/<int:pk>/retry/", jobs.retry_job, name="retry-job"),
    path(f"{DOCUMENT}/review/", review.review_page, name="review"),
    path(f"{DOCUMENT}/read/", read.read_page, name="read"),
    path(f"{DOCUMENT}/adjudicate/", adjudicate.adjudicate_page, name="adjudicate"),
    path(f"{DOCUMENT}/earlier/<slug:sha256>/", earlier.earlier_page, name="earlier"),
    path(f"{DOCUMENT}/history/", history.history_page, name="history"),
    path(f"{DOCUMENT}/remove/", removal.removal_page, name="removal"),
    path(f"{DOCUMENT}/put-back/", removal.put_back, name="put-back"),
    path(f"{CORPUS}/remove/", removal.removal_of_several, name="removal-of-several"),
    path(f"{CORPUS}/put-back/", removal.put_back_several, name="put-back-several"),
    path(f"{CORPUS}/removed/", removal.removed_page, name="removed"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics_page, name="metrics"),
]

urlpatterns = [
    path("api/", include("annotator.api.urls")),
    *pages,
    path("", include("exports.urls")),
]
if settings.OIDC:
    from annotator.pages import single_sign_on

    urlpatterns += [
        path("sso/", include("allauth.socialaccount.providers.openid_connect.urls")),
        path("sso/cancelled/", single_sign_on.cancelled, name="socialaccount_login_cancelled"),
        path("sso/taken/", single_sign_on.taken, name="socialaccount_signup"),
    ]

handler404 = "annotator.web.errors.nothing_here"
handler500 = "annotator.web.errors.broke"
