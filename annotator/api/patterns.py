"""The patterns of a corpus: read whole, and added to by words."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotator.api.base import ApiRequest, valid
from annotator.api.description import operation
from annotator.core.patterns import LONGEST
from annotator.models import PatternSet
from annotator.selectors import patterns as selectors
from annotator.services import patterns
from corpus.selectors import corpus_for


class PatternIn(serializers.Serializer[Any]):
    """Words that are suggested wherever they stand."""

    label = serializers.CharField(max_length=60)  # type: ignore[assignment]  # a field
    words = serializers.CharField(max_length=LONGEST)
    attributes = serializers.DictField(required=False, default=dict)


class PatternsOut(serializers.Serializer[Any]):
    """The newest version of the patterns."""

    version = serializers.IntegerField(help_text="0 where none were saved")
    count = serializers.IntegerField()
    digest = serializers.CharField(help_text="as the configuration of a run names it")
    lines = serializers.CharField(help_text="JSONL, as spaCy and Prodigy read it")


class PatternsView(APIView):
    """The patterns of a corpus."""

    @operation("get_patterns", PatternsOut, tag="corpora")
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Return the newest version of the patterns."""
        corpus = corpus_for(request.user, slug, "patterns")
        return Response(_as_json(selectors.newest(corpus)))

    @operation("add_pattern", PatternsOut, tag="corpora", request=PatternIn)
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Save the patterns with one more for these words; one that is there stays as it is."""
        corpus = corpus_for(request.user, slug, "patterns")
        data = valid(PatternIn, request)
        saved = patterns.add(
            corpus, data["label"], data["words"], attributes=data["attributes"], by=request.user
        )
        return Response(_as_json(saved))


def _as_json(saved: PatternSet | None) -> dict[str, Any]:
    if saved is None:
        return {"version": 0, "count": 0, "digest": "", "lines": ""}
    return {name: getattr(saved, name) for name in ("version", "count", "digest", "lines")}
