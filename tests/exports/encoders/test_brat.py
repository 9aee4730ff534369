"""brat folders as brat's own server reads them: its configuration, and annotations against it.

The grammar is that of `projectconfig.py` and `verify_annotations.py` of brat's server, read again
here, because the server needs an older Python.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corpus.core import colour
from corpus.core.schema import Label, LinkKind, SchemaView
from exports.encoders import Options, encoder
from tests.exports.encoders.sample import export

NAME = re.compile(r"[a-zA-Z0-9_-]+")
SECTION = re.compile(r"\s*\[(.*)\]\s*")
MACRO = re.compile(r"<.*?>")
KNOWN = {"<OVERLAP>", "<ENTITY>", "<OVL-TYPE>", "<ANY>"}
# Of each section the terms with their arguments.
Sections = dict[str, dict[str, dict[str, list[str]]]]


def read(path: Path) -> Sections:
    """Read a configuration as `__parse_configs` and `__read_term_hierarchy` do."""
    sections: Sections = {}
    for line in path.read_text(encoding="utf-8").split("\n"):
        if SECTION.fullmatch(line):
            section = sections.setdefault(SECTION.fullmatch(line)[1], {})  # type: ignore[index]
        elif line.strip() and not line.lstrip().startswith("#"):
            assert line == line.lstrip() and line.strip("- ")
            assert set(MACRO.findall(line)) <= KNOWN
            separator = r"([^\t]+)(?:\t(.*))?" if "labels" in sections else r"(\S+)(?:\s+(.*))?"
            if list(sections)[-1] == "drawing":
                separator = r"(\S+)(?:\s+(.*))?"
            terms, arguments = re.fullmatch(separator, line).groups()  # type: ignore[union-attr]
            name, *titles = [term.strip() for term in terms.split("|") if term.strip()]
            assert NAME.fullmatch(name) or name == "<OVERLAP>"
            assert name not in section
            section[name] = {"titles": titles} if titles else {}
            for argument in filter(None, (arguments or "").split(",")):
                key, values = re.fullmatch(r"(\S*?):(\S*)", argument.strip()).groups()  # type: ignore[union-attr]
                assert all(values.split("|"))
                section[name][key] = values.split("|")
    return sections


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    export("brat", tmp_path / "brat")
    return tmp_path / "brat"


def test_annotation_conf_has_labels_links_and_choices(folder: Path) -> None:
    sections = read(folder / "annotation.conf")
    hello = "_x5E9__x5DC__x5D5__x5DD_"
    assert list(sections) == ["entities", "relations", "events", "attributes"]
    assert list(sections["entities"]) == ["NEWS_x20_ORG", "CLAIM", hello]
    assert sections["relations"] == {
        "part_of": {"Arg1": ["CLAIM"], "Arg2": ["NEWS_x20_ORG"]},
        "said_x20_by": {"Arg1": ["CLAIM"], "Arg2": [hello]},
        "<OVERLAP>": {"Arg1": ["<ENTITY>"], "Arg2": ["<ENTITY>"], "<OVL-TYPE>": ["<ANY>"]},
    }
    assert sections["attributes"]["label"] == {
        "Arg": ["NEWS_x20_ORG"],
        "Value": ["very_x20_good", "bad"],
    }
    assert sections["attributes"]["end"] == {"Arg": ["NEWS_x20_ORG", "CLAIM"]}


def test_visual_conf_has_titles_and_colours_that_can_be_read(folder: Path) -> None:
    sections = read(folder / "visual.conf")
    assert sections["labels"]["NEWS_x20_ORG"] == {"titles": ["News organisation"]}
    assert sections["labels"]["said_x20_by"] == {"titles": ["said by"]}
    drawn = sections["drawing"]["CLAIM"]
    words, ground = (colour.read(drawn[key][0]) for key in ("fgColor", "bgColor"))
    assert words is not None
    assert ground is not None
    assert colour.contrast(words, ground) >= colour.CONTRAST
    assert ground == colour.by_day(colour.Colour(0x1F, 0x5F, 0xBF)).fill


def test_annotations_are_all_known_to_the_configuration(folder: Path) -> None:
    sections = read(folder / "annotation.conf")
    labels = {}
    seen = set()
    lines = (folder / "a%2F1.ann").read_text(encoding="utf-8").splitlines()
    for name, body in (line.split("\t")[:2] for line in lines):
        words = body.split()
        seen.add(name[0])
        if name.startswith("T"):
            assert words[0] in sections["entities"]
            labels[name] = words[0]
    for name, body in (line.split("\t")[:2] for line in lines):
        words = body.split()
        if name.startswith("A"):
            attribute = sections["attributes"][words[0]]
            assert labels[words[1]] in attribute["Arg"]
            if "Value" in attribute:
                assert words[2] in attribute["Value"]
        elif name.startswith("R"):
            ends = [word.split(":") for word in words[1:]]
            for end, target in ends:
                assert labels[target] in sections["relations"][words[0]][end]
    assert {"T", "A", "R"} <= seen


def test_a_relation_lists_all_labels_at_its_ends(tmp_path: Path) -> None:
    labels = {name: Label(name, name) for name in ("Peop", "Loc", "Org")}
    kinds = {"Live_In": LinkKind("Live_In", ("Peop", "Org"), ("Loc", "Org"))}
    encoder("brat")([], tmp_path / "brat", Options(SchemaView(labels, kinds)))
    relations = read(tmp_path / "brat" / "annotation.conf")["relations"]
    assert relations["Live_In"] == {"Arg1": ["Peop", "Org"], "Arg2": ["Loc", "Org"]}
