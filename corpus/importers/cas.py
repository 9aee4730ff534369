"""UIMA CAS as INCEpTION writes it: XMI with `TypeSystem.xml` beside it, or JSON that holds its
types.

Spans are the annotations of custom layers and named entities; links are relations (Governor to
Dependent) and slots (features that hold other annotations, or links to them, as chains do). UIMA
counts UTF-16; dkpro-cassis converts.
"""

from __future__ import annotations

import json
import keyword
import math
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from cassis import Cas, load_cas_from_json, load_cas_from_xmi, load_typesystem
from cassis.typesystem import Feature, FeatureStructure, TypeNotFoundError
from lxml import etree

from corpus.core.escapes import escaped, unescaped
from corpus.core.filenames import ident_of
from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.notes import Notes
from corpus.importers.reading import Reading
from corpus.importers.rows import Row, RowWithNotes, articles
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
# What names of attributes are written behind, where a feature cannot be called so.
LETTERS = frozenset("xyzw")
DOCUMENT = "webanno.custom.Document"
# The view that everybody writes who has one text.
INITIAL = "_InitialView"
SOFA = "uima.cas.Sofa"
XMI_ID = "{http://www.omg.org/XMI}id"
VIEW = "{http:///uima/cas.ecore}View"
# What a feature is declared as that holds other annotations, beside their types themselves.
REFERENCES = ("uima.cas.FSArray", "uima.cas.FSList", "uima.cas.TOP", "uima.cas.AnnotationBase")
# The namespace of a type is its package.
TYPE = re.compile(r"\{http:///(.+)\.ecore\}(.+)")
# Doubles hold every whole number up to this.
EXACT = 2**53
OWN_FEATURES = ("ident", "fragments", "score", "begin", "end", "sofa")
NO_ATTRIBUTES = (*LABEL_FEATURES, *OWN_FEATURES)
RELATION_FEATURES = ("kind", *LABEL_FEATURES, "Governor", "Dependent")
# What a feature may be called, and what none may, by us, by INCEpTION or by dkpro-cassis.
FEATURE = re.compile("[A-Za-z][A-Za-z0-9_]*")
RESERVED = frozenset(
    {
        *NO_ATTRIBUTES,
        *("kind", "id", "self", "parent", "address", "coveredText", "Governor", "Dependent"),
        *(f"{kind}Value" for kind in ("boolean", "double", "byte", "short", "int", "long")),
        *("floatValue", "stringValue"),
        *keyword.kwlist,
        *dir(FeatureStructure),
        *("type", "xmiID"),
    }
)
DAMAGED = (
    etree.LxmlError,
    SyntaxError,
    TypeNotFoundError,
    RuntimeError,
    AssertionError,
    UserWarning,
)


def feature_name(attribute: str, *, letter: str = "") -> str:
    """Return the feature of an attribute.

    A name that no feature may have is escaped, behind a letter because a letter comes first. So is
    a name that attributes of another type have too: the `letter` is that of the type.
    """
    name = escaped(attribute, _is_plain)
    if name == attribute and FEATURE.fullmatch(name) and name not in RESERVED and not letter:
        return name
    return (letter or "x") + escaped(attribute, _is_plain, (attribute,))


def _attribute_name(feature: str) -> str:
    """Return the attribute that `feature_name` was given; any other feature is itself."""
    rest = feature[1:]
    if feature[:1] in LETTERS and rest.startswith("_x") and unescaped(rest) != rest:
        return unescaped(rest)
    return feature


