"""Reviewers at work over HTTP, each with a model beside of what was acknowledged to them."""

from __future__ import annotations

import json
import random
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.sites import LOST
from tools.bench_http import signed_in

CLAIMS = 4
CORPUS = "/api/corpora/port"
# Seconds of a reviewer between two requests, and those within which somebody has to answer again.
PAUSE = 0.05
PATIENCE = 90
# How often a claim is accepted, the others being rejected; how often the last decision is undone;
# how often a review is taken back once it is handed in, unless it is final by then.
ACCEPTED = 0.8
UNDONE = 0.25
TAKEN_BACK = 0.5
# What the server adds to a log by itself.
UNSENT = ("leave", "reopen")
STANCES = ("support", "oppose", "neutral", "unclear")
REJECTED = {"rejected": True}
# What the log holds of every review: who owns it, on which document, and each decision.
LOG = (
    "from annotator.models import Layer; from annotator.selectors import layers; import json;"
    "rows = Layer.objects.filter(kind='review').select_related('document', 'owner', 'schema');"
    "print(json.dumps([[str(l.owner), l.document.external_id, l.state,"
    " [[d.seq, d.verb, str(d.client_id)] for d in l.decisions.order_by('seq')],"
    " {s.ident: dict(s.attributes) for s in layers.layer_view(l).in_order()},"
    " sorted(layers.layer_view(l).rejected)] for l in rows]))"
)


def articles(folder: Path, count: int) -> Path:
    """Write documents with claims and their speaker, to be imported with them as suggestions."""
    path = folder / "articles.jsonl"
    with path.open("w", encoding="utf-8") as lines:
        for n in range(count):
            lines.write(json.dumps(_article(n)) + "\n")
    return path


def _article(n: int) -> dict[str, Any]:
    text = f"Harbour {n}\n\nMayor Ada Lund spoke."
    spans = [_span("s0", "SPEAKER", text, "Mayor Ada Lund")]
    links = []
    for k in range(1, CLAIMS + 1):
        said = f"“We will not close pier {k},”"
        text += f" {said} she said."
        spans.append({**_span(f"s{k}", "CLAIM", text, said), "attributes": {"stance": "unclear"}})
        links.append({"kind": "said_by", "source": f"s{k}", "target": "s0"})
    return {"id": f"d{n}", "text": text, "spans": spans, "links": links}


def _span(name: str, label: str, text: str, words: str) -> dict[str, Any]:
    start = text.index(words)
    return {"id": name, "label": label, "start": start, "end": start + len(words), "text": words}


@dataclass
class Work:
    """What a reviewer was told is kept of one document."""

    state: str = "open"
    # Verbs with the ids under which they were sent; the server's own have none.
    log: list[tuple[str, str]] = field(default_factory=list)
    # What was decided on a span, by ident; nothing where a decision was undone.
    values: dict[int, Mapping[str, Any] | None] = field(default_factory=dict)
    undoable: list[dict[str, Any]] = field(default_factory=list)

    @property
    def version(self) -> int:
        """The version of the layer."""
        return len(self.log)


