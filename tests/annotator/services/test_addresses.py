"""Pages by their address: fetched by the worker within limits, never out of a private network."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.management import call_command

from annotator.services import addresses, uploads
from corpus.core.problems import Problem
from corpus.importers import fetch
from corpus.models import Corpus, Document, Job

STORY = """<html><head><title>Dockers vote to strike - Harbour Post</title>
<meta property="og:site_name" content="Harbour Post">
<meta property="article:published_time" content="2026-05-03T08:00:00Z"></head><body>
<nav><a href="/">Home</a> <a href="/sport">Sport</a></nav>
<article><h1>Dockers vote to strike</h1>
<p>Dockers in the harbour voted on Sunday to stop work for three days, their union said.</p>
<p>“We have waited for two years,” said Ann Lee, who speaks for the union. “Nobody called.”</p>
<p>The port authority denied that it had been asked for talks, and called the strike unlawful.</p>
</article><footer>All rights reserved</footer></body></html>"""
Answer = tuple[int, dict[str, str], bytes]
HTML = {"Content-Type": "text/html"}


class Site(ThreadingHTTPServer):
    """A site with pages by path; a page may be a function that writes the answer itself."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.netloc = f"127.0.0.1:{self.server_port}"
        self.pages: dict[str, Answer | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.got: list[tuple[str, dict[str, str]]] = []
        self.ended = False

    def url(self, path: str) -> str:
        return f"http://{self.netloc}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.got.append((self.path, dict(self.headers)))
        page = self.server.pages.get(self.path, (404, HTML, b"none"))
        with suppress(OSError):
            if callable(page):
                page(self)
                return
            status, headers, data = page
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.ended = True
        server.shutdown()


def refused(act: Callable[[], Any]) -> Problem:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value


def test_a_page_comes_with_its_kind_and_a_name_for_its_document(site: Site) -> None:
    site.pages["/2026/strike.html?page=1"] = (200, HTML, STORY.encode())
    found = fetch.fetch(site.url("/2026/strike.html?page=1"), inside=[site.netloc])
    assert found.data.decode() == STORY
    assert found.name == "127.0.0.1-2026-strike-page-1.html"
    ((_, headers),) = site.got
    assert headers["User-Agent"].startswith("Saidby")


def test_what_a_server_says_of_an_encoding_is_kept(site: Site) -> None:
    western = {"Content-Type": "text/html; charset=windows-1252"}
    site.pages["/a"] = (200, western, "<p>“Straße”</p>".encode("cp1252"))
    found = fetch.fetch(site.url("/a"), inside=[site.netloc])
    assert found.data.decode("utf-8-sig") == "<p>“Straße”</p>"


def test_packed_pages_are_unpacked(site: Site) -> None:
    site.pages["/a"] = (200, {**HTML, "Content-Encoding": "gzip"}, gzip.compress(STORY.encode()))
    assert fetch.fetch(site.url("/a"), inside=[site.netloc]).data.decode() == STORY


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("example.org/news", "https://example.org/news"),
        (" http://example.org/a#part ", "http://example.org/a"),
        ("https://straße.example/süd?q=ä", "https://strasse.example/s%C3%BCd?q=%C3%A4"),
        ("https://example.org/a%20b", "https://example.org/a%20b"),
    ],
)
def test_addresses_are_taken_as_people_paste_them(address: str, url: str) -> None:
    assert fetch.asked(address) == url


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://10.1.2.3/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://0.0.0.0/",
        "ftp://example.org/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://me:word@example.org/",
        "two words",
        "http://",
        f"http://example.org/{'x' * 3000}",
    ],
)
def test_addresses_inside_and_odd_ones_are_refused(address: str) -> None:
    assert refused(lambda: fetch.fetch(address)).code == "address"


def test_a_redirect_is_followed_and_never_inside(site: Site) -> None:
    port = site.server_port
    site.pages["/old"] = (301, {"Location": "/new"}, b"")
    site.pages["/new"] = (200, HTML, STORY.encode())
    assert fetch.fetch(site.url("/old"), inside=[site.netloc]).url == site.url("/new")
    site.pages["/trap"] = (302, {"Location": f"http://localhost:{port}/new"}, b"")
    site.got.clear()
    problem = refused(lambda: fetch.fetch(site.url("/trap"), inside=[site.netloc]))
    assert "private network" in problem.message and "localhost" not in problem.message
    assert [path for path, _ in site.got] == ["/trap"]
    site.pages["/file"] = (302, {"Location": "file:///etc/passwd"}, b"")
    assert refused(lambda: fetch.fetch(site.url("/file"), inside=[site.netloc])).code == "address"


def test_a_circle_of_redirects_ends(site: Site) -> None:
    site.pages["/a"] = (302, {"Location": "/a"}, b"")
    problem = refused(lambda: fetch.fetch(site.url("/a"), inside=[site.netloc]))
    assert "more than 5 times" in problem.message
    assert len(site.got) == 6


