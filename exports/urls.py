"""Addresses of exports."""

from __future__ import annotations

from django.urls import path

from exports import api, views

urlpatterns = [
    path("corpora/<slug:slug>/releases/", views.releases, name="releases"),
    path("corpora/<slug:slug>/releases/<str:name>/", views.release, name="release"),
    path("corpora/<slug:slug>/releases/<str:name>/files/", views.files, name="release-files"),
    path("corpora/<slug:slug>/export/", views.export, name="export"),
    path("api/corpora/<slug:slug>/releases/", api.ReleasesView.as_view(), name="api-releases"),
    path("api/corpora/<slug:slug>/export/", api.ExportView.as_view(), name="api-export"),
    path("api/corpora/<slug:slug>/jobs/<int:pk>/download/", api.DownloadView.as_view(), name="api-download"),
]
