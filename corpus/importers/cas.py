"""UIMA CAS as INCEpTION writes it: XMI with `TypeSystem.xml` beside it, or JSON that holds its
types.

Spans are the annotations of custom layers and named entities; links are relations (Governor to
Dependent) and slots (features that hold links to other annotations). UIMA counts UTF-16;
dkpro-cassis converts.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from cassis import Cas, load_cas_from_json, load_cas_from_xmi, load_typesystem
from cassis.typesystem import FeatureStructure, TypeNotFoundError, TypeSystem
from lxml import etree

from corpus.core.filenames import ident_of
from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.rows import Found, Row, articles
from corpus.importers.stream import loads

MAX_BYTES = 64_000_000
METADATA = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
# Tokens and the document itself are no annotations of anybody.
STRUCTURE = (
    "uima.",
    "de.tudarmstadt.ukp.dkpro.core.api.segmentation.",
    "de.tudarmstadt.ukp.dkpro.core.api.metadata.",
    "de.tudarmstadt.ukp.clarin.webanno.api.type.",
)
LABEL_FEATURES = ("label", "value")
OWN_FEATURES = ("ident", "fragments", "score", "begin", "end", "sofa")
DAMAGED = (
    etree.LxmlError,
    SyntaxError,
    TypeNotFoundError,
    RuntimeError,
    AssertionError,
    UserWarning,
)


def read(path: Path) -> Iterator[Article | Problem]:
    """Yield the one article of a CAS."""
    yield from articles(path, "UIMA CAS", [(0, path)], _row)


def _row(path: Path) -> Iterator[Found]:
    try:
        with warnings.catch_warnings():
            # What dkpro-cassis only warns of (an offset outside the text) is an error here.
            warnings.simplefilter("error", UserWarning)
            cas = _json(path) if path.suffix.lower() == ".json" else _xmi(path)
    except DAMAGED as error:
        raise Problem(
            "row-shape", format="UIMA CAS", reason=" ".join(str(error).split())[:200]
        ) from None
    yield _layer(cas, path)


def _json(path: Path) -> Cas:
    raw = _bytes(path)
    loads(raw)
    return load_cas_from_json(raw.decode())


def _xmi(path: Path) -> Cas:
    types = next(
        (p for p in sorted(path.parent.iterdir()) if p.name.lower() == "typesystem.xml"), None
    )
    if types is None:
        raise Problem("file-missing").at(str(path.with_name("TypeSystem.xml")))
    return load_cas_from_xmi(BytesIO(_xml(path)), typesystem=_types(types))


def _types(path: Path) -> TypeSystem:
    return load_typesystem(BytesIO(_xml(path)))


def _xml(path: Path) -> bytes:
    """Return the XML of a file without anything that could reach outside it or grow: no DTD, no
    entities.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    tree = etree.fromstring(_bytes(path), parser).getroottree()
    if tree.docinfo.doctype:
        raise Problem("row-shape", format="UIMA CAS", reason="it has a document type declaration")
    return bytes(etree.tostring(tree))


def _bytes(path: Path) -> bytes:
    if (size := path.stat().st_size) > MAX_BYTES:
        raise Problem("file-too-large", size=size, limit=f"{MAX_BYTES} bytes")
    return path.read_bytes()


def _layer(cas: Cas, path: Path) -> Found:
    notes: Counter[str] = Counter()
    spans: dict[int, Row] = {}
    relations: list[FeatureStructure] = []
    meta: Row = {}
    ident = ident_of(path.stem)
    for fs in cas.select_all_fs():
        name = fs.type.name
        if name == METADATA:
            ident = fs.get("documentId") or ident
            meta = {"title": fs.get("documentTitle")} if fs.get("documentTitle") else {}
        elif name.startswith(STRUCTURE):
            continue
        elif not hasattr(fs, "begin") or (
            name.startswith("de.tudarmstadt.ukp.") and name != ENTITY
        ):
            notes[f"CAS annotations of the type {fs.type.short_name}"] += 1
        elif fs.type.get_feature("Governor") is not None:
            relations.append(fs)
        else:
            spans[fs.xmiID] = _span(fs, cas.sofa_string)
    links = [_relation(fs, spans) for fs in relations]
    links += [link for fs in cas.select_all_fs() if fs.xmiID in spans for link in _slots(fs, spans)]
    row = {
        "id": ident,
        "text": cas.sofa_string,
        "meta": meta,
        "spans": list(spans.values()),
        "links": links,
    }
    return row, notes


def _span(fs: FeatureStructure, text: str) -> Row:
    values = {f.name: fs.get(f.name) for f in fs.type.all_features}
    label = next(
        (values[name] for name in LABEL_FEATURES if isinstance(values.get(name), str)),
        fs.type.short_name,
    )
    span = {
        "id": values.get("ident") or f"x{fs.xmiID}",
        "label": label,
        "start": fs.begin,
        "end": fs.end,
        "attributes": {
            name: value
            for name, value in values.items()
            if isinstance(value, str | bool) and name not in (*LABEL_FEATURES, *OWN_FEATURES)
        },
        "score": values.get("score"),
    }
    if values.get("fragments"):
        span["fragments"] = [
            [int(n) for n in piece.split("-")] for piece in values["fragments"].split()
        ]
    return span


def _relation(fs: FeatureStructure, spans: dict[int, Row]) -> Row:
    ends = [
        spans.get(fs.get(name).xmiID)
        for name in ("Governor", "Dependent")
        if fs.get(name) is not None
    ]
    if len(ends) != 2 or None in ends:
        raise Problem(
            "link-ends", id=fs.xmiID, source_label="a span of this CAS", target_label="another"
        )
    kind = next(
        (fs.get(n) for n in ("kind", *LABEL_FEATURES) if fs.type.get_feature(n) and fs.get(n)), None
    )
    source, target = (end["id"] for end in ends if end)
    return {"kind": kind or fs.type.short_name, "source": source, "target": target}


def _slots(fs: FeatureStructure, spans: dict[int, Row]) -> Iterator[Row]:
    """Yield the links that stand in the features of an annotation."""
    for feature in fs.type.all_features:
        for link in getattr(fs.get(feature.name), "elements", None) or []:
            target: Any = getattr(link, "target", None)
            if target is not None and target.xmiID in spans:
                kind = getattr(link, "role", None) or feature.name
                yield {
                    "kind": kind,
                    "source": spans[fs.xmiID]["id"],
                    "target": spans[target.xmiID]["id"],
                }
