"""Files over the web: uploaded, checked, then imported or thrown away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.pages.base import render_page
from annotator.selectors import own_work, suggested
from annotator.services import incoming, suggest, uploads
from annotator.services.incoming import Incoming
from annotator.web.requests import UserRequest, wants_json, whole_number
from corpus.core.import_map import answered
from corpus.importers import ENDINGS, IMPORTERS
from corpus.jobs import worker
from corpus.jobs.claim import UNFINISHED
from corpus.models import Corpus, Job, JobState, Role
from corpus.selectors import corpus_for, jobs_of_kinds, members_of


@require_http_methods(["GET", "HEAD", "POST"])
def uploads_page(request: UserRequest, slug: str) -> HttpResponse:
    """Take texts and files, and show what becomes of them; a script that sends some gets JSON."""
    corpus = corpus_for(request.user, slug, "import")
    if request.method == "POST":
        incoming.receive(corpus, sent(request), by=request.user)
        return gone_on(request, corpus)
    jobs = jobs_of_kinds(corpus, "look", "import")
    newest = jobs[0] if jobs else None
    chosen = whole_number(request.GET.get("upload", ""))
    shown = next((job for job in jobs if job.pk == chosen and _waits(job)), newest)
    suggesting = next(iter(jobs_of_kinds(corpus, "suggest", size=1)), None)
    return render_page(
        request,
        corpus,
        "annotator/_upload_now.html" if request.htmx else "annotator/uploads.html",
        shown=shown,
        asked=_asked(shown) if shown and _waits(shown) else [],
        fields=_fields(shown) if shown and _waits(shown) else [],
        errors=_errors(shown) if shown and _waits(shown) else [],
        waiting=[job for job in jobs if _waits(job) and job != shown],
        suggesting=suggesting,
        suggested=suggested.newest(corpus, request.user),
        live=_is_live(shown, suggesting),
        mine=own_work.my_progress(corpus, request.user),
        suggesters=suggest.unnamed(corpus),
        jobs=jobs,
        formats=IMPORTERS.names(),
        encodings=ENCODINGS,
        reviewers=[name for name, roles in members_of(corpus) if Role.REVIEWER in roles],
        served=worker.is_served(),
        **box_context(),
    )


def box_context(texts: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the box for texts and files shows: texts that were pasted already, the kinds of
    files, and how large they may be.
    """
    endings = dict.fromkeys(ending for found in ENDINGS.values() for ending in found)
    return {
        "limit": settings.UPLOAD_BYTES // 1_000_000,
        "most_files": settings.DATA_UPLOAD_MAX_NUMBER_FILES,
        "texts": texts or [""],
        "fetches": settings.FETCH_ADDRESSES,
        "endings": [*endings, ".zip"],
    }


def sent(request: UserRequest) -> Incoming:
    """Return the texts and files of the box, with what was chosen for them."""
    spans, _, reviewer = request.POST.get("spans", "suggest").partition(":")
    return Incoming(
        texts=[text for text in request.POST.getlist("text") if text.strip()],
        files=request.FILES.getlist("files"),
        paths=request.POST.getlist("paths"),
        addresses=request.POST.get("addresses", "").split(),
        options={
            "format": request.POST.get("format", ""),
            "spans": spans,
            "reviewer": reviewer,
        },
    )


def gone_on(request: UserRequest, corpus: Corpus) -> HttpResponse:
    """Lead to the page that shows what becomes of what was sent."""
    url = reverse("uploads", kwargs={"slug": corpus.slug})
    if wants_json(request):
        return JsonResponse({"next": url})
    return redirect(url)


def _waits(job: Job) -> bool:
    """Tell whether an upload was checked and waits to be imported."""
    checked = job.kind == "look" and job.state == JobState.DONE
    return checked and job.result.get("state") == "waits"


def _is_live(shown: Job | None, suggesting: Job | None) -> bool:
    """Tell whether the page changes by itself; never under somebody who answers a question."""
    if shown is not None and _waits(shown):
        return False
    return any(job.state in UNFINISHED for job in (shown, suggesting) if job)


