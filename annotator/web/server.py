"""How a web process receives requests: off the threads that answer them.

gunicorn starts, watches and ends the processes. In each of them waitress receives: its one loop
reads every connection, keeps what came, and hands a request to a thread once all of it is there.
Answers are written the same way, so a client that sends or reads slowly takes no thread.

What a client may take of the process is bounded: a request has to be there within a time that grows
with its length, a body no larger than its address allows is kept, and so are no more bytes of all
bodies together than a few uploads have.

gunicorn imports this module before the site is loaded.
"""

from __future__ import annotations

import os
import resource
import socket
import time
from contextlib import suppress
from functools import partial
from typing import Any

from django.conf import settings
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.buffers import OverflowableBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer, UnixWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import Error

from annotator.web import body_limits

# Seconds within which the head of a request has to be there, and a body that is slower than this;
# an answer that is read more slowly is not sent on.
PATIENCE_SECONDS = 20
LEAST_BYTES_A_SECOND = 1000
# A connection on which nothing happens is closed after so many seconds.
IDLE_SECONDS = 20
# Between two looks for what takes too long.
LOOK_SECONDS = 2
CONNECTIONS = 1000
# Each may need a file for its body and one for its answer.
FILES_A_CONNECTION = 3
HEAD_BYTES = 64_000
# Of a body; more of it goes to a file.
MEMORY_BYTES = 64_000
# Bodies of so many largest uploads are kept at a time.
UPLOADS_AT_ONCE = 4
# What gunicorn's own workers do, and waitress does otherwise or not at all.
LEFT_OUT = (
    *("accesslog", "access_log_format", "keepalive", "limit_request_field_size"),
    *("limit_request_fields", "limit_request_line", "max_requests", "post_request"),
    *("pre_request", "proxy_protocol", "worker_connections"),
)


class TooBusyError(Error):  # type: ignore[misc]  # waitress has no types
    """The answer when the bodies of other requests take all the room there is."""

    code = 503
    reason = "Service Unavailable"

    def to_response(self, ident: Any = None) -> Any:
        """Return status, headers and body."""
        status, headers, body = super().to_response(ident)
        return status, [*headers, ("Retry-After", "30")], body


class Nothing(OverflowableBuffer):  # type: ignore[misc]  # waitress has no types
    """Where a body goes that nobody will read."""

    def append(self, s: bytes) -> None:
        """Drop it."""


class Pace:
    """How fast bytes move that somebody waits for."""

    def __init__(self) -> None:
        # When they were counted last, and how many had moved.
        self.begun = time.monotonic()
        self.moved = 0

    def is_too_slow(self, moved: int, now: float, *, waits: bool) -> bool:
        """Tell whether too few moved since this was looked at last; never of what nobody `waits`
        for.
        """
        if waits and now - self.begun < PATIENCE_SECONDS:
            return False
        few = moved - self.moved < PATIENCE_SECONDS * LEAST_BYTES_A_SECOND
        self.begun, self.moved = now, moved
        return waits and few


class Request(HTTPRequestParser):  # type: ignore[misc]  # waitress has no types
    """A request as it comes in."""

    def __init__(self, server: Any, adj: Any) -> None:
        super().__init__(adj)
        self.server = server
        self.pace = Pace()
        self.completed = False
        self.largest = 0
        self.dropped = False

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head, and decide whether the body will be kept."""
        super().parse_header(header_plus)
        upload = body_limits.is_page_upload(self.path) or body_limits.is_api_upload(self.path)
        # Who sends it is asked later; without either it is nobody.
        known = "COOKIE" in self.headers or "AUTHORIZATION" in self.headers
        self.largest = body_limits.largest_body(upload=upload and known)
        self._drop_if_too_large(self.content_length)

    def received(self, data: bytes) -> int:
        """Take what came; return how much of it belongs to this request."""
        consumed: int = super().received(data)
        self._drop_if_too_large(self.body_bytes_received)
        if self.dropped and self.chunked:
            self.headers["CONTENT_LENGTH"] = str(self.body_bytes_received)
        if self.kept_bytes > MEMORY_BYTES and not self.completed and self._has_no_room():
            self.error = TooBusyError("too many uploads at a time")
            self.completed = True
        return consumed

    def _has_no_room(self) -> bool:
        kept: int = self.server.kept_bytes()
        return kept > UPLOADS_AT_ONCE * settings.UPLOAD_BYTES

    def _drop_if_too_large(self, length: int) -> None:
        """Keep nothing of a body that the site will refuse by its length.

        It is received all the same: a client reads the answer when it is done with sending.
        """
        if length > self.largest and not self.dropped and self.body_rcv is not None:
            self.dropped = True
            self.body_rcv.buf = Nothing(MEMORY_BYTES)

    @property
    def kept_bytes(self) -> int:
        """How many bytes of its body are kept."""
        return 0 if self.dropped else self.body_bytes_received


class Channel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """A connection."""

    def __init__(self, server: Any, *rest: Any, **more: Any) -> None:
        self.parser_class = partial(Request, server)
        self.pace = Pace()
        self.sent = 0
        super().__init__(server, *rest, **more)

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send some of an answer; return how many bytes of it."""
        sent: int = super().send(data, do_close=do_close)
        self.sent += sent
        return sent

    @property
    def kept_bytes(self) -> int:
        """How many bytes of bodies are kept for it."""
        request, answering = self.request, list(self.requests)
        return sum(one.kept_bytes for one in (*answering, *([request] if request else [])))

    @property
    def is_answering(self) -> bool:
        """Tell whether something is answered, or an answer not yet sent."""
        return bool(self.requests or self.total_outbufs_len)

    @property
    def is_busy(self) -> bool:
        """Tell whether it waits for an answer, or for the end of a body that is on its way."""
        return self.is_answering or bool(self.request and self.request.headers_finished)

    def end(self) -> None:
        """Have the loop close it, also where the client takes nothing more of its answer."""
        self.will_close = True
        with suppress(OSError):
            if (connection := self.socket) is not None:
                connection.shutdown(socket.SHUT_RDWR)

    def takes_too_long(self, now: float) -> bool:
        """Tell whether its client sends or reads too slowly."""
        unread = self.total_outbufs_len > 0
        if self.pace.is_too_slow(self.sent, now, waits=unread):
            return True
        request = self.request
        if request is None:
            return False
        # Nothing of it is received while what came before it is answered.
        came = request.body_bytes_received
        return bool(request.pace.is_too_slow(came, now, waits=not self.is_answering))


