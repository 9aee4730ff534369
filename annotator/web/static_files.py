"""Static files under names that hold a hash of their content, compressed where that helps.

Nothing is built beforehand. A page names a file by its hash, which browsers keep for good; when the
server starts it looks for its files, and each that is text gets a compressed copy in the data
folder unless one is there from the last start.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage, staticfiles_storage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile

TEXT = (".css", ".js", ".svg")
# Smaller files fit into one packet either way.
LEAST = 1000


class HashedStorage(StaticFilesStorage):
    """Addresses of static files, each with a hash of what is in it; plain while one develops."""

    def url(self, name: str | None) -> str:
        """Return the address of a file by its name in the source."""
        if name and not settings.DEBUG:
            name = _hashed_name(name)
        return super().url(name)


@lru_cache(maxsize=1000)
def _hashed_name(name: str) -> str:
    path = finders.find(name)
    if not isinstance(path, str):
        return name
    stem, ending = os.path.splitext(name)
    return f"{stem}.{digest(Path(path).read_bytes())[:12]}{ending}"


def digest(content: bytes) -> str:
    """Return what names a content."""
    return hashlib.sha256(content).hexdigest()


class StaticFilesMiddleware(WhiteNoiseMiddleware):  # type: ignore[misc]  # it has no types
    """WhiteNoise, which also knows the hashed names and has a compressed copy of every text."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve a static file, else pass the request on."""
        path = request.path_info
        if path.startswith(self.static_prefix) and path not in self.files:
            # A page of an older version, or of another server that is newer: it gets what is here,
            # and keeps that for a minute only.
            path = self.get_name_without_hash(path)
        file = self.files.get(path)
        response: HttpResponseBase = (
            super().__call__(request) if file is None else self.serve(file, request)
        )
        return response

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        """Know a file by its plain name and by its hashed one."""
        super().add_file_to_dictionary(url, path, stat_cache=stat_cache)
        hashed = staticfiles_storage.url(url.removeprefix(self.static_prefix))
        if hashed != url:
            self.files[hashed] = self.get_static_file(path, hashed)

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> StaticFile:
        """Make what answers a request for a file."""
        headers = Headers([])
        self.add_mime_headers(headers, path, url)
        self.add_cache_headers(headers, path, url)
        headers["Access-Control-Allow-Origin"] = "*"
        copy = _compressed(path)
        return StaticFile(path, headers.items(), encodings={"gzip": str(copy)} if copy else {})


def _compressed(path: str) -> Path | None:
    """Return the compressed copy of a file, made now where there is none."""
    if not path.endswith(TEXT) or os.path.getsize(path) < LEAST:
        return None
    content = Path(path).read_bytes()
    copy = Path(settings.BUNDLES) / "compressed" / f"{digest(content)}.gz"
    if not copy.exists():
        write_whole(copy, gzip.compress(content, mtime=0))
    return copy


def write_whole(target: Path, content: bytes) -> None:
    """Write a file whole or not at all, since several server processes start at once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    os.chmod(name, 0o644)
    os.replace(name, target)
