"""Every coded message a user can meet, in one place."""

from __future__ import annotations

from typing import Any

MESSAGES: dict[str, str] = {
    # text and files
    "text-encoding": (
        "not valid {encoding} (byte {byte}). Save the file as UTF-8 and import it again, or say "
        "how it is encoded"
    ),
    "encoding-unknown": (
        "{name!r} is no encoding of texts. Name one such as utf-8, windows-1252, utf-16 or "
        "shift-jis, or leave it out"
    ),
    "text-nul": "holds a NUL character at position {position}. Remove it and import again",
    "text-surrogate": (
        "holds half of a surrogate pair at position {position}. Save the file as UTF-8 again"
    ),
    "text-empty": "holds no text",
    "text-pictures": (
        "this PDF holds pictures of text, or letters without names. Run text recognition (OCR) on "
        "it first, then import what comes of it"
    ),
    "text-withdrawn": (
        "the text of {id!r} was withdrawn from this corpus for good. Import another version, or "
        "leave it"
    ),
    "document-removed": (
        "{id!r} was removed from this corpus. Put it back under “Removed documents”, or leave it"
    ),
    "withdraw-waits": (
        "a {kind} job of this corpus waits or runs, and may hold the text. Wait for it, or cancel "
        "it under Background work, then withdraw the text"
    ),
    "text-too-large": "is larger than {limit} characters. Split the document",
    "file-too-large": "is {size} bytes, more than the {limit} allowed for this format",
    "part-too-large": "holds {what} of more than {limit}",
    "reader-ended": (
        "the process that read it was ended ({status}). Import again: it goes on where it stopped"
    ),
    "file-missing": "no such file or folder",
    "file-unreadable": "cannot be read: {reason}",
    "upload-too-large": (
        "more than {limit} MB at once. Upload fewer files, or import them on the command line"
    ),
    "upload-waits": (
        "another upload of this corpus is being worked on. Wait until it is through, then "
        "upload again"
    ),
    "upload-gone": "the uploaded files are not there any more. Upload them again",
    "address": "{url!r} cannot be fetched: {reason}",
    "addresses-off": (
        "this site fetches no pages. Save them and upload the files, or ask its administrator to "
        "set SAIDBY_FETCH_ADDRESSES=1"
    ),
    "zip-invalid": "cannot be unpacked: {reason}",
    "row-json": "is not a JSON object: {reason}",
    "row-cells": "has {found} cells where the header names {wanted}",
    "row-shape": "is not laid out as {format} lays it out: {reason}",
    "row-field": "field {field!r} {reason}",
    "inception-format": (
        "holds annotations of INCEpTION or WebAnno in a format that is not read here. Export them "
        "again as UIMA CAS, XMI or JSON, or as WebAnno TSV 3"
    ),
    "field-option": ("{option!r} names no field. Say OURS=THEIRS, as text=body; ours are {known}"),
    "field-missing": "there is no field or column {name!r}; there are {known}",
    "field-text": (
        "no field or column holds running text; there are {known}. Say which it is "
        "(--field text=NAME on the command line, under *Which column is what?* on the page)"
    ),
    "authors-many": (
        "holds the work of several: {found}. Say whose it is (--author on the command line, under "
        "*Whose work becomes the review* on the page)"
    ),
    "would-replace": (
        "another text is here as {id!r}{work}. Say that it is to be replaced (--update on the "
        "command line), or give this one another id"
    ),
    "duplicate-id": (
        "id {id!r} stands here twice with different text. Give each document its own id"
    ),
    # spans and layers
    "span-text": "span {id} says {said!r} but the text holds {found!r} at {start}:{end}",
    "span-range": (
        "span {id} ({start}:{end}) is empty, reversed or outside the text of {length} characters"
    ),
    "span-space": "span {id} starts or ends with white space",
    "span-fragments": (
        "span {id} has fragments that overlap, are out of order or leave its start and end"
    ),
    "span-label": "span {id} has the label {label!r}; this schema knows {known}",
    "span-attribute": "span {id}: {attribute!r} cannot be {value!r}; allowed: {allowed}",
    "span-ident": "span id {id} stands twice in the layer",
    "link-kind": "link {id} has the kind {kind!r}; this schema knows {known}",
    "link-ends": "link {id} must run from {source_label} to {target_label}, both in the layer",
    "link-itself": "link {id} runs from a span to itself",
    "link-many": "link {id} is one too many: a span has one {kind!r} at most",
    "link-attribute": ("link {id}: {attribute} cannot be {value!r}; allowed: {allowed}"),
    "document-attribute": "document: {attribute} cannot be {value!r}; allowed: {allowed}",
    "link-twice": "link {id} repeats another link",
    # decisions
    "decision-shape": "decision is not well formed: {reason}",
    "decision-unknown": "there is no {subject} {ident} to {verb} here",
    "stale-version": (
        "the layer changed meanwhile: it is at version {current}, you sent {sent}. Load it again"
    ),
    "suggestions-late": (
        "this review goes on without suggestions: it was begun without them, or is blind"
    ),
    "suggestions-taken": (
        "another window has taken suggestions into this review. Load the page again to see them"
    ),
    "review-final": (
        "this review is final: it was compared with the others', or you were shown what others "
        "made of the document. A manager can open it again"
    ),
    "review-first": (
        "you have {id!r} in your own hands. Hand your review in before you look at what others "
        "made of it: looking makes it final"
    ),
    "give-back-own": "nobody opens a final review of their own again. Ask another manager",
    "layer-closed": "this review is {state}. Reopen it to change it",
    "layer-incomplete": "{count} accepted spans lack {missing}: {idents}",
    "proposals-open": "{count} proposed spans are not accepted: {idents}. Accept or remove them",
    "document-incomplete": "the document itself lacks {missing}",
    "dispute-unknown": "there is no open dispute {ident} on this document",
    "dispute-unsettled": "no person has settled dispute {ident} of this document. Settle it first",
    "dispute-choice": "choice {choice!r} does not fit: {reason}",
    "disputes-open": "{count} disputes are still open",
    "reason-needed": "say why when the choice matches nobody's version",
    "section-unknown": "the guideline has no section {section!r}; it has {known}",
    "guideline-full": (
        "the guideline would be longer than {limit} characters. Shorten it under Settings, then "
        "try again"
    ),
    "precedents-hidden": (
        "how disputes were settled is not shown in this review: not in a blind one, not while "
        "people calibrate, and nowhere in a corpus with hidden checks. Look in the guideline"
    ),
    # people and things
    "not-allowed": "your role does not allow you to {act} in this corpus",
    "corpus-creator": "your account may not create corpora; ask the admin of this site",
    "other-user": (
        "these changes are by {owner}, but {user} is signed in here now; sign in as {owner} to "
        "save them"
    ),
    "place-moved": "that place has changed hands meanwhile. Load the page again",
    "too-often": "you have started {count} jobs within an hour. Wait a while, then ask again",
    "webhook-address": "{url!r} cannot be told: {reason}",
    "busy": "too many people take places on this document at this moment. Try again",
    "skip-reason": "say why you skip it, so that the next one knows",
    "last-manager": "{name} is the only manager here. Make somebody else a manager first",
    "invitation-ended": "this invitation was used, withdrawn or has expired. Ask for a new one",
    "gold-needed": "{name!r} has no settled gold yet, so nobody can be checked against it",
    "own-work": "you annotated this document and may not settle its disputes",
    "assignee": "{name} may not settle disputes in the corpus {corpus!r}",
    "not-found": "there is no {what} {name!r} here",
    "exists": "{what} {name!r} exists already",
    "folder-holds-more": (
        "folder {name!r} holds {entry!r}, which no export wrote; name another folder, or move "
        "it away"
    ),
    "spans-kept": (
        "suggestions of {id!r} in this file are under review and stay as they are; {count} more "
        "are left out"
    ),
    "suggestions-shown": (
        "reviewers were shown what {name!r} suggested for this document, so that stays as it is"
    ),
    "schema-invalid": "schema is not valid: {reason}",
    "schema-map": "this map of schemas cannot be used: {reason}",
    "schema-lacks": (
        "the new schema leaves out {what}. Say in the map what becomes of each, null to drop it"
    ),
    "text-corrected": (
        "the text was corrected meanwhile, and your work came along as far as its words are "
        "there. Load the page again"
    ),
    "schema-changing": "the schema is being changed; try again in a minute",
    "schema-left": (
        "{count} documents could not be moved: {which}. All others are; start it again to try "
        "these once more"
    ),
    "schema-unfinished": (
        "{count} documents still wait for the last change of the schema. Let it end first"
    ),
    "plugin-unknown": "there is no {kind} {name!r}; known: {known}",
    "policy-number": "policy {name!r} needs a number of people, like at-least:2",
    "model-invalid": "this is no spaCy pipeline that can suggest: {reason}",
    "suggester-labels": (
        "{suggester} gives the labels {gives}; the schema of this corpus has {known}, and none in "
        "common. Choose another suggester, or map its labels with suggest --map"
    ),
    "suggester-option": "{option} is for trained pipelines; {suggester} takes none",
    "pattern-label": "there is no label {label!r} here; this schema knows {known}",
    "pattern-invalid": "this pattern cannot be used: {reason}",
    "patterns-many": "more than {limit}. Patterns of so many words are better trained: use fewer",
    "patterns-changed": (
        "{name} changed the patterns meanwhile. Load the page again, and make your changes there"
    ),
    "pipelines-none": (
        "this site offers no trained pipelines. Ask its administrator to put them into a folder, "
        "and to name that in SAIDBY_MODELS"
    ),
    "suggester-unusable": "{suggester} cannot be used for this corpus: {reason}",
    "threshold": "the score from which on suggestions are shown lies between 0 and 1",
    "trial-unfinished": "wait until it was seen what would change, then use it",
    "suggesters-chosen": "choose between one and {limit} suggesters, each of them once",
    "suggesters-offered": (
        "these suggesters cannot be chosen for this corpus; those that can are {known}"
    ),
    "suggester-first": (
        "{suggester} answers for what others found; put one before it that finds something"
    ),
    "label-map": "this map of labels cannot be used: {reason}",
    "fill-schema": (
        "the rules fill in what belongs to a CLAIM; the schema of this corpus has {known}. Leave "
        "out --fill"
    ),
    "llm-settings": (
        "no language model is set up: {reason}. Set SAIDBY_LLM_URL, SAIDBY_LLM_MODEL and, if it "
        "wants one, SAIDBY_LLM_KEY"
    ),
    "llm-forbidden": (
        "texts of this corpus may not be sent to a language model. A manager can allow it under "
        "Settings"
    ),
    "llm-attribute": (
        "no label of this schema has the attribute {attribute!r}. Name one that it has, as in "
        "llm:stance"
    ),
    "llm-refused": (
        "{host} takes no request: {reason}. Check SAIDBY_LLM_URL, SAIDBY_LLM_MODEL and "
        "SAIDBY_LLM_KEY"
    ),
    "llm-away": (
        "{host} does not answer: {reason}. Suggest again later: what was answered is kept"
    ),
    "llm-cap": (
        "one job may use {cap}, and no more fits in. Suggest again to go on, or raise "
        "SAIDBY_LLM_TOKENS or SAIDBY_LLM_MONEY"
    ),
    "llm-request": "{host} does not take this text: {reason}",
    "llm-answer": "the answer about a passage was no JSON, twice; what of the others came is here",
    "llm-cut": (
        "the answer about a passage did not come to its end; what of the others came is here. "
        "Raise SAIDBY_LLM_ANSWER_TOKENS"
    ),
    "llm-quote": "a quote stands nowhere in the text word for word",
    "llm-repeat": "a quote was given more often than it stands there",
    "llm-elsewhere": "a quote stands beside the passage that was asked about",
    "llm-value": "{attribute!r} cannot be what was answered",
    "llm-link": "a link has no such ends, or is one too many",
    "llm-shape": "{what} of an answer are not laid out as was asked",
    "llm-silent": "a span was asked about and not answered",
    "format-foreign": "files such as {name!r} are not read: {advice}",
    "format-unguessed": "cannot tell the format of {name!r}; name one of {known}",
    "extra-missing": "format {format} needs {package}: install it with pip install {package}",
    "job-cancelled": "it was cancelled; nothing was kept",
    "job-waits": "another {kind} job waits or runs; wait for it, or cancel it, and ask again",
    "queue-away": "the queue does not answer: {reason}. Start Redis, or check SAIDBY_QUEUE",
    "part-failed": "a part of it failed, and the rest was stopped: {reason}",
    "worker-differs": (
        "this worker has another version of the suggester, of its model or of spaCy than the "
        "one that began; install the same on every machine, then start it again"
    ),
    "job-gave-up": (
        "was begun {attempts} times and never ended; see the log of the worker, then start it again"
    ),
    "serve-ended": "{reason}. What went wrong stands above",
    "nothing-to-do": "nothing to {act}: {reason}",
    "split-invalid": (
        "split {split!r} is none of 80/10/10 (adding up to 100), folds:5/0, either with "
        "+by:outlet, +by:label, +train:25 or +name:NAME, date:2026-05-01/2026-06-01, "
        "outlet:dev=A,B/test=C, and lists:FOLDER with train.txt, dev.txt or test.txt"
    ),
    "split-twice": "{name!r} stands in two parts of the split {split!r}",
    "misaligned": "{count} spans do not fall on token edges; choose --misaligned expand or drop",
    "export-differs": "document {id!r} does not read back as it was written; please report this",
    "release-invalid": "release does not verify: {reason}",
    "layer-drift": "layer {layer} of document {document} differs from its log: {reason}",
    "queue-drift": (
        "the queue of disputes differs for document {document!r}: {reason}. Run check_layers --mend"
    ),
    "count-drift": (
        "the numbers of disputes of corpus {corpus!r} differ: {reason}. Run check_layers --mend"
    ),
    "bulk-act": (
        "{act!r} cannot be done with many disputes. Take a side (side:suggestion, side:7), a "
        "policy (policy:majority), reopen, or assign:7"
    ),
    "database": (
        "the database cannot be used: {reason}. Run manage.py migrate, or check DATABASE_URL"
    ),
    "address-taken": (
        "cannot serve on {address} ({reason}). Choose another port with --port, or PORT=8080 "
        "make demo"
    ),
    "restore-not-empty": (
        "a backup is restored into an empty database; this one holds people or corpora already"
    ),
    "restore-version": (
        "the backup was made at {backup}, this site stands at {site}; use the same version of "
        "Saidby"
    ),
    "restore-damaged": "the backup is damaged: {reason}",
    "request-invalid": "{reason}",
    "unavailable": (
        "the database does not answer, or the disk is full. Nothing saved is lost; try again in a "
        "moment"
    ),
    "server-fault": (
        "something broke here. The server's log tells more of request {request}; nothing saved "
        "is lost"
    ),
}

