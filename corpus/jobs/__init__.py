"""Background jobs.

`run_job` is named here too because jobs that an older version queued ask for it by this path.
"""

from __future__ import annotations

from corpus.jobs.run import run_job

__all__ = ["run_job"]
