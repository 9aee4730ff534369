"""One request to a server that speaks the OpenAI chat protocol, and what may come of it."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.exceptions import ProxyError
from urllib3.exceptions import NewConnectionError

from annotator.suggesters.llm.server import Server
from annotator.suggesters.llm.spending import Usage, reckoned

Message = Mapping[str, str]
# Bytes of an answer; the tokens it may have are far fewer.
LARGEST = 8_000_000
# More than this is no count of one request's tokens.
MOST_TOKENS = 10**9
CHUNK = 1 << 14
CONNECT_SECONDS = 10.0
# Answers by which a server says that this request is not as it wants it.
UNFIT = (400, 413, 415, 422, 501)
# By which it takes no request, as the key, the model or the address is wrong, or by which a gateway
# does not let this one text through.
REFUSED = (401, 402, 403, 404, 405)
LONGEST_REASON = 200


class LaterError(Exception):
    """The request was not answered and costs nothing; `seconds` is when to ask again, if told."""

    def __init__(self, reason: str, seconds: float | None = None) -> None:
        super().__init__(reason)
        self.seconds = seconds


class LostError(Exception):
    """The request was sent and its answer did not come whole: nobody tells what it cost."""


class UnfitError(Exception):
    """The server does not take this request, in whichever form."""


class RefusedError(Exception):
    """The server refuses, with a status by which it may mean this request or every one."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model wrote, whether it was cut at the limit of tokens, and what it cost."""

    text: str
    cut: bool
    usage: Usage


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a server wants to be asked: servers and models differ in three things.

    `structure` is json_schema, json_object or "" (plain words), `limit` the name of the limit of
    tokens; some models take no `temperature`.
    """

    structure: str = "json_schema"
    limit: str = "max_tokens"
    temperature: bool = True

    def weaker(self, reason: str) -> Dialect | None:
        """Return what to try next after a refusal with these words, None at the end."""
        if self.limit == "max_tokens" and "max_completion_tokens" in reason:
            return replace(self, limit="max_completion_tokens")
        if self.temperature and "temperature" in reason:
            return replace(self, temperature=False)
        following = {"json_schema": "json_object", "json_object": ""}.get(self.structure)
        return None if following is None else replace(self, structure=following)


class Client:
    """Asks a server; may be used by several threads at once."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._dialect = Dialect()

    def ask(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Completion:
        """Return what the model answers; `schema` is the JSON schema of the answer.

        Asks once, and anew only where the server wants to be asked in another form. Raises
        `LaterError`, `LostError`, `UnfitError` or `RefusedError`.
        """
        dialect = self._dialect
        while True:
            try:
                completion = self._asked(messages, schema, dialect)
            except UnfitError as error:
                weaker = dialect.weaker(str(error))
                if weaker is None:
                    raise
                dialect = weaker
                continue
            # Only a form that was taken is kept: one document must not change how others are asked.
            self._dialect = dialect
            return completion

    def _asked(
        self, messages: Sequence[Message], schema: Mapping[str, Any], dialect: Dialect
    ) -> Completion:
        body: dict[str, Any] = {
            "model": self._server.model,
            "messages": list(messages),
            dialect.limit: self._server.answer_tokens,
        }
        if dialect.temperature:
            body["temperature"] = 0
        if dialect.structure == "json_schema":
            named = {"name": "answer", "strict": True, "schema": schema}
            body["response_format"] = {"type": "json_schema", "json_schema": named}
        elif dialect.structure:
            body["response_format"] = {"type": dialect.structure}
        status, headers, data = self._posted(body)
        if status == 200:
            return self._completion(data, messages)
        reason = self._reason(status, data)
        if status in REFUSED:
            raise RefusedError(reason, status)
        if status in UNFIT:
            raise UnfitError(reason)
        raise LaterError(reason, _seconds(headers.get("Retry-After")))

    def _posted(self, body: Mapping[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        """Post; return status, headers and the whole body of the answer."""
        ends = time.monotonic() + self._server.seconds
        try:
            with requests.post(
                f"{self._server.url.rstrip('/')}/chat/completions",
                json=body,
                auth=self._sign,
                timeout=(min(CONNECT_SECONDS, self._server.seconds), self._server.seconds),
                # A redirect would take the key elsewhere.
                allow_redirects=False,
                stream=True,
            ) as answer:
                data = bytearray()
                for chunk in answer.iter_content(CHUNK):
                    data += chunk
                    if time.monotonic() > ends:
                        raise LostError(self._late)
                    if len(data) > LARGEST:
                        raise LostError("its answer has no end")
                return answer.status_code, answer.headers, bytes(data)
        except requests.ReadTimeout:
            raise LostError(self._late) from None
        except requests.RequestException as error:
            if _was_sent(error):
                raise LostError("it broke off") from None
            raise LaterError("it cannot be reached") from None

    @property
    def _late(self) -> str:
        return f"it took longer than {self._server.seconds:g} seconds"

    def _sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the key; as a function, so that no file of this machine puts another in its place."""
        if self._server.key:
            request.headers["Authorization"] = f"Bearer {self._server.key}"
        return request

    def _completion(self, data: bytes, messages: Sequence[Message]) -> Completion:
        try:
            answer = json.loads(data)
            choice = answer["choices"][0]
            text = choice["message"]["content"] or ""
            cut = choice.get("finish_reason") == "length"
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            raise LostError("its answer is not one of the chat protocol") from None
        if not isinstance(text, str):
            raise LostError("its answer is not one of the chat protocol")
        told = answer.get("usage")
        told = told if isinstance(told, dict) else {}
        sent = _tokens(told.get("prompt_tokens"))
        if sent is None:
            sent = sum(reckoned(message["content"]) for message in messages)
        got = _tokens(told.get("completion_tokens"))
        if got is None:
            got = reckoned(text)
        return Completion(text, cut, Usage(1, sent, got))

    def _reason(self, status: int, data: bytes) -> str:
        """Return what a server says of a refusal, in one line and without the key."""
        said = data[: 10 * LONGEST_REASON].decode("utf-8", "replace")
        try:
            error = json.loads(data)["error"]
            said = str(error["message"] if isinstance(error, dict) else error)
        except (ValueError, LookupError, TypeError, RecursionError):
            pass
        if self._server.key:
            said = said.replace(self._server.key, "…")
        said = " ".join(said.split())[:LONGEST_REASON]
        return f"{status} {said}".strip()


def _tokens(told: object) -> int | None:
    """Return a count of tokens as a server tells it; None for what cannot be one."""
    # A flag is an int, too.
    return told if type(told) is int and 0 < told < MOST_TOKENS else None


def _was_sent(error: requests.RequestException) -> bool:
    """Tell whether a request may have reached the server before it failed."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError | ProxyError):
        return False
    cause = error.args[0] if error.args else None
    return not isinstance(getattr(cause, "reason", None), NewConnectionError)


def _seconds(header: str | None) -> float | None:
    """Return how long a Retry-After asks to wait, in seconds or until a date."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(header)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
