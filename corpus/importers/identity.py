"""What makes an id: what its source says, with the source's name where it is unique there alone.

A number counts rows of a file. A file's name like `001` is unique in its folder. Any
other name is taken as it stands, so that what we export comes back as what it was.
"""

from __future__ import annotations

from corpus.core.filenames import is_generic

# Formats whose documents may be called after their file.
CALLED_AFTER_FILE = frozenset(
    {
        *("text", "html", "markdown", "docx", "odt", "pdf", "rtf", "eml"),
        *("brat", "cas", "conll", "docbin", "parquet", "spacyjson", "webannotation"),
        "webannotsv",
    }
)


class Number(str):
    """An id of digits alone out of a table, where every cell is a text."""

    __slots__ = ()


def scope(ident: object) -> str:
    """Return "file" for the id of a row that is unique in its file alone, else ""."""
    return "file" if isinstance(ident, int | Number) else ""


def source_name(ident: str, local: str, *, format: str, stem: str, folder: str) -> str:
    """Return the name that goes before an id, "" where the id stands by itself."""
    if local == "file":
        return f"{folder}-{stem}" if folder and is_generic(stem) else stem
    if local == "folder":
        return folder
    after_file = format in CALLED_AFTER_FILE and is_generic(stem) and is_after(ident, stem)
    return folder if after_file else ""


def is_after(ident: str, stem: str) -> bool:
    """Tell whether an id is a file's name, or that with the number of the document in it."""
    rest = ident.removeprefix(f"{stem}-")
    return ident == stem or (rest != ident and rest.isdecimal())
