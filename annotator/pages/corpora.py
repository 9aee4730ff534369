"""The corpora of a person: listed, made, deleted and brought back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from annotator.selectors import overview
from annotator.web.requests import UserRequest
from corpus import selectors
from corpus.core.problems import Problem
from corpus.forms import CorpusForm
from corpus.services import corpora as services

SHOWN = 100


@require_safe
def home(request: UserRequest) -> HttpResponse:
    """Go to the corpora."""
    return redirect("corpora")


@require_safe
def corpora_page(request: UserRequest) -> HttpResponse:
    """List the corpora that a person belongs to."""
    corpora = list(selectors.corpora_of(request.user)[:SHOWN])
    progress = overview.progress_of(corpora)
    context = {
        "corpora": [(corpus, progress[corpus.pk]) for corpus in corpora],
        "deleted": selectors.deleted_corpora_of(request.user),
    }
    return render(request, "annotator/corpora.html", context)


@require_http_methods(["GET", "POST"])
def new_corpus(request: UserRequest) -> HttpResponse:
    """Make a corpus."""
    if not request.user.has_perm("corpus.add_corpus"):
        raise Problem("corpus-creator")
    form = CorpusForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            corpus = services.start_corpus(**form.values(), by=request.user)
        except Problem as problem:
            form.add_error("slug", problem.message)
        else:
            messages.success(
                request, f"{corpus.name} is made. Bring articles in, then invite people."
            )
            return redirect("uploads", slug=corpus.slug)
    status = 400 if form.errors else 200
    return render(request, "annotator/new_corpus.html", {"form": form}, status=status)


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
