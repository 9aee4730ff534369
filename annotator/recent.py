"""The human layers that this process wrote last, so that the next decision on one need not read it again.

Only a decision changes a human layer, and each gives it a new version: what is known of a version stays true.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime

from annotator.models import Layer
from corpus.core.span import LayerView

LAYERS = 256

# By layer and the moment it was made: a database that was put in the place of another has other moments.
_views: OrderedDict[tuple[int, datetime], tuple[int, LayerView]] = OrderedDict()
_lock = threading.Lock()


def view_of(layer: Layer, version: int) -> LayerView | None:
    """Return the layer at a version, when that is known."""
    known, view = _views.get((layer.pk, layer.opened_at), (0, None))
    return view if known == version else None


def remember(layer: Layer, version: int, view: LayerView) -> None:
    """Keep a layer at a version whose decisions are committed."""
    with _lock:
        _views[layer.pk, layer.opened_at] = (version, view)
        _views.move_to_end((layer.pk, layer.opened_at))
        if len(_views) > LAYERS:
            _views.popitem(last=False)


def forget() -> None:
    """Forget everything."""
    with _lock:
        _views.clear()
