"""One application on one or two ports: plain HTTP, and TLS beside it, in one process and with one lifespan."""

import asyncio
import contextlib
import gc
import os
import socket
import ssl
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import typer
import uvicorn
from cryptography import x509

from server.adapters.grading_process import GradingLink, grading_link
from server.adapters.media_process import worker_command
from server.adapters.media_workers import MediaWorkers, WorkerSetup, worker_count
from server.app import Services, build
from server.core.clock import Clock
from server.core.errors import Conflict
from server.core.modules import Modules, installed_modules
from server.core.text import Text
from server.installation.addresses import host_in_url, is_loopback, machine_names, media_addresses
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
_COLLECT = (5_000, 10, 100)
"""Allocations between two looks of the collector at the youngest objects, and looks between those at older ones."""


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


@dataclass(frozen=True, slots=True)
class MediaChoice:
    """How live media is served: what browsers are told, by how many workers, and whether they end with the server."""

    addresses: tuple[str, ...] = ()
    """None: all addresses of this machine."""
    workers: int | None = None
    """None: as many as the places need."""
    retire: bool = False
    """Whether calls end with the server's normal end; else they wait for the next one."""


def serve(folder: DataFolder, listening: Listening, *, graded: bool = True, media: MediaChoice | None = None) -> None:
    """Serve until somebody asks to stop; not `graded`, without a grading service: what is due to it waits.

    Without `media` there are no calls.
    """
    with contextlib.suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_serve(folder, listening, graded, media))


async def _serve(folder: DataFolder, listening: Listening, graded: bool, media: MediaChoice | None) -> None:
    async with contextlib.AsyncExitStack() as stack:
        grading = await stack.enter_async_context(grading_of(folder)) if graded else None
        modules = installed_modules()
        workers = MediaWorkers(folder.media) if media is not None and media_module(modules) is not None else None
        services = await build(folder, modules=modules, grading=grading.service if grading else None, media=workers)
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

        def begin() -> None:
            """What waits for the server itself to serve: a restart after a crash must not wait for these."""
            if grading is not None:
                grading.start()
            if workers is not None and media is not None:
                starting = asyncio.create_task(_start_media(workers, media, services), name="serving.media")
                stack.callback(starting.cancel)

        async def end() -> None:
            if workers is not None and media is not None:
                await workers.stop(retire_all=media.retire)

        await _Server(config, listening, begin, end).serve(sockets=[listening.plain])


def media_module(modules: Modules) -> str | None:
    """The module whose worker carries calls: plans name no module, so one kind of worker carries them all."""
    return min((name for name, module in modules.items() if module.media is not None), default=None)


async def _start_media(workers: MediaWorkers, media: MediaChoice, services: Services) -> None:
    name = media_module(services.modules)
    assert name is not None
    addresses = media.addresses or tuple(await asyncio.to_thread(media_addresses))
    count = media.workers or worker_count(await services.places.count())
    workers.start(WorkerSetup(worker_command(name), addresses, count), services.clock.now_ms)


def grading_of(folder: DataFolder) -> AbstractAsyncContextManager[GradingLink]:
    """A child of this process, or the grading service that GRADING_URL and GRADING_TOKEN_FILE name."""
    url, token_file = os.environ.get("GRADING_URL", ""), os.environ.get("GRADING_TOKEN_FILE", "")
    return grading_link(folder.grading, url, Path(token_file) if token_file else None)


class _Server(uvicorn.Server):
    """Serves TLS beside plain HTTP, and says where it serves once it does."""

    def __init__(
        self,
        config: uvicorn.Config,
        listening: Listening,
        begin: Callable[[], None],
        end: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(config)
        self._listening = listening
        self._begin, self._end = begin, end

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Also what needs its time to end: after this the signal that ended the server ends the process."""
        await super().shutdown(sockets)
        await self._end()

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
        _spare_collector()
        self._begin()

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


def _spare_collector() -> None:
    """A look at everything that a full hall keeps in memory holds up every seat for hundreds of ms: seldom, then.

    Little of what is kept lies in cycles; what the start has made stays for good and need never be looked at.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)


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
