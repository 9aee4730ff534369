"""The WSGI entry point."""

from __future__ import annotations

import gc
import os
from importlib import import_module
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection

from annotator.web.charset import Utf8Only
from annotator.web.request_lock import RequestLock

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "annotator.settings")
application: WSGIApplication = Utf8Only(get_wsgi_application())
# With PostgreSQL much of a request is waiting for the server, while others can go on.
if connection.vendor == "sqlite":
    application = RequestLock(application)
# All that answers is loaded now and stays: neither the first request nor a collection of garbage
# has to go through it.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
