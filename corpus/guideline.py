"""A corpus's guideline: Markdown that becomes HTML and a list of sections."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from urllib.parse import unquote

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

SCHEME = re.compile(r"([^/?#:]*):")
SCHEMES = ("http", "https", "mailto")
# What means something in Markdown, and what would begin an entity or a cell.
SIGNS = re.compile(r"([\\`*_{}\[\]()<>#+\-.!&|])")
ESCAPED = re.compile(r"\\([\\`*_{}\[\]()<>#+\-.!&|])")
QUOTATION = re.compile(r"[“„«\"]([^“”„«»\"]+)")
TELLING = 3
# Characters of a guideline.
LONGEST = 200_000
# Where examples go that belong under no section.
EXAMPLES = "Settled examples"


@dataclass(frozen=True, slots=True)
class Section:
    """A heading: its words, the slug that addresses and flags name, and its level from 1 to 6."""

    slug: str
    title: str
    level: int


def read(source: str) -> tuple[SafeString, tuple[Section, ...]]:
    """Return a guideline as HTML and its headings in order.

    It is Markdown, never HTML: markup in it stays text. The work grows as the text does.
    """
    html, sections, _ = _read(source)
    return html, sections


@lru_cache(maxsize=32)
def _read(source: str) -> tuple[SafeString, tuple[Section, ...], tuple[int, ...]]:
    """Return a guideline as HTML, its headings in order, and the lines at which they begin."""
    reader = _reader()
    tokens = reader.parse(source)
    sections = []
    lines = []
    slugs: Counter[str] = Counter()
    for at, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        title = _words(tokens[at + 1])
        slug = _slug(title, slugs)
        token.attrSet("id", slug)
        sections.append(Section(slug, title, int(token.tag[1:])))
        # The reader knows the lines of every block.
        lines.append(token.map[0] if token.map else 0)
    html = reader.renderer.render(tokens, reader.options, {})
    return mark_safe(html), tuple(sections), tuple(lines)  # noqa: S308


def _reader() -> MarkdownIt:
    """Return a reader that leaves out what could run something or is fetched from elsewhere."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.validateLink = _leads_somewhere  # type: ignore[assignment, method-assign]
    reader.add_render_rule("image", _picture)
    return reader


def _picture(
    renderer: RendererHTML, tokens: list[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    """Return what a picture is said to show."""
    return f"<span>{escape(tokens[at].content)}</span>"


def _words(inline: Token) -> str:
    """Return the words of a heading."""
    said = (token.content or " " * (token.type == "softbreak") for token in inline.children or [])
    return "".join(said).strip()


def _slug(title: str, slugs: Counter[str]) -> str:
    """Return an address for a title that no other has."""
    plainly = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode("ascii")
    base = re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plainly).strip().lower())
    slug = base
    while not slug or slug in slugs:
        slugs[base] += 1
        slug = f"{base}_{slugs[base]}"
    slugs[slug] += 0
    return slug


def _leads_somewhere(address: str) -> bool:
    """Tell whether a link is relative or of a scheme that only leads somewhere.

    It is read as leniently as browsers do.
    """
    plain = re.sub(r"[\x00-\x20]", "", unescape(unquote(address)))
    scheme = SCHEME.match(plain)
    return scheme is None or scheme[1].lower() in SCHEMES


def plain(words: str) -> str:
    """Return words as Markdown that shows just them, in one line."""
    return SIGNS.sub(_sign, " ".join(words.split()))


def _sign(match: re.Match[str]) -> str:
    named = {"&": "&amp;", "<": "&lt;", "|": "&#124;"}
    return named.get(match[1], f"\\{match[1]}")


def section_called(source: str, names: Sequence[str]) -> Section | None:
    """Return the section with one of these names as its title, else one whose title holds one."""
    sections = read(source)[1]
    wanted = [name.casefold() for name in names]
    for name in wanted:
        for section in sections:
            if section.title.casefold().strip() == name:
                return section
    for name in wanted:
        for section in sections:
            if name in section.title.casefold():
                return section
    return None


def with_example(source: str, section: Section | None, example: str) -> tuple[str, Section]:
    """Return a guideline with an example at the end of a section, and the section that holds it.

    Without a section, or where its heading cannot be told in the Markdown, that is one of its own
    at the end.
    """
    if section is not None:
        inserted = _inserted(source, section, example)
        if inserted is not None:
            return inserted, section
    own = section_called(source, [EXAMPLES])
    if own is not None and own.title == EXAMPLES:
        inserted = _inserted(source, own, example)
        if inserted is not None:
            return inserted, own
    text = f"{source.rstrip()}\n\n## {EXAMPLES}\n\n{example}\n".lstrip()
    return text, read(text)[1][-1]


def _inserted(source: str, section: Section, example: str) -> str | None:
    """Return a guideline with an example before the heading that follows a section.

    None when that would change what the sections are.
    """
    _, sections, headings = _read(source)
    lines = source.split("\n")
    following = sections.index(section) + 1
    end = headings[following] if following < len(headings) else len(lines)
    own = lines[:end]
    while own and not own[-1].strip():
        own.pop()
    # Below another item no line is needed between; a list after a paragraph needs one.
    gap = [] if own[-1].startswith("- ") else [""]
    text = "\n".join([*own, *gap, example, "", *lines[end:]])
    return text if read(text)[1] == sections else None


def without_quotes(source: str, texts: Sequence[str]) -> str:
    """Return a guideline without the lines that quote one of these texts.

    A quotation counts from `TELLING` words on: what is shorter stands in many a text.
    """
    flat = [" ".join(text.split()) for text in texts]
    lines = source.split("\n")
    return "\n".join(line for line in lines if not _quotes(line, flat))


def _quotes(line: str, texts: Sequence[str]) -> bool:
    plainly = unescape(ESCAPED.sub(r"\1", line))
    for quotation in QUOTATION.findall(plainly):
        said = " ".join(quotation.strip(" …").split())
        if len(said.split()) >= TELLING and any(said in text for text in texts):
            return True
    return False
