"""Whatever colour a schema names can be read, by day and by night."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.core.colour import BLACK, CONTRAST, DAY, NIGHT, WHITE, Colour, by_day, by_night, read
from corpus.core.colour import contrast as contrast_of

parts = st.integers(0, 255)
colours = st.builds(Colour, parts, parts, parts)


@pytest.mark.parametrize(
    ("value", "css"),
    [("#0060a8", "#0060a8"), ("#FFF", "#ffffff"), (" #abc ", "#aabbcc")],
)
def test_colours_are_read_as_style_sheets_write_them(value: str, css: str) -> None:
    colour = read(value)
    assert colour is not None
    assert colour.css == css


@pytest.mark.parametrize("value", ["", "red", "#12345", "#1234567", "url(x)", "#0060a8;}"])
def test_what_is_no_colour_is_not_painted(value: str) -> None:
    assert read(value) is None


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast_of(BLACK, WHITE) == pytest.approx(21)
    assert contrast_of(WHITE, WHITE) == pytest.approx(1)
    # A known pair: #767676 is the lightest grey that may be read on white.
    assert contrast_of(Colour(0x76, 0x76, 0x76), WHITE) == pytest.approx(4.54, abs=0.01)


@given(colours)
def test_every_colour_can_be_read_on_the_page_and_on_its_own_fill(colour: Colour) -> None:
    for shades, ground in ((by_day(colour), DAY), (by_night(colour), NIGHT)):
        assert contrast_of(shades.ink, ground) >= CONTRAST
        assert contrast_of(shades.ink, shades.fill) >= CONTRAST


def test_a_colour_that_can_be_read_stays_as_it_is() -> None:
    blue = Colour(0x00, 0x60, 0xA8)
    assert by_day(blue).ink == blue
