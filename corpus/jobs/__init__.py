"""Background jobs. `run_job` is named here too because jobs that were queued by an older version
ask for it here.
"""

from __future__ import annotations

from corpus.jobs.run import run_job

__all__ = ["run_job"]
