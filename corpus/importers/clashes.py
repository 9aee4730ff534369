"""Ids that stand for other texts in files of one name, which lie in several folders.

Each then carries the name of its folder, in whatever order the files are read; an id that stands
for one text, as where two people worked on one document, stays as it is.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path, PurePosixPath

from corpus.core.problems import Problem
from corpus.importers import ENDINGS, Article, limits
from corpus.importers.archive import DAMAGED, WORK

# Of a file's name without ending and an id, the folders with the name that tells each apart.
Clashes = Mapping[tuple[str, str], Mapping[str, str]]

KNOWN = {ending for endings in ENDINGS.values() for ending in endings}


def may_be(paths: Iterable[Path]) -> bool:
    """Tell whether files of one name lie in several folders, without reading them."""
    folders: dict[str, PurePosixPath] = {}
    for path in _files(paths):
        # Whose work it is says the name there, and which document the folder.
        if path.parent.parent.name in WORK:
            continue
        if path.suffix.lower() == ".zip":
            return True
        known = path.suffix.lower() in KNOWN
        if known and folders.setdefault(path.stem, path.parent) != path.parent:
            return True
    return False


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
    digests: dict[tuple[str, str], str] = {}
    # In the order in which they come.
    folders: dict[tuple[str, str], dict[str, None]] = {}
    clashing = set()
    for row in rows:
        limits.restart()
        if isinstance(row, Problem):
            continue
        key = (Path(row.file).stem, row.id)
        if digests.setdefault(key, row.body.digest) != row.body.digest:
            clashing.add(key)
        folders.setdefault(key, {})[_folder(row)] = None
    return {key: _labels(tuple(folders[key]), base) for key in clashing}


def apart(article: Article, clashes: Clashes, base: Path | None) -> Article:
    """Return an article with the name of its folder before its id where that clashes.

    Elsewhere what it would be called then is an id that its text may be known by.
    """
    folder = _folder(article)
    labels = clashes.get((Path(article.file).stem, article.id), {})
    ident = _under(labels.get(folder) or _parts(folder, base)[-1], article)
    if ident == article.id:
        return article
    if len(labels) > 1:
        bare = article.bare_id or article.id
        return replace(article, id=ident, bare_id=bare, other_id=article.id)
    return replace(article, other_id=ident)


def _under(label: str, article: Article) -> str:
    """Return the id of an article with the name of a folder before it, as it is without one."""
    if not label:
        return article.id
    bare = article.bare_id or article.id
    if article.local == "file":
        return f"{label}-{Path(article.file).stem}-{bare}"
    return f"{label}-{bare}"


def _folder(article: Article) -> str:
    """Return the folder in which the name of an article's file says which document it is."""
    return article.source or str(Path(article.file).parent)


def _labels(folders: tuple[str, ...], base: Path | None) -> dict[str, str]:
    """Return for each folder its name, with as many of those above it as tell all apart."""
    parts = [_parts(folder, base) for folder in folders]
    labels: list[str] = []
    for depth in range(1, max(map(len, parts)) + 1):
        labels = ["-".join(part[-depth:]) for part in parts]
        if len(set(labels)) == len(labels):
            break
    return dict(zip(folders, labels, strict=True))


@lru_cache(maxsize=1000)
def _parts(folder: str, base: Path | None) -> tuple[str, ...]:
    """Return the names of a folder and those above it; a zip file counts as one."""
    path = Path(folder).absolute()
    if base is not None and path.is_relative_to(base):
        path = path.relative_to(base)
    names = (part[:-4] if part.lower().endswith(".zip") else part for part in path.parts)
    return tuple(name.strip("/") for name in names) or ("",)
