"""Documents in: files become documents with places in the queues, spans that came along layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.models import Layer, LayerKind, Run
from annotator.selectors.replacements import Replacing, Work, work_on
from annotator.services import assignment_plan, assignments, disputes, overview
from annotator.services.runs import extend, file_run, store_all
from annotator.services.text_copies import Carried, carry
from corpus.core import frame_links, layer_fit
from corpus.core.callbacks import Cancelled, never_cancelled
from corpus.core.import_map import ImportMap
from corpus.core.layer_fit import Unknown
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.importers import Article, reader_process
from corpus.importers.reading import AS_FOUND, Reading
from corpus.models import Corpus, Document
from corpus.selectors import schema_rows
from corpus.services import audit, near_duplicates
from corpus.services.documents import Added, add_documents, under_known_ids

BATCH = 250
STEP = 50
# An event of the audit log names so many documents.
NOTED = 20
# Without these a review is whole: the document's own attributes are a matter of their own, and a
# link that stands there twice is one.
NOTHING_LOST = frozenset({"document-attribute", "link-twice"})
NO_MAP = ImportMap()


@dataclass(slots=True)
class Report:
    """What an import did: rows taken, rows that were there, and every refused row with its place.

    `imported` documents are new, `replaced` ones have another text now, and of the `skipped` ones,
    whose text was there, `updated` have other metadata. `replacing` says what people did on those
    that were replaced, or would have been and are refused. `beside_removed` are the ids of those
    that are new beside a removed document of the same id, which has another text.

    `notes` counts, by reason, what was converted and what the files hold that we do not, `examples`
    has the first of what is best told by one. `left` has the parts of layers that were left out: by
    code the first, and how many there are; `unknown` what the schema does not know.
    """

    imported: int = 0
    skipped: int = 0
    replaced: int = 0
    updated: int = 0
    replacing: Replacing = field(default_factory=Replacing)
    carried: Carried = field(default_factory=Carried)
    beside_removed: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    examples: Mapping[str, str] = field(default_factory=dict)
    left: dict[str, tuple[Problem, int]] = field(default_factory=dict)
    unknown: Unknown = field(default_factory=Unknown)

    @property
    def dealt_with(self) -> int:
        """Return how many rows were taken, found or refused."""
        return self.imported + self.replaced + self.skipped + len(self.problems)

    @classmethod
    def gone_on(cls, begun: Mapping[str, Any]) -> Report:
        """Return the report of an import that goes on, with what it had done as it stopped.

        What came in is found again, so that many fewer were there before.
        """
        if not begun:
            return cls()
        report = cls(**begun)
        report.replacing = Replacing(**begun["replacing"])
        report.carried = Carried(**begun["carried"])
        report.skipped = -report.imported - report.replaced
        return report

    @property
    def begun(self) -> dict[str, Any]:
        """Return what `gone_on` takes: all that files do not say again. It quotes no text."""
        carried = self.carried.as_json()
        return {
            "imported": self.imported,
            "replaced": self.replaced,
            "updated": self.updated,
            "beside_removed": self.beside_removed,
            "replacing": self.replacing.as_json(),
            "carried": {**carried, "left": [{"id": row["id"]} for row in carried["left"]]},
        }

    def take(self, matched: Matched) -> None:
        """Count what was left out of a layer."""
        self.notes.update(matched.notes)
        self.unknown.update(matched.unknown)
        self.leave_out(matched.left)

    def note(self, article: Article) -> None:
        """Count what an article's file holds that we do not, each with the first example."""
        self.notes.update(article.notes)
        self.examples = {**article.examples, **self.examples}

    def leave_out(self, left: Iterable[Problem]) -> None:
        """Count annotations that did not come in, and keep the first of each code."""
        for problem in left:
            first, count = self.left.get(problem.code, (problem, 0))
            self.left[problem.code] = (first, count + 1)

    def _note(self, reason: str, count: int) -> dict[str, Any]:
        example = self.examples.get(reason)
        return {"reason": reason, "count": count, **({"example": example} if example else {})}

    def as_json(self) -> dict[str, Any]:
        """Return the answer of `--json`."""
        answer: dict[str, Any] = {
            "imported": self.imported,
            "skipped": self.skipped,
            "replaced": self.replaced,
            "updated": self.updated,
            "errors": [problem.as_json() for problem in self.problems],
        }
        if self.replacing.documents:
            answer["replacing"] = self.replacing.as_json()
        if self.replaced:
            answer["carried"] = self.carried.as_json()
        if self.beside_removed:
            answer["beside_removed"] = self.beside_removed
        if self.notes:
            answer["notes"] = [self._note(*note) for note in sorted(self.notes.items())]
        if self.left:
            left = sorted(self.left.items())
            answer["left_out"] = [{**first.as_json(), "count": n} for _, (first, n) in left]
        if self.unknown:
            answer["unknown"] = self.unknown.as_json()
        return answer


