"""A client that is generated from our description does the whole job against a live server."""

from __future__ import annotations

import importlib
import io
import json
import pkgutil
import subprocess
import sys
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests.acts import PASSWORD, TEXT, find
from tests.sites import free_port, serve

PEOPLE = (
    "from django.contrib.auth.models import Permission, User;"
    f"people = [User.objects.create_user(n, password={PASSWORD!r})"
    " for n in ('alice', 'bob', 'carol', 'dave')];"
    "people[0].user_permissions.add(Permission.objects.get(codename='add_corpus'))"
)
DOCUMENTS = ("sea-wall", "2026/pier")
PACKAGE = "saidby_client"


class Site:
    """A site that is served, and the package that was generated for it."""

    def __init__(self, url: str, package: ModuleType) -> None:
        self.url = url
        self.package = package
        self.people: dict[str, Person] = {}

    def model(self, name: str) -> Any:
        return getattr(importlib.import_module(f"{PACKAGE}.models"), name)

    def person(self, name: str) -> Person:
        return self.people.setdefault(name, Person(self, name))

    def close(self) -> None:
        """Close every connection."""
        for person in self.people.values():
            person.client.get_httpx_client().close()


class Person:
    """Somebody with a token, who calls operations by their names."""

    def __init__(self, site: Site, name: str) -> None:
        self.site = site
        client = importlib.import_module(f"{PACKAGE}.client")
        anonymous = client.Client(base_url=site.url)
        body = site.model("TokenIn")(username=name, password=PASSWORD)
        fetch = importlib.import_module(f"{PACKAGE}.api.tokens.fetch_token")
        with anonymous:
            token = fetch.sync(client=anonymous, body=body).token
        self.client = client.AuthenticatedClient(
            base_url=site.url, token=token, prefix="Token", raise_on_unexpected_status=True
        )

    def ask(self, operation: str, *arguments: Any, **more: Any) -> Any:
        """Call an operation, like "jobs.get_job"; return status and what was read of the answer."""
        module = importlib.import_module(f"{PACKAGE}.api.{operation}")
        answer = module.sync_detailed(*arguments, client=self.client, **more)
        return answer.status_code, answer.parsed

    def do(self, operation: str, *arguments: Any, **more: Any) -> Any:
        """Call an operation that must succeed, and return what was read of the answer."""
        status, parsed = self.ask(operation, *arguments, **more)
        assert status < HTTPStatus.BAD_REQUEST, (operation, parsed)
        return parsed

    def wait(self, slug: str, started: Any) -> Any:
        """Wait until a job is done, and return it."""
        deadline = time.monotonic() + 120
        while True:
            job = self.do("jobs.get_job", slug, started.job)
            assert job.state.value not in ("failed", "cancelled"), job.error
            if job.state.value == "done":
                return job
            assert time.monotonic() < deadline, "no worker does it"
            time.sleep(0.3)


