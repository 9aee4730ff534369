"""The corpora of a person: listed, made, deleted and brought back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.pages.uploads import box_context, gone_on, sent
from annotator.selectors import overview
from annotator.services import incoming
from annotator.web.requests import UserRequest, wants_json
from corpus import guideline, selectors
from corpus.core.problems import Problem
from corpus.core.schema_templates import TEMPLATES
from corpus.forms import CorpusForm
from corpus.services import corpora as services

SHOWN = 100
MAX_NAME = 200


@require_safe
def home(request: UserRequest) -> HttpResponse:
    """Go to the corpora."""
    return redirect("corpora")


@require_safe
def corpora_page(request: UserRequest) -> HttpResponse:
    """List the corpora that a person belongs to."""
    corpora = list(selectors.corpora_of(request.user)[:SHOWN])
    progress = overview.progress_for(request.user, corpora)
    context = {
        "corpora": [(corpus, progress[corpus.pk]) for corpus in corpora],
        "deleted": selectors.deleted_corpora_of(request.user),
    }
    return render(request, "annotator/corpora.html", context)


@require_http_methods(["GET", "POST"])
def new_corpus(request: UserRequest) -> HttpResponse:
    """Make a corpus, with the first texts in it when some are sent along."""
    _require_creator(request)
    form = CorpusForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        texts = sent(request)
        try:
            corpus = incoming.start_corpus(
                form.values(),
                texts,
                reviews_too=form.cleaned_data["reviews_too"],
                by=request.user,
            )
        except Problem as problem:
            form.add_error(None, f"{capfirst(problem.message)}.")
        else:
            done = f"{corpus.name} is made."
            messages.success(request, done if texts else f"{done} Now bring texts in.")
            return gone_on(request, corpus)
    if form.errors and wants_json(request):
        wrong = next((name for name in form.errors if name in form.fields), "")
        return JsonResponse({"message": _errors(form), "field": wrong}, status=400)
    context = {
        "form": form,
        "more_open": any(name in form.errors for name in form.MORE),
        "previews": _previews(),
        **box_context(request.POST.getlist("text")),
    }
    status = 400 if form.errors else 200
    return render(request, "annotator/new_corpus.html", context, status=status)


@require_safe
def short_name_of(request: UserRequest) -> HttpResponse:
    """Return the short name that a corpus of some name would get."""
    _require_creator(request)
    name = request.GET.get("name", "")[:MAX_NAME]
    return JsonResponse({"short_name": selectors.free_short_name(name) if name.strip() else ""})


def _require_creator(request: UserRequest) -> None:
    if not request.user.has_perm("corpus.add_corpus"):
        raise Problem("corpus-creator")


def _errors(form: CorpusForm) -> str:
    """Say all that is wrong with a form in one line."""
    lines: list[str] = []
    for name, errors in form.errors.items():
        field = form.fields.get(name)
        about = f"{field.label or name.capitalize()}: " if field else ""
        lines.extend(f"{about}{error}" for error in errors)
    return " ".join(lines)


def _previews() -> list[dict[str, Any]]:
    """Return what each template begins with, as reviewers will see it."""
    return [
        {
            "name": template.name,
            "description": template.description,
            "labels": [label.title for label in template.schema.labels.values()],
            "guideline": guideline.read(template.guideline)[0],
        }
        for template in TEMPLATES.values()
    ]


@require_POST
def delete_corpus(request: UserRequest, slug: str) -> HttpResponse:
    """Delete a corpus; the list of corpora offers to bring it back."""
    corpus = selectors.corpus_for(request.user, slug, "manage")
    services.delete_corpus(corpus, by=request.user)
    messages.success(
        request, f"{corpus.name} is deleted. Nothing of it is lost: bring it back below."
    )
    return redirect("corpora")


@require_POST
def restore_corpus(request: UserRequest) -> HttpResponse:
    """Bring a deleted corpus back."""
    corpus = services.restore_corpus(request.POST.get("slug", ""), by=request.user)
    messages.success(request, f"{corpus.name} is back.")
    return redirect("corpus", slug=corpus.slug)
