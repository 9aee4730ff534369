"""The WSGI entry point."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
application = get_wsgi_application()

from django.db import connection  # noqa: E402 - needs settings

from annotator.turns import InTurn  # noqa: E402

# With PostgreSQL much of a request is waiting for the server, while others can go on.
if connection.vendor == "sqlite":
    application = InTurn(application)
# What is loaded by now stays: a collection that looks at all of it again holds up a request for tens of milliseconds.
gc.collect()
gc.freeze()
