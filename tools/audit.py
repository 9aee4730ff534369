"""What is locked, held against the package registry: `python -m tools.audit`.

Each locked release is looked up in the registry's index (PEP 691): one that was withdrawn there
(PEP 592), as releases with a known hole are, fails the audit, and so does a licence that is not
permissive. A newer release of the same series is only told.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from pip._internal.models.index import PyPI

ROOT = Path(__file__).parent.parent
LOCKS = (ROOT / "requirements.txt", ROOT / ".ci" / "requirements.txt")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", re.MULTILINE)
PLAIN = re.compile(r"\d+(\.\d+)*")
PERMISSIVE = re.compile(
    r"\b(MIT|BSD|0BSD|Apache|ISC|PSF|Python Software Foundation|Zlib|Unlicense|CC0|HPND|MPL|Mozilla"
    r"|Public Domain|Zope Public License)",
    re.IGNORECASE,
)
# Read by hand: what these give as their licence is a text or nothing, or leaves a choice.
READ = {
    "axe-playwright-python": "MIT, in its licence file",
    "psycopg": "LGPL-3.0, used as a library and not changed",
    "psycopg-binary": "LGPL-3.0, used as a library and not changed",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one locked release."""

    name: str
    version: str
    said: str
    fails: bool


def locked(text: str) -> list[tuple[str, str]]:
    """Return the names and versions in a lock file."""
    return sorted(set(PINNED.findall(text)))


def look_up(index: str, name: str, version: str) -> Finding | None:
    """Ask the registry about one release; None when there is nothing to say."""
    request = Request(
        f"{index.rstrip('/')}/{name}/", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    try:
        with urlopen(request, timeout=30) as answer:
            page = json.load(answer)
    except HTTPError as error:
        return Finding(name, version, f"the registry answered {error.code}", fails=False)
    except (URLError, TimeoutError, ValueError) as error:
        return Finding(name, version, f"the registry told nothing: {error}", fails=False)
    spellings = [re.sub("[-_.]+", written, name).lower() for written in "-_."]
    start = tuple(f"{spelt}-{version}{end}" for spelt in spellings for end in ("-", ".tar", ".zip"))
    files = [file for file in page["files"] if file["filename"].lower().startswith(start)]
    reasons = [file["yanked"] for file in files if file.get("yanked")]
    if files and len(reasons) == len(files):
        return Finding(name, version, f"was withdrawn: {reasons[0]}", fails=True)
    if newer := _newer(version, page.get("versions", [])):
        return Finding(name, version, f"{newer} is there", fails=False)
    return None


def _newer(version: str, known: list[str]) -> str:
    """Return the newest release of the same series (all but the last number), "" when it is this
    one.
    """
    series, _, _ = version.rpartition(".")
    same = [v for v in known if PLAIN.fullmatch(v) and v.rpartition(".")[0] == series]
    if not PLAIN.fullmatch(version) or not same:
        return ""
    newest = max(same, key=lambda v: [int(number) for number in v.split(".")])
    return newest if int(newest.rpartition(".")[2]) > int(version.rpartition(".")[2]) else ""


def licence(name: str, version: str) -> Finding | None:
    """Say what is wrong with the licence of a package; None when it is permissive or absent."""
    try:
        declared = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return None
    words = [*(declared.get_all("License-Expression") or []), *(declared.get_all("License") or [])]
    words += [c for c in declared.get_all("Classifier") or [] if c.startswith("License")]
    if name in READ or any(PERMISSIVE.search(line) for line in words):
        return None
    return Finding(
        name,
        version,
        f"licence: {' '.join(' '.join(words).split())[:100] or 'none is given'}",
        fails=True,
    )


def index() -> str:
    """Return the index that pip is told to use."""
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    told = subprocess.run(asked, capture_output=True, text=True).stdout.strip()
    return told if told.startswith("http") else PyPI.simple_url.rstrip("/")


def main() -> None:
    """Print what was found, and fail on what must not stay."""
    pins = sorted({pin for path in LOCKS for pin in locked(path.read_text(encoding="utf-8"))})
    where = index()
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda pin: look_up(where, *pin), pins))
    found += [licence(*pin) for pin in pins]
    findings = [finding for finding in found if finding]
    for finding in findings:
        sys.stdout.write(
            f"{'!' if finding.fails else ' '} {finding.name} {finding.version}: {finding.said}\n"
        )
    asked = sum("registry" in finding.said for finding in findings)
    sys.stdout.write(f"{len(pins)} locked releases, {len(pins) - asked} found in the registry\n")
    sys.exit(any(finding.fails for finding in findings))


if __name__ == "__main__":
    main()
