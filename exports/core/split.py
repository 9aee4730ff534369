"""Train, dev and test: which document goes where, the same on every run.

Near-duplicates, and documents of one story (`story` in the metadata), stay together, except where
lists part them or there would be nothing for a part.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from corpus.core import near_duplicates
from corpus.core.problems import Problem
from exports.core import positions
from exports.core.positions import EVERY_PART, PARTS, UNUSED, Member, Thresholds
from exports.core.record import Record

__all__ = ["EVERY_PART", "PARTS", "UNUSED", "Parted", "Split", "assign", "parse", "part"]

DAY = r"\d{4}-\d{2}-\d{2}"
SHARES = re.compile(r"(\d{1,3})/(\d{1,3})/(\d{1,3})")
DAYS = re.compile(rf"date:({DAY})/({DAY})")
FOLDS = re.compile(r"folds:(\d{1,2})/(\d{1,2})")
OUTLETS = re.compile(r"outlet:dev=([^/]*)/test=([^/]*)")
# What may follow percents and folds, each once.
MORE = re.compile(
    r"\+(?:by:(?P<by>outlet|label)|train:(?P<train>\d{1,3})|name:(?P<name>[\w-]{1,40}))"
)


@dataclass(frozen=True, slots=True)
class Split:
    """How documents are parted: by shares in percent, in folds, by date, by outlet, or by lists.

    `name` is the split as a user writes it. By date, `days` are the first days of dev and of test.
    `places` gives the part of outlets or ids; what it does not name trains. By shares and in folds,
    `strata` is what is shared out by itself ("outlet" or "label"), `train` how many percent of
    train are used, and `memory` the name under which the corpus remembers it. `remembered`, where
    it is set, parts the documents in place of what follows from these alone.
    """

    name: str = "80/10/10"
    by: str = "shares"
    shares: tuple[int, int, int] = (80, 10, 10)
    days: tuple[str, str] = ("", "")
    places: Mapping[str, str] = field(default_factory=dict)
    fold: tuple[int, int] | None = None
    strata: str = ""
    train: int = 100
    memory: str = ""
    remembered: Callable[[Mapping[str, Record]], Parted] | None = None


@dataclass(frozen=True, slots=True)
class Parted:
    """The part of each document, and the groups that were kept together.

    `moved` counts the documents that went elsewhere for that; `apart` counts the groups that were
    parted: by lists, or because there are fewer groups than parts. `undated` counts the documents
    that train because no date of theirs begins as 2026-05-01 does. `unused` says of each document
    in no part why, and `members` what is to be remembered of those that are new.
    """

    parts: dict[str, str]
    groups: list[list[str]]
    moved: int = 0
    apart: int = 0
    undated: int = 0
    unused: dict[str, str] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    def unused_by_reason(self) -> dict[str, list[str]]:
        """Return the documents in no part, in order, by why."""
        reasons: dict[str, list[str]] = {}
        for ident, reason in sorted(self.unused.items()):
            reasons.setdefault(reason, []).append(ident)
        return reasons


def parse(split: str) -> Split:
    """Read a split, written as below "Train, dev and test" in docs/formats.md.

    Raises `Problem` for anything else, for days out of order, and for a folder without a list.
    """
    by, colon, _ = split.partition("+")[0].partition(":")
    readers = {"date": _by_date, "outlet": _by_outlet, "lists": _by_lists, "folds": _in_folds}
    read = readers.get(by, _by_shares) if colon else _by_shares
    parsed = read(split)
    if parsed is None:
        raise Problem("split-invalid", split=split)
    return parsed


def _by_shares(split: str) -> Split | None:
    match = SHARES.match(split)
    if match is None:
        return None
    train, dev, test = (int(share) for share in match.groups())
    if train + dev + test != 100:
        return None
    return _with_more(Split(split, shares=(train, dev, test)), split[match.end() :])


def _in_folds(split: str) -> Split | None:
    match = FOLDS.match(split)
    if match is None:
        return None
    count, test = int(match[1]), int(match[2])
    if not test < count or count < 2:
        return None
    return _with_more(Split(split, by="folds", fold=(count, test)), split[match.end() :])


def _with_more(split: Split, more: str) -> Split | None:
    """Return a split with what follows it, None when that is not `MORE`."""
    options: dict[str, str] = {}
    while more:
        match = MORE.match(more)
        if match is None or not match.lastgroup or match.lastgroup in options:
            return None
        options[match.lastgroup] = match[match.lastgroup]
        more = more[match.end() :]
    train = int(options.get("train", 100))
    if not 1 <= train <= 100:
        return None
    memory = options.get("name", "")
    return replace(split, strata=options.get("by", ""), train=train, memory=memory)


def _by_date(split: str) -> Split | None:
    match = DAYS.fullmatch(split)
    if match is None or match[1] > match[2]:
        return None
    return Split(split, by="date", days=(match[1], match[2]))


def _by_outlet(split: str) -> Split | None:
    match = OUTLETS.fullmatch(split)
    if match is None:
        return None
    outlets = {"dev": match[1].split(","), "test": match[2].split(",")}
    return Split(split, by="outlet", places=_places(outlets, split))


def _by_lists(split: str) -> Split | None:
    folder = Path(split.removeprefix("lists:"))
    lists = {}
    try:
        for part in PARTS:
            path = folder / f"{part}.txt"
            if path.is_file():
                lists[part] = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Problem("file-unreadable", reason=str(error)).at(str(folder)) from None
    if not lists:
        return None
    return Split(f"lists:{folder.name}", by="lists", places=_places(lists, split))


def _places(lists: Mapping[str, Sequence[str]], split: str) -> dict[str, str]:
    """Return the part of each outlet or id that lists name."""
    places: dict[str, str] = {}
    for part, names in lists.items():
        for name in filter(None, map(str.strip, names)):
            if places.setdefault(name, part) != part:
                raise Problem("split-twice", name=name, split=split)
    return places


def assign(records: Mapping[str, Record], split: Split) -> Parted:
    """Return the part of each document; `records` by id are read more than once, one at a time.

    What a corpus remembers decides where the split knows of it. Else, by shares, a group goes by
    the hash of its first id, and every part with a share gets at least one as long as there are
    enough. By date and outlet a group goes where it trains, if any of it does, else to dev.
    """
    if split.remembered is not None:
        return split.remembered(records)
    stories = {r.id: str(r.meta["story"]) for r in records.values() if r.meta.get("story")}
    alike = near_duplicates.groups(records, lambda ident: records[ident].text)
    return part(records, split, [*sharing(alike), *sharing(stories)], None)


def sharing(keys: Mapping[str, str]) -> list[list[str]]:
    """Return the documents with the same key, where there are several."""
    groups: dict[str, list[str]] = {}
    for ident, key in keys.items():
        groups.setdefault(key, []).append(ident)
    return [members for members in groups.values() if len(members) > 1]


def part(
    records: Mapping[str, Record],
    split: Split,
    ties: Sequence[Sequence[str]],
    memory: Mapping[str, Member] | None,
) -> Parted:
    """Return the part of each document, where each of `ties` names such as stay together.

    A part may stay empty. `memory` is what is remembered of them, None where nothing ever is.
    """
    if split.by in ("shares", "folds"):
        return _by_position(records, split, ties, memory)
    groups = positions.connected(records.keys(), ties)
    together = [members for members in groups if len(members) > 1]
    rule = _rule(split)
    by_rule = {record.id: rule(record) for record in records.values()}
    if split.by == "lists":
        apart = sum(len({by_rule[ident] for ident in members}) > 1 for members in together)
        return Parted(by_rule, together, apart=apart)
    parts: dict[str, str] = {}
    for members in groups:
        first_part = min((by_rule[ident] for ident in members), key=PARTS.index)
        parts.update(dict.fromkeys(members, first_part))
    moved = sum(parts[ident] != by_rule[ident] for ident in by_rule)
    undated = sum(not _day(record) for record in records.values()) if split.by == "date" else 0
    return Parted(parts, together, moved=moved, undated=undated)


def _by_position(
    records: Mapping[str, Record],
    split: Split,
    ties: Sequence[Sequence[str]],
    memory: Mapping[str, Member] | None,
) -> Parted:
    groups = positions.connected(records.keys(), ties)
    together = [members for members in groups if len(members) > 1]
    thresholds = Thresholds(split.shares, split.fold)
    if memory is None and split.fold is None and len(groups) < len(thresholds.wanted()):
        # Too few to go round: they are parted after all, which the manifest tells.
        return Parted(_shared_out(records, split.shares), together, apart=len(together))
    placed = positions.place(_strata(records, split), thresholds, ties, memory or {})
    apart_already = {*placed.unused}
    positions.keep_first(placed, split.train, memory or {})
    if apart_already:
        together = positions.connected(records.keys() - apart_already, ties)
        together = [members for members in together if len(members) > 1]
    return Parted(placed.parts, together, unused=placed.unused, members=placed.members)


def _strata(records: Mapping[str, Record], split: Split) -> dict[str, str]:
    """Return what each document is shared out with, "" for all where the hash alone decides.

    By label that is the one of its labels which the fewest documents have.
    """
    if split.strata == "outlet":
        return {r.id: f"outlet {r.meta.get('outlet') or ''}" for r in records.values()}
    if split.strata == "label":
        labels: dict[str, set[str]] = {}
        for record in records.values():
            labels[record.id] = {span.label for span in record.layer.spans.values()}
        count = Counter(label for names in labels.values() for label in names)
        return {
            ident: f"label {min(names, key=lambda name: (count[name], name), default='')}"
            for ident, names in labels.items()
        }
    # Folds are equally large even of few documents.
    return dict.fromkeys(records, "all" if split.fold else "")


def _day(record: Record) -> str:
    """Return the day of publication as 2026-05-01, "" when it has another form or there is none."""
    day = re.match(DAY, str(record.meta.get("published") or ""))
    return day.group() if day else ""


def _rule(split: Split) -> Callable[[Record], str]:
    """Return what gives each document its part."""

    def by_date(record: Record) -> str:
        day = _day(record)
        if day < split.days[0]:
            return "train"
        return "dev" if day < split.days[1] else "test"

    def by_outlet(record: Record) -> str:
        return split.places.get(str(record.meta.get("outlet") or ""), "train")

    def by_list(record: Record) -> str:
        return split.places.get(record.id, "train")

    return {"date": by_date, "outlet": by_outlet, "lists": by_list}[split.by]


def _shared_out(idents: Iterable[str], shares: tuple[int, int, int]) -> dict[str, str]:
    """Return the part of each of a few documents, as many of them as the shares say.

    Every part with a share gets one, the first parts first.
    """
    ordered = sorted(idents, key=positions.hashed)
    sizes = [len(ordered) * share // 100 for share in shares]
    wanted = [part for part, share in enumerate(shares) if share]
    sizes[wanted[0]] += len(ordered) - sum(sizes)
    for number in wanted[1:]:
        if sizes[number] == 0 and sizes[wanted[0]] > 1:
            sizes[number] += 1
            sizes[wanted[0]] -= 1
    names = [name for name, size in zip(PARTS, sizes, strict=True) for _ in range(size)]
    return dict(zip(ordered, names, strict=True))
