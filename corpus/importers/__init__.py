"""Seam: what reads documents out of files.

An importer is a function `read(path, reading)` that yields one `Article` or `Problem` per row,
streaming. A bad row is yielded as a problem with its line and never aborts the rest.
"""

from __future__ import annotations

import logging
import os
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Any, Protocol

from corpus.core.plugins import Plugins
from corpus.core.problems import Problem
from corpus.core.span import LayerView
from corpus.core.text import FrozenText
from corpus.importers import identity, limits, token_table
from corpus.importers.archive import unpacked
from corpus.importers.reading import AS_FOUND, Reading
from corpus.importers.sniff import holds_tags, sniff
from corpus.importers.utf8 import in_utf8

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Article:
    """One document out of a file, its text frozen.

    `layer` holds the spans that came along, if any did. `author` is whose work these are, where the
    file says so; `notes` counts, by reason, what was converted on the way in and what the file
    holds that we do not, and `examples` shows the first of a reason. `left` has a problem, with its
    place, for each annotation that could not be read: the others came in. `signature` is that of
    `corpus.core.near_duplicates`, once it is counted.

    `local` says where an id is unique that is so in its "file" or "folder" alone (`identity`):
    `read` puts the name of that before it, and leaves what the file says as the `bare_id`. Where
    other files of the import give the id to other texts, `lone_id` is what it is without them;
    `known_as` are the ids that it gets beside others. `source` is the folder that tells documents
    of one name apart, where it is not the file's own.
    """

    id: str
    body: FrozenText
    meta: Mapping[str, Any] = field(default_factory=dict)
    layer: LayerView | None = None
    file: str = ""
    line: int = 0
    author: str = ""
    notes: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)
    left: tuple[Problem, ...] = ()
    signature: bytes = b""
    local: str = ""
    bare_id: str = ""
    lone_id: str = ""
    known_as: tuple[str, ...] = ()
    source: str = ""


class Importer(Protocol):
    """The contract of an importer."""

    def __call__(self, path: Path, reading: Reading) -> Iterator[Article | Problem]:
        """Yield what the file holds, row by row."""


IMPORTERS = Plugins(
    "format",
    {
        "text": "corpus.importers.plain:read",
        "jsonl": "corpus.importers.jsonl:read",
        "csv": "corpus.importers.table:read",
        "docbin": "corpus.importers.docbin:read",
        "prodigy": "corpus.importers.prodigy:read",
        "doccano": "corpus.importers.doccano:read",
        "labelstudio": "corpus.importers.labelstudio:read",
        "brat": "corpus.importers.brat:read",
        "cas": "corpus.importers.cas:read",
        "conll": "corpus.importers.conll:read",
        "parquet": "corpus.importers.parquet:read",
        "spacyjson": "corpus.importers.spacy_json:read",
        "webannotation": "corpus.importers.webannotation:read",
        "webannotsv": "corpus.importers.webanno_tsv:read",
        "html": "corpus.importers.html:read",
        "docx": "corpus.importers.docx:read",
        "odt": "corpus.importers.odt:read",
        "pdf": "corpus.importers.pdf:read",
        "rtf": "corpus.importers.rtf:read",
        "markdown": "corpus.importers.markdown:read",
        "eml": "corpus.importers.eml:read",
        "xlsx": "corpus.importers.xlsx:read",
    },
)
ENDINGS = {
    "text": (".txt", ".text"),
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "csv": (".csv", ".tsv"),
    "docbin": (".spacy",),
    "prodigy": (".jsonl",),
    "doccano": (".jsonl", ".json"),
    "labelstudio": (".json", ".jsonl", ".ndjson"),
    "brat": (".ann", ".a1"),
    "cas": (".xmi", ".json"),
    "conll": (
        *(".conll", ".conllu", ".iob", ".iob2", ".bio", ".bioes", ".bilou"),
        *(".gold_conll", ".v4_gold_conll", ".auto_conll", ".v4_auto_conll"),
    ),
    "parquet": (".parquet", ".arrow"),
    "spacyjson": (".json",),
    "webannotation": (".jsonld", ".json"),
    "webannotsv": (".tsv",),
    "html": (".html", ".htm", ".xhtml"),
    "docx": (".docx", ".docm", ".dotx"),
    "odt": (".odt", ".ott"),
    "pdf": (".pdf",),
    "rtf": (".rtf",),
    "markdown": (".md", ".markdown"),
    "eml": (".eml",),
    "xlsx": (".xlsx", ".xlsm", ".xls", ".ods"),
}
UNFORESEEN = "it holds something that was not foreseen, which the log of this site names"
# What people have as well, and what they can do with it.
ADVICE = {
    (".doc", ".dot", ".wps", ".pages"): "open it and save it as .docx",
    (".ppt", ".pptx", ".odp", ".key"): "save its text as .docx or .pdf",
    (".numbers",): "save it as .xlsx",
    (".msg", ".mbox", ".pst"): "save each e-mail as .eml",
    (".epub", ".mobi", ".djvu", ".ps"): "save it as .pdf, or its text as .txt",
    (".mht", ".mhtml", ".webarchive"): "save the page as .html, or give its address",
    (".jpg", ".jpeg", ".png", ".gif", ".tif", ".tiff", ".bmp", ".webp", ".heic", ".svg"): (
        "run text recognition (OCR) first and save the text as .docx or .txt"
    ),
    (".mp3", ".wav", ".m4a", ".ogg", ".mp4", ".mov", ".avi", ".mkv"): (
        "have it transcribed and save the text as .docx or .txt"
    ),
    (".rar", ".7z", ".gz", ".tar", ".tgz", ".bz2", ".xz"): "unpack it, or pack it anew as .zip",
}
MAX_ID = 200
# What stands beside a text and is about it: the text comes in with it.
STANDOFF = (".ann", ".a1", ".jsonld")
WEBANNO_TSV = b"#FORMAT=WebAnno TSV 3"
# Its versions 1 and 2, whose tokens have no offsets.
OLD_TSV = (b"#id=1", b"#text=", b" # ", b"#FORMAT=WebAnno TSV ")
# What `datasets` writes beside the rows of a dataset, or of its splits, which have folders.
BESIDE_ROWS = ("dataset_info.json", "state.json", "dataset_dict.json")
IN_ANOTHER = (
    "it lies in another zip file, and cannot be there. Unpack that, and import what it holds"
)
# What tells of a folder and is no article of it.
OF_FOLDERS = ("readme.md",)


