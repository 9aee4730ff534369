"""Read real files of other tools from local folders, and print what came of them as a table.

    python -m tools.suites inception=FOLDER prodigy-recipes=FOLDER [--format NAME] [--types FILE]

Each folder is read with all the folders in it, without a corpus: documents that came in with the
spans they have, annotations left out, files refused and why, seconds of processor time. Suites of
UIMA CAS have one type system for many files: `--types` puts it beside each that has none.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.core.problems import Problem
from corpus.importers import Article, articles
from corpus.importers.reading import Reading

HEAD = "| From | Files | Documents | Spans | Links | Left out | Refused | CPU |"
TYPES = "TypeSystem.xml"
LINE = "|---|---|---|---|---|---|---|---|"


@dataclass(slots=True)
class Tried:
    """What came of the files of one suite."""

    name: str
    files: int = 0
    documents: int = 0
    spans: int = 0
    links: int = 0
    left: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0

    def take(self, row: Article | Problem) -> None:
        """Count a row."""
        if isinstance(row, Problem):
            self.refused[row.code] += 1
            return
        self.documents += 1
        self.left.update(problem.code for problem in row.left)
        if row.layer is not None:
            self.spans += len(row.layer.spans)
            self.links += len(row.layer.links)

    def as_line(self) -> str:
        """Return the line of the table."""
        cells = [self.name, self.files, self.documents, self.spans, self.links]
        cells += [_counted(self.left), _counted(self.refused), f"{self.seconds:.1f} s"]
        return f"| {' | '.join(map(str, cells))} |"


def _counted(counts: Counter[str]) -> str:
    said = [f"{count} `{code}`" for code, count in counts.most_common()]
    return ", ".join(said) or "none"


def tried(name: str, root: Path, reading: Reading) -> Tried:
    """Read a folder with all in it."""
    suite = Tried(name)
    begun = time.process_time()
    for folder in _folders(root):
        suite.files += sum(path.is_file() for path in folder.iterdir())
        for row in articles([folder], reading):
            # A folder of folders alone is nothing to speak of.
            if not (isinstance(row, Problem) and row.code == "nothing-to-do"):
                suite.take(row)
    suite.seconds = time.process_time() - begun
    return suite


def _folders(root: Path) -> Iterator[Path]:
    yield root
    for path in sorted(root.rglob("*")):
        if path.is_dir() and ".git" not in path.parts:
            yield path


@contextmanager
def _with_types(root: Path, types: Path | None) -> Iterator[Path]:
    """Yield the folder, or a copy of it with a type system beside each CAS that has none."""
    if types is None:
        yield root
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder) / root.name
        shutil.copytree(root, copy)
        for path in list(copy.rglob("*.xmi")):
            if not any(other.name.lower() == TYPES.lower() for other in path.parent.iterdir()):
                shutil.copy(types, path.parent / TYPES)
        yield copy


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="+", metavar="NAME=FOLDER")
    parser.add_argument("--format", default="")
    parser.add_argument("--types", type=Path, metavar="FILE")
    options = parser.parse_args()
    print(HEAD)
    print(LINE)
    for suite in options.suites:
        name, _, folder = suite.partition("=")
        with _with_types(Path(folder), options.types) as root:
            print(tried(name, root, Reading(format=options.format)).as_line(), flush=True)


if __name__ == "__main__":
    main()
