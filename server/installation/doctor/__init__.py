"""`ccss doctor`: small checks of one installation on one machine, each with its cure.

It must run where nothing else does: what may be missing or broken is imported by the check that needs it.
"""

from collections.abc import Sequence

from server.core.text import Text
from server.installation.doctor import data, machine, media, network, software
from server.installation.doctor.finding import Check, Finding, Setup

MACHINE: tuple[Check, ...] = (
    machine.disk,
    machine.fsync,
    machine.clock,
    machine.time_zone,
    machine.memory,
    machine.open_files,
)
"""What has nothing to do with an installation's version."""

CHECKS: tuple[Check, ...] = (
    software.python,
    software.version,
    software.packages,
    software.modules,
    software.sqlite,
    software.front_end,
    data.folder,
    data.settings,
    data.permissions,
    data.database,
    data.blobs,
    data.backups,
    data.voices,
    *MACHINE,
    network.addresses,
    network.port,
    network.tls_port,
    network.authority,
    network.certificate,
    media.media_worker,
    media.media_udp,
)


def examine(setup: Setup, checks: Sequence[Check] = CHECKS) -> list[Finding]:
    """Every check in turn; one that fails itself is a finding like any other."""
    return [_finding(check, setup) for check in checks]


def _finding(check: Check, setup: Setup) -> Finding:
    try:
        return check(setup)
    except Exception as error:
        said = f"{type(error).__name__}: {error}"
        return Finding(
            key=check.__name__,
            state="fail",
            what=Text(zh=f"无法检查：{said}", en=f"Can't be checked: {said}"),
            cure=Text(zh="请先解决上面的问题，再运行一次", en="Mend what stands above, then run this again"),
        )
