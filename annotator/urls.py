"""Every address of the product."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from annotator.api import review as api
from annotator.pages import assignments as teamviews
from annotator.pages import corpora, policies, uploads
from annotator.pages import documents as views
from annotator.web import health

CORPUS = "corpora/<slug:slug>"
DOCUMENT = f"{CORPUS}/documents/<path:external_id>"


pages = [
    path("", views.home, name="home"),
    path(
        "login/",
        auth.LoginView.as_view(
            template_name="annotator/login.html",
            extra_context={"single_sign_on": settings.SINGLE_SIGN_ON},
        ),
        name="login",
    ),
    path("profile/", views.profile, name="profile"),
    path("profile/token/", views.token, name="token"),
    path("profile/password/", views.PasswordView.as_view(), name="password"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("favicon.ico", RedirectView.as_view(url="/static/annotator/favicon.svg", permanent=True)),
    path("corpora/", views.corpora, name="corpora"),
    path("corpora/new/", corpora.new, name="new-corpus"),
    path("corpora/restore/", corpora.restore, name="restore-corpus"),
    path(f"{CORPUS}/", views.corpus_page, name="corpus"),
    path(f"{CORPUS}/settings/", corpora.settings_page, name="settings"),
    path(f"{CORPUS}/settings/delete/", corpora.delete, name="delete-corpus"),
    path(f"{CORPUS}/settings/webhooks/", corpora.add_webhook, name="webhooks"),
    path(f"{CORPUS}/settings/webhooks/<int:pk>/", corpora.webhook_act, name="webhook"),
    path(f"{CORPUS}/audit/", corpora.audit_page, name="audit"),
    path(f"{CORPUS}/audit/csv/", corpora.audit_csv, name="audit-csv"),
    path(f"{CORPUS}/documents/", views.documents, name="documents"),
    path(f"{CORPUS}/guideline/", views.guideline, name="guideline"),
    path(f"{CORPUS}/queue/", views.queue, name="queue"),
    path(f"{CORPUS}/queue/next/", views.next_document, name="next"),
    path(f"{CORPUS}/queue/skip/", teamviews.skip, name="skip"),
    path(f"{CORPUS}/queue/gold/", teamviews.my_gold, name="my-gold"),
    path(f"{CORPUS}/import/", uploads.uploads, name="uploads"),
    path(f"{CORPUS}/import/<int:pk>/", uploads.begin, name="begin-import"),
    path(f"{CORPUS}/import/<int:pk>/refused.csv", uploads.refused, name="refused"),
    path(f"{CORPUS}/members/", teamviews.members_page, name="members"),
    path(f"{CORPUS}/members/role/", teamviews.member_role, name="member-role"),
    path(f"{CORPUS}/members/invite/", teamviews.invite, name="invite"),
    path(
        f"{CORPUS}/members/invitations/<int:pk>/end/",
        teamviews.withdraw_invitation,
        name="end-invitation",
    ),
    path("invitations/<str:secret>/", teamviews.invitation, name="invitation"),
    path(f"{CORPUS}/assignments/", teamviews.assignments, name="assignments"),
    path(f"{CORPUS}/assignments/plan/", teamviews.set_plan, name="set-plan"),
    path(f"{CORPUS}/assignments/sample/", teamviews.set_sample, name="set-sample"),
    path(f"{CORPUS}/assignments/<int:pk>/move/", teamviews.move_place, name="move-place"),
    path(f"{CORPUS}/agreement/", teamviews.agreement, name="agreement"),
    path(f"{CORPUS}/agreement/measure/", teamviews.measure, name="measure"),
    path(f"{CORPUS}/flags/", views.flags, name="flags"),
    path(f"{CORPUS}/flags/<int:pk>/done/", views.flag_done, name="flag-done"),
    path(f"{CORPUS}/disputes/", views.disputes, name="disputes"),
    path(f"{CORPUS}/disputes/settle/", views.settle_queue, name="settle-queue"),
    path(f"{CORPUS}/disputes/policies/", policies.policies_page, name="policies"),
    path(f"{CORPUS}/disputes/rules/", views.dispute_rules, name="dispute-rules"),
    path(f"{CORPUS}/suggest/", views.suggest, name="suggest"),
    path(f"{CORPUS}/jobs/<int:pk>/cancel/", views.cancel_job, name="cancel-job"),
    path(f"{CORPUS}/jobs/<int:pk>/retry/", views.retry_job, name="retry-job"),
    path(f"{DOCUMENT}/review/", views.review_page, name="review"),
    path(f"{DOCUMENT}/adjudicate/", views.adjudicate_page, name="adjudicate"),
    path(f"{DOCUMENT}/history/", teamviews.gold_history, name="history"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics_page, name="metrics"),
]

# What is asked most comes first: addresses are tried in this order.
endpoints = [
    path(f"{DOCUMENT}/decisions/", api.DecisionsView.as_view(), name="api-decisions"),
    path(f"{DOCUMENT}/workspace/", api.WorkspaceView.as_view(), name="api-workspace"),
    path(f"{DOCUMENT}/submit/", api.SubmitView.as_view(), name="api-submit"),
    path(f"{DOCUMENT}/reopen/", api.ReopenView.as_view(), name="api-reopen"),
    path(f"{DOCUMENT}/comments/", api.CommentsView.as_view(), name="api-comments"),
    path(f"{DOCUMENT}/flags/", api.FlagsView.as_view(), name="api-flags"),
    path(f"{DOCUMENT}/disputes/", api.DisputesView.as_view(), name="api-disputes"),
    path(f"{DOCUMENT}/settle/", api.SettleView.as_view(), name="api-settle"),
    path(f"{DOCUMENT}/undo/", api.UndoView.as_view(), name="api-undo"),
    path(f"{DOCUMENT}/close/", api.CloseView.as_view(), name="api-close"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("token/", api.TokenView.as_view(), name="api-token"),
    path("corpora/", api.CorporaView.as_view(), name="api-corpora"),
    path(f"{CORPUS}/", api.CorpusView.as_view(), name="api-corpus"),
    path(f"{CORPUS}/documents/", api.DocumentsView.as_view(), name="api-documents"),
    path(f"{CORPUS}/disputes/", api.DisputeQueueView.as_view(), name="api-dispute-queue"),
    path(f"{CORPUS}/policies/", policies.PoliciesView.as_view(), name="api-policies"),
    path(f"{CORPUS}/next/", api.NextView.as_view(), name="api-next"),
    path(f"{CORPUS}/uploads/", uploads.UploadsView.as_view(), name="api-uploads"),
    path(f"{CORPUS}/uploads/<int:pk>/", uploads.UploadView.as_view(), name="api-upload"),
    path(f"{CORPUS}/suggest/", api.SuggestView.as_view(), name="api-suggest"),
    path(f"{CORPUS}/jobs/<int:pk>/", api.JobView.as_view(), name="api-job"),
]

urlpatterns = [path("api/", include(endpoints)), *pages, path("", include("exports.urls"))]
if settings.OIDC:
    from annotator.pages import single_sign_on as sso

    urlpatterns += [
        path("sso/", include("allauth.socialaccount.providers.openid_connect.urls")),
        path("sso/cancelled/", sso.cancelled, name="socialaccount_login_cancelled"),
        path("sso/taken/", sso.taken, name="socialaccount_signup"),
    ]

handler404 = "annotator.web.errors.nothing_here"
handler500 = "annotator.web.errors.broke"
