"""The colours of labels: read from a schema, and made readable by day and by night.

A schema gives a label one colour. Where it is painted it needs a line or words in it (`ink`) and a
ground behind words (`fill`), each on the page's own ground. Both are moved towards black or white
until the contrast holds, so that any colour a schema names can be read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)

# WCAG 2.2, success criterion 1.4.3: words on their ground.
CONTRAST = 4.5

# Shares of a colour in the ground that is painted behind words.
FILL_BY_DAY = 0.14
FILL_BY_NIGHT = 0.25

# Steps of one hundredth towards black or white are too small to be seen.
STEPS = 100


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of the screen: red, green and blue from 0 to 255."""

    red: int
    green: int
    blue: int

    @property
    def css(self) -> str:
        """Return it as a style sheet writes it."""
        return f"#{self.red:02x}{self.green:02x}{self.blue:02x}"

    @property
    def luminance(self) -> float:
        """Return how bright it is, from 0 to 1: WCAG 2.2, relative luminance."""
        red, green, blue = (_linear(part / 255) for part in (self.red, self.green, self.blue))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def mixed(self, other: Colour, share: float) -> Colour:
        """Return the colour with a share of another one, from 0 to 1, mixed in."""
        return Colour(
            round(self.red + (other.red - self.red) * share),
            round(self.green + (other.green - self.green) * share),
            round(self.blue + (other.blue - self.blue) * share),
        )


BLACK = Colour(0, 0, 0)
WHITE = Colour(255, 255, 255)
# The grounds of our pages, as `css/tokens.css` names them.
DAY = WHITE
NIGHT = Colour(0x14, 0x19, 0x23)


@dataclass(frozen=True, slots=True)
class Shades:
    """What one colour becomes on one ground."""

    ink: Colour
    fill: Colour


def read(value: str) -> Colour | None:
    """Read a colour as #rgb or #rrggbb; None for anything else, which is then not painted."""
    match = HEX.fullmatch(value.strip())
    if match is None:
        return None
    digits = match[1]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    return Colour(int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16))


def by_day(colour: Colour) -> Shades:
    """Return the shades for a light page."""
    return _shades(colour, DAY, BLACK, FILL_BY_DAY)


def by_night(colour: Colour) -> Shades:
    """Return the shades for a dark page."""
    return _shades(colour, NIGHT, WHITE, FILL_BY_NIGHT)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours, from 1 to 21: WCAG 2.2, contrast ratio."""
    darker, lighter = sorted((one.luminance, other.luminance))
    return (lighter + 0.05) / (darker + 0.05)


def _shades(colour: Colour, ground: Colour, towards: Colour, share: float) -> Shades:
    fill = ground.mixed(colour, share)
    for step in range(STEPS):
        ink = colour.mixed(towards, step / STEPS)
        if min(contrast(ink, ground), contrast(ink, fill)) >= CONTRAST:
            return Shades(ink, fill)
    return Shades(towards, fill)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
