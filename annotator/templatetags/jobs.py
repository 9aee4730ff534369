"""How a job's progress is shown."""

from __future__ import annotations

from typing import Any

from django import template

from corpus.jobs.progress import pace
from corpus.models import Job

register = template.Library()


@register.inclusion_tag("annotator/_progress.html")
def progress(job: Job) -> dict[str, Any]:
    """Show how far a job is, how fast it goes and how long it will take."""
    return {"job": job, "pace": pace(job)}
