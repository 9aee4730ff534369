"""The reading copy paints labels in their schema's colours, and they can be read."""

from __future__ import annotations

import re
from pathlib import Path

from corpus.core import colour
from corpus.core.schema import Label, SchemaView
from exports.encoders import Options, encoder
from exports.encoders.html import COLOURS

INK = {"day": "#1a1a1a", "night": "#e8e8e8"}
RULE = re.compile(r"\.l(\d+)\{background:(#[0-9a-f]{6})(?:;border-color:(#[0-9a-f]{6}))?\}")
ANY = ["#a52a2a", "#ffff00", "#000000", "#fff", "#1f5fbf", "#00ff00", "#ff00ff", "", "brown"]


def rules(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """The ground of each label by its number, by day and by night."""
    labels = {f"L{n}": Label(f"L{n}", "", colour=value) for n, value in enumerate(ANY)}
    encoder("html")([], folder / "out.html", Options(SchemaView(labels, {})))
    page = (folder / "out.html").read_text(encoding="utf-8")
    by_day, by_night = page.split("@media(prefers-color-scheme:dark)")
    assert f"color:{INK['day']}" in by_day
    assert f"background:{colour.NIGHT.css};color:{INK['night']}" in by_night
    return tuple({n: ground for n, ground, _ in RULE.findall(half)} for half in (by_day, by_night))  # type: ignore[return-value]


def test_labels_have_the_shades_of_their_schema(tmp_path: Path) -> None:
    by_day, by_night = rules(tmp_path)
    own = colour.read("#a52a2a")
    assert own is not None
    assert by_day["0"] == colour.by_day(own).fill.css
    assert by_night["0"] == colour.by_night(own).fill.css


def test_labels_without_a_colour_keep_ours(tmp_path: Path) -> None:
    by_day, _ = rules(tmp_path)
    assert [by_day["7"], by_day["8"]] == [COLOURS[1][0], COLOURS[2][0]]


def test_words_can_be_read_on_every_ground(tmp_path: Path) -> None:
    for ink, grounds in zip(INK.values(), rules(tmp_path), strict=True):
        assert len(grounds) == len(ANY)
        words = colour.read(ink)
        assert words is not None
        for value in grounds.values():
            ground = colour.read(value)
            assert ground is not None
            assert colour.contrast(words, ground) >= colour.CONTRAST, value
