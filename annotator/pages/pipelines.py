"""Trained pipelines: those that the site offers, and what the names of one are called here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from annotator.pages.base import render_page
from annotator.selectors import pipelines as selectors
from annotator.services import pipelines
from annotator.suggesters.pipeline_folders import PipelineFolder
from annotator.web.requests import UserRequest
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.models import Corpus
from corpus.selectors import corpus_for, schema_of, schema_rows


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a pipeline, the field that says what it is called here, and what that is now."""

    theirs: str
    field: str
    ours: str


@dataclass(frozen=True, slots=True)
class Section:
    """Names of one sort, with what they can be called: names of the schema, each with its title.

    A classifier has a `chooser` as well, which says whose values it gives.
    """

    title: str
    names: list[Name]
    choices: list[tuple[str, str]]
    chooser: Name | None = None
    places: list[tuple[str, str]] | None = None


@require_safe
def pipelines_page(request: UserRequest, slug: str) -> HttpResponse:
    """Show the pipelines that the site offers, and which of them are mapped here."""
    corpus = corpus_for(request.user, slug, "suggest")
    return _page(request, corpus)


@require_http_methods(["GET", "HEAD", "POST"])
def pipeline_page(request: UserRequest, slug: str, name: str) -> HttpResponse:
    """Say what the names of one pipeline are called in this corpus."""
    corpus = corpus_for(request.user, slug, "suggest")
    folder = selectors.folder_called(name)
    schema = schema_rows(schema_of(corpus)).view
    saved = selectors.map_of(corpus, name)
    names: Mapping[str, str] = saved.names if saved else {}
    if request.method != "POST":
        fill = bool(saved and saved.fill)
        return _page(request, corpus, folder=folder, names=names, fill=fill)
    sections = _sections(folder, names, schema)
    fill = "fill" in request.POST
    try:
        names = _sent(request.POST, sections)
        pipelines.map_names(corpus, name, names, fill=fill, by=request.user)
    except Problem as problem:
        return _page(request, corpus, folder=folder, names=names, fill=fill, problem=problem)
    left = [theirs for theirs, ours in names.items() if not ours]
    more = f" {len(left)} of its names are left out." if left else ""
    messages.success(request, f"Saved: {name} can be chosen as trained:{name}.{more}")
    return redirect("pipelines", slug=slug)


def _sections(
    folder: PipelineFolder, names: Mapping[str, str], schema: SchemaView
) -> list[Section]:
    """Return the names of a pipeline by sort; what nobody said yet is called as it is."""
    labels = [(label.name, label.title or label.name) for label in schema.labels.values()]
    links = [(kind.name, kind.title or kind.name) for kind in schema.links.values()]
    found = [Section("Labels", _names(folder.names("spans"), names, labels, "label"), labels)]
    if links:
        found.append(Section("Links", _names(folder.names("links"), names, links, "link"), links))
    either = [*labels, *links]
    found.append(Section("Others", _names(folder.names("any"), names, either, "any"), either))
    places = list(_places(schema))
    values = list(dict.fromkeys(_values(schema)))
    for number, component in enumerate(folder.classifiers):
        prefix = f"value-{number}"
        now = names.get(component.name, _place_of(component.labels, schema))
        chooser = Name(component.name, f"place-{number}", now)
        own = _names(component.labels, names, values, prefix)
        title = f"Values of the classifier {component.name}"
        found.append(Section(title, own, values, chooser, places))
    return [section for section in found if section.names]


def _names(
    theirs: Iterable[str], names: Mapping[str, str], choices: list[tuple[str, str]], prefix: str
) -> list[Name]:
    known = {name for name, _ in choices}
    found = []
    for number, name in enumerate(theirs):
        ours = names.get(name, name)
        found.append(Name(name, f"{prefix}-{number}", ours if ours in known else ""))
    return found


def _places(schema: SchemaView) -> Iterator[tuple[str, str]]:
    """Yield the attributes of labels whose values are chosen, as a map and as people name them."""
    for label in schema.labels.values():
        for attribute in label.attributes:
            if attribute.kind == "choice":
                title = f"{label.title or label.name}: {attribute.title or attribute.name}"
                yield f"{label.name}.{attribute.name}", title


def _values(schema: SchemaView) -> Iterator[tuple[str, str]]:
    for label in schema.labels.values():
        for attribute in label.attributes:
            if attribute.kind == "choice":
                yield from ((choice, choice) for choice in attribute.choices)


def _place_of(values: Iterable[str], schema: SchemaView) -> str:
    """Return the one attribute whose choices are these values, "" when there is none."""
    wanted = set(values)
    for label in schema.labels.values():
        for attribute in label.attributes:
            if attribute.kind == "choice" and set(attribute.choices) == wanted:
                return f"{label.name}.{attribute.name}"
    return ""


def _sent(data: QueryDict, sections: Iterable[Section]) -> dict[str, str]:
    """Return the map that a form says; raise `Problem` where one name would be called two things.

    Values of a classifier that fills nothing are left out.
    """
    names: dict[str, str] = {}
    for section in sections:
        used = True
        if section.chooser is not None:
            _say(names, section.chooser.theirs, data.get(section.chooser.field, ""))
            used = bool(names[section.chooser.theirs])
        for name in section.names:
            _say(names, name.theirs, data.get(name.field, "") if used else "")
    return names


def _say(names: dict[str, str], theirs: str, ours: str) -> None:
    if names.setdefault(theirs, ours) == ours:
        return
    if names[theirs] and ours:
        reason = f"{theirs!r} would be called {names[theirs]!r} and {ours!r}; choose one of them"
        raise Problem("label-map", reason=reason)
    names[theirs] = names[theirs] or ours


def _page(
    request: UserRequest,
    corpus: Corpus,
    *,
    folder: PipelineFolder | None = None,
    names: Mapping[str, str] | None = None,
    fill: bool = False,
    problem: Problem | None = None,
) -> HttpResponse:
    schema = schema_rows(schema_of(corpus)).view
    return render_page(
        request,
        corpus,
        "annotator/pipelines.html",
        status=problem.status if problem else 200,
        pipelines=list(selectors.usable(corpus, schema)),
        folder=folder,
        sections=_sections(folder, names or {}, schema) if folder else [],
        fill=fill,
        can_fill=pipelines.CLAIM in schema.labels,
        problem=problem,
    )
