"""Checks of the network: addresses, ports, certificates."""

import http.client
import json
import socket
import ssl
import sys
from datetime import UTC, datetime

from server.core.errors import Problem
from server.installation.doctor.finding import Finding, Setup, bad, ok

_PATIENCE_S = 3


def addresses(setup: Setup) -> Finding:
    """Something that seats can type."""
    from server.installation.addresses import reachable

    found = reachable(setup.names)
    if not found:
        return bad(
            "addresses",
            "没有局域网地址",
            "No address on a LAN",
            "请检查网线和网卡设置；比赛时请用固定地址",
            "Look at the cable and the network settings; use a fixed address for a contest",
        )
    return ok("addresses", f"局域网地址：{'、'.join(found)}", f"Addresses: {', '.join(found)}")


def port(setup: Setup) -> Finding:
    """Free, or ours."""
    return _port("port", setup.host, setup.port, "--port", secure=False)


def tls_port(setup: Setup) -> Finding:
    """Free, or ours."""
    if setup.tls_port is None:
        return ok("tls_port", "不使用 HTTPS", "No HTTPS")
    return _port("tls_port", setup.host, setup.tls_port, "--tls-port", secure=True)


def _port(key: str, host: str, number: int, option: str, secure: bool) -> Finding:
    version = _asked(_local(host), number, secure)
    if version is not None:
        return ok(key, f"端口 {number}：CCSS {version} 正在运行", f"Port {number}: CCSS {version} is running")
    try:
        _bind(host, number)
    except OSError as error:
        who = f"netstat -ano | findstr :{number}" if sys.platform == "win32" else f"ss -ltnp sport = :{number}"
        return bad(
            key,
            f"端口 {number} 不能使用：{error.strerror}",
            f"Port {number} can't be used: {error.strerror}",
            f"用 {who} 找出占用的程序并关闭，或用 {option} 换端口",
            f"Find who has it ({who}) and close it, or choose another with {option}",
        )
    return ok(key, f"端口 {number} 空闲", f"Port {number} is free")


def _asked(host: str, number: int, secure: bool) -> str | None:
    """The version of a CCSS that answers there; what it shows is not judged here."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = (
        http.client.HTTPSConnection(host, number, timeout=_PATIENCE_S, context=context)
        if secure
        else http.client.HTTPConnection(host, number, timeout=_PATIENCE_S)
    )
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        body = json.loads(answer.read(4096))
        return str(body["version"]) if answer.status == 200 else None
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def _local(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _bind(host: str, number: int) -> None:
    """Take the port for a moment; raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":  # there the option would let two servers share a port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, number))
        probe.listen(1)


def authority(setup: Setup) -> Finding:
    """What seats trust: there, in its time, and allowed to speak for this machine's addresses."""
    from server.installation.authority import authority_faults, authority_files, load_authority

    if not any(path.exists() for path in authority_files(setup.folder.tls)):
        return ok("authority", "证书机构将在首次启动时生成", "The authority is made at the first start")
    faults = authority_faults(setup.folder.tls, setup.names, datetime.fromtimestamp(setup.now(), UTC))
    if faults:
        zh, en = "；".join(fault.zh for fault in faults), "; ".join(fault.en for fault in faults)
        return bad(
            "authority",
            zh,
            en,
            "请按上面所说处理；ccss certificate 显示详情",
            "Do as said above; ccss certificate shows more",
        )
    kept = load_authority(setup.folder.tls)
    assert kept is not None
    ends = f"{kept.certificate.not_valid_after_utc:%Y-%m-%d}"
    return ok("authority", f"证书机构 {kept.name}，有效到 {ends}", f"Authority {kept.name}, until {ends}")


def certificate(setup: Setup) -> Finding:
    """The server's own: in its time, signed by that authority, and for every address of this machine."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    from server.installation.addresses import reachable
    from server.installation.authority import load_authority
    from server.installation.certificates import certificate_files

    cure = ("请重新启动 CCSS，它会重新签发", "Restart CCSS: it signs a new one")
    path = certificate_files(setup.folder.tls).certificate
    if not path.exists():
        return ok("certificate", "服务器证书将在首次启动时生成", "The certificate is made at the first start")
    try:
        signer = load_authority(setup.folder.tls)
    except Problem:
        signer = None  # the check of the authority tells that
    now = datetime.fromtimestamp(setup.now(), UTC)
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        known = {str(name.value) for name in names}
        if signer is not None:
            found.verify_directly_issued_by(signer.certificate)
    except (OSError, ValueError, TypeError, InvalidSignature, x509.ExtensionNotFound) as error:
        said = str(error) or type(error).__name__
        return bad("certificate", f"服务器证书不可用：{said}", f"The certificate is no good: {said}", *cure)
    starts, ends = found.not_valid_before_utc, found.not_valid_after_utc
    if not starts <= now <= ends:
        term = f"{starts:%Y-%m-%d} .. {ends:%Y-%m-%d}"
        return bad(
            "certificate",
            f"服务器证书不在有效期内（{term}）",
            f"The certificate is out of its time ({term})",
            "请先核对系统时钟，再重新启动 CCSS",
            "Look at the clock first, then restart CCSS",
        )
    if lacking := [name for name in reachable(setup.names) if name not in known]:
        listed = ", ".join(lacking)
        return bad("certificate", f"服务器证书不含：{listed}", f"The certificate lacks: {listed}", *cure)
    return ok("certificate", f"服务器证书有效到 {ends:%Y-%m-%d}", f"Certificate valid until {ends:%Y-%m-%d}")
