"""The worlds of `tests.annotator.test_blindness` at every stage of a review, all against all."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.services import agreement
from tests.annotator.test_blindness import (
    BEFORE,
    HELD,
    PRACTISED,
    SETTLED,
    compared,
    documents,
    erin,
    fay,
    handed_in,
    opened,
    taken,
    told,
)

pytestmark = pytest.mark.django_db

__all__ = ["documents", "erin", "fay"]


@pytest.mark.parametrize("stage", [taken, opened, handed_in])
@pytest.mark.parametrize("adjudicates", [False, True])
def test_who_reviews_is_told_nothing(
    documents: Any, bob: Any, carol: Any, erin: Any, fay: Any, adjudicates: bool, stage: Any
) -> None:
    user = fay if adjudicates else erin

    def act(colleagues: Any) -> None:
        colleagues(documents[HELD], bob, carol)
        stage(documents[HELD], user)
        agreement.measure(documents[HELD].corpus)

    compared(BEFORE, act, told, user)


@pytest.mark.parametrize("stage", [taken, opened, handed_in])
def test_who_practises_is_told_nothing(
    documents: Any, alice: Any, bob: Any, carol: Any, erin: Any, fay: Any, stage: Any
) -> None:
    document = documents[PRACTISED]

    def act(colleagues: Any) -> None:
        colleagues(document, alice, (bob, carol, erin))
        taken(document, fay)
        stage(document, fay)
        agreement.measure(document.corpus)

    compared(SETTLED, act, told, fay)
