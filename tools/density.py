"""How dense the code is, beside four projects whose code reads well.

`python -m tools.density [FOLDER ...]` prints a row for each folder. The figures tell where to look;
they are no target. Lines are those that hold anything; migrations and tests are left out.
"""

from __future__ import annotations

import argparse
import ast
import io
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDERS = ("corpus", "annotator", "exports", "tools")
LEFT_OUT = {"migrations", "node_modules"}
WIDE = 100
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

# Read off healthchecks, wagtail, spaCy and datasette: the lowest and the highest of the four.
ANCHORS = "healthchecks, wagtail, spaCy, datasette"
ANCHOR_FIGURES = ("37-42", "under 1 %", "3-16", "4-7")


@dataclass(frozen=True, slots=True)
class Density:
    """Counts over some modules; `columns` is the sum of the lines' lengths."""

    lines: int = 0
    columns: int = 0
    wide: int = 0
    comprehensions: int = 0
    comments: int = 0

    def __add__(self, other: Density) -> Density:
        """Return the counts of both."""
        return Density(
            self.lines + other.lines,
            self.columns + other.columns,
            self.wide + other.wide,
            self.comprehensions + other.comprehensions,
            self.comments + other.comments,
        )

    def figures(self) -> tuple[str, str, str, str]:
        """Return mean line, share of wide lines, comprehensions a thousand, comments a hundred."""
        lines = max(self.lines, 1)
        return (
            f"{self.columns / lines:.1f}",
            f"{100 * self.wide / lines:.1f} %",
            f"{1000 * self.comprehensions / lines:.0f}",
            f"{100 * self.comments / lines:.1f}",
        )


def density_of(source: str) -> Density:
    """Count one module."""
    lines = [line for line in source.splitlines() if line.strip()]
    nodes = ast.walk(ast.parse(source))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return Density(
        lines=len(lines),
        columns=sum(len(line) for line in lines),
        wide=sum(len(line) > WIDE for line in lines),
        comprehensions=sum(isinstance(node, COMPREHENSIONS) for node in nodes),
        comments=sum(token.type == tokenize.COMMENT for token in tokens),
    )


def modules(folder: Path) -> Iterator[Path]:
    """Yield the modules below a folder."""
    for path in sorted(folder.rglob("*.py")):
        if not LEFT_OUT & set(path.parts):
            yield path


def total(paths: Iterable[Path]) -> Density:
    """Count several modules together."""
    counts = Density()
    for path in paths:
        counts += density_of(path.read_text(encoding="utf-8"))
    return counts


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folders", nargs="*", type=Path, default=[ROOT / name for name in FOLDERS])
    row = "{:<42} {:>9} {:>9} {:>16} {:>13}".format
    print(row("", "mean line", "over 100", "comprehensions/k", "comments/100"))
    print(row(ANCHORS, *ANCHOR_FIGURES))
    for folder in parser.parse_args().folders:
        print(row(str(folder.name), *total(modules(folder)).figures()))


if __name__ == "__main__":
    main()
