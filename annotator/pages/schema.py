"""The schema of a corpus: shown, edited in a form, uploaded, and changed after a preview."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from annotator.pages.base import render_page
from annotator.services import schema_versions
from annotator.web import schema_form
from annotator.web.requests import UserRequest
from corpus.core import schema_file
from corpus.core.problems import Problem
from corpus.core.schema import ATTRIBUTE_KINDS, SchemaView
from corpus.jobs import claim, worker
from corpus.models import Corpus
from corpus.selectors import corpus_for, jobs_of_kinds, schema_of, schema_rows

# Buttons that change the form alone.
FORM_ACTS = ("add", "up", "down", "remove")


@require_http_methods(["GET", "HEAD", "POST"])
def schema_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show the schema with its form; a change is previewed before it is made."""
    corpus = corpus_for(request.user, slug, "manage")
    if request.method != "POST":
        return _form_page(request, corpus, schema_form.of_schema(_view(corpus)))
    act = request.POST.get("act", "preview")
    acts = {"confirm": _confirmed, "upload": _uploaded, "resume": _resumed}
    if act in acts:
        return acts[act](request, corpus)
    form = schema_form.read(request.POST)
    if act.split(" ")[0] in FORM_ACTS:
        focus = form.act(act)
        return _form_page(request, corpus, form, edited=True, focus=focus)
    schema, mistakes = schema_file.read_with_mistakes(form.data())
    if mistakes:
        return _form_page(request, corpus, form, mistakes=mistakes, edited=True, status=400)
    return _preview(request, corpus, schema, form.names())


def _resumed(request: UserRequest, corpus: Corpus) -> HttpResponse:
    schema_versions.resume(corpus, by=request.user)
    return redirect("schema-page", slug=corpus.slug)


@require_safe
def schema_json(request: UserRequest, slug: str) -> HttpResponse:
    """Return the schema as a file, as `create_corpus` and the form take it."""
    corpus = corpus_for(request.user, slug, "manage")
    words = json.dumps(_view(corpus).as_json(), ensure_ascii=False, indent=2)
    response = HttpResponse(words + "\n", content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{corpus.slug}.schema.json"'
    return response


def _view(corpus: Corpus) -> SchemaView:
    return schema_rows(schema_of(corpus)).view


def _uploaded(request: UserRequest, corpus: Corpus) -> HttpResponse:
    try:
        schema = schema_file.parse_text(_sent(request, "file"))
        names = schema_file.json_of(_sent(request, "map")) if "map" in request.FILES else {}
        return _preview(request, corpus, schema, names)
    except Problem as problem:
        form = schema_form.of_schema(_view(corpus))
        return _form_page(request, corpus, form, problem=problem, status=problem.status)


def _sent(request: UserRequest, name: str) -> bytes:
    sent = request.FILES.get(name)
    if sent is None:
        raise Problem("request-invalid", reason="choose a file")
    return bytes(sent.read(schema_file.LARGEST_FILE + 1))


def _found(
    request: UserRequest, corpus: Corpus, schema: SchemaView, names: dict[str, Any]
) -> dict[str, Any]:
    """Return what a change would do, counted in no more layers than a page may read."""
    most = schema_versions.MOST_COUNTED
    return schema_versions.preview(corpus, schema, names, by=request.user, most=most)


def _confirmed(request: UserRequest, corpus: Corpus) -> HttpResponse:
    """Make a change that was previewed, once it says what becomes of everything.

    What is said just now is previewed first.
    """
    schema = schema_file.parse_text(request.POST.get("schema", ""))
    names = schema_file.json_of(request.POST.get("map") or "{}") or {}
    found = _found(request, corpus, schema, names)
    for number, row in enumerate(found["lacking"]):
        chosen = request.POST.get(f"lacking-{number}")
        if chosen is not None:
            _say(names, row, chosen or None)
    if found["lacking"]:
        return _preview(request, corpus, schema, names)
    return _preview(request, corpus, schema, names, confirmed=found)


def _say(names: dict[str, Any], row: dict[str, Any], becomes: str | None) -> None:
    """Write into a map what becomes of something."""
    # A map may hold null where it says nothing.
    section = names[row["section"]] = names.get(row["section"]) or {}
    if row["value"]:
        values = section[row["key"]] = section.get(row["key"]) or {}
        values[row["value"]] = becomes
    else:
        section[row["key"]] = becomes


def _preview(
    request: UserRequest,
    corpus: Corpus,
    schema: SchemaView,
    names: Any,
    *,
    confirmed: dict[str, Any] | None = None,
) -> HttpResponse:
    """Show what a change would do; make it when it touches nothing, or that was confirmed.

    `confirmed` is what was found then.
    """
    try:
        found = confirmed or _found(request, corpus, schema, names)
        if found["in_place"] or confirmed:
            return _changed(request, corpus, schema, names)
    except Problem as problem:
        # What was renamed stays so, or the next change would not know of it.
        form = schema_form.of_change(schema, names, _view(corpus))
        return _form_page(
            request, corpus, form, problem=problem, edited=True, status=problem.status
        )
    return render_page(
        request,
        corpus,
        "annotator/schema_preview.html",
        found=found,
        schema=json.dumps(schema.as_json(), ensure_ascii=False),
        names=json.dumps(names, ensure_ascii=False),
        unchanged=schema.as_json() == _view(corpus).as_json(),
    )


def _changed(
    request: UserRequest, corpus: Corpus, schema: SchemaView, names: Any
) -> HttpResponseRedirect:
    job = schema_versions.start(corpus, schema, names, by=request.user)
    if job is None:
        messages.success(request, "Saved. What is annotated from now on follows this schema.")
    else:
        messages.success(
            request, "The new version is made. Documents move to it in the background."
        )
    return redirect("schema-page", slug=corpus.slug)


def _form_page(
    request: UserRequest,
    corpus: Corpus,
    form: schema_form.SchemaForm,
    *,
    mistakes: list[str] | None = None,
    problem: Problem | None = None,
    edited: bool = False,
    focus: str = "",
    status: int = 200,
) -> HttpResponse:
    version = schema_of(corpus)
    jobs = jobs_of_kinds(corpus, "schema", size=3)
    running = any(job.state in claim.UNFINISHED for job in jobs)
    waiting = 0 if running else schema_versions.moving(corpus, before=True).count()
    return render_page(
        request,
        corpus,
        "annotator/schema.html",
        version=version,
        view=schema_rows(version).view,
        form=form.shown(mistakes or []),
        kinds=ATTRIBUTE_KINDS,
        mistaken=bool(mistakes),
        problem=problem,
        edited=edited,
        focus=focus,
        jobs=jobs,
        waiting=waiting,
        served=worker.is_served(),
        status=status,
    )