def articles(paths: list[Path], reading: Reading = AS_FOUND) -> Iterator[Article | Problem]:
    """Yield the articles of files, folders and zip files; what cannot be read, or holds none, is a
    problem.

    A folder gives what lies in it and has an ending of the format (any known ending when no format
    is named); a zip file the same of all its folders. Where files may give one id to several texts,
    all are read twice: first to find such ids.
    """
    # It needs this module.
    from corpus.importers import clashes

    base = None
    if reading.folder == "" and paths:
        base = (paths[0] if paths[0].is_dir() else paths[0].parent).absolute()
    clashing: clashes.Clashes = {}
    if clashes.may_be(paths):
        clashing = clashes.found(_articles(paths, replace(reading, spans=False)), base)
    for row in _articles(paths, reading):
        if isinstance(row, Article):
            named = clashes.apart(row, clashing, base)
            yield named if named.id == row.id else _with_fit_id(named)
        else:
            yield row


def _articles(paths: list[Path], reading: Reading) -> Iterator[Article | Problem]:
    """Yield the articles of each of the paths by itself."""
    for path in paths:
        if path.is_dir():
            rows = _loose(path, paths, reading)
            # Files of it that are named as well are what it holds.
            if not any(other.parent == path for other in paths):
                nothing = _nothing(reading.format, "; folders in it are not read")
                rows = _some(rows, nothing.at(str(path)))
            yield from rows
        elif not path.is_file():
            yield Problem("file-missing").at(str(path))
        elif path.suffix.lower() == ".zip":
            nothing = _nothing(reading.format).at(str(path))
            yield from _some(_archive(path, reading), nothing)
        else:
            yield from read(path, reading)


def read(path: Path, reading: Reading = AS_FOUND) -> Iterator[Article | Problem]:
    """Yield the articles of one file; what cannot be opened or guessed is one problem."""
    try:
        str(path).encode()
        with in_utf8(path, reading.encoding) as (source, notes):
            name = reading.format
            for row in _rows(source, reading):
                if source != path:
                    row = _out_of_copy(row, source, path)
                if isinstance(row, Article):
                    name = name or guess(source)
                    row = _as_wanted(row, path, name, reading)
                    # The first says for all of them how the file is encoded.
                    row = replace(row, notes={**row.notes, **notes}) if notes else row
                    notes = {}
                yield _with_few_spans(_with_fit_id(row))
    except UnicodeEncodeError:
        name = os.fsencode(path).decode("utf-8", "replace")
        yield Problem("file-unreadable", reason="its name is not UTF-8").at(name)
    except Problem as problem:
        yield problem if problem.file else problem.at(str(path))
    except OSError as error:
        yield Problem("file-unreadable", reason=error.strerror or str(error)).at(str(path))
    except limits.TooLong:
        yield Problem("file-unreadable", reason=limits.TOO_LONG).at(str(path))
    except MemoryError:
        yield Problem("file-unreadable", reason=limits.TOO_MUCH).at(str(path))
    except Exception:
        # Files are a stranger's: one must not cost the others.
        logger.exception("an importer failed at %r", path.name)
        yield Problem("file-unreadable", reason=UNFORESEEN).at(str(path))


