"""What people say of a dataset, by sections of its data sheet: what no program can know of it.

The sections are those of Gebru et al. 2021, "Datasheets for Datasets", section 3.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from corpus.core.problems import Problem

# What each section asks people, in plain words.
QUESTIONS = {
    "Motivation": "Why was this made, by whom, and who paid for it?",
    "Composition": "How were the articles chosen, and what do they leave out?",
    "Collection": "How did the articles come in, from when to when, and by whose leave?",
    "People and pay": "Who annotated, how were they found and taught, and what were they paid?",
    "Preprocessing": "What was done to the texts before they came in?",
    "Uses": "What is it good for, what has it been used for, and what should nobody do with it?",
    "Distribution": "Who may have it, where, and under which terms?",
    "Maintenance": "Who looks after it, how can they be reached, and will there be more of it?",
}
SECTIONS = tuple(QUESTIONS)
# What sections are called in fields of forms and over the API.
KEYS = {section.lower().replace(" ", "_"): section for section in SECTIONS}
LENGTH = 10_000
SECTION = re.compile(r"## +(.*?) *#*")


def read(text: str) -> dict[str, str]:
    """Read what people say of a dataset: Markdown with sections of a data sheet (`## Uses`).

    Raises `Problem` for a section that a data sheet has not, and for words before the first one.
    """
    about: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in text.splitlines():
        match = SECTION.fullmatch(line)
        if match:
            section = match[1].capitalize()
            if section not in SECTIONS:
                reason = f"{match[1][:80]!r} is no section: use {', '.join(SECTIONS)}"
                raise Problem("request-invalid", reason=reason)
            lines = about.setdefault(section, [])
        elif lines is not None:
            lines.append(line)
        elif line.strip() and not line.startswith("# "):
            reason = f"{line[:80]!r} stands before the first section (## {SECTIONS[0]})"
            raise Problem("request-invalid", reason=reason)
    return {section: "\n".join(words).strip() for section, words in about.items()}


def by_section(answers: Mapping[str, str]) -> dict[str, str]:
    """Return answers by section that are given by `KEYS`."""
    return {KEYS[key]: words for key, words in answers.items()}


def by_key(about: Mapping[str, str]) -> dict[str, str]:
    """Return what was said by `KEYS`, "" where nothing was."""
    return {key: about.get(section, "") for key, section in KEYS.items()}


def checked(about: Mapping[str, str]) -> dict[str, str]:
    """Return what people say as a card holds it: with plain line ends, below its own headings.

    Raises `Problem` for what is longer than anybody reads.
    """
    kept = {}
    for section, words in about.items():
        lines = words.replace("\r\n", "\n").replace("\r", "\n").strip()
        if len(lines) > LENGTH:
            reason = f"{section} has {len(lines)} characters, more than {LENGTH}"
            raise Problem("request-invalid", reason=reason)
        kept[section] = demoted(lines)
    return kept


def demoted(text: str) -> str:
    """Return Markdown whose headings go below the section that it stands in."""
    lines = []
    code = False
    for line in text.strip().splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            code = not code
        heading = not code and re.match(r"#{1,4} ", line)
        lines.append(f"##{line}" if heading else line)
    return "\n".join(lines)
