"""One suggester for every test of the rules."""

from __future__ import annotations

import pytest

from annotator.suggesters.rules import Rules


@pytest.fixture(scope="session")
def rules() -> Rules:
    return Rules()
