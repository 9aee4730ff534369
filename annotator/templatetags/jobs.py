"""How a job's progress is shown."""

from __future__ import annotations

from typing import Any

from django import template

from annotator.suggesters.report import USED
from corpus.jobs.progress import pace
from corpus.models import Job

register = template.Library()

# What each kind of job is called on pages.
NAMES = {
    "suggest": "Suggestions",
    "trial": "Trial of suggesters",
    "scores": "Comparison of suggesters",
    "look": "Check of an upload",
    "import": "Import",
    "patterns": "Count of patterns",
    "preview": "Preview of a policy",
    "merge": "Settling by a policy",
    "compare": "Comparison of reviews",
    "bulk": "Settling of many disputes",
    "disputes": "List of disputes",
    "plan": "Places for reviewers",
    "schema": "Change of the schema",
    "measure": "Agreement",
    "precedents": "Earlier rulings",
    "export": "Export",
    "release": "Release",
}


@register.filter
def job_name(job: Job) -> str:
    """Return what a job is called on pages."""
    return NAMES.get(job.kind, job.kind)


@register.filter
def used_name(name: str) -> str:
    """Return what something that suggesters use is called on pages."""
    return USED.get(name, name)


@register.inclusion_tag("annotator/_progress.html")
def progress(job: Job) -> dict[str, Any]:
    """Show how far a job is, how fast it goes and how long it will take."""
    return {"job": job, "pace": pace(job)}
