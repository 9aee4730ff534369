"""Decisions of a log in words: what somebody did, and to which words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from annotator.core.compare import Cluster
from annotator.core.decisions import Value, read_link, read_span
from annotator.core.dispute import parts
from annotator.core.frames import Frame, facets
from annotator.core.gold import read_frame
from corpus.core.problems import Problem
from corpus.core.schema import BOUNDARY, DOCUMENT, LABEL, MISSING, SchemaView
from corpus.core.span import Span

# Of a quotation so many characters tell which one it is.
QUOTED = 90

PLAIN = {
    "accept": "accepted {what}",
    "reject": "rejected {what}",
    "add": "added {what}",
    "propose": "marked {what} with all its other places",
    "remove": "took {what} out",
    "relabel": "relabelled {what}",
    "resize": "changed the edges of {what}",
    "attribute": "changed {what}",
    "leave": "left {what} alone",
    "undo": "took back a change of {what}",
    "redo": "made a change of {what} again",
    "agree": "put {what} into gold",
    "settle": "put {what} into gold",
}
OF_LAYER = {
    "submit": "handed the review in",
    "reopen": "took the review back",
    "leave": "left suggestions alone",
    "lose": "left spans behind whose words the corrected text does not have",
}


@dataclass(frozen=True, slots=True)
class Context:
    """What decisions are told by: the text, and what they are about as it stands now."""

    text: str
    schema: SchemaView
    spans: Mapping[int, Span] = field(default_factory=dict)
    clusters: Sequence[Cluster] = ()


def told(
    verb: str, subject: str, ident: int, before: Value | None, after: Value | None, within: Context
) -> str:
    """Return a decision as what somebody did: `accepted the claim “…”`."""
    try:
        if subject == "dispute":
            return _of_dispute(verb, ident, before, after, within)
        if subject == "link":
            return _of_link(verb, ident, before, after, within)
    except Problem:
        # Of a log of before, in a shape of before.
        return f"{verb} {subject} {ident}"
    if subject != "span":
        is_layer = subject == "layer"
        return OF_LAYER.get(verb, verb) if is_layer else _of_document(after, within.schema)
    return _of_span(verb, ident, before, after, within)


def _of_span(
    verb: str, ident: int, before: Value | None, after: Value | None, within: Context
) -> str:
    if not after and verb in ("agree", "settle", "undo"):
        return f"took {_mention(ident, before, within)} out"
    what = _mention(ident, before if not after or after.get("rejected") else after, within)
    return PLAIN.get(verb, f"{verb}: {{what}}").format(what=what)


def facet_words(frame: Frame, facet: str, text: str, schema: SchemaView) -> str:
    """Return what a frame says in one facet, as people read it."""
    head = frame.head
    if facet == LABEL:
        return _title(head.label, schema)
    kind = schema.link_in_dispute(head.label, facet)
    if kind is not None:
        ends = (linked.span.covered(text) for linked in frame.linked_by(kind.name))
        return ", ".join(ends) or "nothing"
    attribute = schema.attribute_in_dispute(head.label, facet)
    return "none" if attribute is None else attribute.words(head.attributes.get(attribute.name))


def _title(label: str, schema: SchemaView) -> str:
    known = schema.labels.get(label)
    return (known.title if known else "") or label


def _quoted(span: Span, within: Context) -> str:
    """Return a span as the words that it covers."""
    if span.label == DOCUMENT:
        return "the document"
    covered = " ".join(span.covered(within.text).split())
    short = covered if len(covered) <= QUOTED else f"{covered[:QUOTED].rstrip()}…"
    if short.startswith(("“", '"')):
        short = short.strip('“”"')
    title = _title(span.label, within.schema)
    return f"{title[:1].lower()}{title[1:]} “{short}”"


def _mention(ident: int, value: Value | None, within: Context) -> str:
    if value and "start" in value:
        return _quoted(read_span(ident, value), within)
    span = within.spans.get(ident)
    return _quoted(span, within) if span else f"span {ident}"


def _of_link(
    verb: str, ident: int, before: Value | None, after: Value | None, within: Context
) -> str:
    value = after or before
    if not value:
        return f"{verb} link {ident}"
    link = read_link(ident, value)
    kind = within.schema.links.get(link.kind)
    called = (kind.facet or kind.title or kind.name) if kind else link.kind
    source = _mention(link.source, None, within)
    target = _mention(link.target, None, within)
    # Where the other end is called as the kind is, once is enough.
    kind_of = "" if target.startswith(f"{called} ") else f" ({called})"
    if after:
        return f"linked {source} to {target}{kind_of}"
    return f"took off the link from {source} to {target}{kind_of}"


def _of_document(after: Value | None, schema: SchemaView) -> str:
    given = (after or {}).get("attributes") or {}
    known = {attribute.name: attribute for attribute in schema.attributes}
    parts = []
    for name, value in given.items():
        attribute = known.get(name)
        title = (attribute.title if attribute else "") or name
        parts.append(f"{title}: {attribute.words(value) if attribute else value}")
    return f"said of the document: {', '.join(parts) or 'nothing'}"


def _of_dispute(
    verb: str, ident: int, before: Value | None, after: Value | None, within: Context
) -> str:
    cluster = next((one for one in within.clusters if one.ident == ident), None)
    value = after or before or {}
    place = _place(cluster, value, within)
    if verb == "defer":
        return f"put off the dispute about {place}"
    if verb == "undo" or not after:
        return f"opened the dispute about {place} again"
    if after.get("choice") == "none":
        votes = ""
        if cluster is not None:
            against = len(cluster.members)
            votes = f" {len(cluster.voters) - against} : {against}"
        return f"settled{votes} for no version: {place}"
    if cluster is not None and after.get("frame"):
        chosen = read_frame(after["frame"], within.clusters)
        for_what = "; ".join(_votes(cluster, chosen, within))
        if for_what:
            return f"settled {for_what}: {place}"
    own = " by a version of their own" if after.get("choice") == "edit" else ""
    return f"settled{own}: {place}"


def _place(cluster: Cluster | None, value: Mapping[str, Any], within: Context) -> str:
    """Return what a dispute is about: the span chosen, else the fullest version."""
    frame = value.get("frame")
    if frame:
        return _quoted(read_span(0, frame["span"]), within)
    if cluster is not None:
        heads = [member.head for member in cluster.members.values()]
        return _quoted(max(heads, key=lambda head: head.end - head.start), within)
    for ident in value.get("spans") or ():
        if ident in within.spans:
            return _quoted(within.spans[ident], within)
    return "a place"


def _votes(cluster: Cluster, chosen: Frame, within: Context) -> list[str]:
    """Return for each facet in dispute how many said what was chosen, and how many did not."""
    members = list(cluster.members.values())
    differing = [facets(frame, chosen, within.schema) for frame in members]
    told = []
    if MISSING in cluster.kinds:
        absent = len(cluster.voters) - len(members)
        told.append(f"{len(members)} : {absent} for marking it")
    for kind in parts(cluster):
        against = sum(kind in others for others in differing)
        for_it = len(members) - against
        if kind == BOUNDARY:
            said = "these edges"
        else:
            said = facet_words(chosen, kind, within.text, within.schema)
        told.append(
            f"{for_it} : {against} for {said}" if for_it else f"for {said}, which nobody said"
        )
    return told
