"""Documents in: files become documents with places in the queues, spans that came along layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.core.decisions import Decision, link_value, span_value
from annotator.models import Adjudication, AdjudicationState, Layer, LayerKind, Run
from annotator.selectors.layers import review_layer
from annotator.services import accounts, assignment_plan, assignments, overview, review
from annotator.services.decision_log import Entry, write
from annotator.services.layers import review_for_import
from annotator.services.runs import extend, file_run, store_all
from corpus import importers
from corpus.core import layer_check
from corpus.core.callbacks import Cancelled, never_cancelled
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.importers import Article, reader_process
from corpus.models import Corpus, Document, Role
from corpus.selectors import schema_rows
from corpus.services import near_duplicates
from corpus.services.documents import add_documents
from corpus.services.members import add_member

BATCH = 250
STEP = 50
# Files that hold no annotations: a text in one of them is nobody's review.
PLAIN = frozenset(ending for name in ("text", "html") for ending in importers.ENDINGS[name])


@dataclass(slots=True)
class Report:
    """What an import did: rows taken, rows that were there, and every refused row with its place.

    `notes` counts, by reason, what was converted and what the files hold that we do not.
    """

    imported: int = 0
    skipped: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """Return the answer of `--json`."""
        answer: dict[str, Any] = {
            "imported": self.imported,
            "skipped": self.skipped,
            "errors": [problem.as_json() for problem in self.problems],
        }
        if self.notes:
            answer["notes"] = [{"reason": r, "count": n} for r, n in sorted(self.notes.items())]
        return answer


def import_documents(
    corpus: Corpus,
    paths: list[Path],
    *,
    format: str = "",
    spans: str = "suggest",
    described: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Callable[[int], None] = lambda done: None,
    cancelled: Cancelled = never_cancelled,
) -> Report:
    """Import files or folders; a bad row is reported and never aborts the rest.

    Spans that come along become a suggestion run named after their file, unless `spans` is
    "ignore". `described` holds metadata by document id for formats that carry none. `progress` is
    told how many rows are dealt with.
    """
    report = Report()
    digests: dict[str, str] = {}
    for batch in _batches(_articles(paths, format, report)):
        articles = []
        for article in batch:
            # The same text again may hold the work of another person.
            if digests.setdefault(article.id, article.body.digest) != article.body.digest:
                problem = Problem("duplicate-id", id=article.id)
                report.problems.append(problem.at(article.file, article.line))
            elif spans != "ignore" and (wrong := first_problem(corpus, article)):
                report.problems.append(wrong)
            elif described and article.id in described:
                meta = {**article.meta, **described[article.id]}
                articles.append(replace(article, meta=meta))
            else:
                articles.append(article)
        _import_batch(corpus, articles, report, spans=spans)
        progress(report.imported + report.skipped + len(report.problems))
        if cancelled():
            break
    if grouped := near_duplicates.group(corpus):
        report.notes["nearly the text of another document"] += grouped
    if report.imported:
        overview.refresh(corpus)
    return report


@transaction.atomic
def _import_batch(corpus: Corpus, articles: list[Article], report: Report, *, spans: str) -> None:
    """Add articles with all that belongs to them, and count them in the report."""
    added = add_documents(corpus, articles)
    taken = []
    for article in articles:
        if article.id in added.withdrawn:
            problem = Problem("text-withdrawn", id=article.id)
            report.problems.append(problem.at(article.file, article.line))
        else:
            taken.append(article)
    assignments.let_go(added.retired)
    assignment_plan.open_places(corpus, added.documents)
    if spans != "ignore":
        report.problems.extend(_store_spans(corpus, taken, [*added.documents, *added.present]))
    report.imported += len(added.documents)
    report.skipped += len(taken) - len(added.documents)


def _articles(paths: list[Path], format: str, report: Report) -> Iterator[Article]:
    """Yield the articles of files; what cannot be read goes into the report."""
    for row in reader_process.articles(paths, format=format):
        if isinstance(row, Problem):
            report.problems.append(row)
        else:
            report.notes.update(row.notes)
            yield row


def _batches(articles: Iterator[Article]) -> Iterator[list[Article]]:
    batch: list[Article] = []
    for article in articles:
        batch.append(article)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def first_problem(corpus: Corpus, article: Article) -> Problem | None:
    """Return what is wrong with the spans that came along, placed in the file."""
    if article.layer is None or corpus.schema is None:
        return None
    for problem in layer_check.check(
        article.layer, schema_rows(corpus.schema).view, article.body.text
    ):
        return problem.at(article.file, article.line)
    return None


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


def import_layer(
    corpus: Corpus,
    path: Path,
    *,
    username: str,
    format: str = "",
    author: str = "",
    submit: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Make the annotations of a file a person's review layers.

    A missing person is created without a password.
    """
    if not _check_author([path], format, author):
        # Nobody is made a reviewer by a file that cannot be read.
        unread = Report()
        for row in importers.articles([path], format=format):
            if isinstance(row, Problem):
                unread.problems.append(row)
        return unread
    user, _ = accounts.account(username)
    add_member(corpus, user, Role.REVIEWER)
    return import_layers(
        corpus, [path], user=user, format=format, author=author, submit=submit, progress=progress
    )


