"""UIMA CAS for INCEpTION: a folder with an .xmi file for each document and `TypeSystem.xml`.

Spans are annotations of the layer `webanno.custom.Span`, links relations of `webanno.custom.Link`
from Governor to Dependent. UIMA knows no discontinuous annotation: the fragments stand in a
feature, `12-20 31-40` in code points. Tokens and sentences are those of DKPro, as INCEpTION wants
them. An attribute whose name is taken, or that no feature can have, is escaped. A text with
characters that XML cannot hold is written as CAS JSON. Of the metadata the title is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cassis import Cas, TypeSystem
from cassis.typesystem import Type

from corpus.core.filenames import file_name
from corpus.core.schema import Attribute, SchemaView
from corpus.core.span import Range
from corpus.importers.cas import DOCUMENT, METADATA, feature_name
from exports.core.loss import EVERYTHING, count_lost
from exports.core.record import Record, Report, as_row
from exports.core.tokens import covering, sentences, tokens
from exports.encoders import Options
from exports.encoders.files import whole_folder

HOLDS = EVERYTHING - {"metadata"}
SPAN = "webanno.custom.Span"
LINK = "webanno.custom.Link"
TOKENS = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"
SENTENCES = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
# The type of a feature, and the letter that tells attributes of one name but other types apart.
RANGES = {
    "text": ("uima.cas.String", "x"),
    "flag": ("uima.cas.Boolean", "y"),
    "number": ("uima.cas.Double", "w"),
    "choices": ("uima.cas.StringArray", "z"),
}
NOT_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(records: Iterable[Record], to: Path, options: Options) -> Report:
    """Write the type system of the schema and a CAS for each document, named after its id."""
    report = Report()
    features = _features(options.schema)
    types = _types(features)
    with whole_folder(to) as folder:
        types.to_xml(folder / "TypeSystem.xml")
        report.files.append(str(to / "TypeSystem.xml"))
        for record in records:
            cas = Cas(types)
            row = as_row(record)
            _fill(cas, record, row, features, report)
            if _fits_xml(record, row):
                name = file_name(record.id) + ".xmi"
                cas.to_xmi(folder / name)
            else:
                name = file_name(record.id) + ".json"
                cas.to_json(folder / name)
            report.files.append(str(to / name))
            report.count(record)
            only_title = set(record.meta) <= {"title"}
            count_lost(record, report, EVERYTHING if only_title else HOLDS)
    report.dropped = +report.dropped
    return report


def _fits_xml(record: Record, row: dict[str, Any]) -> bool:
    """Tell whether no text of a document has a character that XML cannot hold."""
    strings: list[Any] = [record.text, record.id, _title(record)]
    for holder in (row, *row["spans"], *row["links"]):
        for value in holder.get("attributes", {}).values():
            strings += value if isinstance(value, list) else [value]
    return not any(isinstance(one, str) and NOT_XML.search(one) for one in strings)


@dataclass(frozen=True, slots=True)
class Features:
    """The features of attributes by name and type, for spans, links and the document."""

    span: Mapping[tuple[str, str], str]
    link: Mapping[tuple[str, str], str]
    document: Mapping[tuple[str, str], str]


def _features(schema: SchemaView) -> Features:
    of_spans = [own for label in schema.labels.values() for own in label.attributes]
    of_links = [own for kind in schema.links.values() for own in kind.attributes]
    return Features(_named(of_spans), _named(of_links), _named(schema.attributes))


def _named(attributes: Iterable[Attribute]) -> dict[tuple[str, str], str]:
    """Return the feature of each name and type; the first type of a name has it as it is."""
    features: dict[tuple[str, str], str] = {}
    wanted = {(own.name, _type_of(own.kind)) for own in attributes}
    for known, (_, letter) in RANGES.items():
        for name, kind in sorted(wanted):
            if kind == known:
                taken = any(other == name for other, _ in features)
                features[name, kind] = feature_name(name, letter=letter if taken else "")
    return features


def _type_of(kind: str) -> str:
    return "text" if kind == "choice" else kind


def _types(features: Features) -> TypeSystem:
    types = TypeSystem()
    metadata = types.create_type(METADATA, "uima.tcas.DocumentAnnotation")
    for name in ("documentTitle", "documentId"):
        types.create_feature(metadata, name, "uima.cas.String")
    span = types.create_type(SPAN, "uima.tcas.Annotation")
    for name in ("label", "ident", "fragments"):
        types.create_feature(span, name, "uima.cas.String")
    types.create_feature(span, "score", "uima.cas.Double")
    _create(types, span, features.span)
    for name in (TOKENS, SENTENCES):
        types.create_type(name, "uima.tcas.Annotation")
    link = types.create_type(LINK, "uima.tcas.Annotation")
    for name in ("Governor", "Dependent"):
        types.create_feature(link, name, SPAN)
    types.create_feature(link, "kind", "uima.cas.String")
    _create(types, link, features.link)
    if features.document:
        document = types.create_type(DOCUMENT, "uima.cas.AnnotationBase")
        _create(types, document, features.document)
    return types


def _create(types: TypeSystem, holder: Type, features: Mapping[tuple[str, str], str]) -> None:
    for (_, kind), name in features.items():
        types.create_feature(holder, name, RANGES[kind][0])


def _title(record: Record) -> str:
    title = record.meta.get("title")
    return title if isinstance(title, str) else ""


def _fill(
    cas: Cas, record: Record, row: dict[str, Any], features: Features, report: Report
) -> None:
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
        values = dict(_values(types, span, features.span, report))
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
                **dict(_values(types, link, features.link, report)),
            )
        )
    if row.get("attributes"):
        about = types.get_type(DOCUMENT)
        cas.add(about(**dict(_values(types, row, features.document, report))))


def _values(
    types: TypeSystem,
    holder: dict[str, Any],
    features: Mapping[tuple[str, str], str],
    report: Report,
) -> Iterator[tuple[str, Any]]:
    """Yield the features of what has attributes, as CAS holds their values."""
    for name, value in holder.get("attributes", {}).items():
        if isinstance(value, bool):
            yield features[name, "flag"], value
        elif isinstance(value, list):
            array = types.get_type("uima.cas.StringArray")
            yield features[name, "choices"], array(elements=value)
        elif isinstance(value, int | float):
            report.dropped["numbers-rounded"] += float(value) != value
            yield features[name, "number"], float(value)
        else:
            yield features[name, "text"], value


def _whole(record: Record, places: list[Range]) -> list[Range]:
    """Return the tokens that each fragment touches: no sentence ends within it."""
    whole = []
    for span in record.layer.spans.values():
        for start, end in span.ranges:
            first, last = covering(places, start, end)
            whole.append((first, last + 1))
    return whole
