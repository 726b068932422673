"""One application on one or two ports: plain HTTP, and TLS beside it, in one process and with one lifespan."""

import asyncio
import contextlib
import os
import socket
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import typer
import uvicorn
from cryptography import x509

from server.adapters.grading_process import GradingLink, grading_link
from server.app import build
from server.core.clock import Clock
from server.core.errors import Conflict
from server.core.text import Text
from server.installation.addresses import host_in_url, is_loopback, machine_names
from server.installation.authority import load_authority
from server.installation.certificates import CertificateKeeper, ServerCertificate, server_certificate
from server.installation.trust import Entrance
from server.settings import DataFolder
from server.version import VERSION
from server.web.application import create_application

WS_MAX_BYTES = 1_000_000
"""What the WebSocket layer takes before it cuts a line; /ws itself refuses far smaller frames with a reason."""
PORT = 8000
TLS_PORT = 8443
"""Where plain HTTP, and TLS for a LAN, are served unless told otherwise."""
_PORTS_TRIED = 20


@dataclass(frozen=True, slots=True)
class Ports:
    """Where a server listens; 0 for any free port, `tls` None for no TLS."""

    host: str = "127.0.0.1"
    plain: int = PORT
    tls: int | None = None
    search: bool = False
    """Whether a taken port is passed over."""

    @classmethod
    def chosen(cls, host: str, plain: int, tls: int | None, no_tls: bool, search: bool = False) -> Self:
        """TLS is served wherever other machines can come in, and where a port for it was named, unless refused."""
        if no_tls:
            tls = None
        elif tls is None and not is_loopback(host):
            tls = TLS_PORT
        return cls(host, plain, tls, search)


@dataclass(frozen=True, slots=True)
class Secure:
    """The TLS side: its socket and address, how to shake hands, what clients trust, and who may come in plainly."""

    listener: socket.socket
    url: str
    context: ssl.SSLContext
    certificate: ServerCertificate
    entrance: Entrance
    names: frozenset[str]
    """By what it is called beside its addresses."""

    def keeper(self, folder: DataFolder, clock: Clock) -> CertificateKeeper:
        """What keeps the certificate true while the server runs."""

        def changed(names: frozenset[str], authority: x509.Certificate) -> None:
            self.entrance.names, self.entrance.authority = names, authority

        return CertificateKeeper(
            folder.tls, self.entrance.site_name, self.context, lambda: machine_names() | self.names, changed, clock
        )


@dataclass(frozen=True, slots=True)
class Listening:
    """The sockets of a server that is about to serve, and the addresses by which this machine reaches them."""

    plain: socket.socket
    url: str
    secure: Secure | None = None
    lan: bool = False
    """Whether other machines can come in."""

    @classmethod
    @contextlib.contextmanager
    def on(cls, folder: DataFolder, ports: Ports) -> Iterator[Self]:
        """Take the ports; raises Conflict for one that is taken."""
        everywhere = ports.host in ("0.0.0.0", "::")
        name = "localhost" if everywhere or is_loopback(ports.host) else ports.host
        shown = host_in_url(name)
        with contextlib.ExitStack() as stack:
            plain = stack.enter_context(_listen(ports.host, ports.plain, ports.search, "--port"))
            url = f"http://{shown}:{plain.getsockname()[1]}"
            if ports.tls is None:
                yield cls(plain, url)
                return
            listener = stack.enter_context(_listen(ports.host, ports.tls, ports.search, "--tls-port"))
            settings, names = folder.settings(), machine_names() | {name}
            certificate = server_certificate(folder.tls, names, settings.site_name)
            port = listener.getsockname()[1]
            authority = load_authority(folder.tls)
            assert authority is not None
            entrance = Entrance(
                plain.getsockname()[1],
                port,
                settings.plain_http_on_lan,
                authority.certificate,
                settings.site_name,
                names,
            )
            secure_url = f"https://{shown}:{port}"
            context = certificate.context()
            secure = Secure(listener, secure_url, context, certificate, entrance, frozenset({name}))
            yield cls(plain, url, secure, lan=everywhere or name != "localhost")


