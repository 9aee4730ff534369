"""What the tests of jobs share."""

from __future__ import annotations

from typing import Any

import pytest

from tests.corpus.jobs import handlers


@pytest.fixture(autouse=True)
def _handlers(settings: Any) -> None:
    handlers.calls.clear()
    settings.JOB_HANDLERS = {"suggest": f"{handlers.__name__}.count_to_three"}
