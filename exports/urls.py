"""Addresses of exports."""

from __future__ import annotations

from django.urls import path

from exports import api

urlpatterns = [
    path("api/corpora/<slug:slug>/export/", api.ExportView.as_view(), name="api-export"),
    path("api/corpora/<slug:slug>/jobs/<int:pk>/download/", api.DownloadView.as_view(), name="api-download"),
]