class Reviewer(threading.Thread):
    """One person who reviews one document after the other until told to end.

    What was not acknowledged is sent again as it was, as the browser does.
    """

    def __init__(self, port: int, name: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.person = name
        self.browser = signed_in(port, name)
        self.random = random.Random(seed)
        self.ended = threading.Event()
        self.works: dict[str, Work] = {}
        self.differences: list[str] = []
        self.saves = 0
        self.unanswered = 0
        self.has_work = True
        self.error: BaseException | None = None

    def run(self) -> None:
        """Work until told to end, or until there is nothing left."""
        try:
            while self.has_work and not self.ended.is_set():
                self._review()
        except BaseException as error:  # noqa: BLE001  # raised again by who waits for it
            self.error = error

    def _review(self) -> None:
        taken = self._ask("next")["id"]
        if taken is None:
            self.has_work = False
            return
        page = self._ask(f"documents/{taken}/workspace", method="GET")
        work = self.works.setdefault(taken, Work())
        if page["layer"]["version"] != work.version:
            self._differs(taken, f"is shown at {page['layer']['version']}, not {work.version}")
            self.has_work = False
            return
        text = page["document"]["text"]
        claims = [span for span in page["suggestions"]["spans"] if span["label"] == "CLAIM"]
        for _ in range(self.random.randint(5, 60)):
            if self.ended.is_set():
                return
            self._decide(taken, work, claims, text)
        self._hand_in(taken, work)

    def _decide(self, taken: str, work: Work, claims: list[dict[str, Any]], text: str) -> None:
        """Save a few decisions at once, or undo the last."""
        if work.undoable and self.random.random() < UNDONE:
            self._save(taken, work, [_undoing(work.undoable.pop())])
            return
        picked = self.random.sample(claims, self.random.randint(1, 2))
        self._save(taken, work, [self._decision(work, claim, text) for claim in picked])

    def _decision(self, work: Work, claim: dict[str, Any], text: str) -> dict[str, Any]:
        words = text[claim["start"] : claim["end"]]
        one = {**_sent(claim["ident"], words), "verb": "reject", "after": REJECTED}
        if self.random.random() < ACCEPTED:
            stance = {"stance": self.random.choice(STANCES), "speaker_state": "unknown"}
            after = {key: claim[key] for key in ("label", "start", "end", "fragments")}
            one |= {"verb": "accept", "after": {**after, "attributes": stance}}
        work.undoable.append({**one, "before": work.values.get(claim["ident"])})
        return one

    def _save(self, taken: str, work: Work, decisions: list[dict[str, Any]]) -> None:
        before = work.version
        body = {"version": before, "decisions": decisions}
        answer = self._ask(f"documents/{taken}/decisions", body)
        for one in decisions:
            work.log.append((one["verb"], one["client_id"]))
            work.values[one["ident"]] = one["after"]
        self.saves += 1
        if answer.get("version") != work.version:
            self._differs(taken, f"{answer} to {len(decisions)} decisions at {before}")

    def _hand_in(self, taken: str, work: Work) -> None:
        ident = str(uuid.uuid4())
        body = {"version": work.version, "client_id": ident}
        answer = self._ask(f"documents/{taken}/submit", body)
        if "message" not in answer:
            self._differs(taken, f"{answer} to handing in at {work.version}")
            return
        work.log += [("leave", ""), ("submit", ident)]
        work.state = "submitted"
        if self.random.random() > TAKEN_BACK:
            return
        answer = self._ask(f"documents/{taken}/reopen")
        if answer.get("code") == "review-final":
            return
        work.log.append(("reopen", ""))
        work.state = "open"
        if answer.get("version") != work.version:
            self._differs(taken, f"{answer} to taking back at {work.version - 1}")

    def _ask(
        self, path: str, body: Mapping[str, Any] | None = None, method: str = "POST"
    ) -> dict[str, Any]:
        """Return the answer, however often it takes until there is one."""
        sent = None if method == "GET" else json.dumps(body or {})
        deadline = time.monotonic() + PATIENCE
        while True:
            time.sleep(self.random.uniform(0, 2 * PAUSE))
            try:
                answer = self.browser.ask(method, f"{CORPUS}/{path}/", sent)
                if self.browser.status < 500:
                    found: dict[str, Any] = json.loads(answer)
                    return found
            except LOST:
                self.browser.connection.close()
            self.unanswered += 1
            assert time.monotonic() < deadline, f"nobody answers any more: {self.browser.status}"

    def _differs(self, document: str, how: str) -> None:
        self.differences.append(f"{self.person}, {document}: {how}")


def _sent(ident: int, words: str) -> dict[str, Any]:
    one = {"client_id": str(uuid.uuid4()), "subject": "span", "ident": ident, "exact": words}
    return {**one, "elapsed_ms": 300}


def _undoing(done: Mapping[str, Any]) -> dict[str, Any]:
    undo = {**_sent(done["ident"], done["exact"]), "verb": "undo", "after": done["before"]}
    return {**undo, "undoes": done["client_id"]}


def differences(reviewers: list[Reviewer], rows: list[Any]) -> Iterator[str]:
    """Say where what is kept is not what the models hold; `rows` are what `LOG` prints."""
    found = {(owner, document): rest for owner, document, *rest in rows}
    for reviewer in reviewers:
        yield from reviewer.differences
        for document, work in reviewer.works.items():
            kept = found.pop((reviewer.person, document), None)
            name = f"{reviewer.person}, {document}"
            if kept is None:
                yield f"{name}: is not there"
                continue
            yield from (f"{name}: {how}" for how in _unlike(work, *kept))
    yield from (f"{owner}, {document}: nobody was told of it" for owner, document in found)


def _unlike(
    work: Work,
    state: str,
    log: list[tuple[int, str, str]],
    spans: Mapping[str, Any],
    rejected: list[int],
) -> Iterator[str]:
    if state != work.state:
        yield f"it is {state}, not {work.state}"
    if [seq for seq, _, _ in log] != list(range(1, len(log) + 1)):
        yield "numbers are missing in its log"
    kept = [(verb, "" if verb in UNSENT else client) for _, verb, client in log]
    if kept != work.log:
        yield f"its log holds {len(kept)} decisions, {work.version} were acknowledged, or others"
    decided = {ident: value for ident, value in work.values.items() if value is not None}
    claims = {ident: value["attributes"] for ident, value in decided.items() if "label" in value}
    if {int(ident): attributes for ident, attributes in spans.items()} != claims:
        yield f"it holds {spans}, not {claims}"
    if rejected != sorted(ident for ident, value in decided.items() if value == REJECTED):
        yield f"{rejected} are rejected in it"