def import_layers(
    corpus: Corpus,
    paths: list[Path],
    *,
    user: AbstractBaseUser,
    format: str = "",
    author: str = "",
    submit: bool = False,
    progress: Callable[[int], None] = lambda done: None,
) -> Report:
    """Make the annotations of files a person's review layers, on documents already there.

    A document is found by its id, else by its text. The layers are written as that person's
    decisions; a layer that holds decisions already is left alone and counted as skipped. Of files
    with the work of several, `author` names whose it is; raises `Problem` when it does not.
    `progress` is told how many layers are dealt with.
    """
    _check_author(paths, format, author)
    report = Report()
    for article in _articles(paths, format, report):
        if author and article.author != author:
            continue
        if article.layer is None and Path(article.file).suffix.lower() in PLAIN:
            report.notes["texts without annotations"] += 1
            continue
        try:
            with transaction.atomic():
                taken = _import_review(corpus, article, user, submit=submit)
            report.imported += taken
            report.skipped += not taken
        except Problem as problem:
            report.problems.append(problem.at(article.file, article.line))
        done = report.imported + report.skipped + len(report.problems)
        if done % STEP == 0:
            progress(done)
    overview.refresh(corpus)
    return report


def _check_author(paths: list[Path], format: str, author: str) -> bool:
    """Return whether the files hold anything.

    Raises `Problem` when it does not say whose work is taken.
    """
    anything = False
    authors = set()
    for row in importers.articles(paths, format=format):
        if isinstance(row, Article):
            anything = True
            if row.layer is not None:
                authors.add(row.author)
    if (author or len(authors) > 1) and author not in authors:
        raise Problem("authors-many", found=", ".join(sorted(authors)) or "nobody")
    return anything


def _import_review(
    corpus: Corpus, article: Article, user: AbstractBaseUser, *, submit: bool
) -> bool:
    """Make an article's annotations a person's review; tell whether there was none."""
    if corpus.schema is None:
        raise Problem("nothing-to-do", act="import", reason="the corpus has no schema")
    document = _document_of(corpus, article)
    layer = review_layer(document, user)
    if layer is not None and layer.version:
        return False
    if layer is None:
        rows = Adjudication.objects.filter(document=document)
        waiting = rows.filter(state=AdjudicationState.WAITING).exists()
        # Work that is not handed in must not hold up a document whose reviews are all in.
        assignments.join(document, user, counted=submit or waiting)
        layer = review_for_import(document, corpus.schema, owner_id=user.pk)
        assignments.hold_place(layer, by=user)
    write(layer, _entries(article), at=layer.version, user=user)
    if submit:
        review.hand_in(layer, by=user, at=layer.version)
    return True


def _entries(article: Article) -> list[Entry]:
    """Return the decisions that make an empty layer what the article came with."""
    view = article.layer
    if view is None:
        return []
    spans = [Decision("add", "span", span.ident, span_value(span)) for span in view.in_order()]
    links = [Decision("link", "link", x.ident, link_value(x)) for x in view.links.values()]
    return [Entry(decision) for decision in (*spans, *links)]


def _document_of(corpus: Corpus, article: Article) -> Document:
    current = Document.objects.select_related("corpus").filter(
        corpus=corpus, retired_at__isnull=True
    )
    same_text = current.filter(digest=article.body.digest)
    document = same_text.filter(external_id=article.id).first() or same_text.first()
    if document is None:
        raise Problem("not-found", what="document with this id and text", name=article.id)
    return document