def test_a_name_that_moves_is_reached_where_it_was_checked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])
    reached: list[tuple[str, int]] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(told), port))]

    def connect(to: tuple[str, int], *_: Any) -> socket.socket:
        reached.append(to)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    refused(lambda: fetch.fetch("http://moving.example/"))
    assert reached == [("93.184.216.34", 80)]


def test_an_endless_page_and_a_bomb_are_cut_off(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "MAX_BYTES", 1_000_000)

    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/plain")
        handler.end_headers()
        while not site.ended:
            handler.wfile.write(b"word " * 10_000)

    bomb = gzip.compress(b"0" * 50_000_000)
    site.pages["/endless"] = endless
    site.pages["/bomb"] = (200, {**HTML, "Content-Encoding": "gzip"}, bomb)
    for path in ("/endless", "/bomb"):
        problem = refused(lambda path=path: fetch.fetch(site.url(path), inside=[site.netloc]))
        assert "larger than 1 MB" in problem.message


def test_a_slow_page_is_cut_off(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "SECONDS", 1.0)

    def slow(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/plain")
        handler.end_headers()
        while not site.ended:
            handler.wfile.write(b"word ")
            time.sleep(0.1)

    site.pages["/slow"] = slow
    began = time.monotonic()
    problem = refused(lambda: fetch.fetch(site.url("/slow"), inside=[site.netloc]))
    assert "longer than 1 seconds" in problem.message
    assert time.monotonic() - began < 3


def test_pictures_and_answers_of_failure_are_refused_by_name(site: Site) -> None:
    site.pages["/a.png"] = (200, {"Content-Type": "image/png"}, b"\x89PNG")
    site.pages["/b"] = (403, HTML, b"no")
    said = [
        refused(lambda path=path: fetch.fetch(site.url(path), inside=[site.netloc])).message
        for path in ("/a.png", "/b")
    ]
    assert "image/png" in said[0] and "403 Forbidden" in said[1]


@pytest.mark.django_db(transaction=True)
def test_addresses_become_an_upload_that_is_checked_and_imported(
    corpus: Corpus, alice: Any, site: Site, settings: Any
) -> None:
    settings.FETCH_INSIDE = [site.netloc]
    site.pages["/2026/strike"] = (200, HTML, STORY.encode())
    site.pages["/moved"] = (301, {"Location": "/2026/strike"}, b"")
    wanted = [site.url("/2026/strike"), "", site.url("/gone"), site.url("/moved")]
    job = addresses.receive_addresses(corpus, wanted, by=alice)
    assert site.got == []
    call_command("run_jobs", "--once", verbosity=0)
    job.refresh_from_db()
    assert (job.result["documents"], job.result["refused"]) == (1, 1)
    (error,) = job.result["errors"]
    assert (error["file"], error["code"]) == (site.url("/gone"), "address")
    assert "404" in error["message"]
    site.got.clear()
    uploads.begin(corpus, job.pk, by=alice)
    call_command("run_jobs", "--once", verbosity=0)
    document = Document.objects.get(corpus=corpus, external_id="127.0.0.1-2026-strike")
    assert site.got == []
    assert document.title == "Dockers vote to strike"
    assert document.url == site.url("/2026/strike")
    assert "Nobody called" in document.body.text and "Sport" not in document.body.text
    done = Job.objects.get(corpus=corpus, kind="import")
    assert (done.result["imported"], done.result["refused"]) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_only_managers_have_addresses_fetched_and_only_where_the_site_fetches(
    corpus: Corpus, alice: Any, bob: Any, settings: Any
) -> None:
    page = ["http://example.org/a"]
    assert refused(lambda: addresses.receive_addresses(corpus, page, by=bob)).code == "not-allowed"
    for none in ([""], ["a"] * 201, ["ftp://example.org"]):
        many = [f"{line}{n}" for n, line in enumerate(none)] if len(none) > 1 else none
        assert refused(
            lambda many=many: addresses.receive_addresses(corpus, many, by=alice)
        ).code in ("request-invalid", "address")
    settings.FETCH_ADDRESSES = False
    problem = refused(lambda: addresses.receive_addresses(corpus, page, by=alice))
    assert problem.code == "addresses-off"
    assert not Job.objects.filter(kind="look").exists()


def test_a_page_that_breaks_off_is_no_page(site: Site) -> None:
    packed = gzip.compress(STORY.encode())
    site.pages["/a"] = (200, {**HTML, "Content-Length": "5000"}, STORY.encode())
    site.pages["/b"] = (200, {**HTML, "Content-Encoding": "gzip"}, packed[:-9])
    for path in ("/a", "/b"):
        problem = refused(lambda path=path: fetch.fetch(site.url(path), inside=[site.netloc]))
        assert "breaks off" in str(problem)


def test_an_encoding_of_names_is_none_of_pages(site: Site) -> None:
    odd = {"Content-Type": "text/plain; charset=punycode"}
    site.pages["/a"] = (200, odd, b"plain-text")
    assert fetch.fetch(site.url("/a"), inside=[site.netloc]).data == b"plain-text"
