"""Projects as INCEpTION and WebAnno export them: each annotator's work on each document.

`source/DOC` is a document, `annotation/DOC/USER.…` what somebody made of it, `curation/DOC/…` what
a curator did; a USER's file is a UIMA CAS, as XMI in a zip file or as JSON, or WebAnno TSV. DOC has
the ending of the file that was uploaded.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.core.problems import Problem
from corpus.importers import Article
from corpus.importers.archive import WORK as FOLDERS
from corpus.importers.archive import unpacked
from corpus.importers.reading import Reading

Read = Callable[[Path, Reading], Iterator[Article | Problem]]

FORMATS = {".xmi": "cas", ".json": "cas", ".tsv": "webannotsv"}
# The same work as Java objects, which only INCEpTION reads.
SERIALIZED = ".ser"
# The document before anybody annotated it, and what is no person's name.
INITIAL = "INITIAL_CAS"
CURATION = "CURATION_USER"
GOLD = "gold"
OTHER_FILES = "files of an INCEpTION project about no document"


@dataclass(slots=True)
class Document:
    """The files of one document of a project."""

    source: Path | None = None
    work: list[Path] = field(default_factory=list)


def roots_of(folder: Path, *, deep: bool = False) -> list[Path]:
    """Return the folders of projects: this one, else those in it; `deep` looks into all of them."""
    if _is_root(folder):
        return [folder]
    roots = []
    for path in sorted(folder.iterdir()):
        if not path.is_dir() or path.is_symlink():
            continue
        if deep:
            roots += roots_of(path, deep=True)
        elif _is_root(path):
            roots.append(path)
    return roots


def _is_root(folder: Path) -> bool:
    if any(folder.glob("exportedproject*.json")):
        return True
    work = (file for name in FOLDERS for file in (folder / name).glob("*/*"))
    return any(file.suffix in (".zip", *FORMATS) for file in work)


def articles(root: Path, reading: Reading, read: Read) -> Iterator[Article | Problem]:
    """Yield the work of each annotator on each document, or the text that nobody worked on.

    A file of which nothing can be read is a problem that says what to do; other files of the
    project are counted.
    """
    documents = _documents(root)
    others = _others(root)
    stems = Counter(Path(name).stem for name in documents)
    for name, document in sorted(documents.items()):
        # The ending tells two documents apart that share the name before it.
        stem = Path(name).stem
        ident = stem if stems[stem] == 1 else name
        for row in _document(document, reading, read):
            if isinstance(row, Article):
                row = replace(row, id=ident, bare_id="")
                if others:
                    example = others[0].relative_to(root).as_posix()
                    row = replace(
                        row,
                        notes={**row.notes, OTHER_FILES: len(others)},
                        examples={**row.examples, OTHER_FILES: example},
                    )
                    others = []
            yield row


def _documents(root: Path) -> dict[str, Document]:
    """Return the documents of a project by name."""
    documents: dict[str, Document] = {}
    for path in sorted((root / "source").glob("*")):
        documents.setdefault(path.name, Document()).source = path
    for name in FOLDERS:
        for path in sorted((root / name).glob("*/*")):
            documents.setdefault(path.parent.name, Document()).work.append(path)
        for path in sorted((root / f"{name}_ser").glob(f"*/*{SERIALIZED}")):
            document = documents.setdefault(path.parent.name, Document())
            # Usually it stands in the other folder as well.
            people = {work.stem for work in document.work}
            if path.stem not in people and path.stem != INITIAL:
                document.work.append(path)
    return documents


def _others(root: Path) -> list[Path]:
    """Return the files that hold neither a text nor work on one that is not elsewhere."""
    known = ("source", *FOLDERS, *(f"{name}_ser" for name in FOLDERS))
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return [path for path in files if path.relative_to(root).parts[0] not in known]


def _document(document: Document, reading: Reading, read: Read) -> Iterator[Article | Problem]:
    """Yield what people made of a document, else its text."""
    people = [path for path in document.work if path.stem != INITIAL]
    found = False
    # What a document was before anybody worked on it tells its text alone, where nobody did.
    for path in people or document.work:
        for row in _work(path, reading, read):
            found = found or isinstance(row, Article)
            yield row
    if not found and document.source is not None:
        yield from read(document.source, reading)


def _work(path: Path, reading: Reading, read: Read) -> Iterator[Article | Problem]:
    """Yield the work in the file of one person."""
    author = {INITIAL: "", CURATION: GOLD}.get(path.stem, path.stem)
    try:
        with _files(path) as files:
            known = [file for file in files if file.suffix.lower() in FORMATS]
            if not known:
                yield Problem("inception-format").at(str(path))
            for file in known:
                named = replace(reading, format=FORMATS[file.suffix.lower()])
                for row in read(file, named):
                    yield _placed(row, path, author)
    except Problem as problem:
        yield problem.at(str(path))


@contextmanager
def _files(path: Path) -> Iterator[list[Path]]:
    """Yield the files that hold one person's work: those in a zip file, or the file alone."""
    if path.suffix.lower() != ".zip":
        yield [path]
        return
    with unpacked(path) as folder:
        yield sorted(file for file in folder.rglob("*") if file.is_file())


def _placed(row: Article | Problem, path: Path, author: str) -> Article | Problem:
    """Return a row as one of a person's file."""
    if isinstance(row, Problem):
        return row.at(str(path))
    left = tuple(problem.at(str(path)) for problem in row.left)
    return replace(row, author=author, file=str(path), left=left)