class TcpServer(TcpWSGIServer):  # type: ignore[misc]  # waitress has no types
    """The connections to one address."""

    channel_class = Channel

    def maintenance(self, now: float) -> None:
        """Close what takes too long, and connections on which nothing happens."""
        # Another thread may end a connection at this moment.
        for channel in list(self.active_channels.values()):
            idle = not channel.requests and channel.last_activity < now - IDLE_SECONDS
            if idle or channel.takes_too_long(time.monotonic()):
                channel.end()

    def kept_bytes(self) -> int:
        """Return how many bytes of bodies are kept for all connections."""
        return sum(channel.kept_bytes for channel in list(self.active_channels.values()))


class UnixServer(UnixWSGIServer, TcpServer):  # type: ignore[misc]  # waitress has no types
    """The connections to a socket file."""

    def set_socket_options(self, conn: Any) -> None:
        """Leave them: those of waitress are for TCP."""


class BufferingWorker(Worker):
    """A process of gunicorn's in which waitress receives and answers."""

    servers: list[TcpServer] = []

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:
        """Refuse what would be left out in silence."""
        if cfg.is_ssl:
            raise RuntimeError("HTTPS is what the proxy in front is for: no certificate here")
        for name in LEFT_OUT:
            setting = cfg.settings[name]
            if setting.get() != setting.default:
                raise RuntimeError(f"{_called(setting)} does nothing here: leave it out")

    def run(self) -> None:
        """Serve until told to end; then finish what is being answered."""
        sockets: dict[int, Any] = {}
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(self.cfg.threads)
        adjustments = self._adjustments()
        listeners: list[Any] = self.sockets
        for listener in listeners:
            unix = listener.sock.family == socket.AF_UNIX
            server = UnixServer if unix else TcpServer
            self.servers.append(
                server(
                    self.wsgi,
                    sockets,
                    _sock=listener.sock,
                    dispatcher=dispatcher,
                    adj=adjustments,
                    sockinfo=(listener.sock.family, socket.SOCK_STREAM, 0, listener.getsockname()),
                    bind_socket=False,
                )
            )
        while self.alive and self.ppid == os.getppid():
            self._turn(sockets)
        self._end(sockets)
        dispatcher.shutdown(timeout=1)

    def _adjustments(self) -> Adjustments:
        return Adjustments(
            threads=self.cfg.threads,
            backlog=self.cfg.backlog,
            connection_limit=_connection_limit(),
            cleanup_interval=LOOK_SECONDS,
            recv_bytes=MEMORY_BYTES,
            inbuf_overflow=MEMORY_BYTES,
            max_request_header_size=HEAD_BYTES,
            # Only what no body may have; `Request` knows the limits of each address.
            max_request_body_size=10 * settings.UPLOAD_BYTES,
            # The site itself decides what it believes a proxy.
            clear_untrusted_proxy_headers=False,
            log_socket_errors=False,
            asyncore_use_poll=True,
            ident=None,
        )

    def _turn(self, sockets: dict[int, Any]) -> None:
        """Tell gunicorn that this process lives, and do what there is to do on the connections."""
        self.notify()
        wasyncore.loop(timeout=1, use_poll=True, map=sockets, count=1)

    def _end(self, sockets: dict[int, Any]) -> None:
        """Accept nothing more, and answer what is there, within the time that gunicorn gives."""
        deadline = time.monotonic() + self.cfg.graceful_timeout
        for server in self.servers:
            server.accepting = False
        while time.monotonic() < deadline:
            channels = [c for server in self.servers for c in list(server.active_channels.values())]
            if not channels:
                return
            for channel in channels:
                channel.will_close = channel.will_close or not channel.is_busy
            self._turn(sockets)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Begin to end, at once."""
        super().handle_exit(sig, frame)
        for server in self.servers:
            server.pull_trigger()


def _called(setting: Any) -> str:
    """Return the option of a setting on gunicorn's command line, or its name if it has none."""
    return setting.cli[-1] if setting.cli else setting.name


def _connection_limit() -> int:
    """Return how many connections the system gives this process files for."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES_A_CONNECTION * CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        return soft // FILES_A_CONNECTION
    return CONNECTIONS