@dataclass(frozen=True, slots=True)
class Matched:
    """An article under the names of the schema, and what of its layer could not stay."""

    article: Article
    left: tuple[Problem, ...] = ()
    unknown: Unknown = field(default_factory=Unknown)
    notes: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Tell whether every annotation of the file came in, but for what says nothing more."""
        return all(problem.code in NOTHING_LOST for problem in (*self.article.left, *self.left))


def import_documents(
    corpus: Corpus,
    paths: list[Path],
    *,
    reading: Reading = AS_FOUND,
    spans: str = "suggest",
    update: bool = False,
    by: AbstractBaseUser | None = None,
    names: ImportMap = NO_MAP,
    described: Mapping[str, Mapping[str, Any]] | None = None,
    report: Report | None = None,
    progress: Callable[[int], None] = lambda done: None,
    cancelled: Cancelled = never_cancelled,
) -> Report:
    """Import files or folders; a bad row is reported and never aborts the rest.

    Spans that come along become a suggestion run named after their file, unless `spans` is
    "ignore". They come in under the `names` of a map; what the schema does not know then is left
    out by itself. A document that is there with another text is replaced when `update` says so, and
    refused else. `described` holds metadata by document id for formats that carry none. `report`
    is that of an import which goes on. `progress` is told how many rows are dealt with, and what it
    writes is written with them or not at all.
    """
    report = report or Report()
    reading = replace(reading, spans=spans != "ignore")
    digests: dict[str, str] = {}
    given: dict[str, str] = {}
    for batch in _batches(articles_of(paths, reading, report)):
        articles = []
        for article in batch:
            # The same text again may hold the work of another person.
            if digests.setdefault(article.id, article.body.digest) != article.body.digest:
                problem = Problem("duplicate-id", id=article.id)
                report.problems.append(problem.at(article.file, article.line))
                continue
            about = (described or {}).get(article.bare_id or article.id)
            if about:
                article = replace(article, meta={**article.meta, **about})
            if spans != "ignore":
                match = matched(corpus, article, names)
                report.take(match)
                article = match.article
            articles.append(article)
        articles = under_known_ids(corpus, articles, given)
        for part in _apart(corpus, articles) if update else [articles]:
            if cancelled():
                break
            with transaction.atomic():
                _import_batch(corpus, part, report, spans=spans, update=update, by=by)
                progress(report.dealt_with)
        if cancelled():
            break
    if grouped := near_duplicates.group(corpus):
        report.notes["nearly the text of another document"] += grouped
    if report.imported or report.replaced or report.updated:
        overview.refresh(corpus)
    return report


def _apart(corpus: Corpus, articles: list[Article]) -> Iterator[list[Article]]:
    """Yield each article that may replace a text by itself, and the others together.

    What people made on the text is carried over with it: nobody is to wait for many of them.
    """
    current = Document.objects.filter(corpus=corpus, retired_at__isnull=True)
    rows = current.filter(external_id__in=[article.id for article in articles])
    digests = dict(rows.values_list("external_id", "digest"))
    others = []
    for article in articles:
        if digests.get(article.id, article.body.digest) == article.body.digest:
            others.append(article)
        else:
            yield [article]
    if others:
        yield others


def _import_batch(
    corpus: Corpus,
    articles: list[Article],
    report: Report,
    *,
    spans: str,
    update: bool,
    by: AbstractBaseUser | None,
) -> None:
    """Add articles with all that belongs to them, and count them in the report."""
    added = add_documents(corpus, articles, update=update)
    refused = _refused(added, report)
    taken = []
    for article in articles:
        if article.id in refused:
            report.problems.append(refused[article.id].at(article.file, article.line))
        else:
            taken.append(article)
    _note(corpus, "replaced", added.retired, by=by)
    _note(corpus, "described", added.updated, by=by)
    disputes.describe(added.updated)
    new_of = {document.external_id: document for document in added.documents}
    for document in added.retired:
        new = new_of[document.external_id]
        document.corpus = corpus
        new.corpus = corpus
        carry(document, new, report.carried)
    assignments.let_go(added.retired)
    assignment_plan.open_places(corpus, added.documents)
    if spans != "ignore":
        report.problems.extend(_store_spans(corpus, taken, [*added.documents, *added.present]))
    report.beside_removed.extend(added.beside_removed)
    report.replaced += len(added.retired)
    report.updated += len(added.updated)
    report.imported += len(added.documents) - len(added.retired)
    report.skipped += len(taken) - len(added.documents)


def _refused(added: Added, report: Report) -> dict[str, Problem]:
    """Return why articles cannot come in, by id; note in the report what replacing sets aside."""
    others = (*added.kept, *added.retired)
    work = work_on([document.pk for document in others])
    for document in others:
        report.replacing.add(document.external_id, work.get(document.pk, Work()))
    refused = {ident: Problem("text-withdrawn", id=ident) for ident in added.withdrawn}
    refused |= {ident: Problem("document-removed", id=ident) for ident in added.removed}
    for document in added.kept:
        said = work.get(document.pk, Work()).said
        refused[document.external_id] = Problem("would-replace", id=document.external_id, work=said)
    return refused


def _note(
    corpus: Corpus, act: str, documents: list[Document], *, by: AbstractBaseUser | None
) -> None:
    """Note in the audit log what became of documents, with the ids of the first."""
    if documents:
        ids = [document.external_id for document in documents[:NOTED]]
        named = ", ".join(ids) + (", …" if len(documents) > NOTED else "")
        audit.note(corpus, act, by=by, count=len(documents), documents=named)


def articles_of(paths: list[Path], reading: Reading, report: Report) -> Iterator[Article]:
    """Yield the articles of files; what cannot be read goes into the report."""
    for row in reader_process.articles(paths, reading):
        if isinstance(row, Problem):
            report.problems.append(row)
        else:
            report.note(row)
            report.leave_out(row.left)
            yield row


def _batches(articles: Iterator[Article]) -> Iterator[list[Article]]:
    while batch := list(islice(articles, BATCH)):
        yield batch


def matched(corpus: Corpus, article: Article, names: ImportMap = NO_MAP) -> Matched:
    """Return an article under the names of the schema, without what does not fit it."""
    if article.layer is None or corpus.schema is None:
        return Matched(article)
    schema = schema_rows(corpus.schema).view
    layer, notes = names.apply(article.layer)
    layer, made = frame_links.joined(layer, schema)
    notes[frame_links.JOINED] += made
    fitted = layer_fit.fit(layer, schema, article.body.text)
    unknown = Unknown()
    if fitted.left:
        unknown.add(layer, schema)
    # A layer of nothing is none.
    kept = fitted.layer if fitted.layer.spans or fitted.layer.attributes else None
    return Matched(
        replace(article, layer=kept),
        tuple(problem.at(article.file, article.line) for problem in fitted.left),
        unknown,
        notes + Counter(fitted.notes),
    )


def _store_spans(
    corpus: Corpus, articles: list[Article], documents: list[Document]
) -> Iterator[Problem]:
    """Store what came along, and yield a problem for each row of which something is left out."""
    if corpus.schema is None:
        return
    document_of = {document.external_id: document for document in documents}
    runs: dict[str, Run] = {}
    new: dict[tuple[int, int], tuple[Run, Document, LayerView]] = {}
    more: list[tuple[Run, Document, Article, LayerView]] = []
    layers = Layer.objects.filter(document__in=documents, kind=LayerKind.SUGGESTION)
    stored = set(layers.values_list("document_id", "run_id"))
    for article in articles:
        if article.layer is None:
            continue
        name = run_name(article)
        if name not in runs:
            runs[name] = file_run(corpus.schema, name)
        run = runs[name]
        document = document_of[article.id]
        key = (document.pk, run.pk)
        if key in stored or key in new:
            more.append((run, document, article, article.layer))
        else:
            new[key] = (run, document, article.layer)
    store_all(list(new.values()))
    for run, document, article, view in more:
        layer = Layer.objects.get(document=document, run=run, kind=LayerKind.SUGGESTION)
        if left := extend(layer, view):
            yield Problem("spans-kept", id=article.id, count=left).at(article.file, article.line)


def run_name(article: Article) -> str:
    """Return the name of the run that an article's spans belong to.

    What several people did in one file stays apart.
    """
    return " ".join(filter(None, (Path(article.file).name, article.author)))
