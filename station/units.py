"""The unit files with which systemd runs a line: what it may do, and who keeps it alive.

Three things about them are not usual, and each has a reason. Only the main process is killed (`KillMode=process`), never the
guardian beside it: that one makes the bench safe when the daemon has died. The user is a fixed one, without `RemoveIPC`: the
ledger's journal in /dev/shm outlives a killed process, which `DynamicUser` would undo. The devices are those of the host,
narrowed by a list: a serial port is in no private /dev.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
STATE = Path("/var/lib")
HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
WATCHDOG = 10
"""Seconds without progress after which the daemon is killed; its guardian is quicker."""
DRAIN = 120
"""Seconds that runs have to end when the line is stopped; what still runs then is aborted and made safe."""
SETTLE = 15
"""Seconds that leaving may take beyond making safe: the record of every run, synced."""
STARTS, WITHIN = 5, 300
"""Starts within so many seconds after which systemd gives up: nobody is helped by a line that begins for ever."""

_DEVICES = {"serial": ("char-ttyUSB", "char-ttyACM", "char-ttyS"), "usb": ("char-usb_device",), "gpib": ("char-gpib",)}
_HARDENING = """\
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
UMask=0027
LimitCORE=0
KeyringMode=private
LockPersonality=yes
MemoryDenyWriteExecute=yes
ProtectSystem=strict
PrivateTmp=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
RemoveIPC=no
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
"""


@dataclass(frozen=True, slots=True)
class Installation:
    """Where a line is on its machine; every path is absolute. `reaches` says of which kinds its instruments' links are:
    `serial`, `usb`, `gpib`, `net`. `safe` is the longest in seconds that making its slots safe can take.
    """

    program: Path
    station: Path
    data: Path
    user: str
    writes: tuple[Path, ...] = ()
    """Folders besides `data` into which it writes."""
    reaches: frozenset[str] = frozenset()
    safe: float = 0.0

    def __post_init__(self) -> None:
        if not USER.fullmatch(self.user) or self.user == "root":
            raise ValueError(f"found {self.user[:40]!a}; a user is a-z, 0-9, '_' and '-', at most 31, and not root")
        for each in (self.program, self.station, self.data, *self.writes):
            if not (each.is_absolute() and str(each).isprintable() and ":" not in str(each)):
                raise ValueError(f"found {str(each)[:80]!a}; a path is absolute and printable, and has no ':'")

    @property
    def stop(self) -> int:
        """Seconds that it has to drain, to make safe and to leave."""
        return DRAIN + int(self.safe) + SETTLE


def service_unit(line: Installation) -> str:
    """rackproof.service: the daemon."""
    return "\n".join([
        "[Unit]",
        "Description=Rackproof: the test station's line",
        "After=network-online.target time-sync.target",
        "Wants=network-online.target",
        "OnFailure=rackproof-doctor.service",
        f"StartLimitIntervalSec={WITHIN}",
        f"StartLimitBurst={STARTS}",
        "",
        "[Service]",
        "Type=notify",
        "NotifyAccess=main",
        f"ExecStart={_command(line, 'daemon', '--drain-within', str(DRAIN))}",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "TimeoutStartSec=300",
        f"TimeoutStopSec={line.stop}",
        f"WatchdogSec={WATCHDOG}",
        "TimeoutAbortSec=2",
        "Restart=on-failure",
        "RestartSec=5",
        "# The guardian outlives the daemon, to make the bench safe.",
        "KillMode=process",
        "OOMPolicy=continue",
        "OOMScoreAdjust=-500",
        "LimitNOFILE=8192",
        "RuntimeDirectory=rackproof",
        "RuntimeDirectoryMode=0750",
        "RuntimeDirectoryPreserve=yes",
        *_confined(line),
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6",
        "DevicePolicy=closed",
        *(f"DeviceAllow={each} rw" for each in _devices(line)),
        *(["SupplementaryGroups=dialout"] if "serial" in line.reaches else []),
        "# Of a site: let nobody but the instruments, the broker and this machine in or out.",
        "# IPAddressDeny=any",
        "# IPAddressAllow=localhost 10.0.0.0/24",
        "",
        "[Install]",
        "WantedBy=multi-user.target",
        "",
    ])  # fmt: skip


def doctor_unit(line: Installation) -> str:
    """rackproof-doctor.service: says in the journal what is wrong, when systemd has given the daemon up."""
    return "\n".join([
        "[Unit]",
        "Description=Rackproof: why the line is down, and what to do",
        "",
        "[Service]",
        "Type=oneshot",
        f"ExecStart=-{_command(line, 'doctor')}",
        "TimeoutStartSec=60",
        *_confined(line),
        "PrivateDevices=yes",
        "PrivateNetwork=yes",
        "RestrictAddressFamilies=AF_UNIX",
        "",
    ])  # fmt: skip


def _command(line: Installation, verb: str, *more: str) -> str:
    words = (str(line.program), verb, "--station", str(line.station), "--data", str(line.data), *more)
    return " ".join(_word(each.replace("$", "$$")) for each in words)


def _confined(line: Installation) -> Iterator[str]:
    """Who it is, where it may write, and what it may not."""
    yield f"User={line.user}"
    own = line.data.parent == STATE
    if own:
        yield f"StateDirectory={_word(line.data.name)}"
        yield "StateDirectoryMode=0750"
    for each in (*(() if own else (line.data,)), *line.writes):
        # One that is not there must not keep the line from starting: it is told of, and comes back.
        yield f"ReadWritePaths={_word(f'-{each}')}"
    used = (line.program, line.station, line.data, *line.writes)
    at_home = any(each.is_relative_to(home) for each in used for home in HOMES)
    yield f"ProtectHome={'read-only' if at_home else 'yes'}"
    yield from _HARDENING.splitlines()


def _devices(line: Installation) -> Iterator[str]:
    for kind, devices in _DEVICES.items():
        if kind in line.reaches:
            yield from devices


def _word(text: str) -> str:
    """As systemd reads one word: its specifiers are doubled, and what it would take apart is quoted."""
    text = text.replace("%", "%%")
    if re.fullmatch(r"[\w./@+,%$-]+", text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
