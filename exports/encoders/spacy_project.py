"""A folder that spaCy trains from as it stands, and a project that packages what was trained."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout, suppress
from importlib.metadata import version
from io import SEEK_END, StringIO
from pathlib import Path
from typing import Any

import spacy
from spacy.cli.debug_data import debug_data
from spacy.tokens import Doc, DocBin

from corpus.core.problems import Problem
from exports.core.manifest import checksums
from exports.core.record import Record, Report, span_id
from exports.core.split import EVERY_PART, PARTS, Parted, assign
from exports.core.spool import Spool
from exports.encoders import Options
from exports.encoders.files import whole_folder
from exports.encoders.shards import Shards
from exports.encoders.spacy_config import (
    entity_config,
    transformer_config,
    width_of,
    write_labels,
)
from exports.encoders.spacy_documents import (
    COLUMNS,
    KEY,
    Measured,
    blank,
    check_alignment,
    document,
    set_entities,
    set_paragraphs,
)
from exports.encoders.spacy_readme import Facts, meta, project, readme
from exports.encoders.spacy_variants import Nested, Relations, Stances, relation_row

MANIFEST = "manifest.json"
LABELS = "labels/ner.json"
# `spacy debug data` holds every document it looks at in memory.
LOOKED_AT = 300


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write train, dev and test, configurations, labels, links, a manifest and a README.

    The folder appears under its name only when it is whole, and takes the place of an earlier
    export alone. A span that does not fall on token edges is widened, dropped or refused as
    `options.misaligned` says, and listed in `alignment.jsonl` either way.
    """
    with whole_folder(to, replaces=MANIFEST) as part, Spool(records) as spool:
        report = _write(spool, part, options)
    report.files = [str(p) for p in sorted(to.rglob("*")) if p.is_file()]
    return report


def _write(records: Mapping[str, Record], folder: Path, options: Options) -> Report:
    report = Report()
    measured = Measured()
    parted = assign(records, options.split)
    _write_documents(records, parted, folder, options, report, measured)
    _write_lines(folder / "alignment.jsonl", report.changed)
    # spaCy refuses a missing dev folder, so a tiny corpus is scored on what it trains on, and says
    # so.
    dev = "dev" if (folder / "dev").is_dir() else "train"
    relations = Relations(folder / "relations")
    nested = Nested(folder / "spancat") if measured.overlapping else None
    _read_back(folder, records, report, options, relations, nested)
    has_nested = nested is not None and nested.finish(options.language)
    _configure(folder, measured, dev, options)
    facts = Facts(
        options=options,
        report=report,
        measured=measured,
        dev=dev,
        test="test" if (folder / "test").is_dir() else dev,
        trained=sum(part == "train" for part in parted.parts.values()),
        starts_from=options.model if width_of(options.model, options.language) else "",
        nested=nested if has_nested else None,
        relations=relations,
        has_stances=(folder / "stance").is_dir(),
    )
    _write_project(folder, facts)
    if options.debug_data:
        (folder / "debug-data.txt").write_text(_debug_data(folder, dev), encoding="utf-8")
    _write_manifest(folder, facts, parted)
    return report


def _write_documents(
    records: Mapping[str, Record],
    parted: Parted,
    folder: Path,
    options: Options,
    report: Report,
    measured: Measured,
) -> None:
    """Write the documents of each part, and the claims' stances.

    Raises `Problem` when there is nothing to train on, or too much is off token edges.
    """
    nlp = blank(options.language)
    parts = parted.parts
    shards = {name: Shards(folder / name, COLUMNS) for name in EVERY_PART}
    masked = options.disputed == "mask"
    stances = Stances(folder / "stance", options.schema, options.language)
    with (folder / "relations.jsonl").open("w", encoding="utf-8") as relations:
        for done, record in enumerate(records.values()):
            options.progress(done, 2 * len(records))
            doc = document(nlp, record, options, report, measured)
            set_entities(doc, record, options, measured)
            set_paragraphs(doc)
            shards[parts[record.id]].add(doc)
            stances.add(parts[record.id], nlp, record, masked=masked)
            report.count(record)
            relations.write(relation_row(record))
    for shard in shards.values():
        shard.flush()
    stances.finish()
    if not measured.lengths:
        reason = "no span of these layers can be exported"
        raise Problem("nothing-to-do", act="export", reason=reason)
    if not shards["train"].written:
        reason = "the split leaves no document to train on. Choose another"
        raise Problem("nothing-to-do", act="export", reason=reason)
    check_alignment(measured, report, options)


