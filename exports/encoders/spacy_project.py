"""A folder that spaCy trains from as it stands.

Spans stand in `doc.spans["sc"]`; attributes and links go into `SpanGroup.attrs` by span id, because
`span._.x` is keyed by offsets alone and lost unless user data is stored.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout, suppress
from copy import deepcopy
from dataclasses import dataclass, field
from importlib.metadata import version
from io import SEEK_END, StringIO
from pathlib import Path
from typing import Any

import spacy
from spacy.cli.debug_data import debug_data
from spacy.cli.init_config import init_config
from spacy.language import Language
from spacy.tokens import Doc, DocBin, SpanGroup

from corpus.core.problems import Problem
from corpus.core.span import Span
from exports.core.manifest import checksums
from exports.core.record import Record, Report, as_row, span_id
from exports.core.split import EVERY_PART, assign
from exports.core.spool import Spool
from exports.encoders import Options
from exports.encoders.files import whole_folder
from exports.encoders.shards import Shards
from exports.encoders.spacy_variants import Entities, Stances

KEY = "sc"
MANIFEST = "manifest.json"
# `spacy debug data` holds every document it looks at in memory.
LOOKED_AT = 300
# span_finder only proposes, and spancat refuses what is none: proposing too little, as at spaCy's
# 0.5, leaves spancat without candidates when there are few articles, and it learns nothing (python
# -m tools.bench_trained).
PROPOSED_AT = 0.1


@dataclass(slots=True)
class Measured:
    """Token lengths of the spans and labels seen, from which the configuration is made."""

    lengths: list[int] = field(default_factory=list)
    labels: dict[str, int] = field(default_factory=dict)

    def add(self, label: str, length: int) -> None:
        """Count a span."""
        self.lengths.append(length)
        self.labels[label] = self.labels.get(label, 0) + 1


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write train, dev and test, the configuration, labels, links, a manifest and a README.

    The folder appears under its name only when it is whole, and takes the place of an earlier
    export alone. A span that does not fall on token edges is widened, dropped or refused as
    `options.misaligned` says, and listed in `alignment.jsonl` either way.
    """
    with whole_folder(to, replaces=MANIFEST) as part, Spool(records) as spool:
        report = _write(spool, part, options)
    report.files = [str(p) for p in sorted(to.rglob("*")) if p.is_file()]
    return report


def _write(records: Mapping[str, Record], folder: Path, options: Options) -> Report:
    nlp = spacy.blank("en")
    # An article may be longer than what spaCy's parser would take; only the tokeniser runs here.
    nlp.max_length = 10_000_000
    report = Report()
    measured = Measured()
    parted = assign(records, options.split)
    parts = parted.parts
    shards = {name: Shards(folder / name) for name in EVERY_PART}
    entities = Entities(folder / "ner")
    stances = Stances(folder / "stance", options.schema)
    with (folder / "relations.jsonl").open("w", encoding="utf-8") as relations:
        for done, record in enumerate(records.values()):
            options.progress(done, 2 * len(records))
            doc = document(nlp, record, options, report, measured)
            shards[parts[record.id]].add(doc)
            entities.add(parts[record.id], doc)
            stances.add(parts[record.id], nlp, record)
            report.count(record)
            relations.write(_relations(record))
    for shard in shards.values():
        shard.flush()
    entities.finish()
    stances.finish()
    if not measured.lengths:
        reason = "no span of these layers can be exported"
        raise Problem("nothing-to-do", act="export", reason=reason)
    if not shards["train"].written:
        reason = "the split leaves no document to train on. Choose another"
        raise Problem("nothing-to-do", act="export", reason=reason)
    with (folder / "alignment.jsonl").open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in report.changed)
    # spaCy refuses a missing dev folder, so a tiny corpus is scored on what it trains on, and says
    # so.
    dev = "dev" if shards["dev"].written else "train"
    _configure(folder, measured, dev)
    _verify(folder, records, report, options)
    (folder / "debug-data.txt").write_text(_debug_data(folder, dev), encoding="utf-8")
    readme = _readme(options, report, measured, dev, entities.left_out)
    (folder / "README.md").write_text(readme, encoding="utf-8")
    manifest = {
        "name": options.name,
        "documents": _by_part(parts),
        "split": {
            "by": options.split.name,
            "together": parted.groups,
            "moved": parted.moved,
            "apart": parted.apart,
            "undated": parted.undated,
            "unused": parted.unused_by_reason(),
        },
        "spans": dict(sorted(measured.labels.items())),
        "links": report.links,
        "misaligned": options.misaligned,
        "changed": len(report.changed),
        "dropped": dict(report.dropped),
        "left_out_of_ner": entities.left_out,
        "schema": options.schema.as_json(),
        "spacy": version("spacy"),
        "files": checksums(folder),
    }
    data = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(data + "\n", encoding="utf-8")
    return report


