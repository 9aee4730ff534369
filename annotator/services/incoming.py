"""What people bring in on a page: texts that they paste and files, into a corpus or a new one."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AbstractUser
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.db import transaction

from annotator.services import uploads
from annotator.services.addresses import receive_addresses
from corpus import permissions, selectors
from corpus.core.problems import Problem
from corpus.core.text import FrozenText, freeze
from corpus.importers.rows import by_text
from corpus.jobs import claim
from corpus.models import Corpus, Job, Role
from corpus.services import corpora
from corpus.services.members import give_role


@dataclass(frozen=True, slots=True)
class Incoming:
    """Texts and files that are sent together, with the options of an upload, or addresses.

    `paths` says where each file lay, where a folder was sent.
    """

    texts: Sequence[str] = ()
    files: Sequence[UploadedFile] = ()
    paths: Sequence[str] = ()
    addresses: Sequence[str] = ()
    options: Mapping[str, Any] | None = None

    def __bool__(self) -> bool:
        """Tell whether there is anything to bring in."""
        return bool(self.texts or self.files or self.addresses)


def receive(corpus: Corpus, incoming: Incoming, *, by: AbstractBaseUser) -> Job:
    """Have texts and files, or addresses, looked through, and imported when they raise no question.

    Raises `Problem` as `uploads.receive` and `receive_addresses` do, and for both at once.
    """
    permissions.require(by, "import", corpus)
    if incoming.addresses:
        if incoming.texts or incoming.files:
            reason = "send addresses by themselves, and texts and files before or after them"
            raise Problem("request-invalid", reason=reason)
        return receive_addresses(corpus, incoming.addresses, by=by, at_once=True)
    with ExitStack() as until:
        files = [*_packed(incoming, until), *_files_of(corpus, incoming.texts)]
        return uploads.receive(corpus, files, by=by, at_once=True, **(incoming.options or {}))


def start_corpus(
    values: Mapping[str, Any],
    incoming: Incoming,
    *,
    reviews_too: bool = False,
    by: AbstractUser,
) -> Corpus:
    """Create a corpus with what is brought in at once: both or neither.

    Who creates it manages it, and reviews in it too with `reviews_too`.
    """
    with transaction.atomic():
        corpus = corpora.start_corpus(**values, by=by)
        if reviews_too:
            give_role(corpus, by.get_username(), Role.REVIEWER, by=by)
        job = receive(corpus, incoming, by=by) if incoming else None
    if job is not None:
        # A queue beside the database may have handed it out before this was committed.
        claim.enqueue(job.pk)
    return corpus


def _packed(incoming: Incoming, until: ExitStack) -> list[UploadedFile]:
    """Return files, each folder as a zip file of it: there they may have one name twice."""
    loose: list[UploadedFile] = []
    folders: dict[str, dict[str, UploadedFile]] = {}
    paths = chain(incoming.paths, repeat(""))
    for file, path in zip(incoming.files, paths, strict=False):
        folder, _, inside = path.partition("/")
        if inside:
            folders.setdefault(folder, {})[inside] = file
        else:
            loose.append(file)
    return [*loose, *(_zip_of(name, members, until) for name, members in folders.items())]


def _zip_of(name: str, members: Mapping[str, UploadedFile], until: ExitStack) -> UploadedFile:
    """Return a folder as a zip file; what its names may be, whoever reads it checks."""
    packed = until.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - it closes it
    with zipfile.ZipFile(packed, "w") as archive:
        for inside, file in members.items():
            with archive.open(inside, "w") as out:
                for chunk in file.chunks():
                    out.write(chunk)
    size = packed.tell()
    packed.seek(0)
    return UploadedFile(packed, f"{name}.zip", "application/zip", size)


def _files_of(corpus: Corpus, texts: Sequence[str]) -> list[UploadedFile]:
    """Return pasted texts as text files; their names become the ids of their documents.

    Raises `Problem` for a text that was withdrawn, whatever its id was.
    """
    bodies: list[FrozenText] = []
    for number, text in enumerate(texts, start=1):
        try:
            bodies.append(freeze(text))
        except Problem as problem:
            raise problem.at("", number) from None
    withdrawn = selectors.withdrawn_digests(corpus, [body.digest for body in bodies])
    for number, body in enumerate(bodies, start=1):
        if body.digest in withdrawn:
            raise Problem("text-withdrawn", id=withdrawn[body.digest]).at("", number)
    named = {by_text(body.text): body for body in bodies}
    return [
        SimpleUploadedFile(f"{ident}.txt", body.text.encode("utf-8"), "text/plain")
        for ident, body in named.items()
    ]