# Those that files of today may have; texts in UTF-8 are known by themselves.
ENCODINGS = (
    *("Windows-1252", "Windows-1250", "Windows-1251", "Windows-1253", "Windows-1254"),
    *("Windows-1255", "Windows-1256", "Windows-1257", "KOI8-R", "UTF-16", "Shift-JIS", "EUC-JP"),
    *("GB18030", "Big5", "EUC-KR", "Macintosh"),
)
FIELD = "field-"
FIELDS = {
    "text": "Text",
    "title": "Title",
    "published": "Date",
    "outlet": "Outlet",
    "id": "Id",
}
TITLES = {"labels": "Labels", "links": "Links", "attributes": "Attributes"}


def _asked(job: Job) -> list[dict[str, Any]]:
    """Return the names that a checked upload has and the schema has not, in groups."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for number, question in enumerate(uploads.questions(job)):
        title = TITLES.get(question.section) or f"Values of {question.about}"
        groups.setdefault(title, []).append({"field": f"name-{number}", "question": question})
    return [{"title": title, "rows": rows} for title, rows in groups.items()]


def _fields(job: Job) -> list[dict[str, Any]]:
    """Return, for each field of ours, which column of a checked upload it is, guessed or said."""
    columns = job.result.get("columns") or []
    said = job.arguments.get("fields") or {}
    guessed = {column["guess"]: column["name"] for column in columns if column["guess"]}
    chosen = {**guessed, **said}
    return [
        {
            "name": f"{FIELD}{ours}",
            "title": title,
            "chosen": chosen.get(ours, ""),
            "required": ours == "text",
        }
        for ours, title in FIELDS.items()
        if columns
    ]


def _errors(job: Job) -> list[dict[str, Any]]:
    """Return what a checked upload refuses, without what its question after columns asks for."""
    errors: list[dict[str, Any]] = job.result["errors"]
    if not job.result.get("columns"):
        return errors
    return [error for error in errors if error["code"] != "field-text"]


def _map(request: UserRequest, job: Job) -> dict[str, Any] | None:
    """Return the map that somebody made of an upload's names, None when they were not asked."""
    asked = uploads.questions(job)
    answers = [request.POST.get(f"name-{number}") for number in range(len(asked))]
    if all(answer is None for answer in answers):
        return None
    return answered(asked, [answer or None for answer in answers])


def _read_as(request: UserRequest) -> dict[str, Any]:
    """Return how somebody wants an upload read; of the fields, those that were asked for."""
    said: dict[str, Any] = {}
    for key in ("format", "encoding"):
        if key in request.POST:
            said[key] = request.POST[key]
    asked = {key: name for key, name in request.POST.items() if key.startswith(FIELD)}
    if asked:
        said["fields"] = {key.removeprefix(FIELD): name for key, name in asked.items() if name}
    return said


@require_POST
def begin_import(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Import an upload, have it read otherwise, or throw it away."""
    corpus = corpus_for(request.user, slug, "import")
    if request.POST.get("act") == "throw":
        uploads.throw_away(corpus, pk, by=request.user)
        messages.success(request, "The upload is thrown away; the corpus is as it was.")
    elif request.POST.get("act") == "again":
        uploads.look_again(corpus, pk, _read_as(request), by=request.user)
    else:
        author = request.POST.get("author", "")
        names = _map(request, uploads.waiting(corpus, pk))
        update = request.POST.get("update") == "on"
        uploads.begin(corpus, pk, by=request.user, author=author, names=names, update=update)
    return redirect("uploads", slug=slug)


@require_safe
def refused_rows(request: UserRequest, slug: str, pk: int) -> FileResponse:
    """Return the list of refused rows as a CSV file."""
    corpus = corpus_for(request.user, slug, "import")
    path = uploads.report_of(corpus, pk)
    return FileResponse(path.open("rb"), as_attachment=True, filename=f"{slug}-refused-{pk}.csv")
