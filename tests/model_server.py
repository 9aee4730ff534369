"""A server of the OpenAI chat protocol that answers as a test says, faults included."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server sends: a status, headers and a body, after a while, perhaps cut."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    cut: int | None = None


def says(answer: Any, *, finish: str = "stop", tokens: tuple[int, int] = (100, 20)) -> Reply:
    """A model's answer in an envelope of the protocol; what is no text is made JSON."""
    content = answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)
    envelope = {
        "object": "chat.completion",
        "choices": [
            {
                "index": 0,
                "finish_reason": finish,
                "message": {"role": "assistant", "content": content},
            }
        ],
        "usage": {"prompt_tokens": tokens[0], "completion_tokens": tokens[1]},
    }
    return Reply(body=json.dumps(envelope).encode())


def fails(status: int, message: str = "no", **headers: str) -> Reply:
    """A refusal as servers write them."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps({"error": {"message": message}}).encode(), named)


def asked(body: Body) -> dict[str, Any]:
    """What a request asks about: the passage, its context, targets and spans."""
    question: dict[str, Any] = json.loads(body["messages"][-1]["content"])
    return question


class ModelServer(ThreadingHTTPServer):
    """Answers with what `answer` returns for the body of a request; keeps all it was sent."""

    daemon_threads = True

    def __init__(self, answer: Callable[[Body], Reply]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Its address, as SAIDBY_LLM_URL has it."""
        return f"http://127.0.0.1:{self.server_port}/v1"

    @property
    def passages(self) -> list[str]:
        """The passages that it was asked about, in order of arrival."""
        return [asked(body)["passage"] for body in self.bodies]


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.lock:
            self.server.bodies.append(body)
            self.server.headers.append(dict(self.headers))
            reply = self.server.answer(body)
        if reply.seconds:
            # An event that nobody sets: a test that ends does not wait for it.
            threading.Event().wait(reply.seconds)
        try:
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])
        except OSError:
            # The client waits no longer.
            self.close_connection = True
        if reply.cut is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def model_server(answer: Callable[[Body], Reply]) -> Iterator[ModelServer]:
    """Serve until the block ends."""
    server = ModelServer(answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
