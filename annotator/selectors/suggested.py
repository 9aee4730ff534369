"""What a job of suggestions found: counts and a few frames, to see at a glance what it is like."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any

from django.db.models import Count, QuerySet
from django.db.models.fields.json import KeyTextTransform

from annotator.core.frames import Frame, frames
from annotator.models import Layer, LayerKind, Run, Span
from annotator.selectors.layers import hidden_suggestions, layer_views
from corpus import permissions
from corpus.core.schema import SchemaView
from corpus.models import Corpus, Document, JobState
from corpus.selectors import schema_rows, texts_of

# Documents that one statement asks for, those that the sample is taken from, and its frames.
CHUNK = 500
SAMPLED = 20
SAMPLE = 5


@dataclass(frozen=True, slots=True)
class Sampled:
    """A suggested frame in words: its label, who or what it is linked to, and its choices."""

    document: Document
    label: str
    words: str
    linked: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the newest job of suggestions found, as a sentence and by a few frames.

    Who proposed how many stands in `proposed`, and how many several did in `agreed`; `result` is
    what the job tells beside that.
    """

    sentence: str
    sample: tuple[Sampled, ...]
    proposed: Mapping[str, int]
    agreed: int
    result: Mapping[str, Any]


def summarize(run: Run, documents: Sequence[int]) -> dict[str, Any]:
    """Return what a run suggested for documents, by their keys.

    Spans are counted by label, those that are known again by a name once for each name; and all by
    who proposed them first, `agreed` being those that several proposed. The sample
    holds keys alone: an article's words stand in one place.
    """
    schema = schema_rows(run.schema).view
    totals = {label: 0 for label in schema.labels if label not in schema.riding}
    names: dict[str, set[str]] = {label: set() for label in schema.identities if label in totals}
    proposed: Counter[str] = Counter()
    agreed = 0
    for first in range(0, len(documents), CHUNK):
        spans = _spans(run, documents[first : first + CHUNK])
        counted = spans.order_by().values_list("label__name").annotate(n=Count("pk"))
        for label, count in counted:
            if label in totals and label not in names:
                totals[label] += count
        for label, found in names.items():
            for name, count in _by_name(spans, label, schema.identities[label]):
                found.add(name)
                totals[label] += count if not name else 0
        by = spans.exclude(evidence=None).annotate(by=KeyTextTransform("suggester", "evidence"))
        proposed.update(dict(by.order_by().values_list("by").annotate(n=Count("pk"))))
        agreed += spans.filter(evidence__has_key="also").count()
    for label, found in names.items():
        totals[label] += len(found - {""})
    return {
        "run": run.pk,
        "documents": len(documents),
        "labels": totals,
        "proposed": {name: count for name, count in proposed.items() if name},
        "agreed": agreed,
        "sample": _sample(run, documents),
    }


def _spans(run: Run, documents: Sequence[int]) -> QuerySet[Span]:
    return Span.objects.filter(
        layer__run=run, layer__kind=LayerKind.SUGGESTION, layer__document__in=documents
    )


def _by_name(spans: QuerySet[Span], label: str, attribute: str) -> Iterator[tuple[str, int]]:
    """Yield each name, case folded, with its number of spans; "" for those without one."""
    named = spans.filter(label__name=label).annotate(name=KeyTextTransform(attribute, "attributes"))
    for name, count in named.order_by().values_list("name").annotate(n=Count("pk")):
        yield str(name or "").casefold().strip(), count


def _sample(run: Run, documents: Sequence[int]) -> list[list[int]]:
    """Return frames as keys of documents and idents, from as many documents as there are."""
    schema = schema_rows(run.schema).view
    layers = Layer.objects.filter(
        run=run, kind=LayerKind.SUGGESTION, document__in=documents[:SAMPLED]
    )
    views = layer_views(layers)
    of_document = []
    for layer in sorted(layers, key=lambda layer: layer.document_id):
        found = [frame for frame in frames(views[layer.pk], schema) if _is_telling(frame, schema)]
        of_document.append([[layer.document_id, frame.head.ident] for frame in found])
    rounds = zip_longest(*of_document)
    taken = (one for round_ in rounds for one in round_ if one is not None)
    return list(islice(taken, SAMPLE))


def _is_telling(frame: Frame, schema: SchemaView) -> bool:
    """Tell whether a frame shows what is suggested: linked, where its label has links."""
    if frame.head.label in schema.folded | schema.riding:
        return False
    return bool(frame.linked) or not schema.links_from(frame.head.label)


def newest(corpus: Corpus, user: permissions.User) -> Suggested | None:
    """Return what the newest finished job of suggestions found; None when there is none.

    Its sample leaves out what this person reviews or may come to review blind.
    """
    jobs = corpus.jobs.filter(kind="suggest", parent=None, state=JobState.DONE)
    job = jobs.order_by("-pk").first()
    summary = job.result.get("summary") if job is not None else None
    if job is None or not summary or not summary["documents"]:
        return None
    run = Run.objects.filter(pk=summary["run"]).select_related("schema").first()
    if run is None:
        return None
    schema = schema_rows(run.schema).view
    shown = _open_to(user, corpus, {document for document, _ in summary["sample"]})
    sample = [one for one in summary["sample"] if one[0] in shown]
    (result,) = open_results(corpus, [job.result], user)
    return Suggested(
        sentence(summary, schema),
        tuple(_sampled(run, sample, schema)),
        summary.get("proposed", {}),
        summary.get("agreed", 0),
        result,
    )


