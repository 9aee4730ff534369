"""UIMA CAS for INCEpTION: a folder with an .xmi file for each document and `TypeSystem.xml`.

Spans are annotations of the layer `webanno.custom.Span`, links relations of `webanno.custom.Link`
from Governor to Dependent. UIMA knows no discontinuous annotation: the fragments stand in a
feature, `12-20 31-40` in code points. A text with characters that XML cannot hold is written as CAS
JSON. Of the metadata the title is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cassis import Cas, TypeSystem

from corpus.core.filenames import file_name
from corpus.core.schema import SchemaView
from exports.core.loss import count_lost
from exports.core.record import Record, Report, as_row
from exports.encoders import Options
from exports.encoders.files import whole_folder

HOLDS = frozenset({"overlap", "fragments", "attributes", "links", "scores"})
SPAN = "webanno.custom.Span"
LINK = "webanno.custom.Link"
METADATA = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write the type system of the schema and a CAS for each document, named after its id."""
    report = Report()
    types = _types(options.schema)
    with whole_folder(to) as folder:
        types.to_xml(folder / "TypeSystem.xml")
        report.files.append(str(to / "TypeSystem.xml"))
        for record in records:
            cas, row = Cas(types), as_row(record)
            _fill(cas, record, row)
            strings = [
                record.text,
                record.id,
                *(v for s in row["spans"] for v in s["attributes"].values()),
            ]
            plain = not any(
                NOT_XML.search(s) for s in [*strings, _title(record)] if isinstance(s, str)
            )
            name = file_name(record.id) + (".xmi" if plain else ".json")
            (cas.to_xmi if plain else cas.to_json)(folder / name)
            report.files.append(str(to / name))
            report.count(record)
            count_lost(
                record, report, HOLDS | {"metadata"} if set(record.meta) <= {"title"} else HOLDS
            )
    return report


def _types(schema: SchemaView) -> TypeSystem:
    types = TypeSystem()
    metadata = types.create_type(METADATA, "uima.tcas.DocumentAnnotation")
    for name in ("documentTitle", "documentId"):
        types.create_feature(metadata, name, "uima.cas.String")
    span = types.create_type(SPAN, "uima.tcas.Annotation")
    for name in ("label", "ident", "fragments"):
        types.create_feature(span, name, "uima.cas.String")
    types.create_feature(span, "score", "uima.cas.Double")
    attributes = {a.name: a.kind for label in schema.labels.values() for a in label.attributes}
    for name, kind in attributes.items():
        types.create_feature(
            span, name, "uima.cas.Boolean" if kind == "flag" else "uima.cas.String"
        )
    link = types.create_type(LINK, "uima.tcas.Annotation")
    for name in ("Governor", "Dependent"):
        types.create_feature(link, name, SPAN)
    types.create_feature(link, "kind", "uima.cas.String")
    return types


def _title(record: Record) -> str:
    title = record.meta.get("title")
    return title if isinstance(title, str) else ""


def _fill(cas: Cas, record: Record, row: dict[str, Any]) -> None:
    types = cas.typesystem
    make, join, head = types.get_type(SPAN), types.get_type(LINK), types.get_type(METADATA)
    cas.sofa_string = record.text
    cas.sofa_mime = "text/plain"
    cas.add(
        head(
            begin=0,
            end=len(record.text),
            documentTitle=_title(record) or None,
            documentId=record.id,
        )
    )
    made = {}
    for span in row["spans"]:
        fragments = " ".join(f"{a}-{b}" for a, b in span.get("fragments", ())) or None
        made[span["id"]] = make(
            begin=span["start"],
            end=span["end"],
            label=span["label"],
            ident=span["id"],
            fragments=fragments,
            score=span.get("score"),
            **span["attributes"],
        )
    cas.add_all(made.values())
    for link in row["links"]:
        source, target = made[link["source"]], made[link["target"]]
        cas.add(
            join(
                begin=target.begin,
                end=target.end,
                Governor=source,
                Dependent=target,
                kind=link["kind"],
            )
        )
