"""Each table has one service that writes it.

The source is read for writes: of managers and querysets, of rows, of `corpus.db.bulk`, in SQL.
Names are followed through assignments, loops and annotations within a module, which is as far as
our code goes. A sign-up form's `save` is not seen.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

ROOT = Path(__file__).parent.parent
APPS = ("corpus", "annotator", "exports")
# The service that writes each table. A table that is not named here is written by one module of any
# name.
OWNERS = {
    "annotator.Activity": "annotator/services/decision_log.py",
    "annotator.Adjudication": "annotator/services/adjudications.py",
    "annotator.Answer": "annotator/services/answers.py",
    "annotator.Assignment": "annotator/services/assignments.py",
    "annotator.Comment": "annotator/services/notes.py",
    "annotator.Decision": "annotator/services/decision_log.py",
    "annotator.Dispute": "annotator/services/disputes.py",
    "annotator.DisputeCount": "annotator/services/disputes.py",
    "annotator.DisputeTag": "annotator/services/disputes.py",
    "annotator.Flag": "annotator/services/notes.py",
    "annotator.Layer": "annotator/services/layers.py",
    "annotator.Link": "annotator/services/layers.py",
    "annotator.Overview": "annotator/services/overview.py",
    "annotator.PatternSet": "annotator/services/patterns.py",
    "annotator.PipelineMap": "annotator/services/pipelines.py",
    "annotator.Precedent": "annotator/services/precedents.py",
    "annotator.Report": "annotator/services/agreement.py",
    "annotator.Run": "annotator/services/runs.py",
    "annotator.Sample": "annotator/services/assignment_plan.py",
    "annotator.Span": "annotator/services/layers.py",
    "corpus.Token": "annotator/services/accounts.py",
    "auth.User": "annotator/services/accounts.py",
}
# Tables with several writers, and why.
SEVERAL = {
    "corpus.Corpus": "its plan, rules for disputes and grouping are set where they are used",
    "corpus.Job": "an upload check keeps what became of it, a count clears those before it",
}
# They write whatever they are given.
EXEMPT = ("corpus/db/", "/migrations/")

SAVES = {"save"}
QUERYSET_WRITES = {"update", "delete"}
MANAGER_WRITES = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
LISTS = {"list", "sorted", "reversed"}
BULK_WRITES = {"create", "insert", "put", "add", "change"}
SQL = re.compile(r"(?:UPDATE|INSERT INTO|DELETE FROM)\s+\"?(\w+)\"?")

LABELS = {model._meta.label: model for model in apps.get_models()}
TABLES = {model._meta.db_table: label for label, model in LABELS.items()}


@dataclass(frozen=True)
class Write:
    """A write in the source; `label` is "" when its table cannot be told."""

    path: str
    line: int
    label: str


@dataclass
class Module:
    """What the names of a module mean, as far as tables go."""

    models: dict[str, str] = field(default_factory=dict)
    returns: dict[str, str] = field(default_factory=dict)
    bulk: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, tree: ast.Module) -> Module:
        module = cls()
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    module._add_import(node.module, alias)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and (label := module.annotated(node.returns)):
                module.returns[node.name] = label
        return module

    def _add_import(self, source: str, alias: ast.alias) -> None:
        name = alias.asname or alias.name
        app, _, rest = source.partition(".")
        if rest == "models" and f"{app}.{alias.name}" in LABELS:
            self.models[name] = f"{app}.{alias.name}"
        elif source == "corpus.db.bulk" and alias.name in BULK_WRITES:
            self.bulk[name] = alias.name
        elif f"{source}.{alias.name}" == "corpus.db.bulk":
            self.bulk |= {f"{name}.{act}": act for act in BULK_WRITES}

    def annotated(self, annotation: ast.expr | None) -> str:
        """Return the one model that an annotation names."""
        names = (
            [n.id for n in ast.walk(annotation) if isinstance(n, ast.Name)] if annotation else []
        )
        found = {self.models[name] for name in names if name in self.models}
        return found.pop() if len(found) == 1 else ""


class Scope:
    """The names of a function, or of a module outside its functions."""

    def __init__(self, module: Module, body: ast.AST, outer: Scope | None = None) -> None:
        self.module = module
        self.nodes = list(_own_nodes(body))
        self.locals = dict(outer.locals) if outer else {}
        if isinstance(body, ast.FunctionDef):
            arguments = body.args
            for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
                self.locals.pop(argument.arg, None)
                self._bind(argument.arg, module.annotated(argument.annotation))
        # A name may be bound by one that is bound further below.
        for _ in range(3):
            for node in self.nodes:
                self._read(node)

    def _bind(self, name: str, label: str) -> None:
        if label:
            self.locals.setdefault(name, label)

    def _read(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._bind(name, self.label(value))
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                self._bind(name, self.label(value))
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                self._bind(name, self.module.annotated(annotation))
            case (
                ast.For(target=target, iter=values) | ast.comprehension(target=target, iter=values)
            ):
                self._read_loop(target, values)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value]):
                self._bind(name, self.label(value))

    def _read_loop(self, target: ast.expr, values: ast.expr) -> None:
        match target, values:
            case ast.Tuple(elts=[_, ast.Name(id=name)]), ast.Call(
                func=ast.Name(id="enumerate"), args=[iterated, *_]
            ):
                self._bind(name, self.label(iterated))
            case ast.Name(id=name), _:
                self._bind(name, self.label(values))

    def label(self, node: ast.expr) -> str:
        """Return the model that an expression is, holds or asks for; "" when that is not clear."""
        match node:
            case ast.Name(id=name):
                return self.locals.get(name) or self.module.models.get(name, "")
            case ast.Attribute(value=value, attr=name):
                label = self.label(value)
                return _related(label, name) if label else ""
            case ast.Call(func=ast.Name(id="get_user_model")):
                return "auth.User"
            case ast.Call(func=ast.Name(id=name)) if name not in LISTS:
                return self.module.models.get(name) or self.module.returns.get(name, "")
        return next(filter(None, map(self.label, _inner(node))), "")

    def writes(self) -> Iterator[tuple[int, str]]:
        for node in self.nodes:
            match node:
                case ast.Constant(value=str(text)):
                    for table in SQL.findall(text):
                        if table in TABLES:
                            yield node.lineno, TABLES[table]
                case ast.Call(func=func, args=[first, *_]) if ast.unparse(func) in self.module.bulk:
                    yield node.lineno, self.label(first)
                case ast.Call(func=ast.Attribute(value=value, attr=name)):
                    label = self.label(value)
                    written = name in SAVES | QUERYSET_WRITES | MANAGER_WRITES
                    if (label and written) or name in MANAGER_WRITES:
                        yield node.lineno, label


def _own_nodes(body: ast.AST) -> Iterator[ast.AST]:
    """Yield what stands in a function or module; of a function within, the function alone."""
    for node in ast.iter_child_nodes(body):
        yield node
        if not isinstance(node, ast.FunctionDef):
            yield from _own_nodes(node)


def _scopes(module: Module, body: ast.AST, outer: Scope | None = None) -> Iterator[Scope]:
    scope = Scope(module, body, outer)
    yield scope
    for node in scope.nodes:
        if isinstance(node, ast.FunctionDef):
            yield from _scopes(module, node, scope)


def _inner(node: ast.expr) -> list[ast.expr]:
    """Return the expressions that say what an expression is of."""
    match node:
        case ast.Call(func=ast.Name(), args=values):
            return values
        case ast.Call(func=ast.Attribute(value=value)) | ast.Subscript(value=value):
            return [value]
        case ast.ListComp(elt=value) | ast.GeneratorExp(elt=value) | ast.Starred(value=value):
            return [value]
        case ast.IfExp(body=one, orelse=other):
            return [one, other]
        case ast.BoolOp(values=values) | ast.List(elts=values) | ast.Tuple(elts=values):
            return values
    return []


def _related(label: str, name: str) -> str:
    """Return the model at the other end of a model's field; a manager is of the model itself."""
    if name == "objects":
        return label
    try:
        other = LABELS[label]._meta.get_field(name).related_model
    except FieldDoesNotExist:
        return ""
    return other._meta.label if isinstance(other, type) and issubclass(other, Model) else ""


