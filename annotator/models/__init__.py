"""Layers of annotation, the decisions behind them, and the two queues."""

from __future__ import annotations

from annotator.models.adjudication import (
    Adjudication,
    AdjudicationState,
    Dispute,
    DisputeCount,
    DisputeState,
    DisputeTag,
)
from annotator.models.answers import Answer
from annotator.models.assignments import Assignment, AssignmentState, Sample, SampleKind
from annotator.models.layers import Decision, Layer, LayerKind, LayerState, Link, Run, Span
from annotator.models.notes import Comment, Flag
from annotator.models.numbers import Activity, Overview, Report
from annotator.models.patterns import PatternSet
from annotator.models.pipelines import PipelineMap
from annotator.models.precedents import Precedent

__all__ = [
    "Activity",
    "Adjudication",
    "AdjudicationState",
    "Answer",
    "Assignment",
    "AssignmentState",
    "Comment",
    "Decision",
    "Dispute",
    "DisputeCount",
    "DisputeState",
    "DisputeTag",
    "Flag",
    "Layer",
    "LayerKind",
    "LayerState",
    "Link",
    "Overview",
    "PatternSet",
    "PipelineMap",
    "Precedent",
    "Report",
    "Run",
    "Sample",
    "SampleKind",
    "Span",
]