def _rows(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield what an importer finds in a file, or a problem."""
    try:
        importer: Importer = IMPORTERS.get(reading.format or guess(path))
        yield from _some(importer(path, reading), Problem("text-empty").at(str(path)))
    except Problem as problem:
        yield problem


def _out_of_copy(row: Article | Problem, copy: Path, path: Path) -> Article | Problem:
    """Return a row that was read out of a copy with the name of the file itself."""
    if row.file not in ("", str(copy)):
        return row
    return row.at(str(path)) if isinstance(row, Problem) else replace(row, file=str(path))


def _some(rows: Iterable[Article | Problem], nothing: Problem) -> Iterator[Article | Problem]:
    """Yield rows, or the problem that there are none."""
    empty = True
    for row in rows:
        empty = False
        yield row
    if empty:
        yield nothing


def _nothing(format: str, more: str = "") -> Problem:
    kind = f"of the format {format}" if format else "of a known format"
    return Problem("nothing-to-do", act="import", reason=f"it holds no file {kind}{more}")


def _as_wanted(article: Article, path: Path, format: str, reading: Reading) -> Article:
    """Return the article under an id that is its own, and without annotations unless wanted."""
    named = _named(article, path, format, reading.folder)
    return named if reading.spans else replace(named, layer=None, left=())


def _named(article: Article, path: Path, format: str, folder: str | None) -> Article:
    """Return the article with the name of its source before an id that is unique in it alone."""
    if folder is None:
        folder = path.absolute().parent.name
    source = identity.source_name(
        article.id, article.local, format=format, stem=path.stem, folder=folder
    )
    if not source:
        return article
    return replace(article, id=f"{source}-{article.id}", bare_id=article.id)


def _wrong_id(ident: str) -> str:
    """Say why a document cannot have this id, "" when it can.

    The id stands in the address of its pages.
    """
    if len(ident) > MAX_ID:
        return f"is longer than {MAX_ID} characters"
    if any(unicodedata.category(char) in ("Cc", "Zl", "Zp") for char in ident):
        return "holds a line end or another control character"
    if any(part in (".", "..") for part in ident.split("/")):
        return "must not be . or .., nor have them between slashes"
    return ""


def guess(path: Path) -> str:
    """Return the format that a file's ending and its first fields tell.

    Raises `Problem` when they tell none.
    """
    formats = [name for name, endings in ENDINGS.items() if path.suffix.lower() in endings]
    if "csv" in formats:
        return _table_format(path)
    if formats == ["text"] and holds_tags(path):
        return "conll"
    if len(formats) == 1:
        return formats[0]
    name = sniff(path, formats) if formats else None
    if name is None:
        for endings, advice in ADVICE.items():
            if path.suffix.lower() in endings:
                raise Problem("format-foreign", name=path.name, advice=advice).at(str(path))
        known = ", ".join(IMPORTERS.names())
        raise Problem("format-unguessed", name=path.name, known=known).at(str(path))
    return name


def _table_format(path: Path) -> str:
    """Tell a table from WebAnno's and CoNLL's, in which each token has a line.

    Raises `Problem` for one of a version that is not read.
    """
    with path.open("rb") as file:
        first = file.readline(200).removeprefix(BOM_UTF8)
    if first.startswith(WEBANNO_TSV):
        return "webannotsv"
    if first.startswith(OLD_TSV):
        raise Problem("inception-format").at(str(path))
    return "conll" if holds_tags(path) or token_table.found_in(path) else "csv"


def _loose(folder: Path, named: Sequence[Path], reading: Reading) -> Iterator[Article | Problem]:
    """Yield the projects that a folder holds and what else lies in it, but for what is named too.

    A zip file is read as one that is named.
    """
    roots = _roots(folder, reading)
    yield from _projects(roots, reading)
    if folder in roots:
        return
    inside = [path for path in _inside(folder) if path not in named]
    yield from _folder([path for path in inside if path.suffix.lower() != ".zip"], reading)
    for path in sorted(inside):
        if path.suffix.lower() == ".zip" and path.is_file():
            yield from _archive(path, reading)


def _roots(folder: Path, reading: Reading, *, deep: bool = False) -> list[Path]:
    """Return the folders of projects of INCEpTION in a folder, which may be one itself."""
    if reading.format not in ("", "cas"):
        return []
    # It needs this module.
    from corpus.importers import inception

    return inception.roots_of(folder, deep=deep)


def _projects(roots: Sequence[Path], reading: Reading) -> Iterator[Article | Problem]:
    """Yield what projects of INCEpTION hold; of several each gives its documents its name."""
    from corpus.importers import inception

    for root in roots:
        for row in inception.articles(root, reading, read):
            if isinstance(row, Article):
                row = replace(row, source=str(root))
                if len(roots) > 1:
                    row = replace(row, id=f"{root.name}-{row.id}", bare_id=row.id)
            yield _with_fit_id(row)


def _with_fit_id(row: Article | Problem) -> Article | Problem:
    """Return the row, or a problem where its id cannot be one."""
    wrong = _wrong_id(row.id) if isinstance(row, Article) else ""
    if not wrong:
        return row
    return Problem("row-field", field="id", reason=wrong).at(row.file, row.line)


def _with_few_spans(row: Article | Problem) -> Article | Problem:
    """Return the row, or a problem where it is a document with too many spans."""
    if isinstance(row, Problem) or row.layer is None or len(row.layer.spans) <= limits.MAX_SPANS:
        return row
    limit = f"{limits.MAX_SPANS} spans"
    return Problem("part-too-large", what="one document", limit=limit).at(row.file, row.line)


def _folder(paths: Iterable[Path], reading: Reading) -> Iterator[Article | Problem]:
    """Yield what the files of a folder hold that have an ending of the format."""
    every = tuple(chain.from_iterable(ENDINGS.values()))
    endings = ENDINGS[reading.format] if reading.format else every
    for path in sorted(paths):
        if path.suffix.lower() == ".zip" and path.is_file():
            yield Problem("zip-invalid", reason=IN_ANOTHER).at(str(path))
        if path.suffix.lower() not in endings or not path.is_file():
            continue
        if path.name in BESIDE_ROWS and not reading.format:
            continue
        if path.name.lower() in OF_FOLDERS:
            continue
        if reading.format or not _is_beside_annotations(path):
            yield from read(path, reading)


def _inside(folder: Path) -> Iterator[Path]:
    """Yield the paths in a folder; of a dataset those in the folders of its parts as well."""
    yield from folder.iterdir()
    for ending in ENDINGS["parquet"]:
        for path in folder.rglob(f"*{ending}"):
            if path.parent != folder:
                yield path


def _is_beside_annotations(path: Path) -> bool:
    """Tell a text that comes in with the annotations beside it."""
    if path.suffix.lower() not in ENDINGS["text"]:
        return False
    return any(path.with_suffix(ending).exists() for ending in STANDOFF)


def _archive(path: Path, reading: Reading) -> Iterator[Article | Problem]:
    """Yield what a zip file holds; places name the archive and the file in it."""
    try:
        with unpacked(path) as folder:
            for row in _unpacked(folder, path.stem, reading):
                file = _in_archive(row.file, folder, path)
                if isinstance(row, Problem):
                    yield row.at(file)
                else:
                    source = row.source and _in_archive(row.source, folder, path)
                    yield replace(_moved(row, file), source=source)
    except Problem as problem:
        yield problem.at(str(path))
    except OSError as error:
        yield Problem("file-unreadable", reason=error.strerror or str(error)).at(str(path))
    except limits.TooLong:
        yield Problem("file-unreadable", reason=limits.TOO_LONG).at(str(path))
    except MemoryError:
        yield Problem("file-unreadable", reason=limits.TOO_MUCH).at(str(path))


def _in_archive(path: str, folder: Path, archive: Path) -> str:
    """Return where something lies that is in the folder of an unpacked archive."""
    return f"{archive}/{Path(path).relative_to(folder).as_posix()}"


def _moved(article: Article, file: str) -> Article:
    """Return an article whose places name another file."""
    return replace(article, file=file, left=tuple(left.at(file) for left in article.left))


def _unpacked(root: Path, name: str, reading: Reading) -> Iterator[Article | Problem]:
    """Yield the projects and what each folder of an archive holds; what lies loose is in `name`."""
    roots = _roots(root, reading, deep=True)
    yield from _projects(roots, reading)
    for folder, paths in _by_folder(root, name, roots):
        yield from _folder(paths, replace(reading, folder=folder, root=str(root)))


def _by_folder(
    root: Path, name: str, roots: Sequence[Path]
) -> Iterator[tuple[str, Iterable[Path]]]:
    """Yield each folder of an archive that is in none of the `roots`, with its paths."""
    if root in roots:
        return
    yield name, root.iterdir()
    for folder in sorted(path for path in root.rglob("*") if path.is_dir()):
        if roots and not {folder, *folder.parents}.isdisjoint(roots):
            continue
        yield folder.name, folder.iterdir()
