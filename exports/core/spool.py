"""Records kept on disk while an encoder needs them more than once: memory holds their ids alone."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping
from tempfile import TemporaryFile
from types import TracebackType
from typing import Self

from exports.core.record import Record


class Spool(Mapping[str, Record]):
    """Records by id, in the order of ids, in a file without a name that goes when closed."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._file = TemporaryFile()  # noqa: SIM115 - closed with this object
        places: dict[str, int] = {}
        try:
            for record in records:
                places[record.id] = self._file.tell()
                pickle.dump(record, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        except BaseException:
            # Nobody gets this object to close it.
            self._file.close()
            raise
        self._places = dict(sorted(places.items()))

    def __getitem__(self, ident: str) -> Record:
        self._file.seek(self._places[ident])
        # What is read is what was written above: nobody else has the file.
        record: Record = pickle.load(self._file)  # noqa: S301
        return record

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
