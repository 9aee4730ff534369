"""UIMA CAS for INCEpTION: a folder with an .xmi file for each document and `TypeSystem.xml`.

Spans are annotations of the layer `webanno.custom.Span`, links relations of `webanno.custom.Link`
from Governor to Dependent. UIMA knows no discontinuous annotation: the fragments stand in a
feature, `12-20 31-40` in code points. Tokens and sentences are those of DKPro, as INCEpTION wants
them. An attribute whose name is taken, or that no feature can have, is escaped. A text with
characters that XML cannot hold is written as CAS JSON. Of the metadata the title is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cassis import Cas, TypeSystem

from corpus.core.filenames import file_name
from corpus.core.schema import SchemaView
from corpus.core.span import Range
from corpus.importers.cas import METADATA, feature_name
from exports.core.loss import count_lost
from exports.core.record import Record, Report, as_row
from exports.core.tokens import covering, sentences, tokens
from exports.encoders import Options
from exports.encoders.files import whole_folder

HOLDS = frozenset({"overlap", "fragments", "attributes", "links", "scores"})
SPAN = "webanno.custom.Span"
LINK = "webanno.custom.Link"
TOKENS = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
SENTENCES = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write the type system of the schema and a CAS for each document, named after its id."""
    report = Report()
    types = _types(options.schema)
    texts, _ = _attributes(options.schema)
    with whole_folder(to) as folder:
        types.to_xml(folder / "TypeSystem.xml")
        report.files.append(str(to / "TypeSystem.xml"))
        for record in records:
            cas = Cas(types)
            row = as_row(record)
            _fill(cas, record, row, texts)
            if _fits_xml(record, row):
                name = file_name(record.id) + ".xmi"
                cas.to_xmi(folder / name)
            else:
                name = file_name(record.id) + ".json"
                cas.to_json(folder / name)
            report.files.append(str(to / name))
            report.count(record)
            only_title = set(record.meta) <= {"title"}
            count_lost(record, report, HOLDS | {"metadata"} if only_title else HOLDS)
    return report


def _fits_xml(record: Record, row: dict[str, Any]) -> bool:
    """Tell whether no text of a document has a character that XML cannot hold."""
    strings = [record.text, record.id, _title(record)]
    for span in row["spans"]:
        strings += [value for value in span["attributes"].values() if isinstance(value, str)]
    return not any(NOT_XML.search(string) for string in strings)


def _types(schema: SchemaView) -> TypeSystem:
    types = TypeSystem()
    metadata = types.create_type(METADATA, "uima.tcas.DocumentAnnotation")
    for name in ("documentTitle", "documentId"):
        types.create_feature(metadata, name, "uima.cas.String")
    span = types.create_type(SPAN, "uima.tcas.Annotation")
    for name in ("label", "ident", "fragments"):
        types.create_feature(span, name, "uima.cas.String")
    types.create_feature(span, "score", "uima.cas.Double")
    texts, flags = _attributes(schema)
    for name in sorted(texts):
        types.create_feature(span, feature_name(name), "uima.cas.String")
    for name in sorted(flags):
        feature = feature_name(name, flag=name in texts)
        types.create_feature(span, feature, "uima.cas.Boolean")
    for name in (TOKENS, SENTENCES):
        types.create_type(name, "uima.tcas.Annotation")
    link = types.create_type(LINK, "uima.tcas.Annotation")
    for name in ("Governor", "Dependent"):
        types.create_feature(link, name, SPAN)
    types.create_feature(link, "kind", "uima.cas.String")
    return types


def _attributes(schema: SchemaView) -> tuple[set[str], set[str]]:
    """Return the names of the attributes that are texts or choices, and of those that are flags."""
    texts: set[str] = set()
    flags: set[str] = set()
    for label in schema.labels.values():
        for attribute in label.attributes:
            names = flags if attribute.kind == "flag" else texts
            names.add(attribute.name)
    return texts, flags


def _title(record: Record) -> str:
    title = record.meta.get("title")
    return title if isinstance(title, str) else ""


def _fill(cas: Cas, record: Record, row: dict[str, Any], texts: set[str]) -> None:
    types = cas.typesystem
    annotation = types.get_type(SPAN)
    relation = types.get_type(LINK)
    document = types.get_type(METADATA)
    cas.sofa_string = record.text
    cas.sofa_mime = "text/plain"
    cas.add(
        document(
            begin=0,
            end=len(record.text),
            documentTitle=_title(record) or None,
            documentId=record.id,
        )
    )
    places = tokens(record.text)
    for first, end in sentences(record.text, places, _whole(record, places)):
        sentence = types.get_type(SENTENCES)
        cas.add(sentence(begin=places[first][0], end=places[end - 1][1]))
    token = types.get_type(TOKENS)
    cas.add_all([token(begin=start, end=end) for start, end in places])
    spans = {}
    for span in row["spans"]:
        values = {}
        for name, value in span["attributes"].items():
            flag = isinstance(value, bool) and name in texts
            values[feature_name(name, flag=flag)] = value
        fragments = " ".join(f"{start}-{end}" for start, end in span.get("fragments", ()))
        spans[span["id"]] = annotation(
            begin=span["start"],
            end=span["end"],
            label=span["label"],
            ident=span["id"],
            fragments=fragments or None,
            score=span.get("score"),
            **values,
        )
    cas.add_all(spans.values())
    for link in row["links"]:
        target = spans[link["target"]]
        cas.add(
            relation(
                begin=target.begin,
                end=target.end,
                Governor=spans[link["source"]],
                Dependent=target,
                kind=link["kind"],
            )
        )


def _whole(record: Record, places: list[Range]) -> list[Range]:
    """Return the tokens that each fragment touches: no sentence ends within it."""
    whole = []
    for span in record.layer.spans.values():
        for start, end in span.ranges:
            first, last = covering(places, start, end)
            whole.append((first, last + 1))
    return whole
