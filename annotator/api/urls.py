"""The addresses of the API."""

from __future__ import annotations

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from annotator.api import (
    corpora,
    disputes,
    documents,
    jobs,
    notes,
    policies,
    review,
    tokens,
    uploads,
)

CORPUS = "corpora/<slug:slug>"
DOCUMENT = f"{CORPUS}/documents/<path:external_id>"

# What is called most comes first: addresses are tried in this order.
urlpatterns = [
    path(f"{DOCUMENT}/decisions/", review.DecisionsView.as_view(), name="api-decisions"),
    path(f"{DOCUMENT}/workspace/", review.WorkspaceView.as_view(), name="api-workspace"),
    path(f"{DOCUMENT}/submit/", review.SubmitView.as_view(), name="api-submit"),
    path(f"{DOCUMENT}/reopen/", review.ReopenView.as_view(), name="api-reopen"),
    path(f"{DOCUMENT}/comments/", notes.CommentsView.as_view(), name="api-comments"),
    path(f"{DOCUMENT}/flags/", notes.FlagsView.as_view(), name="api-flags"),
    path(f"{DOCUMENT}/disputes/", disputes.DisputesView.as_view(), name="api-disputes"),
    path(f"{DOCUMENT}/settle/", disputes.SettleView.as_view(), name="api-settle"),
    path(f"{DOCUMENT}/undo/", disputes.UndoView.as_view(), name="api-undo"),
    path(f"{DOCUMENT}/close/", disputes.CloseView.as_view(), name="api-close"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("token/", tokens.TokenView.as_view(), name="api-token"),
    path("corpora/", corpora.CorporaView.as_view(), name="api-corpora"),
    path(f"{CORPUS}/", corpora.CorpusView.as_view(), name="api-corpus"),
    path(f"{CORPUS}/documents/", documents.DocumentsView.as_view(), name="api-documents"),
    path(f"{CORPUS}/disputes/", disputes.DisputeQueueView.as_view(), name="api-dispute-queue"),
    path(f"{CORPUS}/policies/", policies.PoliciesView.as_view(), name="api-policies"),
    path(f"{CORPUS}/next/", review.NextView.as_view(), name="api-next"),
    path(f"{CORPUS}/uploads/", uploads.UploadsView.as_view(), name="api-uploads"),
    path(f"{CORPUS}/uploads/<int:pk>/", uploads.UploadView.as_view(), name="api-upload"),
    path(f"{CORPUS}/suggest/", jobs.SuggestView.as_view(), name="api-suggest"),
    path(f"{CORPUS}/jobs/<int:pk>/", jobs.JobView.as_view(), name="api-job"),
]
