"""Documents in: files become documents with places in the queues, and spans that came along become
layers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from annotator.core.decisions import Decision, link_value, span_value
from annotator.models import Adjudication, AdjudicationState, Layer, LayerKind, Run
from annotator.selectors.layers import review_layer
from annotator.services import assignment_plan, assignments, overview, review
from annotator.services.decision_log import Entry, write
from annotator.services.suggest import extend, file_run, store_all
from corpus import importers
from corpus.core import schema as core
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.importers import Article, reader_process
from corpus.models import Corpus, Document, Role
from corpus.selectors import schema_rows
from corpus.services import near_duplicates as copies_of
from corpus.services.corpora import add_documents, add_member

BATCH = 250
STEP = 50
# Files that hold no annotations: a text in one of them is nobody's review.
PLAIN = frozenset(ending for name in ("text", "html") for ending in importers.ENDINGS[name])


@dataclass(slots=True)
class Report:
    """What an import did: rows taken, rows that were there, and every refused row with file, line
    and code.

    `notes` counts, by reason, what was converted and what the files hold that we do not.
    """

    imported: int = 0
    skipped: int = 0
    problems: list[Problem] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """Return the answer of `--json`."""
        return {
            "imported": self.imported,
            "skipped": self.skipped,
            "errors": [problem.as_json() for problem in self.problems],
            **(
                {"notes": [{"reason": r, "count": n} for r, n in sorted(self.notes.items())]}
                if self.notes
                else {}
            ),
        }


def import_documents(
    corpus: Corpus,
    paths: list[Path],
    *,
    format: str = "",
    spans: str = "suggest",
    described: Mapping[str, Mapping[str, Any]] | None = None,
    progress: Callable[[int], None] = lambda done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Report:
    """Import files or folders; a bad row is reported and never aborts the rest.

    Spans that come along become a suggestion run named after their file, unless `spans` is
    "ignore". `described` holds metadata by document id for formats that carry none. `progress` is
    told how many rows are dealt with.
    """
    described = described or {}
    report = Report()
    digests: dict[str, str] = {}
    for batch in _batches(_articles(paths, format, report)):
        articles = []
        for article in batch:
            if digests.setdefault(article.id, article.body.digest) != article.body.digest:
                report.problems.append(
                    Problem("duplicate-id", id=article.id).at(article.file, article.line)
                )
            elif spans != "ignore" and (wrong := first_problem(corpus, article)):
                report.problems.append(wrong)
            else:
                meta = {**article.meta, **described.get(article.id, {})}
                articles.append(replace(article, meta=meta))
        with transaction.atomic():
            added = add_documents(corpus, articles)
            report.problems.extend(
                Problem("text-withdrawn", id=a.id).at(a.file, a.line)
                for a in articles
                if a.id in added.withdrawn
            )
            articles = [article for article in articles if article.id not in added.withdrawn]
            assignments.let_go(added.retired)
            assignment_plan.open_places(corpus, added.documents)
            if spans != "ignore":
                report.problems.extend(
                    _store_spans(corpus, articles, [*added.documents, *added.present])
                )
        report.imported += len(added.documents)
        report.skipped += len(articles) - len(added.documents)
        progress(report.imported + report.skipped + len(report.problems))
        if cancelled():
            break
    if copies := copies_of.group(corpus):
        report.notes["nearly the text of another document"] += copies
    if report.imported:
        overview.refresh(corpus)
    return report


def _articles(paths: list[Path], format: str, report: Report) -> Iterator[Article]:
    for found in reader_process.articles(paths, format=format):
        if isinstance(found, Problem):
            report.problems.append(found)
        else:
            report.notes.update(found.notes)
            yield found


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
    for problem in core.check(article.layer, schema_rows(corpus.schema).view, article.body.text):
        return problem.at(article.file, article.line)
    return None


def _store_spans(
    corpus: Corpus, articles: list[Article], documents: list[Document]
) -> Iterator[Problem]:
    """Store what came along, and yield a problem for each row of which something is left out."""
    found = {document.external_id: document for document in documents}
    wanted = [
        article for article in articles if article.layer is not None and corpus.schema is not None
    ]
    runs: dict[str, Run] = {}
    fresh: dict[tuple[int, int], tuple[Run, Document, LayerView]] = {}
    more: list[tuple[Run, Document, Article]] = []
    there = set(
        Layer.objects.filter(document__in=documents, kind=LayerKind.SUGGESTION).values_list(
            "document_id", "run_id"
        )
    )
    for article in wanted:
        run, document = _run(runs, corpus, run_name(article)), found[article.id]
        key = (document.pk, run.pk)
        if key in there or key in fresh:
            more.append((run, document, article))
        else:
            fresh[key] = (run, document, article.layer)
    store_all(list(fresh.values()))
    for run, document, article in more:
        layer = Layer.objects.get(document=document, run=run, kind=LayerKind.SUGGESTION)
        if left := extend(layer, article.layer):
            yield Problem("spans-kept", id=article.id, count=left).at(article.file, article.line)


def run_name(article: Article) -> str:
    """Return the name of the run that an article's spans belong to: what several did in one file
    stays apart.
    """
    return " ".join(filter(None, (Path(article.file).name, article.author)))


def _run(runs: dict[str, Run], corpus: Corpus, name: str) -> Run:
    if name not in runs:
        runs[name] = file_run(corpus.schema, name)
    return runs[name]


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
    """Make the annotations of a file a person's review layers; a missing person is created without
    a password.
    """
    if not _check_author([path], format, author):
        # Nobody is made a reviewer by a file that cannot be read.
        unread = Report()
        unread.problems.extend(
            found
            for found in importers.articles([path], format=format)
            if isinstance(found, Problem)
        )
        return unread
    user, made = get_user_model().objects.get_or_create(username=username)
    if made:
        user.set_unusable_password()
        user.save(update_fields=["password"])
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
        if article.author != author and author:
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
    """Return whether the files hold anything; raise `Problem` when it does not say whose work is
    taken.
    """
    held = {
        (a.author, a.layer is not None)
        for a in importers.articles(paths, format=format)
        if isinstance(a, Article)
    }
    authors = {name for name, layered in held if layered}
    if (author or len(authors) > 1) and author not in authors:
        raise Problem("authors-many", found=", ".join(sorted(authors)) or "nobody")
    return bool(held)


def _import_review(corpus: Corpus, article: Article, user: Any, *, submit: bool) -> bool:
    document = _document_of(corpus, article)
    layer = review_layer(document, user)
    if layer is not None and layer.version:
        return False
    if layer is None:
        waiting = Adjudication.objects.filter(
            document=document, state=AdjudicationState.WAITING
        ).exists()
        # Work that is not handed in must not hold up a document whose reviews are all in.
        assignments.join(document, user, counted=submit or waiting)
        layer, _ = Layer.objects.get_or_create(
            document=document, schema=corpus.schema, kind=LayerKind.REVIEW, owner=user
        )
        assignments.hold_place(layer, by=user)
    view = article.layer
    entries = []
    if view is not None:
        entries = [Entry(Decision("add", "span", s.ident, span_value(s))) for s in view.in_order()]
        entries += [
            Entry(Decision("link", "link", x.ident, link_value(x))) for x in view.links.values()
        ]
    write(layer, entries, at=layer.version, user=user)
    if submit:
        review.hand_in(layer, by=user, at=layer.version)
    return True


def _document_of(corpus: Corpus, article: Article) -> Document:
    current = Document.objects.select_related("corpus").filter(
        corpus=corpus, retired_at__isnull=True
    )
    found = (
        current.filter(external_id=article.id, digest=article.body.digest).first()
        or current.filter(digest=article.body.digest).first()
    )
    if found is None:
        raise Problem("not-found", what="document with this id and text", name=article.id)
    return found
