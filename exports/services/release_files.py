"""The files of a release: written, written anew from the log, and compared with it.

Beside gold in the lossless form stands a dataset that `load_dataset` reads: a card, and a data file
for each configuration and split. A release from before there were datasets has none.

What a release is verified by never changes: what is in its folder is told by its own format, data
are compared with the log, and words for people with their digests alone, so that pages may be
worded anew. A folder of every format is kept in `tests/fixtures/releases`.
"""

from __future__ import annotations

import filecmp
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from annotator.services.decision_log import refold
from corpus.core.callbacks import Progress, unreported
from corpus.core.problems import Problem
from corpus.core.schema import SchemaView
from corpus.models import Corpus
from corpus.selectors import schema_rows, texts_of
from exports import selectors
from exports.core import dataset_card, datasheet
from exports.core.dataset_features import CONFIGS, SPLITS, columns, data_file
from exports.core.dataset_rows import (
    ABSTENTIONS,
    COMPARISON,
    annotators_row,
    compared,
    gold_row,
    provenance_rows,
    without_riding,
)
from exports.core.manifest import canonical, digest, file_digest
from exports.core.record import Record, as_row, line
from exports.encoders.dataset import FORMS, Writer, installed_form, same_content, writer_of
from exports.encoders.files import whole_folder
from exports.models import Release, ReleaseItem
from exports.services import origin as origins
from exports.services.release_documents import Pin, annotated_documents, pins_of

BATCH = 200
GOLD = "gold.jsonl"
ABOUT = "release.json"
SHEET = "DATASHEET.md"
CARD = "README.md"
# Gold and digests are format 1; format 2 adds a data sheet, format 3 a dataset with its card.
FORMAT = 3
WITH_SHEET = 2

# Rows of a dataset by configuration and split.
Rows = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Form:
    """The form of the data files in a folder, and what wrote them ("" for JSONL)."""

    name: str
    writer: str


def form_here() -> Form:
    """Return the form in which this machine writes data files."""
    name = installed_form()
    return Form(name, writer_of(name))


@contextmanager
def new_folder(to: Path) -> Iterator[Path]:
    """Yield a folder that becomes `to` when it is whole."""
    try:
        with whole_folder(to) as folder:
            yield folder
    except OSError as error:
        problem = Problem("file-unreadable", reason=f"cannot write: {error.strerror}")
        raise problem.at(str(to)) from None


