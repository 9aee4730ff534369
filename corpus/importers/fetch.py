"""Fetch one page or file from the internet, within limits: bytes, seconds, redirects, kinds."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException, HTTPResponse
from typing import NoReturn
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

from corpus.core import addresses
from corpus.core.addresses import AddressInside, Deadline
from corpus.core.encodings import check
from corpus.core.problems import Problem

MAX_BYTES = 20_000_000
MAX_ADDRESS = 2000
SECONDS = 25.0
REDIRECTS = 5
CHUNK = 1 << 16
NAMES_ITSELF = "Saidby (fetches single pages that a person has asked for)"
MOVED = (301, 302, 303, 307, 308)
# What is read, by the kind that the server calls it, and the ending that its importer knows.
KINDS = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "text/rtf": ".rtf",
    "application/rtf": ".rtf",
    "application/pdf": ".pdf",
    "message/rfc822": ".eml",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
}
TEXTS = (".html", ".txt", ".md", ".csv")
# What servers call a file of which they know nothing; its name tells more.
UNTOLD = ("", "application/octet-stream", "binary/octet-stream", "application/download")
NOT_IN_NAMES = re.compile(r"[^\w.-]+")
# What parts an address into words goes without saying.
PARTED = str.maketrans("/=&", "---")
LONGEST_NAME = 100
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address gave: where it was found in the end, and a name for a file of its kind."""

    url: str
    name: str
    data: bytes


def fetch(address: str, *, inside: Collection[str] = ()) -> Fetched:
    """Return what stands at an address.

    Hosts in private networks are asked only when they (`host` or `host:port`) are among `inside`;
    that holds for each redirect anew. Raises `Problem` for what cannot be had within the limits.
    """
    url = asked(address)
    deadline = Deadline(SECONDS)
    try:
        for _ in range(REDIRECTS + 1):
            found = _answer(url, deadline, inside)
            if isinstance(found, Fetched):
                return found
            url = asked(urljoin(url, found))
    except AddressInside:
        _refuse(address, "its host is in a private network. Save the page and upload the file")
    except (OSError, HTTPException, ValueError, zlib.error) as error:
        if deadline.over:
            _refuse(address, f"it took longer than {SECONDS:.0f} seconds. Save it and upload it")
        _refuse(address, f"its server cannot be reached, or breaks off ({error})")
    except Problem as problem:
        # Whoever gave the address knows it, and perhaps none of those that it led to.
        raise Problem(problem.code, **{**problem.details, "url": address}) from None
    _refuse(address, f"it leads on more than {REDIRECTS} times")


def _answer(url: str, deadline: Deadline, inside: Collection[str]) -> Fetched | str:
    """Ask once; return what came, or the address that it leads on to."""
    split = urlsplit(url)
    allowed = split.netloc in inside or split.hostname in inside
    connection = addresses.connection_to(url, addresses.address_of(url, inside=allowed), deadline)
    headers = {
        "User-Agent": NAMES_ITSELF,
        "Accept": "text/html, application/pdf, text/plain;q=0.9, */*;q=0.5",
        "Accept-Encoding": "gzip",
    }
    try:
        connection.request("GET", addresses.target_of(url), headers=headers)
        with connection.getresponse() as answer:
            leads_to = answer.headers.get("Location")
            if answer.status in MOVED and leads_to:
                return leads_to
            if answer.status != 200:
                _refuse(url, f"its server answers {answer.status} {answer.reason}")
            ending = _ending(url, answer)
            data = b"".join(_body(url, answer))
        # A body that was cut off looks like a whole one where nothing says its length.
        if deadline.over:
            raise TimeoutError
    finally:
        connection.close()
        deadline.end()
    charset = answer.headers.get_content_charset() if ending in TEXTS else None
    return Fetched(url, name_of(url, ending), _told(data, charset))


def _body(url: str, answer: HTTPResponse) -> Iterator[bytes]:
    """Yield the body, unpacked; refuse what is larger than the limit, packed or not."""
    packing = (answer.headers.get("Content-Encoding") or "identity").strip().lower()
    if packing not in ("identity", "gzip", "x-gzip"):
        _refuse(url, f"its server packs it as {packing}, which it was not asked for")
    unpack = None if packing == "identity" else zlib.decompressobj(zlib.MAX_WBITS | 16)
    left = MAX_BYTES
    while data := answer.read(CHUNK):
        # One byte more than is allowed is enough to know.
        part = unpack.decompress(data, left + 1) if unpack else data
        left -= len(part)
        if left < 0:
            _refuse(url, f"it is larger than {MAX_BYTES // 1_000_000} MB. Upload it as a file")
        yield part
    if answer.length or (unpack and left < MAX_BYTES and not unpack.eof):
        _refuse(url, "its server breaks off before the end. Try again later")


def _ending(url: str, answer: HTTPResponse) -> str:
    """Return the ending of a file of the kind that comes."""
    told = "Content-Type" in answer.headers
    kind = answer.headers.get_content_type() if told else ""
    if kind in UNTOLD:
        named = "." + urlsplit(url).path.rpartition(".")[2].lower()
        if named in KINDS.values():
            return named
    if kind not in KINDS:
        _refuse(url, f"it holds {kind or 'something of no kind'}, not a page, a PDF or a text")
    return KINDS[kind]


def _told(data: bytes, charset: str | None) -> bytes:
    """Return a text in UTF-8 where its server says how it is encoded, and says so rightly."""
    if not charset or data.startswith(BOM):
        return data
    try:
        check(charset)
        return BOM + data.decode(charset).encode()
    except (LookupError, UnicodeError, Problem):
        return data


def asked(address: str) -> str:
    """Return an address as a server is asked for it; raise `Problem` when it is none.

    Where it names no scheme it means https; signs beyond ASCII are escaped.
    """
    plain = address.strip()
    if "://" not in plain.partition("?")[0]:
        plain = f"https://{plain}"
    try:
        split = urlsplit(plain)
        host = (split.hostname or "").encode("idna").decode()
        port = f":{split.port}" if split.port else ""
    except ValueError as error:
        _refuse(address, f"it is not written as addresses are ({error})")
    if len(plain) > MAX_ADDRESS or not host or any(char.isspace() for char in plain):
        _refuse(address, "it is not written as addresses are")
    if split.scheme not in ("http", "https"):
        _refuse(address, "only http and https are fetched")
    if split.username or split.password:
        _refuse(address, "it holds a password. Save the page and upload the file")
    host = f"[{host}]" if ":" in host else host
    path = quote(split.path, safe="/%:@!$&'()*+,;=~-._")
    query = quote(split.query, safe="/%:@!$&'()*+,;=~-._?")
    return urlunsplit((split.scheme, host + port, path, query, ""))


def name_of(url: str, ending: str) -> str:
    """Return what a file from an address is called; without the ending that is a document's id."""
    split = urlsplit(url)
    path = split.path.rstrip("/")
    if path.lower().endswith(ending):
        path = path[: -len(ending)]
    host = (split.hostname or "").removeprefix("www.")
    told = f"{host}{path}-{split.query}".translate(PARTED)
    words = NOT_IN_NAMES.sub("-", told).strip("-.")
    if len(words) <= LONGEST_NAME and not NOT_IN_NAMES.search(told):
        return f"{words}{ending}"
    # What is cut or altered may be the name of another address as well.
    digest = sha256(url.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{words[:LONGEST_NAME].rstrip('-.')}-{digest}{ending}"


def _refuse(url: str, reason: str) -> NoReturn:
    raise Problem("address", url=url[:MAX_ADDRESS], reason=reason)
