"""How large the body of a request may be.

Uploads may be large, everything else may not. The web server asks before it keeps a body, the site
once it knows who sends it.
"""

from __future__ import annotations

import re

from django.conf import settings

UPLOADS = re.compile(r"/corpora/(?:new|[^/]+/import)/")
API_UPLOADS = re.compile(r"/api/corpora/[^/]+/uploads/")
ENVELOPE = 1_000_000  # what a form adds around its files


def is_page_upload(path: str) -> bool:
    """Tell whether a form at this path brings files."""
    return UPLOADS.fullmatch(path) is not None


def is_api_upload(path: str) -> bool:
    """Tell whether a request of the API at this path brings files."""
    return API_UPLOADS.fullmatch(path) is not None


def largest_file(*, upload: bool) -> int:
    """Return how many bytes may be sent, as people are told."""
    return settings.UPLOAD_BYTES if upload else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def largest_body(*, upload: bool) -> int:
    """Return how many bytes a body may have, with what a form adds."""
    return largest_file(upload=upload) + ENVELOPE
