"""Two documents whose reviewers differ, for what settles and lists disputes."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.services.runs import file_run, store
from tests.acts import add_document, shorter, submit_as, suggested
from tests.annotator.disputed import both, without_cost


@pytest.fixture
def second(document: Any, tmp_path: Any) -> Any:
    made = add_document(document.corpus, tmp_path, "second")
    type(made).objects.filter(pk=made.pk).update(outlet="The Bay", published="2026-03-05")
    made.refresh_from_db()
    store(file_run(document.corpus.schema, "suggested.jsonl"), made, suggested())
    return made


@pytest.fixture
def queued(document: Any, second: Any, bob: Any, carol: Any) -> Any:
    """Two documents: a stance and a boundary in dispute in one, a missing claim and both facets of
    one in the other.
    """
    submit_as(document, bob)
    submit_as(document, carol, change=shorter)
    submit_as(second, bob)

    def change(decisions: list[dict[str, Any]]) -> None:
        both(decisions)
        without_cost(decisions)

    submit_as(second, carol, change=change)
    return document.corpus
