"""The annotators' guideline as a page."""

from __future__ import annotations

from typing import Any

from corpus.models import Corpus
from tests.acts import (
    page,
)


def test_sections_lead_to_headings(corpus: Corpus, bob: Any, as_user: Any) -> None:
    corpus.guideline = "# Who\n\n## What <b>\n\n### Where\n\n#### When\n"
    corpus.save()
    html = page(as_user(bob), "guideline")
    assert '<a href="#who">Who</a>' in html and 'class="level-3"' in html
    # The fourth level is too small for the list of sections.
    assert 'id="when"' in html and '<a href="#when">' not in html
    assert "What &lt;b&gt;" in html


def test_two_headings_need_no_list(corpus: Corpus, bob: Any, as_user: Any) -> None:
    corpus.guideline = "# Who\n\n## What\n"
    corpus.save()
    html = page(as_user(bob), "guideline")
    assert 'id="what"' in html and 'class="contents"' not in html
