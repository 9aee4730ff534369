"""Web Annotation pages through a JSON-LD processor (PyLD), without the network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pyld import jsonld

from tests.exports.encoders.sample import SPANS, TEXT, export

OA = "http://www.w3.org/ns/oa#"
VALUE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#value"
BASE = "https://example.org/corpus/a%252F1.jsonld"
TYPES = ("Annotation", "TextualBody", "SpecificResource", "TextPositionSelector")
MOTIVATIONS = ("classifying", "describing", "linking")
# The terms of the recommendation's context (www.w3.org/TR/annotation-vocab, appendix A) that an
# export uses. A term that is not here is dropped by the processor, and missed below.
CONTEXT: dict[str, Any] = {
    "oa": OA,
    "as": "http://www.w3.org/ns/activitystreams#",
    "id": "@id",
    "type": "@type",
    "AnnotationPage": "as:OrderedCollectionPage",
    **{name: f"oa:{name}" for name in (*TYPES, *MOTIVATIONS, "TextQuoteSelector")},
    "items": {"@id": "as:items", "@type": "@id", "@container": "@list"},
    "body": {"@id": "oa:hasBody", "@type": "@id"},
    "target": {"@id": "oa:hasTarget", "@type": "@id"},
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": {"@id": "oa:hasSelector", "@type": "@id"},
    "motivation": {"@id": "oa:motivatedBy", "@type": "@vocab"},
    "purpose": {"@id": "oa:hasPurpose", "@type": "@vocab"},
    "value": VALUE,
    **{name: f"oa:{name}" for name in ("start", "end", "exact", "prefix", "suffix")},
}


def load(url: str, options: object = None) -> dict[str, Any]:
    """Answer for the one context that a page may name."""
    assert url == "http://www.w3.org/ns/anno.jsonld"
    return {"contextUrl": None, "documentUrl": url, "document": {"@context": CONTEXT}}


def expanded(folder: Path) -> dict[str, Any]:
    export("webannotation", folder / "web")
    page = json.loads((folder / "web" / "a%2F1.jsonld").read_text(encoding="utf-8"))
    (made,) = jsonld.expand(page, {"base": BASE, "documentLoader": load})
    return made


def only(node: dict[str, Any], name: str) -> Any:
    (value,) = node[f"{OA}{name}"]
    return value.get("@value", value.get("@id", value))


def test_every_annotation_has_its_label_place_and_words(tmp_path: Path) -> None:
    page = expanded(tmp_path)
    assert page["@type"] == ["http://www.w3.org/ns/activitystreams#OrderedCollectionPage"]
    assert page["urn:saidby:document"] == [{"@value": "a/1"}]
    assert page["urn:saidby:meta"][0]["@value"] == {"title": "T", "language": "en"}
    items = page["http://www.w3.org/ns/activitystreams#items"][0]["@list"]
    seen = set()
    for item in items:
        assert item["@type"] == [f"{OA}Annotation"]
        if only(item, "motivatedBy") == f"{OA}classifying":
            label = item[f"{OA}hasBody"][0]
            target = item[f"{OA}hasTarget"][0]
            place, quote = target[f"{OA}hasSelector"]
            assert only(target, "hasSource") == "https://example.org/corpus/a%252F1.txt"
            assert only(quote, "exact") == TEXT[only(place, "start") : only(place, "end")]
            seen.add((label[VALUE][0]["@value"], only(place, "start"), only(place, "end")))
    assert seen == {(span.label, span.start, span.end) for span in SPANS}


def test_attributes_and_links_are_kept_by_the_processor(tmp_path: Path) -> None:
    items = expanded(tmp_path)["http://www.w3.org/ns/activitystreams#items"][0]["@list"]
    ids = {item["@id"] for item in items}
    attributes = {}
    links = []
    for item in items:
        for body in item[f"{OA}hasBody"]:
            if "urn:saidby:attribute" in body and item["@id"].endswith("#n1"):
                attributes[body["urn:saidby:attribute"][0]["@value"]] = body[VALUE][0]["@value"]
        if only(item, "motivatedBy") == f"{OA}linking":
            kind, end = item[f"{OA}hasBody"]
            assert only(end, "hasSource") in ids
            assert only(item, "hasTarget") in ids
            links.append(kind[VALUE][0]["@value"])
    assert attributes == {
        "type": "x",
        "label": "very good",
        "score": "7",
        "begin": True,
        "end": "z",
    }
    assert sorted(links) == ["part_of", "said by"]
    # Ids of spans begin with a sign of their label, which an address may not hold as it is.
    assert all(ident.isascii() for ident in ids)
