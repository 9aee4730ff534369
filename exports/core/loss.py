"""What a format cannot hold, counted per export."""

from __future__ import annotations

from exports.core.record import Record, Report

# What a layer may have beyond labelled spans that do not overlap. An encoder states in `HOLDS`
# which of these its format keeps exactly; docs/formats.md has the table and the rule for the rest.
FEATURES = (
    *("overlap", "fragments", "attributes", "links", "link-attributes", "document-attributes"),
    *("scores", "metadata"),
)
EVERYTHING = frozenset(FEATURES)


def count_lost(record: Record, report: Report, holds: frozenset[str]) -> None:
    """Count what of a record is not kept.

    That is attribute values of spans, of links and of the document, links, scores, discontinuous
    spans and metadata. Spans that overlap
    are counted by the encoder, which alone knows those it leaves out.
    """
    spans = record.layer.spans.values()
    features = {
        "fragments": sum(1 for span in spans if span.fragments),
        "attributes": sum(len(span.attributes) for span in spans),
        "links": len(record.layer.links),
        "link-attributes": sum(len(link.attributes) for link in record.layer.links.values()),
        "document-attributes": len(record.layer.attributes),
        "scores": sum(1 for span in spans if span.score is not None),
        "metadata": int(bool(record.meta)),
    }
    for feature, count in features.items():
        if count and feature not in holds:
            report.dropped[feature] += count
