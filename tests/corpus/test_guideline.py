"""A guideline is Markdown that runs nothing."""

from __future__ import annotations

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