def open_results(
    corpus: Corpus, results: Sequence[Mapping[str, Any]], user: permissions.User
) -> list[dict[str, Any]]:
    """Return results of jobs that suggested, as far as every blind review of a person stays blind.

    What notes and trials tell of documents that they review or may come to review blind is left
    out, and so are documents that were withdrawn since; the counts stay.
    """
    names: set[str] = set()
    keys: set[int] = set()
    for result in results:
        keys.update(example["document"] for example in result.get("examples", ()))
        for note in result.get("notes", ()):
            names.update(note["documents"])
            names.update(example["document"] for example in note["examples"])
    if not names and not keys:
        return [dict(result) for result in results]
    current = Document.objects.filter(corpus=corpus, retired_at__isnull=True)
    named = dict(current.filter(external_id__in=names).values_list("external_id", "pk"))
    shown = _open_to(user, corpus, keys | set(named.values()))
    told = {name for name, key in named.items() if key in shown}
    return [_only_of(result, shown, told) for result in results]


def _only_of(
    result: Mapping[str, Any], keys: Collection[int], names: Collection[str]
) -> dict[str, Any]:
    """Return the result of a job with nothing of documents but these, by their keys and names."""
    kept = dict(result)
    if "examples" in result:
        kept["examples"] = [one for one in result["examples"] if one["document"] in keys]
    if "notes" in result:
        kept["notes"] = []
    for note in result.get("notes", ()):
        documents = [name for name in note["documents"] if name in names]
        examples = [one for one in note["examples"] if one["document"] in names]
        kept["notes"].append({**note, "documents": documents, "examples": examples})
    return kept


def _open_to(user: permissions.User, corpus: Corpus, documents: Collection[int]) -> frozenset[int]:
    """Return those documents, by key, whose suggestions leave blind what they review blind."""
    if corpus.blind_percent and permissions.allows(user, "review", corpus):
        return frozenset()
    return frozenset(documents) - hidden_suggestions(corpus, documents, user)


def _sampled(run: Run, sample: Sequence[Sequence[int]], schema: SchemaView) -> Iterator[Sampled]:
    """Yield the frames of a sample in words; what was erased or replaced since is left out."""
    layers = Layer.objects.filter(
        run=run,
        kind=LayerKind.SUGGESTION,
        document__in={document for document, _ in sample},
        document__retired_at__isnull=True,
    ).select_related("document")
    layer_of = {layer.document_id: layer for layer in layers}
    views = layer_views(layer_of.values())
    texts = texts_of([layer.document for layer in layer_of.values()])
    for key, ident in sample:
        if key not in layer_of or key not in texts:
            continue
        for frame in frames(views[layer_of[key].pk], schema):
            if frame.head.ident == ident:
                yield _in_words(frame, layer_of[key].document, texts[key], schema)


def _in_words(frame: Frame, document: Document, text: str, schema: SchemaView) -> Sampled:
    head = frame.head
    linked = []
    for link in frame.linked:
        name = link.span.attributes.get(schema.identities.get(link.span.label, ""))
        linked.append(str(name or link.span.covered(text)))
    # What only says whether a link is there is seen by the link.
    of_links = {name for kind in schema.links_from(head.label) for name in kind.unless}
    choices = [a for a in schema.attributes_of(head.label) if a.choices and not a.fold]
    values = [
        f"{a.title or a.name}: {head.attributes[a.name]}"
        for a in choices
        if a.name in head.attributes and a.name not in of_links
    ]
    return Sampled(
        document,
        schema.labels[head.label].title,
        head.covered(text),
        ", ".join(dict.fromkeys(linked)),
        tuple(values),
    )


def sentence(summary: Mapping[str, Any], schema: SchemaView) -> str:
    """Return "184 claims by 31 speakers in 6 documents", by the titles of the schema's labels.

    Labels that a link "… by" joins are joined by it; others stand one after another.
    """
    counts = {label: n for label, n in summary["labels"].items() if n and label in schema.labels}
    where = f"in {_counted(summary['documents'], 'document')}"
    if not counts:
        return f"Nothing was found {where}"
    words = {label: _counted(n, schema.labels[label].title.lower()) for label, n in counts.items()}
    for kind in schema.links.values():
        (source, *others), (target, *more) = kind.sources, kind.targets
        joins = kind.title.lower().endswith("by") and not others and not more
        if joins and source in words and target in words and source != target:
            words[source] = f"{words[source]} by {words.pop(target)}"
    return f"{', '.join(words.values())} {where}"


def _counted(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    if noun.endswith(("s", "x", "ch", "sh")):
        return f"{number} {noun}es"
    if noun.endswith("y") and noun[-2:-1] not in "aeiou":
        return f"{number} {noun[:-1]}ies"
    return f"{number} {noun}s"