def write_again(made: Release, *, to: Path, progress: Progress = unreported) -> None:
    """Write the files of a release anew from the log.

    Raises `Problem` when a text was withdrawn meanwhile.
    """
    digests: dict[str, str] = {}
    form = form_here()
    total = made.items.count()
    with new_folder(to) as folder:
        with (folder / GOLD).open("w", encoding="utf-8", newline="\n") as out:
            for item, record in _rebuilt(made):
                progress(len(digests) // 2 if made.card else len(digests), total)
                digests[record.id] = item.digest
                out.write(line(record))
        if made.card:
            _write_data_of(made, folder, form, progress)
        progress(total, total)
        write_beside(made, digests, folder, form)


def write_data(
    corpus: Corpus,
    schema: SchemaView,
    pins: Sequence[Pin],
    *,
    origin: str,
    folder: Path,
    form: Form,
    comparison: int = COMPARISON,
    progress: Progress = unreported,
) -> Rows:
    """Write the data files of a dataset and return how many rows each holds.

    Reviews are compared as by `comparison`, the way of the time when a release was made. Progress
    is the second half of the work on a release.
    """
    total = len(pins)
    abstentions = comparison >= ABSTENTIONS
    with Writer(folder, columns(schema), form.name) as out:
        schema = schema if abstentions else without_riding(schema)
        documents = annotated_documents(corpus, pins, origin=origin, abstentions=abstentions)
        for number, (pin, document) in enumerate(documents):
            progress((total + number) // 2, total)
            part = SPLITS[pin.part]
            clusters = compared(document, schema)
            out.add("gold", part, gold_row(document))
            out.add("all_annotators", part, annotators_row(document, clusters, schema))
            for row in provenance_rows(document, clusters, schema):
                out.add("provenance", part, row)
    rows: Rows = {}
    for config in CONFIGS:
        counts = {part: out.rows[config, part] for part in SPLITS.values()}
        rows[config] = {part: count for part, count in counts.items() if count}
    return rows


def write_beside(made: Release, items: dict[str, str], folder: Path, form: Form) -> None:
    """Write what goes beside the data of a release: its card, its data sheet and the digests."""
    for name, text in _files_beside(made, items, folder, form).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def verify_release(folder: Path) -> dict[str, Any]:
    """Rebuild a release from the log at its pinned versions and compare it with its files.

    Data must be the same byte for byte. Parquet by another version of pyarrow must hold the same.
    Words for people must be those that were written with the data, whatever they would say today.
    """
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        slug, name = str(about["corpus"]), str(about["name"])
        form = _form_of(about)
        paths = [path for path in folder.rglob("*") if not path.is_dir()]
    except OSError as error:
        raise _unreadable(folder, error) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        problem = Problem("release-invalid", reason=f"{ABOUT} is damaged: {error!r}")
        raise problem.at(str(folder)) from None
    made = Release.objects.select_related("corpus").filter(corpus__slug=slug, name=name).first()
    if made is None:
        raise Problem("not-found", what="release", name=name)
    there = {path.relative_to(folder).as_posix() for path in paths}
    expected = {ABOUT, GOLD, *_pages(made), *_data_files(made, form)}
    for file in sorted(there ^ expected):
        reason = f"{file} was not released" if file in there else f"{file} is missing"
        raise Problem("release-invalid", reason=reason).at(str(folder))
    try:
        count = _compare(made, folder, form, about)
    except OSError as error:
        raise _unreadable(folder, error) from None
    return {"release": name, "documents": count, "digest": made.digest}


def _form_of(about: Mapping[str, Any]) -> Form:
    """Return the form that a folder says its data files have."""
    said = about.get("dataset", {"form": "jsonl", "writer": ""})
    form = Form(str(said["form"]), str(said["writer"]))
    if form.name not in FORMS:
        raise ValueError(f"no form {form.name[:80]}")
    return form


def _data_files(made: Release, form: Form, *, only: Collection[str] = ()) -> list[str]:
    """Return the names of the data files, of all configurations or only of some."""
    names = []
    for config, counts in made.card.get("rows", {}).items():
        if only and config not in only:
            continue
        names += [data_file(config, part, form.name) for part in counts]
    return sorted(names)


def _write_data_of(
    made: Release, folder: Path, form: Form, progress: Progress = unreported
) -> None:
    write_data(
        made.corpus,
        schema_rows(made.schema).view,
        pins_of(made),
        origin=made.origin,
        folder=folder,
        form=form,
        comparison=made.card.get("comparison", 1),
        progress=progress,
    )


def _rebuilt(made: Release) -> Iterator[tuple[ReleaseItem, Record]]:
    """Yield what the log gives for each document of a release.

    Raises `Problem` where it gives something else than was released.
    """
    rows = made.items.select_related(
        "release", "document", "layer__document", "layer__shown_run", "layer__schema"
    )
    ordered = [key for _, key in sorted(made.items.values_list("document__external_id", "pk"))]
    for first in range(0, len(ordered), BATCH):
        keys = ordered[first : first + BATCH]
        items = rows.in_bulk(keys)
        for key in keys:
            yield items[key], _rebuilt_record(items[key])


def _rebuilt_record(item: ReleaseItem) -> Record:
    name = item.document.external_id
    text = texts_of([item.document]).get(item.document_id)
    if text is None:
        raise Problem("release-invalid", reason=f"the text of {name} was withdrawn")
    view = origins.without(refold(item.layer, upto=item.layer_version), item.left_out)
    document = selectors.as_said_at(item.document, item.release.created_at)
    record = Record(name, text, selectors.meta(document), view, "gold")
    if digest(canonical(as_row(record))) != item.digest:
        raise Problem("release-invalid", reason=f"the log of {name} gives another gold")
    return record


def _files_beside(made: Release, items: dict[str, str], folder: Path, form: Form) -> dict[str, str]:
    """Return the files beside the data of a release, by their names."""
    files = {name: write(made, form) for name, write in _pages(made).items()}
    about = _facts(made, items, form)
    if made.card:
        # Those of before are written as they were.
        about["format"] = format_of(made)
    about["files"] = {name: digest(text) for name, text in files.items()}
    for name in (GOLD, *_data_files(made, form)):
        about["files"][name] = file_digest(folder / name)
    files[ABOUT] = json.dumps(about, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    return files


def format_of(made: Release) -> int:
    """Return the format of a release; those from before it was noted are told by what they know."""
    if made.card:
        return int(made.card.get("format", FORMAT))
    return WITH_SHEET if "corpus" in made.datasheet else 1


def _pages(made: Release) -> dict[str, Callable[[Release, Form], str]]:
    """Return what writes the words for people that the format of a release has, by file."""
    pages: dict[str, Callable[[Release, Form], str]] = {}
    if format_of(made) >= WITH_SHEET:
        pages[SHEET] = _sheet
    if made.card:
        pages[CARD] = _card
    return pages


def _sheet(made: Release, form: Form) -> str:
    sheet = made.datasheet
    return datasheet.page(made.name, sheet["corpus"], made.digest, sheet)


def _card(made: Release, form: Form) -> str:
    return dataset_card.page(
        name=made.name,
        digest=made.digest,
        sheet=made.datasheet,
        card=made.card,
        schema=schema_rows(made.schema).view,
        form=form.name,
    )


def _facts(made: Release, items: dict[str, str], form: Form) -> dict[str, Any]:
    """Return what `release.json` says of a release beyond its format and the digests of files."""
    facts: dict[str, Any] = {
        "corpus": made.corpus.slug,
        "name": made.name,
        "digest": made.digest,
        "datasheet": made.datasheet,
        "items": items,
    }
    if made.card:
        facts["dataset"] = {"form": form.name, "writer": form.writer}
    return facts


def _compare(made: Release, folder: Path, form: Form, about: Mapping[str, Any]) -> int:
    """Compare every file of a release with what the log gives; return how many documents it has.

    Raises `Problem` at the first difference.
    """
    items: dict[str, str] = {}
    with (folder / GOLD).open("rb") as lines:
        for item, record in _rebuilt(made):
            items[record.id] = item.digest
            if lines.readline() != line(record).encode():
                raise _differs(folder, f"these documents differ: {record.id}")
        if lines.read(1):
            raise _differs(folder, f"{GOLD} has documents that were not released")
    if made.card:
        _compare_data(made, folder, form)
    said = {"format": format_of(made), **about}
    written = said.pop("files", None)
    if said != {**_facts(made, items, form), "format": format_of(made)}:
        raise _differs(folder, f"{ABOUT} is not the file that was written")
    names = (GOLD, *_pages(made), *_data_files(made, form))
    digests = {name: file_digest(folder / name) for name in names}
    if not isinstance(written, dict) or written.keys() != digests.keys():
        raise _differs(folder, f"{ABOUT} is not the file that was written")
    for name, value in digests.items():
        if written[name] != value:
            raise _differs(folder, f"{name} is not the file that was written")
    return len(items)


def _compare_data(made: Release, folder: Path, form: Form) -> None:
    """Compare the data files of a folder with those that the log gives."""
    here = Form(form.name, writer_of(form.name))
    with TemporaryDirectory() as place:
        rebuilt = Path(place)
        _write_data_of(made, rebuilt, here)
        for name in _data_files(made, form, only=_as_then(made)):
            same = filecmp.cmp(rebuilt / name, folder / name, shallow=False)
            if not same and here != form:
                same = same_content(rebuilt / name, folder / name)
            if not same:
                raise _differs(folder, f"{name} is not what the log gives")


def _as_then(made: Release) -> tuple[str, ...]:
    """Return the configurations that hold today what they held when a release was made; () is all.

    Before `comparison` was noted, spans that were linked to were compared as parts of others.
    """
    kinds = schema_rows(made.schema).view.links.values()
    if "comparison" in made.card or all(kind.owned for kind in kinds):
        return ()
    return ("gold",)


def _differs(folder: Path, reason: str) -> Problem:
    return Problem("release-invalid", reason=reason).at(str(folder))


def _unreadable(folder: Path, error: OSError) -> Problem:
    return Problem("file-unreadable", reason=error.strerror or str(error)).at(str(folder))
