"""The addresses of the API."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from annotator.api import (
    agreement,
    audit,
    corpora,
    disputes,
    documents,
    jobs,
    layers,
    members,
    notes,
    patterns,
    policies,
    precedents,
    review,
    schemas,
    suggestions,
    tokens,
    uploads,
    webhooks,
)

CORPUS = "corpora/<slug:slug>"
DOCUMENT = f"{CORPUS}/documents/<path:external_id>"

# What is called most comes first: addresses are tried in this order.
urlpatterns = [
    path(f"{DOCUMENT}/decisions/", review.DecisionsView.as_view(), name="api-decisions"),
    path(f"{DOCUMENT}/workspace/", review.WorkspaceView.as_view(), name="api-workspace"),
    path(f"{DOCUMENT}/awaited/", review.AwaitedView.as_view(), name="api-awaited"),
    path(f"{DOCUMENT}/next/", review.AheadView.as_view(), name="api-ahead"),
    path(f"{DOCUMENT}/submit/", review.SubmitView.as_view(), name="api-submit"),
    path(f"{DOCUMENT}/reopen/", review.ReopenView.as_view(), name="api-reopen"),
    path(f"{DOCUMENT}/give-back/", review.GiveBackView.as_view(), name="api-give-back"),
    path(f"{DOCUMENT}/comments/", notes.CommentsView.as_view(), name="api-comments"),
    path(f"{DOCUMENT}/flags/", notes.FlagsView.as_view(), name="api-flags"),
    path(f"{DOCUMENT}/disputes/", disputes.DisputesView.as_view(), name="api-disputes"),
    path(f"{DOCUMENT}/settle/", disputes.SettleView.as_view(), name="api-settle"),
    path(f"{DOCUMENT}/undo/", disputes.UndoView.as_view(), name="api-undo"),
    path(f"{DOCUMENT}/reason/", disputes.ReasonView.as_view(), name="api-reason"),
    path(f"{DOCUMENT}/precedents/", precedents.PrecedentsView.as_view(), name="api-precedents"),
    path(f"{DOCUMENT}/example/", precedents.ExampleView.as_view(), name="api-example"),
    path(
        f"{DOCUMENT}/settled-before/",
        precedents.SettledBeforeView.as_view(),
        name="api-settled-before",
    ),
    path(f"{DOCUMENT}/close/", disputes.CloseView.as_view(), name="api-close"),
    path(f"{DOCUMENT}/text/", documents.DocumentView.as_view(), name="api-document"),
    path(
        f"{DOCUMENT}/earlier/<slug:sha256>/",
        documents.EarlierTextView.as_view(),
        name="api-earlier",
    ),
    path(f"{DOCUMENT}/remove/", documents.RemoveView.as_view(), name="api-remove"),
    path(f"{DOCUMENT}/put-back/", documents.PutBackView.as_view(), name="api-put-back"),
    path(f"{DOCUMENT}/gold/", layers.GoldView.as_view(), name="api-gold"),
    path(f"{DOCUMENT}/layers/", layers.LayersView.as_view(), name="api-layers"),
    path(f"{DOCUMENT}/layers/<int:pk>/", layers.LayerView.as_view(), name="api-layer"),
    path(f"{DOCUMENT}/suggestions/", suggestions.SuggestionsView.as_view(), name="api-suggestions"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("token/", tokens.TokenView.as_view(), name="api-token"),
    path("templates/", schemas.TemplatesView.as_view(), name="api-templates"),
    path("corpora/", corpora.CorporaView.as_view(), name="api-corpora"),
    path(f"{CORPUS}/", corpora.CorpusView.as_view(), name="api-corpus"),
    path(f"{CORPUS}/schema/", schemas.SchemaView.as_view(), name="api-schema"),
    path(f"{CORPUS}/documents/", documents.DocumentsView.as_view(), name="api-documents"),
    path(f"{CORPUS}/removed/", documents.RemovedView.as_view(), name="api-removed"),
    path(f"{CORPUS}/disputes/", disputes.DisputeQueueView.as_view(), name="api-dispute-queue"),
    path(f"{CORPUS}/patterns/", patterns.PatternsView.as_view(), name="api-patterns"),
    path(f"{CORPUS}/policies/", policies.PoliciesView.as_view(), name="api-policies"),
    path(f"{CORPUS}/next/", review.NextView.as_view(), name="api-next"),
    path(f"{CORPUS}/uploads/", uploads.UploadsView.as_view(), name="api-uploads"),
    path(f"{CORPUS}/uploads/addresses/", uploads.AddressesView.as_view(), name="api-addresses"),
    path(f"{CORPUS}/uploads/<int:pk>/", uploads.UploadView.as_view(), name="api-upload"),
    path(f"{CORPUS}/suggest/", jobs.SuggestView.as_view(), name="api-suggest"),
    path(f"{CORPUS}/jobs/", jobs.JobsView.as_view(), name="api-jobs"),
    path(f"{CORPUS}/jobs/<int:pk>/", jobs.JobView.as_view(), name="api-job"),
    path(f"{CORPUS}/jobs/<int:pk>/cancel/", jobs.CancelView.as_view(), name="api-cancel-job"),
    path(f"{CORPUS}/jobs/<int:pk>/retry/", jobs.RetryView.as_view(), name="api-retry-job"),
    path(f"{CORPUS}/agreement/", agreement.AgreementView.as_view(), name="api-agreement"),
    path(f"{CORPUS}/audit/", audit.AuditView.as_view(), name="api-audit"),
    path(f"{CORPUS}/members/", members.MembersView.as_view(), name="api-members"),
    path(
        f"{CORPUS}/members/<str:username>/roles/<str:role>/",
        members.MemberRoleView.as_view(),
        name="api-member-role",
    ),
    path(f"{CORPUS}/invitations/", members.InvitationsView.as_view(), name="api-invitations"),
    path(
        f"{CORPUS}/invitations/<int:pk>/",
        members.InvitationView.as_view(),
        name="api-invitation",
    ),
    path(f"{CORPUS}/webhooks/", webhooks.WebhooksView.as_view(), name="api-webhooks"),
    path(f"{CORPUS}/webhooks/<int:pk>/", webhooks.WebhookView.as_view(), name="api-webhook"),
]
