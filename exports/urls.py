"""Addresses of exports."""

from __future__ import annotations

from django.urls import path

from exports import api, pages

urlpatterns = [
    path("corpora/<slug:slug>/releases/", pages.releases, name="releases"),
    path("corpora/<slug:slug>/releases/<str:name>/", pages.release, name="release"),
    path("corpora/<slug:slug>/releases/<str:name>/files/", pages.files, name="release-files"),
    path("corpora/<slug:slug>/export/", pages.export, name="export"),
    path(
        "corpora/<slug:slug>/documents/<path:external_id>/withdraw/",
        pages.withdraw_text,
        name="withdraw-text",
    ),
    path(
        "api/corpora/<slug:slug>/documents/<path:external_id>/withdraw/",
        api.WithdrawView.as_view(),
        name="api-withdraw",
    ),
    path("api/corpora/<slug:slug>/releases/", api.ReleasesView.as_view(), name="api-releases"),
    path(
        "api/corpora/<slug:slug>/releases/<str:name>/",
        api.ReleaseView.as_view(),
        name="api-release",
    ),
    path(
        "api/corpora/<slug:slug>/releases/<str:name>/files/",
        api.ReleaseFilesView.as_view(),
        name="api-release-files",
    ),
    path("api/corpora/<slug:slug>/export/", api.ExportView.as_view(), name="api-export"),
    path(
        "api/corpora/<slug:slug>/jobs/<int:pk>/download/",
        api.DownloadView.as_view(),
        name="api-download",
    ),
]
