"""The human layers that this process read or wrote last, so that the next decision on one need not read it again.

Only a decision changes a human layer, and each gives it a new version: what is known of a version stays true. So does
a text, which is written once.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from annotator.models import Layer
from corpus.core.span import LayerView

# About how much is kept, in code points of text; a span or link takes as much as so many of them.
CAPACITY = 8_000_000
SPAN = 500


@dataclass(frozen=True, slots=True)
class Known:
    """A layer at a version, and the text of its document."""

    version: int
    view: LayerView
    text: str

    @property
    def size(self) -> int:
        """Return about how much it takes."""
        return len(self.text) + SPAN * (1 + len(self.view.spans) + len(self.view.links))


# By layer and the moment it was made: a database that was put in the place of another has other moments.
_known: OrderedDict[tuple[int, datetime], Known] = OrderedDict()
_size = 0
_lock = threading.Lock()


def known(layer: Layer, version: int) -> Known | None:
    """Return the layer at a version, when that is known."""
    found = _known.get((layer.pk, layer.opened_at))
    return found if found is not None and found.version == version else None


def remember(layer: Layer, new: Known) -> None:
    """Keep a layer at a version whose decisions are committed."""
    global _size
    key = (layer.pk, layer.opened_at)
    with _lock:
        if old := _known.pop(key, None):
            _size -= old.size
        _known[key] = new
        _size += new.size
        while _size > CAPACITY:
            _size -= _known.popitem(last=False)[1].size


def forget() -> None:
    """Forget everything."""
    global _size
    with _lock:
        _known.clear()
        _size = 0
