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


@dataclass(frozen=True, slots=True)
class Split:
    """How documents are parted: by shares in percent, by date, by outlet, or by lists of ids;
    `name` as it was asked.

    By date, `days` are the first days of dev and of test. `places` gives the part of outlets or
    ids; what it does not name trains.
    """

    name: str = "80/10/10"
    by: str = "shares"
    shares: tuple[int, int, int] = (80, 10, 10)
    days: tuple[str, str] = ("", "")
    places: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parted:
    """The part of each document, the groups that were kept together, and how many documents moved
    for that.

    `apart` counts the groups that were parted: by lists, or because there are fewer groups than
    parts. `undated` counts the documents that train because no date of theirs begins as 2026-05-01
    does.
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
    if match := re.fullmatch(r"(\d{1,3})/(\d{1,3})/(\d{1,3})", split):
        first, second, third = (int(n) for n in match.groups())
        if first + second + third == 100:
            return Split(split, shares=(first, second, third))
    if (match := re.fullmatch(rf"date:({DAY})/({DAY})", split)) and match[1] <= match[2]:
        return Split(split, by="date", days=(match[1], match[2]))
    if match := re.fullmatch(r"outlet:dev=([^/]*)/test=([^/]*)", split):
        return Split(
            split,
            by="outlet",
            places=_places({"dev": match[1].split(","), "test": match[2].split(",")}, split),
        )
    if split.startswith("lists:"):
        folder = Path(split.removeprefix("lists:"))
        lists = {part: folder / f"{part}.txt" for part in PARTS}
        try:
            found = {
                p: path.read_text(encoding="utf-8").splitlines()
                for p, path in lists.items()
                if path.is_file()
            }
        except (OSError, UnicodeDecodeError) as error:
            raise Problem("file-unreadable", reason=str(error)).at(str(folder)) from None
        if found:
            return Split(f"lists:{folder.name}", by="lists", places=_places(found, split))
    raise Problem("split-invalid", split=split)


def _places(found: Mapping[str, Sequence[str]], split: str) -> dict[str, str]:
    places: dict[str, str] = {}
    for part, names in found.items():
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
    if split.by == "shares" and len(groups) < sum(share > 0 for share in split.shares):
        # Too few to go round: they are parted after all, which the manifest tells.
        return Parted(
            _by_shares({ident: [ident] for ident in records}, split.shares),
            together,
            apart=len(together),
        )
    if split.by == "shares":
        return Parted(_by_shares(groups, split.shares), together)
    part = _rule(split)
    asked = {r.id: part(r) for r in records.values()}
    if split.by == "lists":
        return Parted(
            asked, together, apart=sum(len({asked[i] for i in members}) > 1 for members in together)
        )
    parts = {
        i: min((asked[m] for m in members), key=PARTS.index)
        for members in groups.values()
        for i in members
    }
    undated = sum(not _day(r) for r in records.values()) if split.by == "date" else 0
    return Parted(parts, together, moved=sum(parts[i] != asked[i] for i in asked), undated=undated)


def _day(record: Record) -> str:
    """Return the day of publication as 2026-05-01, "" when it is told in another way or not at all."""
    found = re.match(DAY, str(record.meta.get("published") or ""))
    return found.group() if found else ""


def _rule(split: Split) -> Callable[[Record], str]:
    def by_date(record: Record) -> str:
        day = _day(record)
        return "train" if day < split.days[0] else "dev" if day < split.days[1] else "test"

    def by_outlet(record: Record) -> str:
        return split.places.get(str(record.meta.get("outlet") or ""), "train")

    def by_list(record: Record) -> str:
        return split.places.get(record.id, "train")

    return {"date": by_date, "outlet": by_outlet, "lists": by_list}[split.by]


def _by_shares(groups: Mapping[str, list[str]], shares: tuple[int, int, int]) -> dict[str, str]:
    ordered = sorted(groups, key=lambda i: hashlib.sha256(i.encode()).hexdigest())
    total = sum(map(len, groups.values()))
    sizes = [total * share // 100 for share in shares]
    wanted = [part for part in (0, 1, 2) if shares[part]]
    sizes[wanted[0]] += total - sum(sizes)
    for part in wanted[1:]:
        if sizes[part] == 0 and sizes[wanted[0]] > 1:
            sizes[part] += 1
            sizes[wanted[0]] -= 1
    place: dict[str, int] = {}
    filled: Counter[int] = Counter()
    for turn, ident in enumerate(ordered):
        left = len(ordered) - turn
        open_ = [part for part in wanted if filled[part] < sizes[part]]
        # A large group may fill a part beyond its size; the parts behind it still get a group each.
        empty = [part for part in wanted if not filled[part] and sizes[part]]
        part = empty[0] if len(empty) >= left and empty else (open_ or wanted)[0]
        place[ident] = part
        filled[part] += len(groups[ident])
    return {member: PARTS[place[ident]] for ident in ordered for member in groups[ident]}
