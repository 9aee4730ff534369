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
from exports.encoders.spacy_relations import SCRIPT, Relations
from exports.encoders.spacy_variants import Nested

# Shares of the documents that train, for a learning curve.
CURVE = (25, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class Facts:
    """What README, project and manifest tell of an export.

    `starts_from` names the pipeline whose tok2vec is trained further, "" where there is none.
    `entries` are the files and folders at the top of the exported one.
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
    entries: frozenset[str]

    @property
    def title(self) -> str:
        """Return the corpus's name."""
        return self.options.name or "Training data"


def readme(facts: Facts) -> str:
    """Return the README of a folder."""
    sections = [
        _training(facts),
        _spans(facts),
        _files(facts),
        _gaps(facts),
        _links(facts),
        _commands(facts),
    ]
    return f"# {facts.title}\n\n" + "\n".join(section for section in sections if section)


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
    schema = facts.options.schema
    more = []
    if any(label.attributes for label in schema.labels.values()):
        more.append('There `attrs["spans"]` has the attributes of each span, by its `span.id_`.')
    if schema.links:
        more.append('There `attrs["links"]` has the links, from one `span.id_` to another.')
    known = "\n" + "\n".join(more) if more else ""
    return f"""## What is in it

{facts.report.documents} documents, tokens as spaCy's `{facts.options.language}` makes them. Each
stands whole in its file, with its spans twice: as entities, and in `doc.spans["{KEY}"]`.{known}

| label | spans |
|---|---|
{rows}

Half of the spans have at most {lengths[len(lengths) // 2]} tokens, the longest {lengths[-1]}.
Each fragment of a discontinuous span ({measured.fragments}) is a span of its own with the same id.
"""


def _files(facts: Facts) -> str:
    told = _descriptions(facts)
    rows = [f"| `{name}` | {words} |" for name, words in told.items() if _is_there(name, facts)]
    return "\n".join(["| In this folder | What |", "|---|---|", *rows, ""])


def _is_there(name: str, facts: Facts) -> bool:
    return name.rstrip("/") in facts.entries


def _descriptions(facts: Facts) -> dict[str, str]:
    """Return what each file and folder is that an export may have."""
    relations = facts.relations
    lines = (
        "links in paragraphs, as Prodigy writes them and spaCy's tutorial on relations reads them"
    )
    lost = "between paragraphs, or to what is no entity"
    return {
        "train/": "the documents that train",
        "dev/": "the documents that training is scored on",
        "test/": "the documents that nothing trains on, for the figures that you report",
        "unused/": "documents of no part; `manifest.json` says why",
        "config.cfg": "what trains: spans by `ner`, one paragraph at a time",
        "config-gpu.cfg": "the same on a transformer",
        "labels/": "the labels that training reads",
        "ner/": "a configuration that trains on the same files from nothing; run it in there",
        "spancat/": _nested(facts.nested) if facts.nested else "",
        "stance/": "a data set that trains in there with the same command: a text for each claim,"
        " its stance as the category. Three lines: target, claim, and the sentence around it",
        "relations/": f"{relations.written} {lines}; {relations.lost} more run {lost}",
        "scripts/": "`relations.py`, the component that learns links",
        "relations.jsonl": "spans, attributes and links, one document a line, without the text",
        "alignment.jsonl": "each span that did not fall on token edges",
        "project.yml": "the commands, for weasel",
        "meta.json": "the model card of a package",
        "manifest.json": "what went where and why, and the digest of each file",
        "debug-data.txt": "what spaCy says of the data",
        "README.md": "this page",
    }


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
    return f"""## What it cannot hold

{said}

Each document was compared with gold, and each file read back.
"""


def _disputes(measured: Measured, options: Options) -> Iterator[str]:
    if measured.masked_documents:
        yield (
            f"- {measured.masked_frames} frames in {measured.masked_documents} documents are still"
            f" in dispute: their {measured.masked_tokens} tokens have missing values"
            f" (`--disputed mask`), and so have {measured.masked_spans} entities among them."
        )
    elif options.disputed == "keep" and options.left_out.get("frame-in-dispute"):
        yield "- Frames in dispute train as text without spans (`--disputed keep`)."


def _nested(nested: Nested) -> str:
    return (
        "a data set that trains in there with the same command: all spans, also those that overlap,"
        f' by `span_finder` and `spancat` into `doc.spans["{KEY}"]`. Passages of some paragraphs;'
        f" spans of at most {LONGEST_PROPOSED} tokens are proposed ({nested.too_long} of"
        f" {nested.spans} are longer), {nested.parted} run over passages; {nested.left_out}"
        " paragraphs in dispute are left out"
    )


def _links(facts: Facts) -> str:
    if not facts.relations.trains:
        return ""
    test = facts.relations.scored_on("test")
    return f"""## Links

What links the spans is trained by itself, on paragraphs whose spans are given; then it is put
behind the pipeline that finds spans:

    python -m spacy train relations/config.cfg --code {SCRIPT} --output relations/model
    python {SCRIPT} evaluate relations/model/model-best relations/{test}.jsonl links.json
    python {SCRIPT} join model/model-best relations/model/model-best joined

`joined` gives spans as before, and in `doc._.rel` a score for each pair of them that a link may
join, by the first tokens of both. In place of `model/model-best` any pipeline does that fills
`doc.ents` or `doc.spans["{KEY}"]`. Give it paragraphs, as it was trained on them.
"""


def _commands(facts: Facts) -> str:
    names = ["train", "evaluate", "package", "train-curve"]
    if facts.relations.trains:
        names += ["train-relations", "evaluate-relations", "join"]
    lines = "\n".join(f"    python -m spacy project run {name}" for name in names)
    joined = ""
    if facts.relations.trains:
        joined = "`package . --vars.model joined` takes the pipeline with the links.\n"
    return f"""## As a project

`project.yml` is read by weasel, which comes with spaCy:

{lines}

`package` makes a package with a model card from `meta.json`: fill in author, licence and version.
{joined}`config-gpu.cfg` needs `spacy[transformers]` and a GPU:

    python -m spacy train config-gpu.cfg --output model --gpu-id 0
"""


def project(facts: Facts) -> str:
    """Return the project file that weasel reads."""
    parts = sorted({"train", facts.dev, facts.test})
    assets = "\n".join(
        f'  - dest: "{part}"\n    description: "The documents of {part}"' for part in parts
    )
    data = ", ".join(f'"{part}"' for part in sorted({"train", facts.dev}))
    code = f" --code {SCRIPT}" if facts.relations.trains else ""
    return f"""title: {_quoted(facts.title)}
description: "Spans that people annotated, for a spaCy pipeline."

vars:
  config: "config.cfg"
  model: "model/model-best"
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
      - "python -m spacy package ${{vars.model}} packages --meta-path meta.json \
--name ${{vars.name}} --version ${{vars.version}} --build sdist --force{code}"
    deps: ["${{vars.model}}", "meta.json"]

  - name: train-curve
    help: "Train on a quarter, half, three quarters and all of the documents"
    script:
{_curve(facts)}
    deps: ["${{vars.config}}", {data}]
    outputs: [{", ".join(f'"curve/{share}.json"' for share in CURVE)}]
{_relation_commands(facts) if facts.relations.trains else ""}"""


def _relation_commands(facts: Facts) -> str:
    """Return the commands that train links and put them behind the spans."""
    test, dev = facts.relations.scored_on("test"), facts.relations.scored_on("dev")
    data = ", ".join(f'"relations/{part}.jsonl"' for part in sorted({"train", dev}))
    trained = "relations/model/model-best"
    return f"""
  - name: train-relations
    help: "Train what links the spans"
    script:
      - "python -m spacy train relations/config.cfg --code {SCRIPT} --output relations/model \
--gpu-id ${{vars.gpu}}"
    deps: ["relations/config.cfg", "{SCRIPT}", {data}]
    outputs: ["{trained}"]

  - name: evaluate-relations
    help: "Score the links on {test}, between the spans that people marked"
    script:
      - "python {SCRIPT} evaluate {trained} relations/{test}.jsonl links.json"
    deps: ["{trained}", "{SCRIPT}", "relations/{test}.jsonl"]
    outputs: ["links.json"]

  - name: join
    help: "Put what links the spans behind what finds them"
    script:
      - "python {SCRIPT} join ${{vars.model}} {trained} joined"
    deps: ["${{vars.model}}", "{trained}", "{SCRIPT}"]
    outputs: ["joined"]
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