def _by_part(parts: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the ids of the documents of each part of the split."""
    documents: dict[str, list[str]] = {name: [] for name in EVERY_PART}
    for ident in sorted(parts):
        documents[parts[ident]].append(ident)
    return documents


def _relations(record: Record) -> str:
    """Return a document as a line of `relations.jsonl`: its spans and links without any text."""
    row = as_row(record)
    for span in row["spans"]:
        del span["text"]
    line = {"id": record.id, "spans": row["spans"], "links": row["links"]}
    return json.dumps(line, ensure_ascii=False) + "\n"


def _verify(folder: Path, records: Mapping[str, Record], report: Report, options: Options) -> None:
    """Read the files back and compare them with gold span by span.

    Raises `Problem` when one is not as it should be.
    """
    moved = {}
    for row in report.changed:
        moved[row["id"], row["span"], row["start"], row["end"]] = row["became"]
    missing = set(records)
    for done, doc in enumerate(read_back(folder)):
        options.progress(len(records) + done, 2 * len(records))
        group = doc.spans[KEY]
        ident = group.attrs["id"]
        places = {(span.id_, span.label_, span.start_char, span.end_char) for span in group}
        if ident not in missing or places != _places(records[ident], moved):
            raise Problem("export-differs", id=ident)
        missing.remove(ident)
    if missing:
        raise Problem("export-differs", id=min(missing))


def _places(
    record: Record, moved: Mapping[tuple[str, str, int, int], Any]
) -> set[tuple[str, str, int, int]]:
    """Return where each fragment of a record is in the files.

    `moved` are those that went elsewhere, or None where they were dropped.
    """
    places = set()
    for span in record.layer.spans.values():
        for start, end in span.ranges:
            place = moved.get((record.id, span_id(span), start, end), [start, end])
            if place is not None:
                places.add((span_id(span), span.label, place[0], place[1]))
    return places


def _debug_data(folder: Path, dev: str) -> str:
    """Return what `spacy debug data` says of the folder, the same for the same data."""
    out = StringIO(f"Of at most {LOOKED_AT} documents of each part, the first by id.\n")
    out.seek(0, SEEK_END)
    overrides: dict[str, Any] = {
        "paths.train": str(folder / "train"),
        "paths.dev": str(folder / dev),
        "corpora.train.limit": LOOKED_AT,
        "corpora.dev.limit": LOOKED_AT,
    }
    # Its spinner would be a fork of this process, with our pipes and signal handlers, and hard to
    # end.
    os.environ["WASABI_LOG_FRIENDLY"] = "1"
    # It ends the process when it finds fault, which a small corpus always gives it reason to.
    with redirect_stdout(out), suppress(SystemExit):
        debug_data(folder / "config.cfg", config_overrides=overrides, silent=False)
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", out.getvalue())
    # It prints sets of labels, whose order differs from run to run.
    ordered = re.sub(r"\{('[^{}]*')\}", _in_order, plain)
    return "\n".join(line.rstrip() for line in ordered.splitlines()) + "\n"


def _in_order(printed_set: re.Match[str]) -> str:
    return ", ".join(sorted(printed_set[1].split(", ")))


def document(
    nlp: Language, record: Record, options: Options, report: Report, measured: Measured
) -> Doc:
    """Return a record as a spaCy document.

    Each fragment of a discontinuous span is a span with the same id.
    """
    doc = nlp.make_doc(record.text)
    group = []
    attributes = {}
    places = []
    for span in record.layer.in_order():
        name = span_id(span)
        for number, (start, end) in enumerate(span.ranges):
            piece = doc.char_span(start, end, label=span.label, span_id=name)
            if piece is None:
                piece = _aligned(doc, span, start, end, record, options, report)
            if piece is not None:
                group.append(piece)
                places.append([name, number])
                measured.add(span.label, len(piece))
        attributes[name] = {"label": span.label, **dict(sorted(span.attributes.items()))}
    links = as_row(record)["links"]
    doc.spans[KEY] = SpanGroup(
        doc,
        name=KEY,
        spans=group,
        attrs={"id": record.id, "places": places, "spans": attributes, "links": links},
    )
    return doc


def _aligned(
    doc: Doc, span: Span, start: int, end: int, record: Record, options: Options, report: Report
) -> Any:
    """Return a fragment off token edges as the options want it, None when it is left out."""
    name = span_id(span)
    row = {
        "id": record.id,
        "span": name,
        "start": start,
        "end": end,
        "text": record.text[start:end],
    }
    if options.misaligned == "refuse":
        raise Problem("misaligned", count=1).at(f"{record.id} {name}")
    piece = None
    if options.misaligned == "expand":
        piece = doc.char_span(start, end, label=span.label, span_id=name, alignment_mode="expand")
    if piece is None:
        report.dropped["off-token-edges"] += 1
        report.changed.append({**row, "became": None})
        return None
    report.changed.append({**row, "became": [piece.start_char, piece.end_char]})
    return piece


def _configure(folder: Path, measured: Measured, dev: str) -> None:
    """Write config.cfg: span_finder proposes, spancat labels; n-grams would miss long claims."""
    config = init_config(
        lang="en", pipeline=["span_finder", "spancat"], optimize="efficiency", gpu=False
    )
    config["paths"]["train"] = "train"
    config["paths"]["dev"] = dev
    config["components"]["span_finder"].update(
        {
            "spans_key": KEY,
            "min_length": min(measured.lengths),
            "max_length": max(measured.lengths),
            "threshold": PROPOSED_AT,
        }
    )
    config["components"]["spancat"]["spans_key"] = KEY
    config["components"]["spancat"]["suggester"] = {
        "@misc": "spacy.preset_spans_suggester.v1",
        "spans_key": KEY,
    }
    # In its first steps span_finder proposes nearly everything. What spancat learns from that flood
    # can ruin a tok2vec that both share, so that neither finds anything any more; each has its own
    # (python -m tools.bench_trained).
    config["components"]["spancat"]["model"]["tok2vec"] = deepcopy(
        config["components"]["tok2vec"]["model"]
    )
    # Without tok2vec in this list span_finder reads empty tensors while training, and spancat never
    # sees a candidate.
    config["training"]["annotating_components"] = ["tok2vec", "span_finder"]
    config.to_disk(folder / "config.cfg")
    labels = folder / "labels"
    labels.mkdir()
    names = json.dumps(sorted(measured.labels))
    (labels / "spancat.json").write_text(names + "\n", encoding="utf-8")


def _readme(options: Options, report: Report, measured: Measured, dev: str, left_out: int) -> str:
    lengths = sorted(measured.lengths)
    rows = "\n".join(f"| {label} | {count} |" for label, count in sorted(measured.labels.items()))
    return f"""# {options.name or "Training data"}

Train, in this folder:

    python -m spacy train config.cfg --output model

Score the result:

    python -m spacy evaluate model/model-best {dev}

{report.documents} documents. Spans stand in `doc.spans["{KEY}"]`: `span.label_`, and \
`span.id_`, by which
`doc.spans["{KEY}"].attrs["spans"]` holds the attributes (stance, target, name, ...) and \
`attrs["links"]` the links
from claims to speakers. `relations.jsonl` has the same, one document a line.

| label | spans |
|---|---|
{rows}

Half of the spans have at most {lengths[len(lengths) // 2]} tokens, the longest {lengths[-1]}; \
`span_finder` proposes
spans of any such length. Each fragment of a discontinuous claim is a span of its own with the \
same id.

{len(report.changed)} spans do not fall on token edges ({sum(report.dropped.values())} dropped, \
the rest widened);
`alignment.jsonl` lists them all. The files were read back and compared with the gold span by span;
`debug-data.txt` is what `spacy debug data` says of at most {LOOKED_AT} documents of each part.

Two more data sets are trained in their own folders with the same command: `ner/` has the spans \
as entities, the
longer of two that overlap ({left_out} left out); `stance/` has one text for each claim with
its stance as the category.
"""


def read_back(folder: Path) -> Iterator[Doc]:
    """Yield the documents of an exported folder."""
    vocab = spacy.blank("en").vocab
    for name in EVERY_PART:
        for path in sorted((folder / name).glob("*.spacy")):
            yield from DocBin().from_disk(path).get_docs(vocab)