STATUS: dict[str, int] = {
    "not-allowed": 403,
    "other-user": 403,
    "corpus-creator": 403,
    "own-work": 403,
    "precedents-hidden": 403,
    "not-found": 404,
    "invitation-ended": 404,
    "dispute-unknown": 404,
    "dispute-unsettled": 409,
    "decision-unknown": 404,
    "stale-version": 409,
    "layer-closed": 409,
    "review-final": 409,
    "review-first": 409,
    "give-back-own": 403,
    "upload-waits": 409,
    "withdraw-waits": 409,
    "job-waits": 409,
    "patterns-changed": 409,
    "upload-gone": 404,
    "addresses-off": 403,
    "upload-too-large": 413,
    "place-moved": 409,
    "busy": 409,
    "too-often": 429,
    "exists": 409,
    "span-text": 422,
    "schema-unfinished": 409,
    "text-corrected": 409,
    "schema-changing": 503,
    "unavailable": 503,
    "server-fault": 500,
}


class Problem(Exception):  # noqa: N818 - a user meets it as a problem
    """A coded, one-line message that says what is wrong and what to do.

    `file` and `line` (counted from 1) say where, when the problem came out of a file; `details` are
    the values in the message, for programs.
    """

    def __init__(self, code: str, *, file: str = "", line: int = 0, **details: Any) -> None:
        self.code = code
        self.file = file
        self.line = line
        self.details = details
        super().__init__(str(self))

    @property
    def message(self) -> str:
        """Return the sentence without code and place."""
        return MESSAGES[self.code].format(**self.details)

    @property
    def status(self) -> int:
        """Return the HTTP status that fits."""
        return STATUS.get(self.code, 400)

    def at(self, file: str, line: int = 0) -> Problem:
        """Return the same problem, placed in a file."""
        return Problem(self.code, file=file, line=line or self.line, **self.details)

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.code, self.file, self.line, self.details)

    def as_json(self) -> dict[str, Any]:
        """Return the form that `--json` and the API answer with."""
        return {"file": self.file, "line": self.line, "code": self.code, "message": self.message}

    def __str__(self) -> str:
        if not self.file and not self.line:
            return f"[{self.code}] {self.message}"
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"[{self.code}] {place}: {self.message}"


def _made(code: str, file: str, line: int, details: dict[str, Any]) -> Problem:
    return Problem(code, file=file, line=line, **details)
