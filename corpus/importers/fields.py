"""What our fields are called in a table or in JSON: as somebody says, else guessed from its rows.

Names are compared without case and signs, so `Full_Text` is `fulltext`. Fields of objects within a
row are named by dots: `data.body`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.core.problems import Problem
from corpus.importers import stream
from corpus.importers.reading import Reading

# What files call our fields, in the languages of those who make them; the first fits best.
NAMES: dict[str, tuple[str, ...]] = {
    "text": (
        *("text", "fulltext", "articletext", "articlebody", "bodytext", "maintext", "body"),
        *("content", "article", "story", "document", "transcript", "message", "post", "comment"),
        *("selftext", "sentence", "paragraph", "texte", "contenu", "corps", "texto", "contenido"),
        *("cuerpo", "conteudo", "conteúdo", "testo", "contenuto", "corpo", "tekst", "inhoud"),
        *("treść", "tresc", "inhalt", "artikel", "artikeltext", "volltext", "innehåll", "brödtext"),
        *("indhold", "obsah", "metin", "içerik", "текст", "содержание", "текстстатьи", "зміст"),
        *("正文", "内容", "文本", "全文", "本文", "テキスト", "본문", "내용", "نص", "النص", "טקסט"),
    ),
    "title": (
        *("title", "headline", "heading", "subject", "titel", "überschrift", "titre", "titulo"),
        *("título", "titular", "titolo", "tytuł", "tytul", "rubrik", "kop", "nadpis", "başlık"),
        *(
            "заголовок",
            "назва",
            "标题",
            "標題",
            "タイトル",
            "見出し",
            "제목",
            "عنوان",
            "العنوان",
            "כותרת",
        ),
    ),
    "published": (
        *("published", "publishedat", "publisheddate", "publicationdate", "datepublished"),
        *("pubdate", "date", "dateofpublication", "datum", "fecha", "data", "dato", "tarih"),
        *("дата", "日期", "发布日期", "日付", "날짜", "تاريخ", "התאריך"),
    ),
    "outlet": (
        *("outlet", "publication", "publisher", "newspaper", "source", "sitename", "medium"),
        *("zeitung", "quelle", "journal", "periodico", "periódico", "medio", "fuente", "giornale"),
        *("testata", "krant", "gazeta", "tidning", "avis", "gazete", "издание", "источник"),
        *("媒体", "来源", "新聞", "신문", "صحيفة"),
    ),
    "id": (
        *("id", "docid", "documentid", "articleid", "textid", "uuid", "guid", "docno", "key"),
        *("nummer", "número", "numero", "kennung", "编号"),
    ),
    "url": ("url", "link", "uri", "weburl", "articleurl", "permalink", "adresse", "网址", "链接"),
    "author": (
        *("author", "byline", "writer", "authors", "autor", "auteur", "autore", "autorin"),
        *("verfasser", "författare", "forfatter", "yazar", "автор", "作者", "著者", "저자", "كاتب"),
    ),
    "language": (
        "language",
        "lang",
        "sprache",
        "langue",
        "idioma",
        "lingua",
        "język",
        "язык",
        "语言",
    ),
}
# What an article may say beside its text, and what we call that; the first that is there counts.
SAID = {
    "title": "title",
    "outlet": "outlet",
    "published": "published",
    "date": "published",
    "url": "url",
    "author": "author",
    "language": "language",
    "targets": "targets",
}
# Who writes these knows how the others are called.
OURS_ALONE = frozenset(("meta", "spans", "links", "layer"))
# Rows that are looked at before a guess, and values of a field that are shown.
ROWS = 50
SAMPLES = 3
SHOWN = 80
DEEPEST = 4
# A value of so many words is running text.
RUNNING = 3
DATE = re.compile(r"\d{4}-\d\d?-\d\d?([T ].*)?|\d\d?[./]\d\d?[./]\d{4}")
URL = re.compile(r"https?://\S+")
SHORT = re.compile(r"\S{1,40}")
# So many different short values in the first field are ids.
ENOUGH = 3
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A field of a file with some of its values, and the field of ours that it may be."""

    name: str
    samples: tuple[str, ...]
    guess: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the form that an upload check answers with."""
        return {**asdict(self), "samples": list(self.samples)}


def parse(options: Iterable[str]) -> dict[str, str]:
    """Read `OURS=THEIRS` options; raise `Problem` when one is none."""
    fields = {}
    for option in options:
        ours, _, theirs = option.partition("=")
        fields[ours.strip()] = theirs.strip()
    check(fields)
    return fields


def check(fields: Mapping[str, str]) -> None:
    """Raise `Problem` when fields are named that we have not, or without a name of theirs."""
    known = ", ".join(NAMES)
    for ours, theirs in fields.items():
        if ours not in NAMES or not isinstance(theirs, str) or not theirs:
            raise Problem("field-option", option=f"{ours}={theirs}", known=known)


def located(rows: Sequence[Row], fields: Mapping[str, str]) -> dict[str, str]:
    """Return what our fields are called in a file with these first rows.

    `fields` is what somebody says, and goes before the guess. Raises `Problem` with all names that
    there are when the rows have no such field, or nothing that can be the text.
    """
    values = _values(rows)
    said = {}
    for ours, theirs in fields.items():
        said[ours] = _present(theirs, values)
    free = {name: found for name, found in values.items() if name not in said.values()}
    guessed = {ours: theirs for ours, theirs in _guess(free).items() if ours not in said}
    if "text" not in said and "text" not in guessed:
        raise Problem("field-text", known=_listed(values))
    return {**guessed, **said}


def columns(rows: Sequence[Row], fields: Mapping[str, str]) -> list[Column]:
    """Return the fields of a file with these first rows, each with the guess what it is."""
    values = _values(rows)
    known = [(ours, theirs) for ours, theirs in fields.items() if theirs in values]
    guessed = {theirs: ours for ours, theirs in {**_guess(values), **dict(known)}.items()}
    shown = []
    for name, found in values.items():
        samples = tuple(str(value)[:SHOWN] for value in found[:SAMPLES])
        shown.append(Column(name, samples, guessed.get(name, "")))
    return shown


def renamed(row: Row, names: Mapping[str, str]) -> Row:
    """Return a row with its fields under our names; what is ours already stays."""
    moved = {ours: theirs for ours, theirs in names.items() if ours != theirs}
    if not moved:
        return row
    kept = dict(row)
    found = {}
    for ours, theirs in moved.items():
        value = _taken(kept, theirs)
        if value is not None:
            found[ours] = value
    return {**kept, **found}


def told(row: Row) -> Row:
    """Return what a row says of its text beside it, by our names."""
    said = reversed(SAID.items())
    return {name: row[key] for key, name in said if row.get(key) not in (None, "")}


def rows(path: Path, reading: Reading) -> Iterator[tuple[int, Any]]:
    """Yield the rows of a JSON file with its lines, fields that somebody named under our names."""
    for line, row in stream.values(path):
        yield line, renamed(row, reading.fields) if isinstance(row, dict) else row


def _taken(row: Row, name: str) -> Any:
    """Take a field out of a row, without changing the objects in it."""
    if name in row:
        return row.pop(name)
    first, _, rest = name.partition(".")
    if not rest or not isinstance(row.get(first), dict):
        return None
    row[first] = dict(row[first])
    return _taken(row[first], rest)


def _values(rows: Sequence[Row]) -> dict[str, list[Any]]:
    """Return the values of every field that holds one, in the order of the fields."""
    values: dict[str, list[Any]] = {}
    for row in rows:
        for name, value in _leaves(row, "", DEEPEST):
            found = values.setdefault(name, [])
            if value not in (None, ""):
                found.append(value)
    return values


def _leaves(row: Row, prefix: str, deep: int) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict) and deep:
            yield from _leaves(value, f"{prefix}{name}.", deep - 1)
        elif isinstance(value, str | int | float) or value is None:
            yield f"{prefix}{name}", value


def _present(theirs: str, values: Mapping[str, list[Any]]) -> str:
    """Return the field of this name, whatever its case; raise `Problem` when there is none."""
    if theirs in values:
        return theirs
    alike = [name for name in values if name.lower() == theirs.lower()]
    if not alike:
        raise Problem("field-missing", name=theirs, known=_listed(values))
    return alike[0]


def _listed(values: Mapping[str, list[Any]]) -> str:
    names = ", ".join(name[:SHOWN] for name in list(values)[:ROWS])
    return names or "none"


def _guess(values: Mapping[str, list[Any]]) -> dict[str, str]:
    """Return our fields with what they are called in a file, as names and values tell."""
    guessed: dict[str, str] = {}
    values = {name: found for name, found in values.items() if name not in OURS_ALONE}
    text = "text" if "text" in values else _likely_text(values)
    if text:
        guessed["text"] = text
    # What is said of a text stands beside it, or at the top.
    beside = ("", _object(text))
    values = {name: found for name, found in values.items() if _object(name) in beside}
    for ours, known in NAMES.items():
        if ours == "text":
            continue
        free = {plain(name): name for name in reversed(values) if name not in guessed.values()}
        named = [free[name] for name in known if name in free]
        fitting = [name for name in named if _may_be(ours, values[name])]
        shaped = [name for name in free.values() if _has_shape(ours, values[name])]
        # An address or a date that stands alone is one, whatever it is called.
        if fitting or len(shaped) == 1:
            guessed[ours] = (fitting or shaped)[0]
    if "id" not in guessed and (ident := _likely_id(values, guessed.values())):
        guessed["id"] = ident
    return guessed


def _likely_text(values: Mapping[str, list[Any]]) -> str:
    """Return the field that holds the texts: of those called so the longest, else the longest.

    A title is the text where nothing else is.
    """
    lengths = {name: _mean_words(found) for name, found in values.items()}
    called = [name for name in values if plain(name) in NAMES["text"] and lengths[name]]
    titles = [name for name in values if plain(name) in NAMES["title"]]
    running = [name for name, length in lengths.items() if length >= RUNNING]
    others = [name for name in running if name not in titles]
    for names in (called, others, running):
        if names:
            return max(names, key=lambda name: lengths[name])
    only = [name for name, found in values.items() if found and isinstance(found[0], str)]
    return only[0] if len(values) == len(only) == 1 else ""


def _mean_words(found: list[Any]) -> float:
    """Return how many words values have on average, 0 unless all are texts that are no dates."""
    if not found or not all(isinstance(value, str) for value in found):
        return 0
    if _has_shape("published", found) or _has_shape("url", found):
        return 0
    return sum(map(_words, found)) / len(found)


def _words(text: str) -> int:
    """Count words; scripts without spaces have about two signs for each."""
    return max(len(text.split()), sum(char > "\u2fff" for char in text) // 2)


def _may_be(ours: str, found: list[Any]) -> bool:
    """Tell whether values can be what their name says."""
    if ours == "published":
        return all(any(char.isdigit() for char in str(value)) for value in found)
    if ours == "id":
        return len(set(map(str, found))) == len(found)
    return all(isinstance(value, str) for value in found)


def _has_shape(ours: str, found: list[Any]) -> bool:
    shape = {"published": DATE, "url": URL}.get(ours)
    if shape is None or not found:
        return False
    return all(isinstance(value, str) and shape.fullmatch(value.strip()) for value in found)


def _likely_id(values: Mapping[str, list[Any]], taken: Iterable[str]) -> str:
    """Return the first field when its values are short, all there and all different."""
    name = next(iter(values), "")
    found = values.get(name, [])
    most = max(map(len, values.values()), default=0)
    if not name or name in taken or not ENOUGH <= len(found) == most == len(set(map(str, found))):
        return ""
    return name if all(map(_is_short, found)) else ""


def _is_short(value: Any) -> bool:
    return not isinstance(value, bool | float) and bool(SHORT.fullmatch(str(value)))


def _object(name: str) -> str:
    """Return the object that a field stands in, "" for the row itself."""
    return name.rpartition(".")[0]


def plain(name: str) -> str:
    """Return the name of a field without case, signs and the objects around it."""
    return "".join(char for char in name.rpartition(".")[2].lower() if char.isalnum())
