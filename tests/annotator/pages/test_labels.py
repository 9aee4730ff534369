"""Labels are painted in the colours of their schema, whatever they are called."""

from __future__ import annotations

from typing import Any

import pytest

from annotator.pages.labels import css_string
from corpus.core.schema_file import parse
from corpus.services.corpora import create_corpus
from corpus.services.members import add_member

SHEET = "/corpora/places/labels.css"


@pytest.fixture
def places(db: None, dave: Any) -> Any:
    """A corpus of Dave's whose schema colours one label of two."""
    schema = parse(
        {
            "labels": [
                {"name": "PLACE", "key": "1", "colour": "#f80"},
                {"name": "ORG", "key": "2"},
            ]
        }
    )
    corpus = create_corpus("places", schema=schema)
    add_member(corpus, dave, "manager")
    return corpus


def test_a_colour_of_the_schema_is_painted_by_day_and_by_night(
    places: Any, dave: Any, as_user: Any
) -> None:
    response = as_user(dave).get(SHEET)
    sheet = response.content.decode()
    assert response["Content-Type"] == "text/css"
    assert "immutable" in response["Cache-Control"] and "private" in response["Cache-Control"]
    assert sheet.count('[data-label="PLACE"]') == 2
    assert "ORG" not in sheet
    assert sheet.count("--label: #") == 2


def test_pages_ask_for_the_sheet_where_there_are_colours(
    places: Any, corpus: Any, alice: Any, dave: Any, as_user: Any
) -> None:
    html = as_user(dave).get("/corpora/places/").content.decode()
    assert f'href="{SHEET}?v={places.schema.digest[:12]}"' in html
    assert "labels.css" not in as_user(alice).get("/corpora/harbour/").content.decode()


def test_an_outsider_gets_no_sheet(places: Any, bob: Any, as_user: Any) -> None:
    assert as_user(bob).get(SHEET).status_code == 404


def test_a_name_cannot_leave_its_quotation_marks() -> None:
    assert css_string('a"]{}\\') == "a\\22 \\5d \\7b \\7d \\5c "
    assert css_string("ORT") == "ORT"
