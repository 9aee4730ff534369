"""A folder that spaCy trains from as it stands, and a project that packages what was trained."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import redirect_stdout, suppress
from importlib.metadata import version
from io import SEEK_END, StringIO
from itertools import islice
from pathlib import Path
from typing import Any

import spacy
from spacy.cli.debug_data import debug_data
from spacy.language import Language
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
    Tokens,
    blank,
    check_alignment,
    document,
    set_entities,
    set_paragraphs,
    tokens_of,
)
from exports.encoders.spacy_readme import Facts, meta, project, readme
from exports.encoders.spacy_relations import Relations, relation_row
from exports.encoders.spacy_variants import Nested, Stances

MANIFEST = "manifest.json"
# What is written last, and tells of the others.
BESIDE = ("README.md", "project.yml", "meta.json", MANIFEST)
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
    relations = Relations(folder, options.schema)
    nested = _write_documents(records, parted.parts, folder, options, report, measured, relations)
    _write_lines(folder / "alignment.jsonl", report.changed)
    # spaCy refuses a missing dev folder, so a tiny corpus is scored on what it trains on, and says
    # so.
    dev = "dev" if (folder / "dev").is_dir() else "train"
    relations.finish(options.language)
    has_nested = nested is not None and nested.finish(options.language)
    _configure(folder, measured, dev, options)
    if options.debug_data:
        (folder / "debug-data.txt").write_text(_debug_data(folder, dev), encoding="utf-8")
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
        entries=frozenset({*(path.name for path in folder.iterdir()), *BESIDE}),
    )
    _write_project(folder, facts)
    _write_manifest(folder, facts, parted)
    return report


def _write_documents(
    records: Mapping[str, Record],
    parts: Mapping[str, str],
    folder: Path,
    options: Options,
    report: Report,
    measured: Measured,
    relations: Relations,
) -> Nested | None:
    """Write the documents of each part, the claims' stances, and paragraphs with links.

    Returns the passages with spans that overlap, None where no spans do. Raises `Problem` when
    there is nothing to train on, or too much is off token edges.
    """
    nlp = blank(options.language)
    shards = {name: Shards(folder / name, COLUMNS) for name in EVERY_PART}
    masked = options.disputed == "mask"
    stances = Stances(folder / "stance", options.schema, options.language)
    nested: Nested | None = None
    with (folder / "relations.jsonl").open("w", encoding="utf-8") as lines:
        for done, record in enumerate(records.values()):
            options.progress(done, len(records))
            part = parts[record.id]
            doc, tokens = _checked(nlp, record, options, report, measured)
            shards[part].add(doc)
            stances.add(part, nlp, record, masked=masked)
            report.count(record)
            lines.write(relation_row(record))
            if measured.overlapping and nested is None:
                nested = Nested(folder / "spancat")
                _add_earlier(nested, islice(records.values(), done), parts, nlp, options)
            if part in PARTS:
                relations.add(part, doc, tokens)
                if nested is not None:
                    nested.add(part, doc, tokens)
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
    return nested


def _made(
    nlp: Language, record: Record, options: Options, report: Report, measured: Measured
) -> Doc:
    doc = document(nlp, record, options, report, measured)
    set_entities(doc, record, options, measured)
    set_paragraphs(doc, record.text)
    return doc


def _checked(
    nlp: Language, record: Record, options: Options, report: Report, measured: Measured
) -> tuple[Doc, Tokens]:
    """Return a record as a document, or raise `Problem` when that does not hold what gold does."""
    first_change = len(report.changed)
    doc = _made(nlp, record, options, report, measured)
    moved = {}
    for row in report.changed[first_change:]:
        moved[row["span"], row["start"], row["end"]] = row["became"]
    group = doc.spans[KEY]
    places = {(span.id_, span.label_, span.start_char, span.end_char) for span in group}
    tokens = tokens_of(doc, record.text)
    if not _spells(tokens) or places != _places(record, moved):
        raise Problem("export-differs", id=record.id)
    return doc, tokens


def _spells(tokens: Tokens) -> bool:
    """Tell whether tokens with the spaces behind them are their text."""
    pairs = zip(tokens.words, tokens.spaces, strict=True)
    return "".join([f"{word} " if space else word for word, space in pairs]) == tokens.text


def _places(
    record: Record, moved: Mapping[tuple[str, int, int], Any]
) -> set[tuple[str, str, int, int]]:
    """Return where each fragment of a record is to be.

    `moved` are those that went elsewhere, or None where they were dropped.
    """
    places = set()
    for span in record.layer.spans.values():
        for start, end in span.ranges:
            place = moved.get((span_id(span), start, end), [start, end])
            if place is not None:
                places.add((span_id(span), span.label, place[0], place[1]))
    return places


def _add_earlier(
    nested: Nested,
    records: Iterable[Record],
    parts: Mapping[str, str],
    nlp: Language,
    options: Options,
) -> None:
    """Add the documents that came before the first one with spans that overlap."""
    for record in records:
        if parts[record.id] in PARTS:
            # What there is to tell of them was told before.
            doc = _made(nlp, record, options, Report(), Measured())
            nested.add(parts[record.id], doc, tokens_of(doc, record.text))


def _write_lines(path: Path, rows: Iterable[Any]) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _configure(folder: Path, measured: Measured, dev: str, options: Options) -> None:
    """Write the configurations, and `ner/`: one that trains on the same files from nothing."""
    language = options.language
    write_labels(folder / LABELS, measured.entities)
    entity_config(language, LABELS, dev, options.model).to_disk(folder / "config.cfg")
    transformer_config(language, LABELS, dev).to_disk(folder / "config-gpu.cfg")
    from_nothing = entity_config(language, f"../{LABELS}", f"../{dev}")
    from_nothing["paths"]["train"] = "../train"
    (folder / "ner").mkdir()
    from_nothing.to_disk(folder / "ner" / "config.cfg")


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
