"""Disagreements in Django's admin, and the log.

Rows are read-only, for a write here would pass the log by; what the actions do goes through the
services.
"""

from __future__ import annotations

from annotator.admin import adjudications, disputes, layers, notes, people

__all__ = ["adjudications", "disputes", "layers", "notes", "people"]
