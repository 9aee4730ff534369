"""What an exported folder says of itself: README, weasel project and model card."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version

from exports.core.record import Report
from exports.encoders import Options
from exports.encoders.spacy_config import LONGEST_PROPOSED
from exports.encoders.spacy_documents import KEY, LONGEST, Measured
from exports.encoders.spacy_variants import Nested, Relations

# Shares of the documents that train, for a learning curve.
CURVE = (25, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class Facts:
    """What README, project and manifest tell of an export.

    `starts_from` names the pipeline whose tok2vec is trained further, "" where there is none.
    """

    options: Options
    report: Report
    measured: Measured
    dev: str
    test: str
    trained: int
    starts_from: str
    nested: Nested | None
    relations: Relations
    has_stances: bool

    @property
    def title(self) -> str:
        """Return the corpus's name."""
        return self.options.name or "Training data"


def readme(facts: Facts) -> str:
    """Return the README of a folder."""
    sections = [_training(facts), _spans(facts), _gaps(facts), _further(facts), _commands()]
    return f"# {facts.title}\n\n" + "\n".join(sections)


def _training(facts: Facts) -> str:
    start = "It trains from nothing: no pipeline of the corpus's language was installed."
    if facts.starts_from:
        start = (
            f"It starts from the tok2vec of `{facts.starts_from}` {version(facts.starts_from)}, "
            "which must be\ninstalled; `ner/` trains without it."
        )
    return f"""Train, in this folder:

    python -m spacy train config.cfg --output model

Score the result:

    python -m spacy evaluate model/model-best {facts.test}

What was trained gives its spans as `doc.ents`. {start}

Training needs under 1 GB: documents are cut at their paragraphs, which stand as sentences in the
files, and paragraphs of more than {LONGEST} tokens once more. An entity that is cut has missing
values there, so that it is not taken for nothing.
"""


def _spans(facts: Facts) -> str:
    measured = facts.measured
    lengths = sorted(measured.lengths)
    rows = "\n".join(f"| {label} | {count} |" for label, count in sorted(measured.labels.items()))
    return f"""## What is in it

{facts.report.documents} documents, tokens as spaCy's `{facts.options.language}` makes them.
`train/`, `dev/` and `test/` hold each document whole, with its spans twice: as entities, and in
`doc.spans["{KEY}"]` with `span.label_`, and with `span.id_`, by which
`doc.spans["{KEY}"].attrs["spans"]` holds the attributes (stance, target, name, ...) and
`attrs["links"]` the links from claims to speakers. `relations.jsonl` has the same, one document a
line.

| label | spans |
|---|---|
{rows}

Half of the spans have at most {lengths[len(lengths) // 2]} tokens, the longest {lengths[-1]}.
Each fragment of a discontinuous claim ({measured.fragments}) is a span of its own with the same id.
"""


def _gaps(facts: Facts) -> str:
    measured, report, options = facts.measured, facts.report, facts.options
    widened = len(report.changed) - report.dropped["off-token-edges"]
    lines = [
        f"- {measured.overlapping} spans are no entities, because a longer span covers some of"
        " their tokens.",
        f"- {widened} spans were widened to token edges, {report.dropped['off-token-edges']} left"
        " out; `alignment.jsonl` lists them.",
        *_disputes(measured, options),
    ]
    for reason, count in sorted(options.left_out.items()):
        lines.append(f"- {count} × {reason}.")
    said = "\n".join(lines)
    return f"## What it cannot hold\n\n{said}\n\nThe files were read back and compared with gold.\n"


def _disputes(measured: Measured, options: Options) -> Iterator[str]:
    if measured.masked_documents:
        yield (
            f"- {measured.masked_frames} frames in {measured.masked_documents} documents are still"
            f" in dispute: their {measured.masked_tokens} tokens have missing values"
            f" (`--disputed mask`), and so have {measured.masked_spans} entities among them."
        )
    elif options.disputed == "keep" and options.left_out.get("frame-in-dispute"):
        yield "- Frames in dispute train as text without spans (`--disputed keep`)."


def _further(facts: Facts) -> str:
    lines = ["- `ner/`: the same data, trained from nothing."]
    if facts.has_stances:
        lines.append(
            "- `stance/`: a text for each claim, its stance as the category. Three lines: target,"
            " claim, and the\n  sentence around it."
        )
    if facts.nested:
        lines.append(_nested(facts.nested))
    if facts.relations.written:
        lines.append(
            f"- `relations/`: {facts.relations.written} links in paragraphs, as Prodigy writes them"
            " and spaCy's relation\n  tutorial (`rel_component`) reads them;"
            f" {facts.relations.lost} links run between paragraphs or to what is no\n  entity."
        )
    said = "\n".join(lines)
    return (
        f"## Further data sets\n\nEach trains in its own folder with the same command.\n\n{said}\n"
    )