def serve(folder: DataFolder, listening: Listening, *, graded: bool = True) -> None:
    """Serve until somebody asks to stop; not `graded`, without a grading service: what is due to it waits."""
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(folder, listening, graded))


async def _serve(folder: DataFolder, listening: Listening, graded: bool) -> None:
    async with contextlib.AsyncExitStack() as stack:
        grading = await stack.enter_async_context(grading_of(folder)) if graded else None
        services = await build(folder, grading=grading.service if grading else None)
        secure = listening.secure
        config = uvicorn.Config(
            create_application(services, secure.entrance if secure else None),
            log_config=None,
            access_log=False,
            ws="websockets-sansio",
            ws_max_size=WS_MAX_BYTES,
            # On a LAN compression costs more than it saves: a context for every line, work for every small frame.
            ws_per_message_deflate=False,
            ws_ping_interval=10,
            ws_ping_timeout=20,
            # Places ask every few seconds, and at the start all of them load a recording: no new handshake for that.
            timeout_keep_alive=75,
            timeout_graceful_shutdown=3,
            server_header=False,
        )
        if secure is not None:
            keeping = asyncio.create_task(secure.keeper(folder, services.clock).run(), name="serving.certificate")
            stack.callback(keeping.cancel)
        await _Server(config, listening, grading).serve(sockets=[listening.plain])


def grading_of(folder: DataFolder) -> AbstractAsyncContextManager[GradingLink]:
    """A child of this process, or the grading service that GRADING_URL and GRADING_TOKEN_FILE name."""
    url, token_file = os.environ.get("GRADING_URL", ""), os.environ.get("GRADING_TOKEN_FILE", "")
    return grading_link(folder.grading, url, Path(token_file) if token_file else None)


class _Server(uvicorn.Server):
    """Serves TLS beside plain HTTP, and says where it serves once it does."""

    def __init__(self, config: uvicorn.Config, listening: Listening, grading: GradingLink | None) -> None:
        super().__init__(config)
        self._listening = listening
        self._grading = grading

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Both ports share lifespan, connections and shutdown; the scheme comes from each connection."""
        await super().startup(sockets)
        if not self.started:
            return
        told = [self._listening.url]
        if (secure := self._listening.secure) is not None:
            await self._serve_tls(secure)
            told.insert(0, secure.url)
        typer.echo(f"CCSS {VERSION}  {'  '.join(told)}")
        if secure is not None and self._listening.lan:
            for line in secure.entrance.welcome():
                typer.echo(line)
        sys.stdout.flush()
        if self._grading is not None:
            self._grading.start()

    async def _serve_tls(self, secure: Secure) -> None:
        loop = asyncio.get_running_loop()
        protocol: Callable[..., asyncio.Protocol] = self.config.http_protocol_class

        def connection() -> asyncio.Protocol:
            return protocol(
                config=self.config, server_state=self.server_state, app_state=self.lifespan.state, _loop=loop
            )

        server = await loop.create_server(
            connection, sock=secure.listener, ssl=secure.context, backlog=self.config.backlog
        )
        self.servers.append(server)


def _listen(host: str, port: int, search: bool, option: str) -> socket.socket:
    """A listening socket; with `search`, on the next free port after a taken one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, port + (_PORTS_TRIED if search and port else 1)):
        listener = socket.socket(family, socket.SOCK_STREAM)
        if sys.platform != "win32":  # on Windows the option would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(1024)
        except OSError:
            listener.close()
            continue
        return listener
    raise Conflict(
        Text(
            zh=f"端口 {port} 已被占用，请用 {option} 另选",
            en=f"port {port} is taken: choose another with {option}",
        )
    )


def loop_factory() -> Any:
    """uvloop where there is one."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
