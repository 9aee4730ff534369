"""Ids that stand for other texts in other files of one import.

Each then carries the name of its file, or of the folder where the files have one name, in whatever
order they are read; an id that stands for one text, as where two people worked on one document,
stays as it is.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from corpus.core.problems import Problem
from corpus.importers import ENDINGS, Article, identity, limits
from corpus.importers.archive import DAMAGED, WORK

# A folder, and the name without ending of a file in it where the id does not carry that.
Source = tuple[str, str]
# Of an id, its sources with the name that tells each apart.
Clashes = Mapping[str, Mapping[Source, str]]

KNOWN = {ending for endings in ENDINGS.values() for ending in endings}
# Formats whose files hold several documents, each with an id of its own.
ROWS = ("jsonl", "csv", "xlsx", "parquet", "docbin", "conll", "spacyjson", "webannotation")
OF_ROWS = {ending for name in ROWS for ending in ENDINGS[name]}
# So many folders may be named in an id that a document is known by.
DEPTH = 4
NAMED = "ids that stand for other texts in other files, and so carry the name of their source"


def may_be(paths: Iterable[Path]) -> bool:
    """Tell whether several files may give one id to several texts, without reading them.

    Those have one name in several folders, or rows with ids of their own.
    """
    folders: dict[str, PurePosixPath] = {}
    tables = set()
    for path in _files(paths):
        # Whose work it is says the name there, and which document the folder.
        if path.parent.parent.name in WORK:
            continue
        ending = path.suffix.lower()
        if ending == ".zip":
            return True
        if ending in OF_ROWS:
            tables.add(path)
        known = ending in KNOWN
        if known and folders.setdefault(path.stem, path.parent) != path.parent:
            return True
    return len(tables) > 1


def _files(paths: Iterable[Path]) -> Iterator[PurePosixPath]:
    """Yield all files in folders and zip files; zip files in those are files."""
    for path in paths:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.suffix.lower() != ".zip":
                yield PurePosixPath(file.absolute())
                continue
            try:
                with zipfile.ZipFile(file) as archive:
                    names = archive.namelist()
            except (*DAMAGED, OSError, ValueError):
                # Whoever reads it says so.
                continue
            for name in names:
                yield PurePosixPath(file.absolute(), name.replace("\\", "/"))


def found(rows: Iterable[Article | Problem], base: Path | None) -> Clashes:
    """Return the clashes among articles; no name of `base` or above is one of a folder."""
    digests: dict[str, str] = {}
    # In the order in which they come.
    sources: dict[str, dict[Source, None]] = {}
    clashing = set()
    for row in rows:
        limits.restart()
        if isinstance(row, Problem):
            continue
        if digests.setdefault(row.id, row.body.digest) != row.body.digest:
            clashing.add(row.id)
        sources.setdefault(row.id, {})[_source(row)] = None
    return {ident: _labels(tuple(sources[ident]), base) for ident in clashing}


def apart(article: Article, clashes: Clashes, base: Path | None) -> Article:
    """Return an article with the name of its source before its id where that clashes.

    What it is called beside other files is what it may be known as here.
    """
    folder, stem = source = _source(article)
    labels = clashes.get(article.id, {})
    label = labels[source] if len(labels) > 1 else ""
    ident = _under(label, article)
    parts = _parts(folder, base)
    known_as: dict[str, None] = {}
    for depth in range(1, DEPTH + 1):
        known_as[_under(_label(parts[-depth:]), article)] = None
    if stem:
        for depth in range(DEPTH):
            above = parts[-depth:] if depth else ()
            known_as[_under(_label((*above, stem)), article)] = None
    known = tuple(name for name in known_as if name not in (ident, article.id))
    if ident == article.id:
        return replace(article, known_as=known)
    bare = article.bare_id or article.id
    notes = {**article.notes, NAMED: 1}
    examples = {**article.examples, NAMED: ident}
    named = replace(article, id=ident, bare_id=bare, lone_id=article.id, known_as=known)
    return replace(named, notes=notes, examples=examples)


def _under(label: str, article: Article) -> str:
    """Return the id of an article with a name before it, as it is without one."""
    if not label:
        return article.id
    bare = article.bare_id or article.id
    if article.local == "file":
        return f"{label}-{Path(article.file).stem}-{bare}"
    return f"{label}-{bare}"


def _source(article: Article) -> Source:
    """Return the folder and, unless the id carries its name, the file that gave an article."""
    path = Path(article.file)
    if article.source:
        # There the folder says which document it is, and the file whose work.
        return article.source, ""
    ident = article.bare_id or article.id
    carried = article.local == "file" or identity.is_after(ident, path.stem)
    return str(path.parent), "" if carried else path.stem


def _labels(sources: tuple[Source, ...], base: Path | None) -> dict[Source, str]:
    """Return for each source its name, with as many of the folders above as tell all apart.

    A file is named where files of several names give the id.
    """
    several = len({stem for _, stem in sources}) > 1
    parts = []
    for folder, stem in sources:
        file = (stem,) if several and stem else ()
        parts.append((*_parts(folder, base), *file))
    labels: list[str] = []
    for depth in range(1, max(map(len, parts)) + 1):
        labels = [_label(part[-depth:]) for part in parts]
        if len(set(labels)) == len(labels):
            break
    return dict(zip(sources, labels, strict=True))


def _label(names: Iterable[str]) -> str:
    return "-".join(filter(None, names))


@lru_cache(maxsize=1000)
def _parts(folder: str, base: Path | None) -> tuple[str, ...]:
    """Return the names of a folder and those above it; a zip file counts as one."""
    path = Path(folder).absolute()
    if base is not None and path.is_relative_to(base):
        path = path.relative_to(base)
    names = (part[:-4] if part.lower().endswith(".zip") else part for part in path.parts)
    return tuple(name.strip("/") for name in names) or ("",)