def _is_plain(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def read(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the one article of a CAS."""
    convert = partial(_row, spans=reading.spans)
    yield from articles(path, "UIMA CAS", [(0, path)], convert, spans=reading.spans)


def _row(path: Path, *, spans: bool) -> Iterator[RowWithNotes]:
    notes = Notes()
    try:
        with warnings.catch_warnings():
            # What dkpro-cassis only warns of (an offset outside the text) is an error here, but
            # not that it names its own accessors otherwise.
            warnings.simplefilter("error" if spans else "ignore", UserWarning)
            warnings.filterwarnings("ignore", message="Trying to add feature")
            is_json = path.suffix.lower() == ".json"
            cas = _json(path, notes) if is_json else _xmi(path, notes)
            # CAS JSON has one view by now.
            cas = cas if is_json else _view_of_text(cas, notes)
    except DAMAGED as error:
        reason = " ".join(str(error).split())[:200]
        raise Problem("row-shape", format="UIMA CAS", reason=reason) from None
    yield _layer(cas, path, notes, spans=spans)


def _json(path: Path, notes: Notes) -> Cas:
    raw = _bytes(path)
    data = loads(raw)
    views = data.get("%VIEWS") if isinstance(data, dict) else None
    if not isinstance(views, dict) or views.keys() <= {INITIAL}:
        return load_cas_from_json(raw.decode())
    return load_cas_from_json(json.dumps(_with_one_view(data, notes)))


def _with_one_view(data: Row, notes: Notes) -> Row:
    """Return CAS JSON with the view of the text alone, under the name that dkpro-cassis can read.

    It refuses views of any other name. What belongs to them is left, and counted.
    """
    found = data["%FEATURE_STRUCTURES"]
    rows = list(found.values()) if isinstance(found, dict) else found
    types = {row.get("%ID"): row["%TYPE"] for row in rows}
    if isinstance(found, dict):
        types = {int(ident): row["%TYPE"] for ident, row in found.items()}
    sofas = {row["sofaID"]: row for row in rows if row["%TYPE"] == SOFA}
    views = data["%VIEWS"]
    texts = {name: sofa.get("sofaString") for name, sofa in sofas.items()}
    main = _main_view(texts)
    for name in texts.keys() | views.keys():
        if name != main:
            members = views.get(name, {}).get("%MEMBERS", [])
            _count_view(name, texts.get(name), [types[ident] for ident in members], notes)
    if main != INITIAL:
        if INITIAL in sofas:
            sofas[INITIAL]["sofaID"] = main
        sofas[main]["sofaID"] = INITIAL
    return {**data, "%VIEWS": {INITIAL: views.get(main, {"%MEMBERS": []})}}


def _count_view(name: str, text: str | None, types: list[str], notes: Notes) -> None:
    """Count what a view holds that is not the document."""
    if text:
        notes.add(f"texts of other CAS views: {name}", text)
    kept = [found for found in types if not found.startswith(STRUCTURE)]
    if kept:
        notes.add(f"annotations of other CAS views: {name}", kept[0], len(kept))


def _main_view(texts: Mapping[str, str | None]) -> str:
    """Return the view that is the document: the initial one, else the first that has a text."""
    with_text = [name for name, text in texts.items() if text]
    return with_text[0] if with_text and INITIAL not in with_text else INITIAL


def _xmi(path: Path, notes: Notes) -> Cas:
    """Read XMI; what the type system does not know is left out by itself, and counted."""
    types = load_typesystem(BytesIO(_xml(_types_beside(path))))
    root = etree.fromstring(_xml(path), _parser())
    known: dict[str, set[str]] = {}
    references: dict[str, set[str]] = {}
    _drop_outside(root, notes)
    there = {element.get(XMI_ID) for element in root}
    for element in root:
        name = _type_of(element)
        if name and not types.contains_type(name):
            notes.add("CAS annotations of types that the type system lacks", name)
        elif name:
            if name not in known:
                features = types.get_type(name).all_features
                known[name] = {_own_name(one) for one in features}
                references[name] = {_own_name(one) for one in features if _is_reference(one)}
            _drop_unknown(element, name, known[name], notes)
            _drop_dangling(element, references[name], there, notes)
        elif element.tag == VIEW:
            _drop_dangling(element, {"members"}, there, notes)
    # Of the types that were counted it warns again.
    warnings.filterwarnings("ignore", message="Type with name")
    return load_cas_from_xmi(BytesIO(etree.tostring(root)), typesystem=types, lenient=True)


def _drop_unknown(element: Any, name: str, known: set[str], notes: Notes) -> None:
    """Take the features out of an annotation that its type does not have."""
    for feature in list(element.attrib):
        if not feature.startswith("{") and feature not in known:
            reason = f"CAS features that the type system lacks: {name.rpartition('.')[2]}.{feature}"
            notes.add(reason, element.attrib.pop(feature))
    for child in list(element):
        if isinstance(child.tag, str) and child.tag not in known:
            reason = (
                f"CAS features that the type system lacks: {name.rpartition('.')[2]}.{child.tag}"
            )
            notes.add(reason, child.text or "")
            element.remove(child)


def _drop_outside(root: Any, notes: Notes) -> None:
    """Leave out the annotations whose places are outside their text, or are none."""
    lengths = {}
    for sofa in root.iter("{http:///uima/cas.ecore}Sofa"):
        # UIMA counts UTF-16.
        lengths[sofa.get(XMI_ID)] = len(sofa.get("sofaString", "").encode("utf-16-le")) // 2
    for element in list(root):
        start, end = element.get("begin"), element.get("end")
        length = lengths.get(element.get("sofa"))
        if start is None or end is None or not length:
            continue
        whole = start.isdecimal() and end.isdecimal()
        if not whole or not 0 <= int(start) <= int(end) <= length:
            ident = f"x{element.get(XMI_ID)}"
            problem = Problem("span-range", id=ident, start=start, end=end, length=length)
            notes.left.append(problem)
            root.remove(element)


def _is_reference(feature: Feature) -> bool:
    """Tell a feature that names other annotations by their ids."""
    name = feature.rangeType.name
    return name in REFERENCES or not name.startswith("uima.cas.")


def _drop_dangling(element: Any, features: set[str], there: set[str | None], notes: Notes) -> None:
    """Take the ids out of an element that nothing in the file has."""
    for feature in features & set(element.attrib):
        ids = element.get(feature).split()
        kept = [ident for ident in ids if ident in there]
        if len(kept) < len(ids):
            where = f"{etree.QName(element).localname}.{feature}"
            lost = next(ident for ident in ids if ident not in there)
            notes.add(f"CAS references to what is not there: {where}", lost, len(ids) - len(kept))
            element.set(feature, " ".join(kept))
            if not kept:
                del element.attrib[feature]


def _type_of(element: Any) -> str:
    """Return the type of an element, "" for what is no annotation."""
    tag = element.tag if isinstance(element.tag, str) else ""
    match = TYPE.fullmatch(tag)
    if match is None or match[1] == "uima/cas":
        return ""
    package = match[1].replace("/", ".")
    return match[2] if package == "uima.noNamespace" else f"{package}.{match[2]}"


def _types_beside(path: Path) -> Path:
    """Return the type system that stands beside a file, however its name is written."""
    for beside in sorted(path.parent.iterdir()):
        if beside.name.lower() == "typesystem.xml":
            return beside
    raise Problem("file-missing").at(str(path.with_name("TypeSystem.xml")))


def _xml(path: Path) -> bytes:
    """Return the XML of a file, without a DTD or entities, which could grow."""
    tree = etree.fromstring(_bytes(path), _parser()).getroottree()
    if tree.docinfo.doctype:
        raise Problem("row-shape", format="UIMA CAS", reason="it has a document type declaration")
    return bytes(etree.tostring(tree))


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)


def _bytes(path: Path) -> bytes:
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise Problem("file-too-large", size=size, limit=f"{MAX_BYTES} bytes")
    return path.read_bytes()


def _layer(cas: Cas, path: Path, notes: Notes, *, spans: bool) -> RowWithNotes:
    found: dict[int, Row] = {}
    relations: list[FeatureStructure] = []
    meta: Row = {}
    of_document: Row = {}
    ident = ident_of(path.stem)
    for fs in cas.select_all_fs():
        name = fs.type.name
        if name == METADATA:
            ident = fs.get("documentId") or ident
            meta = {"title": fs.get("documentTitle")} if fs.get("documentTitle") else {}
        elif not spans or name.startswith(STRUCTURE):
            continue
        elif _is_about_document(fs):
            of_document.update(_attributes(fs, (), notes))
        elif _is_slot_link(fs):
            # Its span tells it.
            continue
        elif not hasattr(fs, "begin") or _is_built_in(name):
            begin, end = getattr(fs, "begin", None), getattr(fs, "end", None)
            place = isinstance(begin, int) and isinstance(end, int)
            covered = (cas.sofa_string or "")[begin:end] if place else ""
            notes.add(f"CAS annotations of the type {fs.type.short_name}", covered)
        elif fs.type.get_feature("Governor") is not None:
            relations.append(fs)
        else:
            found[fs.xmiID] = _span(fs, notes)
    links: list[Row] = []
    for fs in relations:
        links.append(_relation(fs, found, notes))
    for fs in cas.select_all_fs():
        if fs.xmiID in found:
            links += _slots(fs, found)
    row = {
        "id": ident,
        # A CAS may hold none.
        "text": cas.sofa_string or "",
        "meta": meta,
        "attributes": of_document,
        "spans": list(found.values()),
        "links": links,
        **notes.row(),
    }
    return row, notes.counts


def _view_of_text(cas: Cas, notes: Notes) -> Cas:
    """Return the view that is the document, and count what the others hold."""
    texts = {sofa.sofaID: sofa.sofaString for sofa in cas.sofas}
    main = _main_view(texts)
    for name, text in texts.items():
        if name != main:
            types = [fs.type.name for fs in cas.get_view(name).select_all_fs()]
            _count_view(name, text, types, notes)
    return cas.get_view(main)


def _is_about_document(fs: FeatureStructure) -> bool:
    """Tell a layer of INCEpTION whose annotations belong to the whole document."""
    above = fs.type.supertype
    custom = not fs.type.name.startswith(("uima.", "de.tudarmstadt."))
    return custom and above is not None and above.name == "uima.cas.AnnotationBase"


def _attributes(fs: FeatureStructure, taken: tuple[str, ...], notes: Notes) -> Row:
    """Return the features that hold texts, flags, numbers or lists of texts; others are counted."""
    attributes: Row = {}
    for feature in fs.type.all_features:
        if feature.name in taken or feature.name in OWN_FEATURES:
            continue
        given = fs.get(feature.name)
        value = _value(given)
        if value is not None:
            attributes[_attribute_name(_own_name(feature))] = value
        elif given is not None and not _is_slot(given):
            reason = f"CAS features of a kind that attributes have not: {feature.name}"
            notes.add(reason, str(getattr(given, "elements", given)))
    return attributes


def _own_name(feature: Feature) -> str:
    """Return what a file calls a feature: dkpro-cassis puts a sign behind `type` and `self`."""
    name = str(feature.name)
    return name.removesuffix("_") if getattr(feature, "_has_reserved_name", False) else name


def _value(value: Any) -> Any:
    """Return the value of a feature as an attribute has it; None when none can."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return int(value) if value.is_integer() and abs(value) <= EXACT else value
    if isinstance(value, str | bool | int):
        return value
    elements = getattr(value, "elements", None)
    if isinstance(elements, list) and elements and all(isinstance(e, str) for e in elements):
        return list(elements)
    return None


def _is_slot(value: Any) -> bool:
    """Tell a feature that holds an annotation or links to some, or an empty list."""
    if _is_annotation(value):
        return True
    elements = getattr(value, "elements", None)
    return isinstance(elements, list) and all(hasattr(element, "target") for element in elements)


def _is_annotation(value: Any) -> bool:
    return isinstance(value, FeatureStructure) and hasattr(value, "begin")


def _is_slot_link(fs: FeatureStructure) -> bool:
    """Tell what holds the role of a link beside its target."""
    return fs.type.get_feature("role") is not None and fs.type.get_feature("target") is not None


def _is_built_in(name: str) -> bool:
    """Tell a layer of INCEpTION itself, such as its lemmas; its named entities are spans all the
    same.
    """
    return name.startswith("de.tudarmstadt.ukp.") and name != ENTITY


def _span(fs: FeatureStructure, notes: Notes) -> Row:
    values = {feature.name: fs.get(feature.name) for feature in fs.type.all_features}
    label = fs.type.short_name
    for name in reversed(LABEL_FEATURES):
        if isinstance(values.get(name), str):
            label = values[name]
    span = {
        "id": values.get("ident") or f"x{fs.xmiID}",
        "label": label,
        "start": fs.begin,
        "end": fs.end,
        "attributes": _attributes(fs, LABEL_FEATURES, notes),
        "score": values.get("score"),
    }
    if values.get("fragments"):
        pieces = values["fragments"].split()
        span["fragments"] = [list(map(int, piece.split("-"))) for piece in pieces]
    return span


def _relation(fs: FeatureStructure, spans: dict[int, Row], notes: Notes) -> Row:
    """Return a link; one whose ends are no spans has none, and is left out later."""
    source = _end(fs, "Governor", spans)
    target = _end(fs, "Dependent", spans)
    kind = fs.type.short_name
    for name in ("kind", *LABEL_FEATURES):
        if fs.type.get_feature(name) and fs.get(name):
            kind = fs.get(name)
            break
    return {
        "kind": kind,
        "source": source["id"] if source else None,
        "target": target["id"] if target else None,
        "attributes": _attributes(fs, RELATION_FEATURES, notes),
    }


def _end(fs: FeatureStructure, name: str, spans: dict[int, Row]) -> Row | None:
    """Return the span at one end of a relation."""
    end = fs.get(name)
    return spans.get(end.xmiID) if end is not None else None


def _slots(fs: FeatureStructure, spans: dict[int, Row]) -> Iterator[Row]:
    """Yield the links that stand in the features of an annotation; one without a span at its end
    is left out later.
    """
    for feature in fs.type.all_features:
        value = fs.get(feature.name)
        ends: list[tuple[str, Any]] = [(feature.name, value)] if _is_annotation(value) else []
        for link in getattr(value, "elements", None) or []:
            target = getattr(link, "target", None)
            if target is not None:
                ends.append((getattr(link, "role", None) or feature.name, target))
        for kind, target in ends:
            span = spans.get(target.xmiID)
            yield {
                "kind": kind,
                "source": spans[fs.xmiID]["id"],
                "target": span["id"] if span else None,
            }