def _write_lines(path: Path, rows: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _configure(folder: Path, measured: Measured, dev: str, options: Options) -> None:
    """Write the configurations, and `ner/`: the same data, trained from nothing.

    In `ner/` the files are the very ones of the folder under another name.
    """
    language = options.language
    write_labels(folder / LABELS, measured.entities)
    entity_config(language, LABELS, dev, options.model).to_disk(folder / "config.cfg")
    transformer_config(language, LABELS, dev).to_disk(folder / "config-gpu.cfg")
    for path in sorted(folder.glob("*/*.spacy")):
        if path.parent.name in PARTS:
            _same_file(path, folder / "ner" / path.parent.name / path.name)
    entity_config(language, "labels.json", dev).to_disk(folder / "ner" / "config.cfg")
    shutil.copyfile(folder / LABELS, folder / "ner" / "labels.json")


def _same_file(path: Path, other: Path) -> None:
    """Give a file a second name, or copy it where the file system knows no second names."""
    other.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, other)
    except OSError:
        shutil.copyfile(path, other)


def _write_project(folder: Path, facts: Facts) -> None:
    (folder / "README.md").write_text(readme(facts), encoding="utf-8")
    (folder / "project.yml").write_text(project(facts), encoding="utf-8")
    card = json.dumps(meta(facts), ensure_ascii=False, indent=1)
    (folder / "meta.json").write_text(card + "\n", encoding="utf-8")


def _write_manifest(folder: Path, facts: Facts, parted: Parted) -> None:
    options, report, measured = facts.options, facts.report, facts.measured
    manifest: dict[str, Any] = {
        "name": options.name,
        "language": options.language,
        "documents": _by_part(parted.parts),
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
        "misaligned": options.misaligned or "expand",
        "changed": len(report.changed),
        "discontinuous": measured.fragments,
        "disputed": options.disputed,
        "masked": measured.masked(),
        "dropped": {**report.dropped, **options.left_out},
        "left_out_of_ner": measured.overlapping,
        "relations": {"written": facts.relations.written, "lost": facts.relations.lost},
        "starts_from": facts.starts_from,
        "schema": options.schema.as_json(),
        "spacy": version("spacy"),
        "files": checksums(folder),
    }
    data = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
    (folder / MANIFEST).write_text(data + "\n", encoding="utf-8")


def _by_part(parts: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the ids of the documents of each part of the split."""
    documents: dict[str, list[str]] = {name: [] for name in EVERY_PART}
    for ident in sorted(parts):
        documents[parts[ident]].append(ident)
    return documents


def _read_back(
    folder: Path,
    records: Mapping[str, Record],
    report: Report,
    options: Options,
    relations: Relations,
    nested: Nested | None,
) -> None:
    """Compare the files with gold span by span, and make the data sets that need paragraphs.

    Raises `Problem` when a document is not as it should be.
    """
    moved = {}
    for row in report.changed:
        moved[row["id"], row["span"], row["start"], row["end"]] = row["became"]
    missing = set(records)
    done = len(records)
    for part in EVERY_PART:
        for doc in _documents(folder / part, options.language):
            options.progress(done, 2 * len(records))
            done += 1
            group = doc.spans[KEY]
            ident = group.attrs["id"]
            places = {(span.id_, span.label_, span.start_char, span.end_char) for span in group}
            if ident not in missing or places != _places(records[ident], moved):
                raise Problem("export-differs", id=ident)
            missing.remove(ident)
            if part not in PARTS:
                continue
            relations.add(part, doc)
            if nested is not None:
                nested.add(part, doc)
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
        "initialize.components.ner.labels.path": str(folder / LABELS),
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


def read_back(folder: Path) -> Iterator[Doc]:
    """Yield the documents of an exported folder."""
    for name in EVERY_PART:
        yield from _documents(folder / name)


def _documents(folder: Path, language: str = "xx") -> Iterator[Doc]:
    vocab = spacy.blank(language).vocab
    for path in sorted(folder.glob("*.spacy")):
        yield from DocBin().from_disk(path).get_docs(vocab)