@pytest.fixture
def site(manage: Callable[..., Any], tmp_path: Path) -> Iterator[Site]:
    """A site with four people, and a client generated from its own description."""
    manage(code=PEOPLE)
    port = free_port()
    serve(manage, port)
    url = f"http://127.0.0.1:{port}"
    token = httpx.post(f"{url}/api/token/", json={"username": "dave", "password": PASSWORD})
    headers = {"Authorization": f"Token {token.json()['token']}", "Accept": "application/json"}
    description = httpx.get(f"{url}/api/schema/", headers=headers)
    folder = tmp_path / "generated"
    generate(description.json(), folder, tmp_path)
    sys.path.insert(0, str(folder))
    served = Site(url, importlib.import_module(PACKAGE))
    yield served
    served.close()
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def generate(description: dict[str, Any], folder: Path, tmp_path: Path) -> None:
    """Generate a client; what it cannot generate ends the test."""
    source = tmp_path / "openapi.json"
    source.write_text(json.dumps(description), encoding="utf-8")
    config = tmp_path / "generator.json"
    config.write_text(json.dumps({"post_hooks": []}), encoding="utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    command += ["--path", str(source), "--output-path", str(folder), "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "arning" not in done.stdout + done.stderr


def test_every_operation_is_generated_and_imports(site: Site) -> None:
    modules = [found.name for found in pkgutil.walk_packages(site.package.__path__, f"{PACKAGE}.")]
    for name in modules:
        importlib.import_module(name)
    made = {name.rpartition(".")[2] for name in modules if name.count(".") == 3}
    source = json.loads((Path(site.package.__path__[0]).parents[1] / "openapi.json").read_text())
    paths = source["paths"].values()
    named = {operation["operationId"] for methods in paths for operation in methods.values()}
    assert made == named


def test_a_generated_client_does_the_whole_job(site: Site) -> None:
    alice, bob, carol = (site.person(name) for name in ("alice", "bob", "carol"))
    make_corpus(site, alice)
    suggest(site, alice)
    read(alice)
    for person, stance in ((bob, "oppose"), (carol, "support")):
        review_all(site, person, stance)
    settle_all(site, alice)
    measure(alice)
    release(site, alice)
    status, problem = site.person("dave").ask("layers.get_gold", "port", "sea-wall")
    assert (status, problem.code) == (HTTPStatus.NOT_FOUND, "not-found")
    status, refusal = bob.ask("layers.get_gold", "port", "sea-wall")
    assert (status, refusal.code) == (HTTPStatus.FORBIDDEN, "not-allowed")


def make_corpus(site: Site, alice: Person) -> None:
    """Create a corpus, bring two documents in, and make Bob and Carol reviewers."""
    body = site.model("CorpusIn")(slug="port", name="The port")
    assert alice.do("corpora.create_corpus", body=body).slug == "port"
    page = alice.do("corpora.list_corpora")
    assert ([row.slug for row in page.corpora], page.next_) == (["port"], None)
    rows = [{"id": name, "text": TEXT, "meta": {"outlet": "The Bay"}} for name in DOCUMENTS]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    file = importlib.import_module(f"{PACKAGE}.types").File(
        payload=io.BytesIO(lines), file_name="articles.jsonl"
    )
    body = site.model("UploadIn")(files=[file])
    checked = alice.wait("port", alice.do("uploads.upload_files", "port", body=body))
    assert (checked.result.documents, checked.result.refused) == (2, 0)
    begun = alice.do("uploads.begin_import", "port", checked.job, body=site.model("BeginIn")())
    assert alice.wait("port", begun).result.imported == 2
    for name in ("bob", "carol"):
        role = site.model("RoleIn")(username=name, role=site.model("Role").REVIEWER)
        alice.do("members.give_role", "port", body=role)
    members = alice.do("members.list_members", "port").members
    assert [member.username for member in members] == ["alice", "bob", "carol"]


def suggest(site: Site, alice: Person) -> None:
    """Have the rules suggest, then push what another program found."""
    done = alice.wait("port", alice.do("jobs.suggest", "port", body=site.model("SuggestIn")()))
    assert done.result.documents == 2 and done.result.spans > 0
    spans = []
    for ident, label, words in (
        ("c1", "CLAIM", "“The wall will not hold,”"),
        ("s1", "SPEAKER", "Mayor Ilse Brandt"),
        ("s9", "SPEAKER", "She"),
    ):
        start, end = find(words)
        said = words if ident != "s9" else "He"
        row = {"id": ident, "label": label, "start": start, "end": end, "text": said}
        spans.append(site.model("SuggestedSpan").from_dict(row))
    link = site.model("SuggestedLink")(kind="said_by", source="c1", target="s1")
    body = site.model("SuggestionsIn")(suggester="own-1", spans=spans, links=[link])
    pushed = alice.do("documents.push_suggestions", "port", "sea-wall", body=body)
    assert (pushed.stored, pushed.refused) == (3, 1)
    assert [row.code for row in pushed.spans] == ["", "", "span-text"]


def read(alice: Person) -> None:
    """Read documents, their text, and what was suggested for them."""
    page = alice.do("documents.list_documents", "port")
    assert ([row.id for row in page.documents], page.next_) == (list(DOCUMENTS), None)
    for name in DOCUMENTS:
        document = alice.do("documents.get_document", "port", name)
        assert (document.text, document.state.value) == (TEXT, "waiting")
    rows = alice.do("layers.list_layers", "port", "sea-wall").layers
    assert [row.author for row in rows] == ["rules.v1", "api:own-1"]
    layer = alice.do("layers.get_layer", "port", "sea-wall", rows[1].id)
    assert {TEXT[span.start : span.end] for span in layer.spans} == {
        "“The wall will not hold,”",
        "Mayor Ilse Brandt",
    }
    assert [label.name for label in alice.do("corpora.get_schema", "port").labels] == [
        "SPEAKER",
        "CLAIM",
        "CUE",
    ]


def review_all(site: Site, person: Person, stance: str) -> None:
    """Accept every suggestion with this stance, and hand in every document."""
    reviewed = []
    while (name := person.do("review.take_next_document", "port").id) is not None:
        workspace = person.do("review.open_workspace", "port", name)
        linked = {link.source for link in workspace.suggestions.links}
        decisions = []
        for span in workspace.suggestions.spans:
            value = {"label": span.label, "start": span.start, "end": span.end}
            value["attributes"] = dict(span.attributes.additional_properties)
            value["fragments"] = span.fragments
            if span.label == "CLAIM":
                value["attributes"]["stance"] = stance
                state = "linked" if span.ident in linked else "unknown"
                value["attributes"]["speaker_state"] = state
            words = workspace.document.text[span.start : span.end]
            decisions.append(decision(site, "accept", "span", span.ident, value, exact=words))
        for link in workspace.suggestions.links:
            value = {"kind": link.kind, "source": link.source, "target": link.target}
            decisions.append(decision(site, "link", "link", link.ident, value))
        body = site.model("DecisionsIn")(version=0, decisions=decisions)
        saved = person.do("review.save_decisions", "port", name, body=body)
        assert saved.version == len(decisions)
        status, stale = person.ask("review.save_decisions", "port", name, body=again(site, body))
        assert (status, stale.code) == (HTTPStatus.CONFLICT, "stale-version")
        assert (stale.version, len(stale.decisions)) == (saved.version, saved.version)
        handed_in = site.model("SubmitIn")(version=saved.version, elapsed_ms=1000)
        assert person.do("review.submit_review", "port", name, body=handed_in).done
        remark(site, person, name, decisions[0].ident)
        reviewed.append(name)
        (own,) = person.do("layers.list_layers", "port", name).layers
        assert own.state.value == "submitted"
    assert sorted(reviewed) == sorted(DOCUMENTS)


def remark(site: Site, person: Person, name: str, ident: int) -> None:
    """Comment on a frame and flag it, and read both back."""
    body = site.model("CommentIn")(subject=ident, body="Is it one?")
    assert person.do("review.add_comment", "port", name, body=body).layer == "mine"
    [comment] = person.do("review.list_comments", "port", name, subject=ident).comments
    body = site.model("FlagIn")(subject=ident, note="Not in the guideline.")
    assert not person.do("review.add_flag", "port", name, body=body).done
    [flag] = person.do("review.list_flags", "port", name).flags
    assert (comment.body, flag.note) == ("Is it one?", "Not in the guideline.")


def decision(site: Site, verb: str, subject: str, ident: int, after: Any, **more: Any) -> Any:
    row = {"verb": verb, "subject": subject, "ident": ident, "after": after, **more}
    return site.model("DecisionIn").from_dict({"client_id": str(uuid.uuid4()), **row})


def again(site: Site, body: Any) -> Any:
    """Return a batch with a new decision at a version that is gone."""
    row = {**body.decisions[0].to_dict(), "client_id": str(uuid.uuid4())}
    return site.model("DecisionsIn")(version=0, decisions=[site.model("DecisionIn").from_dict(row)])


def settle_all(site: Site, alice: Person) -> None:
    """Settle every dispute with the first version, and read the gold that comes of it."""
    queue = alice.do("disputes.list_disputes", "port")
    assert {row.document for row in queue.disputes} == set(DOCUMENTS)
    assert {row.facet for row in queue.disputes} == {"stance"} and queue.next_ is None
    for name in DOCUMENTS:
        state = alice.do("disputes.get_disputes", "port", name)
        for dispute in state.disputes:
            assert len(dispute.versions) == 2 and dispute.settled is None
            body = site.model("SettleIn")(
                version=state.version,
                client_id=uuid.uuid4(),
                dispute=dispute.ident,
                choice=site.model("SettlementChoice").VERSION,
                number=1,
            )
            state = alice.do("disputes.settle_dispute", "port", name, body=body)
        assert all(dispute.settled.choice == "version" for dispute in state.disputes)
        alice.do("disputes.close_document", "port", name)
        gold = alice.do("layers.get_gold", "port", name)
        assert (gold.state.value, gold.version) == ("done", gold.newest)
        assert any(span.label == "CLAIM" for span in gold.spans) and gold.links
        assert alice.do("layers.get_gold", "port", name, version=0).spans == []
    assert alice.do("disputes.list_disputes", "port").disputes == []


def measure(alice: Person) -> None:
    """Have agreement measured, and read the report."""
    alice.wait("port", alice.do("agreement.measure_agreement", "port"))
    report = alice.do("agreement.get_agreement", "port")
    measured = {(m.measure, m.a, m.b): m.value for m in report.measures}
    assert measured["span_f1_exact", "bob", "carol"] == 1
    assert {person.name for person in report.people} == {"bob", "carol"}


def release(site: Site, alice: Person) -> None:
    """Make a release, read it by name, and fetch its files; then an export by its job."""
    about = site.model("About")(people_and_pay="€15 an hour.")
    body = site.model("ReleaseIn")(name="1.0", about=about)
    made = alice.wait("port", alice.do("exports.make_release", "port", body=body))
    read = alice.do("exports.get_release", "port", "1.0")
    assert (read.documents, read.digest, read.job) == (2, made.result.digest, made.job)
    assert (read.about.people_and_pay, read.about.uses) == ("€15 an hour.", "")
    assert [row.name for row in alice.do("exports.list_releases", "port").releases] == ["1.0"]
    with zipfile.ZipFile(alice.do("exports.get_release_files", "port", "1.0").payload) as files:
        lines = files.read("port-1.0/gold.jsonl").decode().splitlines()
        assert {info.filename for info in files.infolist()} == {row.name for row in read.files}
    assert [json.loads(line)["id"] for line in lines] == sorted(DOCUMENTS)
    body = site.model("ExportIn")(format_="jsonl")
    export = alice.wait("port", alice.do("exports.start_export", "port", body=body))
    with zipfile.ZipFile(alice.do("exports.download", "port", export.job).payload) as files:
        assert files.namelist() == ["port.jsonl"]
    kinds = [job.kind for job in alice.do("jobs.list_jobs", "port").jobs]
    assert kinds == ["export", "release", "measure", "suggest", "import", "look"]
