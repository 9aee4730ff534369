"""What both importing commands share: refused rows on stderr, exit 1 when nothing could be used."""

from __future__ import annotations

import sys
from typing import Any

from annotator.services.imports import Report
from corpus.management.base import SaidbyCommand


class ImportCommand(SaidbyCommand):
    """A command that imports and lists what it refused."""

    def reported(self, report: Report, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
        """Name every refused row on stderr; return the answer and the sentence."""
        self.end_progress()
        for problem in report.problems:
            self.stderr.write(" ".join(str(problem).split()))
        refused = len(report.problems)
        lines = [
            f"{report.imported} imported, {report.skipped} there already, {refused} refused.",
            *(f"noted: {count} × {reason}" for reason, count in sorted(report.notes.items())),
        ]
        text = "\n".join(lines)
        if refused and not report.imported and not report.skipped:
            self.answer(options, report.as_json(), text)
            sys.exit(1)
        return report.as_json(), text