def _nested(nested: Nested) -> str:
    return f"""- `spancat/`: all spans, also those that overlap, by `span_finder` and `spancat` into
  `doc.spans["{KEY}"]`. Passages of some paragraphs; spans of at most {LONGEST_PROPOSED} tokens are
  proposed ({nested.too_long} of {nested.spans} are longer), {nested.parted} run over passages;
  {nested.left_out} paragraphs in dispute are left out."""


def _commands() -> str:
    return """## As a project

`project.yml` is read by weasel, which comes with spaCy:

    python -m spacy project run train
    python -m spacy project run evaluate
    python -m spacy project run package
    python -m spacy project run train-curve

`package` makes a package with a model card from `meta.json`: fill in author, licence and version.
`config-gpu.cfg` trains on a transformer and needs `spacy[transformers]` and a GPU:

    python -m spacy train config-gpu.cfg --output model --gpu-id 0
"""


def project(facts: Facts) -> str:
    """Return the project file that weasel reads."""
    parts = sorted({"train", facts.dev, facts.test})
    assets = "\n".join(
        f'  - dest: "{part}"\n    description: "The documents of {part}"' for part in parts
    )
    data = ", ".join(f'"{part}"' for part in sorted({"train", facts.dev}))
    return f"""title: {_quoted(facts.title)}
description: "Spans that people annotated, for a spaCy pipeline."

vars:
  config: "config.cfg"
  gpu: -1
  name: "{package_name(facts)}"
  version: "0.1.0"

directories: ["model", "packages", "curve"]

assets:
{assets}

workflows:
  all:
    - train
    - evaluate
    - package

commands:
  - name: train
    help: "Train the pipeline"
    script:
      - "python -m spacy train ${{vars.config}} --output model --gpu-id ${{vars.gpu}}"
    deps: ["${{vars.config}}", {data}]
    outputs: ["model/model-best"]

  - name: evaluate
    help: "Score the pipeline on {facts.test}"
    script:
      - "python -m spacy evaluate model/model-best {facts.test} --output metrics.json"
    deps: ["model/model-best", "{facts.test}"]
    outputs: ["metrics.json"]

  - name: package
    help: "Make a package with a model card"
    script:
      - "python -m spacy package model/model-best packages --meta-path meta.json \
--name ${{vars.name}} --version ${{vars.version}} --build sdist --force"
    deps: ["model/model-best", "meta.json"]

  - name: train-curve
    help: "Train on a quarter, half, three quarters and all of the documents"
    script:
{_curve(facts)}
    deps: ["${{vars.config}}", {data}]
    outputs: [{", ".join(f'"curve/{share}.json"' for share in CURVE)}]
"""


def _curve(facts: Facts) -> str:
    """Return the commands of a learning curve: the first documents of train, ever more of them."""
    lines = []
    for share in CURVE:
        limit = max(1, facts.trained * share // 100)
        lines.append(
            f'      - "python -m spacy train ${{vars.config}} --output curve/{share}'
            f' --corpora.train.limit {limit} --gpu-id ${{vars.gpu}}"'
        )
        lines.append(
            f'      - "python -m spacy evaluate curve/{share}/model-best {facts.test}'
            f' --output curve/{share}.json"'
        )
    return "\n".join(lines)


def package_name(facts: Facts) -> str:
    """Return the corpus's name as a package can have it."""
    return re.sub(r"[^a-z0-9]+", "_", facts.title.lower()).strip("_") or "spans"


def _quoted(words: str) -> str:
    """Return words as a string of YAML, in which JSON is at home."""
    return json.dumps(words, ensure_ascii=False)


def meta(facts: Facts) -> dict[str, object]:
    """Return what a package says of itself beyond what spaCy knows: the model card."""
    counts = ", ".join(f"{n} {label}" for label, n in sorted(facts.measured.labels.items()))
    card: dict[str, object] = {
        "name": package_name(facts),
        "version": "0.1.0",
        "description": f"Spans as in the corpus {facts.title}: {counts} in"
        f" {facts.report.documents} documents.",
        "author": "",
        "email": "",
        "url": "",
        "license": "",
        "sources": [{"name": facts.title, "author": "", "license": ""}],
        "notes": "Spans are in doc.ents. A longer span takes the place of those that it covers.",
    }
    return card