def writes_in(source: str, path: str = "") -> list[Write]:
    """Return every write of a module."""
    tree = ast.parse(source)
    scopes = _scopes(Module.read(tree), tree)
    return [Write(path, line, label) for scope in scopes for line, label in scope.writes()]


@pytest.fixture(scope="module")
def writes() -> list[Write]:
    found = []
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            path = file.relative_to(ROOT).as_posix()
            if not any(part in path for part in EXEMPT):
                found += writes_in(file.read_text(encoding="utf-8"), path)
    return found


def writers(writes: list[Write]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for write in writes:
        found.setdefault(write.label, set()).add(write.path)
    return found


def test_each_table_is_written_by_its_one_service(writes: list[Write]) -> None:
    for label, paths in writers(writes).items():
        if label in OWNERS:
            assert paths == {OWNERS[label]}, f"{label} is written by {sorted(paths)}"
        elif label not in SEVERAL:
            assert len(paths) == 1, f"{label or 'what cannot be told'} is written by {paths}"


def test_no_write_hides_its_table(writes: list[Write]) -> None:
    assert [write for write in writes if not write.label] == []


def test_every_table_has_a_writer(writes: list[Write]) -> None:
    ours = {label for label in LABELS if label.split(".")[0] in APPS}
    assert ours | set(OWNERS) == set(writers(writes))
    assert {label for label in ours if label.startswith("annotator.")} <= set(OWNERS)


def test_tables_said_to_have_several_writers_have_them(writes: list[Write]) -> None:
    found = writers(writes)
    assert {label for label in SEVERAL if len(found[label]) > 1} == set(SEVERAL)


IMPORTS = """
from annotator.models import Assignment, Layer, Span
from annotator.models import Decision as Row
from corpus.db import bulk
from corpus.db.bulk import add, put
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
"""


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("Layer.objects.filter(pk=1).update(version=2)", "annotator.Layer"),
        ("Row.objects.create(layer=layer)", "annotator.Decision"),
        ("rows = Layer.objects.all()\nrows.exclude(pk=1).delete()", "annotator.Layer"),
        ("def act(layer: Layer | None):\n    layer.save()", "annotator.Layer"),
        ("def act(layer: Layer):\n    layer.spans.all().delete()", "annotator.Span"),
        ("def act(span: Span):\n    span.layer.save()", "annotator.Layer"),
        ("for row in Layer.objects.all():\n    row.delete()", "annotator.Layer"),
        ("for n, row in enumerate(Layer.objects.all()):\n    row.save()", "annotator.Layer"),
        ("layer = Layer.objects.first() or Layer()\nadd(layer)", "annotator.Layer"),
        ("bulk.create(Span, rows)", "annotator.Span"),
        ("rows = []\nrows.append(Row(seq=1))\nput(rows)", "annotator.Decision"),
        ("def made() -> Span: ...\nput([made() for _ in range(2)])", "annotator.Span"),
        (
            "def held() -> QuerySet[Assignment]: ...\ndef act():\n    held().update(user=None)",
            "annotator.Assignment",
        ),
        (
            "def act():\n    own = Layer.objects.all()\n    def inner():\n        own.update(x=1)",
            "annotator.Layer",
        ),
        ("if (row := Layer.objects.first()):\n    row.save()", "annotator.Layer"),
        ("SQL = 'UPDATE annotator_layer SET version = 1'", "annotator.Layer"),
        ("get_user_model().objects.get_or_create(username='x')", "auth.User"),
        ("anything().get_or_create(name='x')", ""),
    ],
)
def test_a_write_of_each_form_is_seen(source: str, label: str) -> None:
    assert [write.label for write in writes_in(IMPORTS + source)] == [label]


def test_what_writes_no_table_is_no_write() -> None:
    source = "found = {}\nfound.update(a=1)\nLayer.objects.filter(pk=1).first()\nform.save()"
    assert writes_in(IMPORTS + source) == []
