"""A guideline is Markdown that runs nothing."""

from __future__ import annotations

import re
from html import unescape

import pytest

from corpus import guideline


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "java&#115;cript&colon;alert(1)",
        "&#1;javascript:x",
        "data:text/html,x",
        "vbscript:x",
        "java\tscript:x",
        "<javascript:x>",
        "`javascript:x`",
        "file:///etc/passwd",
    ],
)
def test_a_link_of_a_guideline_runs_nothing(link: str) -> None:
    html, _ = guideline.read(f"See [the rules]({link}) and [more][m].\n\n[m]: {link}\n")
    assert "href" not in html and "the rules" in html


@pytest.mark.parametrize(
    "link",
    [
        "https://a.example/?q=a:b",
        "http://a.example",
        "mailto:a@b.example",
        "#stance",
        "../queue/",
        "a/b:c",
    ],
)
def test_a_link_of_a_guideline_leads_where_it_says(link: str) -> None:
    assert f'<a href="{link}">there</a>' in guideline.read(f"[there]({link})")[0]


def test_a_guideline_is_markdown_and_its_markup_stays_text() -> None:
    html, sections = guideline.read(
        "# Who & <b>what</b>\n\n> a quotation\n\nWrite `a < b & c`, see <https://a.example/?b=1&c=2>.\n\n"
        "<script>alert(1)</script> <img src=x onerror=alert(1)>\n\n<div>\n*block*\n</div>\n\n"
        "A ![small *map*](https://b.example/pixel.png) here.\n"
    )
    assert [(s.slug, s.title) for s in sections] == [("who-bwhatb", "Who & <b>what</b>")]
    assert "<blockquote>\n<p>a quotation</p>\n</blockquote>" in html
    assert "<code>a &lt; b &amp; c</code>" in html
    assert '<a href="https://a.example/?b=1&amp;c=2">https://a.example/?b=1&amp;c=2</a>' in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt;" in html
    assert "&lt;div&gt;\n<em>block</em>\n&lt;/div&gt;" in html
    assert "<p>A <span>small *map*</span> here.</p>" in html
    assert "pixel.png" not in html


HOSTILE = [
    "<script>alert(1)</script>",
    "[go](javascript:alert(1)) ![x](http://e.example/p.png)",
    "<https://e.example> and <a@e.example> https://e.example",
    "# no heading\n\n## none\n---\n- nor an item",
    "*a* _b_ **c** `d` ~e~ \\ {f} | g | &lt; &amp; &#42; &copy;",
    "1. first\n> quoted\n    code",
    '[a]: http://e.example "t"',
    "| a | b |\n|---|---|\n| c | d |",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_an_article_stay_words_in_a_guideline(words: str) -> None:
    example = f"- {guideline.plain(words)}"
    source = "# Rules\n\nText.\n\n## Stance\n\nHow.\n\n- one\n\n## Kind\n\nWhich.\n"
    section = guideline.section_called(source, ["nothing", "stance"])
    text, put = guideline.with_example(source, section, example)
    html, sections = guideline.read(text)
    assert (put.slug, [s.title for s in sections]) == ("stance", ["Rules", "Stance", "Kind"])
    inside = html[html.index("<li>one") : html.index('<h2 id="kind"')]
    shown = unescape(re.sub(r"</?(?:ul|li|p)>", "", inside))
    assert " ".join(shown.split()) == f"one {' '.join(words.split())}"
    assert "href" not in html and "<img" not in html and "<script" not in html


def test_an_example_goes_where_its_section_is_and_else_to_a_section_of_its_own() -> None:
    for source in ("", "Only words.\n", "Stance\n===\n\ntext\n- -\n---\n"):
        text, put = guideline.with_example(source, None, "- one")
        text, again = guideline.with_example(text, None, "- two")
        assert put.title == again.title == "Settled examples"
        html = guideline.read(text)[0]
        assert html.count("<h2") - html.count("Settled examples") <= 1
        assert html.index("<li>one") < html.index("<li>two")
    # Underlined headings are headings too.
    source = "Stance\n======\n\nHow.\n\nKind\n----\n\nWhich.\n"
    text, _ = guideline.with_example(source, guideline.section_called(source, ["Stance"]), "- one")
    html, sections = guideline.read(text)
    assert [s.title for s in sections] == ["Stance", "Kind"]
    assert html.index("How.") < html.index("<li>one") < html.index("Kind")


def test_a_section_is_called_by_its_whole_title_before_a_part_of_one() -> None:
    source = "# Targets of a stance\n\n# Claim\n\n# Stance\n"

    def called(*names: str) -> str:
        section = guideline.section_called(source, names)
        return section.title if section else ""

    assert called("stance", "claim") == "Stance"
    assert called("target", "nothing") == "Targets of a stance"
    assert called("kind", "CLAIM") == "Claim"
    assert called("kind") == ""


@pytest.mark.parametrize("piece", ["[", "![", "*", "_", "`", "<", "> ", "- ", "[a](", "&", "# a\n"])
def test_a_guideline_of_one_sign_again_and_again_is_read(piece: str) -> None:
    # A reader that goes back for each sign would not come to an end here.
    words = f"# Stance\n\n{piece * 4_000}\n\n"
    html, sections = guideline.read(words)
    assert sections[0].slug == "stance" and html.startswith('<h1 id="stance">Stance</h1>')
