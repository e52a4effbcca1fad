"""The emulator as a context manager: http and https, served by a thread of this process."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import socket
import ssl
import tempfile
import time
from functools import cached_property
from pathlib import Path
from threading import Event, Thread
from types import TracebackType

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from acs_chat_testkit.emulator.app import TRANSPORT, App
from acs_chat_testkit.emulator.authority import Authority
from acs_chat_testkit.emulator.clock import clock_from
from acs_chat_testkit.emulator.control import Control, Seen
from acs_chat_testkit.emulator.facts import Fact
from acs_chat_testkit.emulator.faults import Fault
from acs_chat_testkit.emulator.gate import Gate, is_loopback
from acs_chat_testkit.emulator.identity import Tokens
from acs_chat_testkit.emulator.limits import RateLimiter
from acs_chat_testkit.emulator.renderers import chat
from acs_chat_testkit.emulator.service import Service
from acs_chat_testkit.emulator.state import State
from acs_chat_testkit.errors import EmulatorError

_BACKLOG = 128
_KEEP_ALIVE = 75
_GRACE = 2.0
_FAREWELL = 0.05
_LONGEST_HEAD = 128 * 1024
_HEAD_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class Emulator:
    """A chat service on this machine, from `__enter__` to `__exit__`.

    Args:
        host: The address to listen on.
        port: The port for http; 0 takes a free one.
        tls_port: The port for https; 0 takes a free one.
        data: A file that keeps the state; None keeps it in memory.
        seed: Makes ids, keys and headers repeatable; anybody who knows it can sign as anybody.
        clock: Where a logical clock starts (RFC 3339); it moves by one millisecond a write. None takes the
            machine's time.
        rate_limits: Keeps the documented rates, with 429 beyond them.
        edits_resequence: Whether an edit or deletion gives a message a new sequence number, as recorded at
            2020-11-01-preview3, or keeps it, as recorded at 2025-03-15; None follows the api-version of the request.
        control: Opens the control path over HTTP to who has `control_key`.
        swagger_errors: Errors look as the published definitions have them, with a code and a message in lower case,
            instead of the envelope that was recorded.

    Raises:
        EmulatorError: On entering: a port is taken, the file cannot be used, the clock is no time.

    Example:
        >>> with Emulator(seed=1) as emulator:
        ...     emulator.endpoint
        'http://127.0.0.1:...'
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        tls_port: int = 0,
        data: str | os.PathLike[str] | None = None,
        seed: int | None = None,
        clock: str | None = None,
        *,
        rate_limits: bool = False,
        edits_resequence: bool | None = None,
        control: bool = False,
        swagger_errors: bool = False,
    ) -> None:
        self._host = host
        self._ports = (port, tls_port)
        self._data = None if data is None else Path(data)
        self._seed = seed
        self._clock = clock
        self._rate_limits = rate_limits
        self._chat = chat(edits_resequence, swagger_errors)
        self.control_key = secrets.token_urlsafe(24) if control else None

    def __enter__(self) -> Emulator:
        clock = clock_from(self._clock)
        state = State(self._data, self._seed, clock)
        tokens = Tokens(state)
        rates = RateLimiter(clock) if self._rate_limits else None
        try:
            self._service = Service(state, tokens, Gate(self._host), rates, self._chat)
            self._control = Control(self._service, self.control_key)
            self._start()
        except BaseException:
            state.database.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.should_exit = True
        self._thread.join()
        self._service.state.database.close()
        self._forget_user()
        shutil.rmtree(self._directory, ignore_errors=True)

    @property
    def endpoint(self) -> str:
        """The http endpoint."""
        return f"http://{self._address(0)}"

    @property
    def https_endpoint(self) -> str:
        """The https endpoint; `ca_file` makes clients trust it."""
        return f"https://{self._address(1)}"

    @property
    def ca_file(self) -> Path:
        """A bundle of certifi's authorities and this run's own."""
        return self._directory / "ca.pem"

    @property
    def beyond_loopback(self) -> bool:
        """Whether others on the network can reach it."""
        return not is_loopback(self._host)

    @property
    def connection_string(self) -> str:
        """What the identity clients take: endpoint and access key."""
        return f"endpoint={self.https_endpoint}/;accesskey={self._service.state.ids.access_key}"

    @cached_property
    def user_id(self) -> str:
        """A user of this resource, made when first asked for."""
        return self.create_user()

    @cached_property
    def token(self) -> str:
        """An access token of `user_id`, good for 24 hours."""
        return self.issue_token(self.user_id)

    def create_user(self) -> str:
        """Makes a user and gives its id."""
        return self._service.create_user()

    def issue_token(self, user_id: str) -> str:
        """Signs a chat token for a user, good for 24 hours.

        Raises:
            EmulatorError: The resource has no such user.
        """
        return self._service.issue_token(user_id)

    def inject(self, fault: Fault) -> None:
        """Lets coming requests meet a fault."""
        self._control.faults.add(fault)

    def clear_faults(self) -> None:
        """Ends all faults."""
        self._control.faults.clear()

    def jump(self, milliseconds: int) -> None:
        """Moves the emulator's clock."""
        self._service.jump(milliseconds)

    def reset(self, seed: int | None = None) -> None:
        """Forgets users, threads, faults and requests; a seed lets all further ids follow from it."""
        self._control.reset(seed)
        self._forget_user()

    def requests(self) -> tuple[Seen, ...]:
        """The last hundred requests, the oldest first, without what is secret in them."""
        return self._control.requests()

    def take_facts(self) -> tuple[Fact, ...]:
        """The behaviours that answers rested on since this was last asked, each with its mark."""
        return self._service.take_facts()

    def _forget_user(self) -> None:
        for name in ("user_id", "token"):
            self.__dict__.pop(name, None)

    def _start(self) -> None:
        self._sockets = _listen(self._host, self._ports)
        self._bound_ports = [sock.getsockname()[1] for sock in self._sockets]
        authority = Authority(self._host)
        self._directory = Path(tempfile.mkdtemp(prefix="acs-chat-emulator-"))
        self._write_bundle(authority)
        app = App(self._control)
        self._servers = [_Server(app, None), _Server(app, authority.server_context())]
        self._thread = Thread(target=self._serve, name="acs-chat emulator", daemon=True)
        self._thread.start()
        for server in self._servers:
            server.ready.wait()

    def _write_bundle(self, authority: Authority) -> None:
        with open(self.ca_file, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(authority.bundle())

    def _serve(self) -> None:
        async def both() -> None:
            await asyncio.gather(
                *(server.serve([sock]) for server, sock in zip(self._servers, self._sockets, strict=True))
            )

        with asyncio.Runner(loop_factory=_Loop) as runner:
            runner.run(both())

    def _address(self, index: int) -> str:
        host = _ANY.get(self._host, self._host)
        port = self._bound_ports[index]
        return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class _Loop(asyncio.SelectorEventLoop):
    """A loop with a clock that no test stops; it would wait for what is due by another one, and so for ever."""

    def time(self) -> float:
        """Seconds, of the clock that Python's own loops have."""
        return time.clock_gettime(time.CLOCK_MONOTONIC) if hasattr(time, "clock_gettime") else super().time()


class _Protocol(HttpToolsProtocol):
    """Lets the application at the connection, so that a fault can break it; bounds what is no body.

    The parser keeps a head, or the trailers of a body, until they end, and would do so without an end.
    """

    _besides_bodies = 0

    def data_received(self, data: bytes) -> None:
        self._besides_bodies += len(data)
        super().data_received(data)
        if self._besides_bodies > _LONGEST_HEAD and not self.transport.is_closing():
            self.transport.write(_HEAD_TOO_LARGE)
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"][TRANSPORT] = self.transport

    def on_body(self, body: bytes) -> None:
        self._besides_bodies -= len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._besides_bodies = 0


class _Server(uvicorn.Server):
    """A server that tells when it accepts connections."""

    def __init__(self, app: App, context: ssl.SSLContext | None) -> None:
        config = uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
        )
        config.load()
        config.ssl = context
        super().__init__(config)
        self.ready = Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finishes what is under way, then drops the connections that clients keep open.

        An idle TLS client does not answer the farewell, so waiting for it would take uvicorn's whole patience.
        """
        for server in self.servers:
            server.close()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=_GRACE)
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(_FAREWELL)
        for connection in list(self.server_state.connections):
            connection.transport.abort()


def _listen(host: str, ports: tuple[int, int]) -> list[socket.socket]:
    sockets: list[socket.socket] = []
    try:
        for port in ports:
            sockets.append(_bound(host, port))
    except BaseException:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def _bound(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # asyncio turns Nagle's delay off only where the protocol is named.
        sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    except (OSError, UnicodeError, OverflowError) as error:
        raise EmulatorError(f"cannot listen on {host}:{port}: {error}, choose another --host") from error
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        sock.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        sock.close()
        reason = getattr(error, "strerror", None) or error
        raise EmulatorError(f"cannot listen on {host}:{port}: {reason}, choose another port") from error
    return sock
