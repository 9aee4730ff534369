"""The cast (Alice manages, Bob and Carol review, Dave is an outsider) and a small corpus for them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client
from hypothesis import settings as hypothesis_settings

from annotator import recent
from annotator.models import Layer
from annotator.services import intake
from annotator.services.log import _origin_keys
from annotator.services.suggest import file_run, store
from corpus.core.span import LayerView, Link, Span, layer_view
from corpus.models import Corpus, Document, Role
from corpus.selectors import _schema_rows
from corpus.services import add_member, create_corpus

# Playwright's event loop runs in the thread of the tests, which Django would take for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# No deadlines on a shared machine; in CI the same examples every time, so that a change breaks it and not chance.
hypothesis_settings.register_profile("saidby", deadline=None)
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "saidby")

TEXT = (
    "Sea wall vote 😀\n\n“The wall will not hold,” said Mayor Ilse Brandt. She added that it would cost more.\n\n"
    "Opposition leader Tomas Okafor denied that the town was broke.\n"
)
PASSWORD = "correct horse battery"


@pytest.fixture(autouse=True)
def _fresh_schema_cache() -> None:
    # Rolled-back tests use the same keys again, which never happens on a site.
    _schema_rows.cache_clear()
    _origin_keys.cache_clear()
    recent.forget()


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _own_data_folder(tmp_path: Path) -> Any:
    before, settings.DATA_DIR = settings.DATA_DIR, tmp_path / "data"
    yield
    settings.DATA_DIR = before


def person(name: str, **more: Any) -> Any:
    return get_user_model().objects.create_user(name, password=PASSWORD, **more)


@pytest.fixture
def alice(db: None, corpus: Corpus) -> Any:
    user = person("alice")
    add_member(corpus, user, Role.MANAGER)
    return user


@pytest.fixture
def bob(db: None, corpus: Corpus) -> Any:
    user = person("bob")
    add_member(corpus, user, Role.REVIEWER)
    return user


@pytest.fixture
def carol(db: None, corpus: Corpus) -> Any:
    user = person("carol")
    add_member(corpus, user, Role.REVIEWER)
    return user


@pytest.fixture
def dave(db: None) -> Any:
    return person("dave")


@pytest.fixture
def admin(db: None) -> Any:
    """Admin of the site, member of nothing."""
    return person("admin", is_staff=True, is_superuser=True)


@pytest.fixture
def corpus(db: None) -> Corpus:
    return create_corpus("harbour", name="Harbour")


def find(words: str, text: str = TEXT) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


def suggested() -> LayerView:
    """Three claims with their speakers, as a suggester would give them for `TEXT`."""
    spans = [
        Span(1, "CLAIM", *find("“The wall will not hold,”"), score=0.9,
             attributes={"kind": "direct", "stance": "oppose", "speaker_state": "linked"},
             evidence={"rule": "quotation", "cue": "said", "why": "quotation before 'said'"}),
        Span(2, "SPEAKER", *find("Mayor Ilse Brandt"), score=0.95, attributes={"name": "Ilse Brandt"}),
        Span(3, "SPEAKER", *find("She"), score=0.7, attributes={"name": "Ilse Brandt"}),
        Span(4, "CLAIM", *find("that it would cost more"), score=0.8,
             attributes={"kind": "indirect", "stance": "unclear", "speaker_state": "linked"}),
        Span(5, "SPEAKER", *find("Opposition leader Tomas Okafor"), score=0.9, attributes={"name": "Tomas Okafor"}),
        Span(6, "CLAIM", *find("that the town was broke"), score=0.6,
             attributes={"kind": "indirect", "stance": "oppose", "speaker_state": "linked"}),
    ]  # fmt: skip
    return layer_view(spans, [Link(1, "said_by", 1, 2), Link(2, "said_by", 4, 3), Link(3, "said_by", 6, 5)])


def add_document(corpus: Corpus, folder: Path, name: str = "sea-wall", text: str = TEXT) -> Document:
    path = folder / f"{name}.txt"
    path.write_text(text, encoding="utf-8")
    report = intake.import_documents(corpus, [path])
    assert (report.imported, report.problems) == (1, [])
    return Document.objects.select_related("corpus").get(corpus=corpus, external_id=name, retired_at=None)


@pytest.fixture
def document(corpus: Corpus, tmp_path: Path) -> Document:
    """A document with suggestions."""
    made = add_document(corpus, tmp_path)
    assert corpus.schema is not None
    store(file_run(corpus.schema, "suggested.jsonl"), made, suggested())
    return made


def accept_all(layer: Layer) -> list[dict[str, Any]]:
    """Decisions that accept every suggestion as shown."""
    import uuid

    from annotator.core.decisions import link_value, span_value

    view, text = suggested(), TEXT
    found = [
        {"client_id": str(uuid.uuid4()), "verb": "accept", "subject": "span", "ident": s.ident,
         "after": dict(span_value(s)), "exact": s.text(text), "elapsed_ms": 500}
        for s in view.in_order()
    ]  # fmt: skip
    return found + [
        {"client_id": str(uuid.uuid4()), "verb": "link", "subject": "link", "ident": x.ident,
         "after": dict(link_value(x))}
        for x in view.links.values()
    ]  # fmt: skip


@pytest.fixture
def as_user(client: Client) -> Any:
    """A function that signs a person in and returns the client."""

    def sign_in(user: Any) -> Client:
        fresh = Client()
        fresh.force_login(user)
        return fresh

    return sign_in
