"""The server that answers: where it is, which model is asked, and within which limits."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from annotator.suggesters.llm.spending import Limits
from corpus.core.problems import Problem

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that speaks the OpenAI chat protocol, by its address up to and with `/v1`.

    `seconds` is how long one answer may take, `answer_tokens` how long it may be, `at_once` how
    many are asked for at a time. A server without a `key` is asked without one.
    """

    url: str
    model: str
    key: str = field(default="", repr=False)
    seconds: float = 120.0
    answer_tokens: int = 4096
    at_once: int = 4
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        if not self.url or not self.model:
            missing = "SAIDBY_LLM_MODEL" if self.url else "SAIDBY_LLM_URL"
            raise Problem("llm-settings", reason=f"{missing} is not set")
        try:
            split = urlsplit(self.url)
            known = split.scheme in ("http", "https") and split.hostname
        except ValueError:
            known = None
        if not known:
            raise Problem(
                "llm-settings", reason="SAIDBY_LLM_URL must begin with https:// or http://"
            )
        if split.username or split.password:
            reason = "SAIDBY_LLM_URL holds a password; put it into SAIDBY_LLM_KEY"
            raise Problem("llm-settings", reason=reason)
        if not _fits_header(self.key):
            # It is not quoted: the reason is shown and logged.
            reason = "SAIDBY_LLM_KEY holds a character that no key has, such as a line break"
            raise Problem("llm-settings", reason=reason)

    @property
    def host(self) -> str:
        """Return the name of the server, with its port if it has one of its own."""
        split = urlsplit(self.url)
        return f"{split.hostname}:{split.port}" if split.port else str(split.hostname)

    @property
    def told(self) -> str:
        """Say what is sent where, for whoever is about to have it sent."""
        what = "the texts of the documents, the labels, the guideline and worked examples from gold"
        if urlsplit(self.url).hostname in THIS_MACHINE:
            return f"{what} are sent to {self.host}, a server on this machine"
        return f"{what} are sent to {self.host}, a server outside this one"


def _fits_header(key: str) -> bool:
    """Tell whether a key can be sent in a header: nothing in it breaks the line."""
    return key.isascii() and key.isprintable()
