"""Train, dev and test: which document goes where, the same on every run.

Near-duplicates, and documents of one story (`story` in the metadata), stay together, except where
lists part them or there would be nothing for a part.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.core import near_duplicates
from corpus.core.problems import Problem
from exports.core.record import Record

PARTS = ("train", "dev", "test")
DAY = r"\d{4}-\d{2}-\d{2}"
SHARES = re.compile(r"(\d{1,3})/(\d{1,3})/(\d{1,3})")
DAYS = re.compile(rf"date:({DAY})/({DAY})")
OUTLETS = re.compile(r"outlet:dev=([^/]*)/test=([^/]*)")


@dataclass(frozen=True, slots=True)
class Split:
    """How documents are parted: by shares in percent, by date, by outlet, or by lists of ids.

    `name` is the split as a user writes it. By date, `days` are the first days of dev and of test.
    `places` gives the part of outlets or ids; what it does not name trains.
    """

    name: str = "80/10/10"
    by: str = "shares"
    shares: tuple[int, int, int] = (80, 10, 10)
    days: tuple[str, str] = ("", "")
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parted:
    """The part of each document, and the groups that were kept together.

    `moved` counts the documents that went elsewhere for that; `apart` counts the groups that were
    parted: by lists, or because there are fewer groups than parts. `undated` counts the documents
    that train because no date of theirs begins as 2026-05-01 does.
    """

    parts: dict[str, str]
    groups: list[list[str]]
    moved: int = 0
    apart: int = 0
    undated: int = 0


def parse(split: str) -> Split:
    """Read a split: `80/10/10`, `date:2026-05-01/2026-06-01`, `outlet:dev=A,B/test=C`, or
    `lists:FOLDER`.

    Raises `Problem` for anything else, for days out of order, and for a folder without a list.
    """
    by, colon, _ = split.partition(":")
    readers = {"date": _by_date, "outlet": _by_outlet, "lists": _by_lists}
    read = readers.get(by, _by_shares) if colon else _by_shares
    parsed = read(split)
    if parsed is None:
        raise Problem("split-invalid", split=split)
    return parsed


def _by_shares(split: str) -> Split | None:
    match = SHARES.fullmatch(split)
    if match is None:
        return None
    train, dev, test = (int(share) for share in match.groups())
    if train + dev + test != 100:
        return None
    return Split(split, shares=(train, dev, test))


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

    By shares, groups go in the order of the digests of their first ids, and every part with a share
    gets at least one as long as there are enough. By date and outlet a group goes where it trains,
    if any of it does, else to dev.
    """
    stories = {r.id: str(r.meta["story"]) for r in records.values() if r.meta.get("story")}
    alike = near_duplicates.groups(records, lambda ident: records[ident].text)
    first = near_duplicates.joined(alike, [*alike.items(), *near_duplicates.same(stories)])
    groups: dict[str, list[str]] = {}
    for ident in sorted(first):
        groups.setdefault(first[ident], []).append(ident)
    together = [members for members in groups.values() if len(members) > 1]
    if split.by == "shares":
        if len(groups) >= sum(share > 0 for share in split.shares):
            return Parted(_shared_out(groups, split.shares), together)
        # Too few to go round: they are parted after all, which the manifest tells.
        alone = {ident: [ident] for ident in records}
        return Parted(_shared_out(alone, split.shares), together, apart=len(together))
    part = _rule(split)
    by_rule = {record.id: part(record) for record in records.values()}
    if split.by == "lists":
        apart = sum(len({by_rule[ident] for ident in members}) > 1 for members in together)
        return Parted(by_rule, together, apart=apart)
    parts: dict[str, str] = {}
    for members in groups.values():
        first_part = min((by_rule[ident] for ident in members), key=PARTS.index)
        parts.update(dict.fromkeys(members, first_part))
    moved = sum(parts[ident] != by_rule[ident] for ident in by_rule)
    undated = sum(not _day(record) for record in records.values()) if split.by == "date" else 0
    return Parted(parts, together, moved=moved, undated=undated)


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


def _shared_out(groups: Mapping[str, list[str]], shares: tuple[int, int, int]) -> dict[str, str]:
    """Return the part of each document where groups go by the digest of their first ids."""
    ordered = sorted(groups, key=lambda i: hashlib.sha256(i.encode()).hexdigest())
    total = sum(map(len, groups.values()))
    sizes = [total * share // 100 for share in shares]
    wanted = [part for part, share in enumerate(shares) if share]
    sizes[wanted[0]] += total - sum(sizes)
    for part in wanted[1:]:
        if sizes[part] == 0 and sizes[wanted[0]] > 1:
            sizes[part] += 1
            sizes[wanted[0]] -= 1
    place: dict[str, int] = {}
    filled: Counter[int] = Counter()
    for number, ident in enumerate(ordered):
        left = len(ordered) - number
        unfilled = [part for part in wanted if filled[part] < sizes[part]]
        # A large group may fill a part beyond its size; the parts behind it still get a group each.
        empty = [part for part in wanted if not filled[part] and sizes[part]]
        part = (unfilled or wanted)[0]
        if empty and len(empty) >= left:
            part = empty[0]
        place[ident] = part
        filled[part] += len(groups[ident])
    parts: dict[str, str] = {}
    for ident in ordered:
        parts.update(dict.fromkeys(groups[ident], PARTS[place[ident]]))
    return parts
