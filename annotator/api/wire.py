"""What several endpoints answer with: spans, layers, schemas and documents, as described shapes.

They describe what `annotator.selectors.wire` writes; nothing passes through them on its way out.
"""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from annotator.core.decisions import SUBJECTS, VERBS
from corpus.core.schema import ATTRIBUTE_KINDS

TEXT_DIRECTIONS = ("ltr", "rtl")


def fragments(**more: Any) -> serializers.ListField:
    """Return the field of the ranges of an interrupted span, null for one of one piece."""
    ends = serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    return serializers.ListField(
        child=ends,
        allow_null=True,
        help_text="half-open ranges of an interrupted span, null for one of one piece",
        **more,
    )


class Span(serializers.Serializer[Any]):
    """A span of a layer; offsets count code points, the end is the first one outside."""

    ident = serializers.IntegerField(help_text="its number in the layer")
    label = serializers.CharField()  # type: ignore[assignment]  # a field
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    fragments = fragments()
    attributes = serializers.DictField()
    score = serializers.FloatField(allow_null=True, help_text="confidence of a suggestion, 0 to 1")
    evidence = serializers.DictField(allow_null=True, help_text="why it was suggested")
    origin = serializers.IntegerField(
        allow_null=True, help_text="ident of the suggestion that it came from"
    )


class SpanWithWords(Span):
    """A span with the words that it covers."""

    text = serializers.CharField()


class LostSpan(serializers.Serializer[Any]):
    """A span that did not come along to a corrected text, at its place in the text before."""

    label = serializers.CharField(help_text="the title of its label")  # type: ignore[assignment]
    text = serializers.CharField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    said = serializers.ListField(
        child=serializers.CharField(), help_text="comments and notes of flags about it"
    )


class Link(serializers.Serializer[Any]):
    """A link between two spans of a layer, by their idents."""

    ident = serializers.IntegerField()
    kind = serializers.CharField()
    source = serializers.IntegerField()  # type: ignore[assignment]  # a field
    target = serializers.IntegerField()
    attributes = serializers.DictField()


class SpansAndLinks(serializers.Serializer[Any]):
    """Spans in the order of the text, links, and the attributes of the document."""

    spans = Span(many=True)
    links = Link(many=True)
    attributes = serializers.DictField()


class FrameLink(serializers.Serializer[Any]):
    """A link of a frame, with the span at its other end."""

    kind = serializers.CharField()
    cluster = serializers.IntegerField(
        allow_null=True, help_text="the frame that it goes to; null for a part of this one"
    )
    span = SpanWithWords()
    attributes = serializers.DictField()
    reverse = serializers.BooleanField(help_text="it runs from the other end to this span")


class Frame(serializers.Serializer[Any]):
    """A span with its links."""

    span = SpanWithWords()
    links = FrameLink(many=True)


class Decision(serializers.Serializer[Any]):
    """A decision as the log of its layer holds it."""

    seq = serializers.IntegerField()
    client_id = serializers.UUIDField()
    group = serializers.UUIDField()
    verb = serializers.ChoiceField(choices=VERBS)
    subject = serializers.ChoiceField(choices=SUBJECTS)
    ident = serializers.IntegerField()
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)
    undoes = serializers.UUIDField(allow_null=True)


class Attribute(serializers.Serializer[Any]):
    """What is said of a span, a link or the document beyond its label or kind."""

    name = serializers.CharField(max_length=60)
    title = serializers.CharField(max_length=100)
    description = serializers.CharField()
    kind = serializers.ChoiceField(choices=ATTRIBUTE_KINDS)
    choices = serializers.ListField(child=serializers.CharField())
    keys = serializers.DictField(child=serializers.CharField(), help_text="by choice")
    required = serializers.BooleanField()  # type: ignore[assignment]  # a field
    default = serializers.JSONField(allow_null=True)
    identity = serializers.BooleanField()
    fold = serializers.BooleanField()


class Label(serializers.Serializer[Any]):
    """A kind of span."""

    name = serializers.CharField(max_length=60)
    title = serializers.CharField(max_length=100)
    description = serializers.CharField()
    colour = serializers.CharField()
    key = serializers.CharField()
    fold = serializers.BooleanField()
    attributes = Attribute(many=True)


class LinkKind(serializers.Serializer[Any]):
    """A kind of link, from spans of some labels to spans of others."""

    name = serializers.CharField(max_length=60)
    title = serializers.CharField(max_length=100)
    description = serializers.CharField()
    sources = serializers.ListField(child=serializers.CharField())
    targets = serializers.ListField(child=serializers.CharField())
    key = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]  # a field
    unless = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))
    owned = serializers.BooleanField()
    many = serializers.BooleanField()  # type: ignore[assignment]  # a field
    symmetric = serializers.BooleanField()
    facet = serializers.CharField()
    attributes = Attribute(many=True)


class Schema(serializers.Serializer[Any]):
    """Labels, kinds of links, and attributes of the document."""

    labels = Label(many=True)
    links = LinkKind(many=True)
    attributes = Attribute(many=True)


class SchemaVersion(Schema):
    """A version of a corpus's schema; a frozen one is in use and never changes."""

    version = serializers.IntegerField()
    frozen_at = serializers.DateTimeField(allow_null=True)


class CorpusName(serializers.Serializer[Any]):
    """How a corpus is called."""

    slug = serializers.CharField()
    name = serializers.CharField()


class ArticleText(serializers.Serializer[Any]):
    """A document with its text, as the review and the adjudication page show it."""

    id = serializers.CharField()
    title = serializers.CharField()
    outlet = serializers.CharField()
    text = serializers.CharField()
    sha256 = serializers.CharField()
    words = serializers.IntegerField()
    direction = serializers.ChoiceField(choices=TEXT_DIRECTIONS)
    targets = serializers.ListField(child=serializers.CharField())
    default_target = serializers.CharField(allow_null=True)


class Count(serializers.Serializer[Any]):
    """How often something came about."""

    reason = serializers.CharField()
    count = serializers.IntegerField()
