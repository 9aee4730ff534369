#!/usr/bin/env python
"""Run Saidby's commands."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Hand over to Django, and say in one line what went wrong."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"[settings] {error}")


if __name__ == "__main__":
    main()
