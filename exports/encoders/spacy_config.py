"""The configurations that an exported folder trains with, and the labels they read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from spacy.cli.init_config import RECOMMENDATIONS, init_config
from thinc.api import Config

from annotator.nlp.relations import FACTORY, MAX_DISTANCE, THRESHOLD
from exports.encoders.spacy_documents import KEY, LONGEST

# span_finder proposes every pair of a beginning and an end up to this length: memory follows the
# number of those. spaCy proposes spans of 25 tokens too.
LONGEST_PROPOSED = 25
# span_finder only proposes, and spancat refuses what is none: proposing too little, as at spaCy's
# 0.5, leaves spancat without candidates when there are few articles, and it learns nothing (python
# -m tools.bench_trained).
PROPOSED_AT = 0.1
# Steps between two scores, how many without a better one end the training, and how many there are
# at most: 2,000 take some 150 CPU seconds.
SCORED_EVERY = 100
PATIENCE = 800
MOST_STEPS = 5000


@cache
def width_of(model: str, language: str) -> int:
    """Return the width of the tok2vec that an installed pipeline of this language brings.

    It is 0 where there is none that training could start from.
    """
    spec = find_spec(model) if model.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        return 0
    [package] = spec.submodule_search_locations
    for path in sorted(Path(package).glob("**/config.cfg")):
        config = Config().from_disk(path, interpolate=False)
        component = config.get("components", {}).get("tok2vec", {})
        if config["nlp"]["lang"] == language and component.get("factory") == "tok2vec":
            return int(component["model"]["encode"]["width"])
    return 0


def entity_config(language: str, labels: str, dev: str, model: str = "") -> Config:
    """Return what trains `ner` on paragraphs.

    It starts from the tok2vec of the pipeline `model` where that has one; its labels are read from
    the file `labels`.
    """
    config = _config(language, "ner", dev)
    _by_paragraph(config)
    _end_when_nothing_is_gained(config)
    _read_labels(config, "ner", labels)
    width = width_of(model, language)
    if width:
        config["components"]["tok2vec"] = {"source": model}
        config["components"]["ner"]["model"]["tok2vec"].update(upstream="tok2vec", width=width)
    return config


def nested_config(language: str, labels: str, dev: str, shortest: int, longest: int) -> Config:
    """Return what trains spans that overlap: span_finder proposes, spancat labels."""
    config = _config(language, "span_finder", dev, "spancat")
    # Spans are proposed for all documents of a batch at once.
    config["nlp"]["batch_size"] = 2
    _end_when_nothing_is_gained(config)
    _read_labels(config, "spancat", labels)
    finder = config["components"]["span_finder"]
    finder["spans_key"] = KEY
    finder["min_length"] = shortest
    finder["max_length"] = min(longest, LONGEST_PROPOSED)
    finder["threshold"] = PROPOSED_AT
    spancat = config["components"]["spancat"]
    spancat["spans_key"] = KEY
    spancat["suggester"] = {"@misc": "spacy.preset_spans_suggester.v1", "spans_key": KEY}
    # In its first steps span_finder proposes nearly everything. What spancat learns from that flood
    # can ruin a tok2vec that both share, so that neither finds anything any more; each has its own
    # (python -m tools.bench_trained).
    spancat["model"]["tok2vec"] = config["components"]["tok2vec"]["model"].copy()
    # Without tok2vec in this list span_finder reads empty tensors while training, and spancat never
    # sees a candidate.
    config["training"]["annotating_components"] = ["tok2vec", "span_finder"]
    return config


def category_config(language: str, labels: str, dev: str) -> Config:
    """Return what trains a classifier of texts."""
    config = _config(language, "textcat", dev)
    _read_labels(config, "textcat", labels)
    return config


def transformer_config(language: str, labels: str, dev: str) -> Config:
    """Return what trains `ner` on a transformer, as spaCy recommends it for the language."""
    config = entity_config(language, labels, dev)
    known = RECOMMENDATIONS.get(language, RECOMMENDATIONS["__default__"])
    transformer = known["transformer"]["efficiency"]
    del config["components"]["tok2vec"]
    config["components"]["transformer"] = {
        "factory": "transformer",
        "model": {
            "@architectures": "spacy-transformers.TransformerModel.v3",
            "name": transformer["name"],
            "tokenizer_config": {"use_fast": True},
            "get_spans": {
                "@span_getters": "spacy-transformers.strided_spans.v1",
                "window": 128,
                "stride": 96,
            },
        },
    }
    config["components"]["ner"]["model"]["tok2vec"] = {
        "@architectures": "spacy-transformers.TransformerListener.v1",
        "grad_factor": 1.0,
        "pooling": {"@layers": "reduce_mean.v1"},
        "upstream": "transformer",
    }
    config["nlp"].update(pipeline=["transformer", "ner"], batch_size=128)
    config["system"]["gpu_allocator"] = "pytorch"
    training = config["training"]
    training.update(accumulate_gradient=transformer["size_factor"], patience=1600)
    training["max_steps"] = 20000
    training["optimizer"]["learn_rate"] = {
        "@schedules": "warmup_linear.v1",
        "warmup_steps": 250,
        "total_steps": 20000,
        "initial_rate": 5e-5,
    }
    training["batcher"] = {
        "@batchers": "spacy.batch_by_padded.v1",
        "discard_oversize": True,
        "size": 2000,
        "buffer": 256,
        "get_length": None,
    }
    return config


def relation_config(language: str, labels: str, paths: Mapping[str, str]) -> Config:
    """Return what trains `links` on the paragraphs in files; it runs in the exported folder."""
    config = _config(language, "ner", "dev")
    _end_when_nothing_is_gained(config)
    component = {"factory": FACTORY, "threshold": THRESHOLD, "max_distance": MAX_DISTANCE}
    config["components"] = {"links": {**component, "spans_key": KEY}}
    config["nlp"]["pipeline"] = ["links"]
    config["paths"].update(paths)
    for corpus in paths:
        config["corpora"][corpus] = {
            "@readers": "saidby.LinkedParagraphs.v1",
            "path": f"${{paths.{corpus}}}",
        }
    config["training"]["score_weights"] = {"rel_micro_f": 1.0}
    _read_labels(config, "links", labels)
    return config


def _config(language: str, component: str, dev: str, *further: str) -> Config:
    config = _plain(language, component, *further).copy()
    config["paths"]["train"] = "train"
    config["paths"]["dev"] = dev
    return config


@cache
def _plain(language: str, *components: str) -> Config:
    """Return what spaCy proposes, which it takes long to find."""
    return init_config(lang=language, pipeline=list(components), optimize="efficiency", gpu=False)


def _by_paragraph(config: Config) -> None:
    """Train paragraph by paragraph: the reader cuts documents that are not shorter than this."""
    for corpus in ("train", "dev"):
        config["corpora"][corpus]["max_length"] = LONGEST + 1


def _end_when_nothing_is_gained(config: Config) -> None:
    config["training"].update(eval_frequency=SCORED_EVERY, patience=PATIENCE, max_steps=MOST_STEPS)
    # Scores of few documents jump from step to step; means of the weights do so less.
    config["training"]["optimizer"]["use_averages"] = True


def _read_labels(config: Config, component: str, path: str) -> None:
    """Let a component read its labels from a file, instead of from all training data."""
    labels = {"@readers": "spacy.read_labels.v1", "path": path, "require": True}
    config["initialize"]["components"][component] = {"labels": labels}


def write_labels(path: Path, labels: Iterable[str]) -> None:
    """Write labels as `ner` reads them: by the transitions missing, B, I, L, U and O."""
    counts = dict.fromkeys(sorted(labels), 1)
    outside = {"": 1}
    data = {"0": {}, "1": counts, "2": counts, "3": counts, "4": counts | outside, "5": outside}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data) + "\n", encoding="utf-8")
