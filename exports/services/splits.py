"""Splits that a corpus remembers: what was test stays test, whatever comes in later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from django.db import transaction
from django.db.models import QuerySet
from numpy.typing import NDArray

from corpus.core.near_duplicates import ALIKE, Candidates, resemblance, shingles, signature
from corpus.models import Corpus, Document, DocumentText
from exports.core import split as core
from exports.core.positions import Member, Thresholds, hashed
from exports.core.record import Record
from exports.models import ReleaseItem, SplitMember

BATCH = 500
# Texts whose shingles are kept while near-duplicates of different groups are looked for.
KEPT_TEXTS = 2000


class RememberedSplit:
    """A split of one export or release of a corpus.

    Give `split` to what parts the documents, and call `hold` when the files are whole.
    """

    def __init__(self, corpus: Corpus, split: core.Split) -> None:
        self._corpus = corpus
        self._parted: core.Parted | None = None
        self.split = replace(split, remembered=self._assign)

    def _assign(self, records: Mapping[str, Record]) -> core.Parted:
        """Part the documents, and remember where those stand that are new.

        They are remembered before the files are written, so that two exports at once agree.
        """
        ties = list(_ties(self._corpus))
        with transaction.atomic():
            # One at a time reads and writes what a corpus remembers.
            Corpus.objects.select_for_update().get(pk=self._corpus.pk)
            memory = _memory(self._corpus, self.split)
            self._parted = core.part(records, self.split, ties, memory)
            _remember(self._corpus, self.split, self._parted.members)
        return self._parted

    def hold(self) -> Counter[str]:
        """Keep what was test by percent in test for good; count what is in no part, by reason."""
        if self._parted is None:
            return Counter()
        if self.split.by == "shares":
            tested = [ident for ident, part in self._parted.parts.items() if part == "test"]
            for first in range(0, len(tested), BATCH):
                rows = _rows(self._corpus, self.split)
                rows.filter(external_id__in=tested[first : first + BATCH]).update(tested=True)
        return Counter(self._parted.unused.values())


def _rows(corpus: Corpus, split: core.Split) -> QuerySet[SplitMember]:
    return SplitMember.objects.filter(corpus=corpus, name=split.memory)


def _memory(corpus: Corpus, split: core.Split) -> dict[str, Member]:
    """Return what the corpus remembers of its documents."""
    members: dict[str, Member] = {}
    rows = _rows(corpus, split).values_list("external_id", "position", "tested")
    for ident, position, tested in rows.iterator(1000):
        members[ident] = Member(position, tested)
    return members


def _remember(corpus: Corpus, split: core.Split, members: Mapping[str, Member]) -> None:
    """Write where documents stand that are new, or that stood nowhere before."""
    rows = []
    for ident, member in sorted(members.items()):
        rows.append(
            SplitMember(
                corpus=corpus, name=split.memory, external_id=ident, position=member.position
            )
        )
    SplitMember.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["corpus", "name", "external_id"],
        update_fields=["position"],
    )


def _ties(corpus: Corpus) -> Iterator[list[str]]:
    """Yield the current documents that stay together, by external id.

    Those are groups of near-duplicates, as they were found after the imports, documents of one
    story, and pairs of near-duplicates that are in different groups.
    """
    current = Document.objects.filter(corpus=corpus, retired_at__isnull=True)
    rows = current.order_by("pk").values_list("pk", "external_id", "alike", "metadata__story")
    names: dict[int, str] = {}
    groups: dict[str, str] = {}
    stories: dict[str, str] = {}
    for key, ident, first, story in rows.iterator(1000):
        names[key] = ident
        groups[ident] = str(first or key)
        if story:
            stories[ident] = str(story)
    yield from core.sharing(groups)
    yield from core.sharing(stories)
    for one, other in _pairs_between_groups(corpus, groups, names):
        yield [one, other]


def _pairs_between_groups(
    corpus: Corpus, groups: Mapping[str, str], names: Mapping[int, str]
) -> Iterator[tuple[str, str]]:
    """Yield near-duplicates in different groups.

    A document that joins two groups was put into one of them. Texts are read only where two
    signatures are near and in different groups.
    """
    kept_shingles = lru_cache(KEPT_TEXTS)(_shingles)
    seen = Candidates()
    for key, numbers in _signatures(corpus):
        name = names.get(key)
        # One that came in meanwhile is not in this export either.
        if name is None:
            continue
        for other in seen.near(numbers):
            if groups[names[other]] == groups[name]:
                continue
            if resemblance(kept_shingles(other), kept_shingles(key)) >= ALIKE:
                yield names[other], name
        seen.add(key, numbers)


def _signatures(corpus: Corpus) -> Iterator[tuple[int, NDArray[np.uint32]]]:
    """Yield the signature of each current document, made anew where none was stored."""
    texts = DocumentText.objects.filter(
        document__corpus=corpus, document__retired_at__isnull=True
    ).order_by("document")
    for key, stored in texts.values_list("document_id", "signature").iterator(1000):
        if stored:
            yield key, np.frombuffer(bytes(stored), dtype=np.uint32)
        else:
            yield key, signature(_shingles(key))


def _shingles(key: int) -> NDArray[np.uint64]:
    texts = DocumentText.objects.filter(pk=key).values_list("text", flat=True)
    # A text may have been withdrawn meanwhile.
    return shingles(texts.first() or "")


def training_side(corpus: Corpus, names: Sequence[str]) -> list[str]:
    """Return those of some documents, by external id, that are for training in every split.

    That is where their group's hash stands in train by percent, no split that the corpus remembers
    has them elsewhere, and no release had them in dev or test; and so for their near-duplicates.
    """
    together = _together(corpus, names)
    all_names = {other for others in together.values() for other in others}
    elsewhere = set(
        ReleaseItem.objects.filter(release__corpus=corpus, part__in=("dev", "test")).values_list(
            "document__external_id", flat=True
        )
    )
    shares = Thresholds()
    rows = SplitMember.objects.filter(corpus=corpus, external_id__in=all_names)
    for name, position, tested in rows.values_list("external_id", "position", "tested"):
        if tested or position is None or shares.part(position) != "train":
            elsewhere.add(name)
    for name in all_names:
        if shares.part(hashed(name)) != "train":
            elsewhere.add(name)
    return [name for name in names if not together[name] & elsewhere]


def _together(corpus: Corpus, names: Sequence[str]) -> dict[str, set[str]]:
    """Return for each document those that stay with it: itself, near-duplicates, its story."""
    current = Document.objects.filter(corpus=corpus, retired_at__isnull=True)
    rows = current.values_list("pk", "external_id", "alike", "metadata__story")
    groups: dict[str, set[str]] = {}
    keys: dict[str, list[str]] = {}
    for key, name, first, story in rows.iterator(1000):
        keys[name] = [f"alike {first or key}", *([f"story {story}"] if story else [])]
        for group in keys[name]:
            groups.setdefault(group, set()).add(name)
    return {name: {name}.union(*(groups[group] for group in keys.get(name, ()))) for name in names}
