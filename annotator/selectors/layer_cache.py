"""The human layers that this process wrote last: the next decision need not read them.

The decision log fills it, and `layers.view_at` reads it. Only a decision changes a human layer, and
each gives it a new version: what is known of a version stays true, until another database is put in
its place, after which the process must begin anew. Texts are not kept: they may be erased.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from annotator.models import Layer
from corpus.core.span import LayerView

# Spans and links of all layers together; about 20 MB.
CAPACITY = 20_000

# By layer and the moment it was made: keys may come again, as in tests.
_known: OrderedDict[tuple[int, datetime], tuple[int, LayerView]] = OrderedDict()
_size = 0
_lock = threading.Lock()


def view_of(layer: Layer, version: int) -> LayerView | None:
    """Return the layer at a version, when that is known."""
    known, view = _known.get((layer.pk, layer.opened_at), (-1, None))
    return view if known == version else None


def remember(layer: Layer, version: int, view: LayerView) -> None:
    """Keep a layer at a version whose decisions are committed."""
    global _size
    key = (layer.pk, layer.opened_at)
    with _lock:
        if old := _known.pop(key, None):
            _size -= _size_of(old[1])
        _known[key] = (version, view)
        _size += _size_of(view)
        while _size > CAPACITY:
            _size -= _size_of(_known.popitem(last=False)[1][1])


def _size_of(view: LayerView) -> int:
    return 1 + len(view.spans) + len(view.links) + len(view.rejected)


def forget() -> None:
    """Forget everything."""
    global _size
    with _lock:
        _known.clear()
        _size = 0
