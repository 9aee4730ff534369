"""How gunicorn serves the site; it reads this file by itself. What its command line says goes
before.
"""

from __future__ import annotations

import os
from typing import Any

from gunicorn.glogging import Logger
from pythonjsonlogger.json import JsonFormatter

worker_class = "annotator.web.server.BufferingWorker"
threads = 8


class JsonLogger(Logger):
    """gunicorn's own lines, written as those of the site are under `SAIDBY_JSON_LOGS`."""

    def setup(self, cfg: Any) -> None:
        """Set up what gunicorn does, with other lines."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))


if os.environ.get("SAIDBY_JSON_LOGS", "").lower() in ("1", "true", "yes"):
    logger_class = JsonLogger
