"""The station's files: what is wrong in them, what runs out, and who else may read what is secret."""

import os
import stat
from collections.abc import Iterator
from datetime import timedelta

from drivers.links.address import ModbusRtuAddress, SerialAddress, parse
from station.condition import Condition
from station.config.problems import Problem
from station.doctor import certificates
from station.doctor.case import Case, alarm, warning, well

SOON = 30
"""Days before something runs out at which people are told."""
SHOWN = 8
"""Problems of files that are shown one by one."""


def problems(found: list[Problem]) -> Iterator[Condition]:
    """What `station check` finds in the files."""
    remedy = "mend the file: `station check --files` says what is allowed there"
    for each in found[:SHOWN]:
        yield alarm("files", str(each), remedy)
    if len(found) > SHOWN:
        yield alarm("files", f"{len(found) - SHOWN} problems more", "station check --files")
    if not found:
        yield well("files", "the station's file and all that it names are in order")


def calibrations(case: Case) -> Iterator[Condition]:
    """Those that have run out, and those that will."""
    if case.station is None:
        return
    dated = {name: each.calibration_due for name, each in case.station.instruments.items() if each.calibration_due}
    today, odd = case.now.date(), 0
    for name, due in sorted(dated.items(), key=lambda each: each[1]):
        left = (due - today).days
        if left < 0:
            odd += 1
            yield alarm(
                "calibration",
                f"that of {name} ran out on {due}: its slots refuse every run",
                "have it calibrated, then write the new date into the station's file",
            )
        elif left <= SOON:
            odd += 1
            yield warning(
                "calibration",
                f"that of {name} runs out on {due}, in {_days(left)}",
                "have it calibrated before that day",
            )
    if not odd:
        yield well(
            "calibration",
            f"{len(dated)} of {len(case.station.instruments)} instruments have a date, none within {SOON} days",
        )


def secrets(case: Case) -> Iterator[Condition]:
    """Keys, tokens and passwords that others can read, or that are not there."""
    if case.station is None:
        return
    daemon, mqtt = case.station.daemon, case.station.mqtt
    named = [("tcp.key", daemon.tcp.key), ("tcp.tokens", daemon.tcp.tokens)] if daemon.tcp else []
    named += (
        [("mqtt.key", mqtt.key), ("mqtt.password", mqtt.password), ("mqtt.commands", mqtt.commands)] if mqtt else []
    )
    bad, known = 0, [(key, case.beside(name)) for key, name in named if name]
    for key, file in known:
        try:
            mode = stat.S_IMODE(file.stat().st_mode)
        except OSError as error:
            bad += 1
            yield alarm(
                "secrets",
                f"{key}: {file} cannot be read ({error.strerror})",
                "put the file there, or mend the station's file",
            )
            continue
        if mode & 0o077:
            bad += 1
            yield alarm(
                "secrets",
                f"{key}: others may read {file} (mode {mode:03o})",
                f"chmod 600 {file}; it may have been read: make a new one",
            )
    if known and not bad:
        yield well("secrets", f"{len(known)} files, for their owner alone")


def expiries(case: Case) -> Iterator[Condition]:
    """When certificates end: told 30 days before, an alarm a day before."""
    if case.station is None:
        return
    daemon, mqtt = case.station.daemon, case.station.mqtt
    named = [("tcp.certificate", daemon.tcp.certificate)] if daemon.tcp else []
    named += [("mqtt.certificate", mqtt.certificate), ("mqtt.ca", mqtt.ca)] if mqtt else []
    for key, name in named:
        if not name:
            continue
        remedy = f"renew the certificate in {name}, then restart the daemon"
        try:
            left = certificates.ends(case.beside(name).read_text(encoding="ascii")) - case.now
        except (OSError, ValueError) as error:
            yield alarm("certificate", f"{key}: {name}: {error}", "put a PEM certificate there")
            continue
        if left <= timedelta(0):
            yield alarm("certificate", f"{key}: {name} has ended", remedy)
        elif left <= timedelta(days=1):
            yield alarm("certificate", f"{key}: {name} ends within a day", remedy)
        elif left <= timedelta(days=SOON):
            urgent = "at once, " if left <= timedelta(days=7) else ""
            yield warning("certificate", f"{key}: {name} ends in {_days(left.days)}", urgent + remedy)
        else:
            yield well("certificate", f"{key}: ends in {_days(left.days)}")


def devices(case: Case) -> Iterator[Condition]:
    """Serial devices that are not there, or that this user may not open."""
    if case.station is None:
        return
    wanted: dict[str, str] = {}
    for name, each in case.station.instruments.items():
        address = parse(each.link)
        if isinstance(address, SerialAddress | ModbusRtuAddress):
            wanted.setdefault(address.device, name)
    bad = 0
    for device, name in wanted.items():
        if not os.path.exists(device):  # noqa: PTH110 (a device is named as the file names it)
            bad += 1
            yield alarm(
                "serial",
                f"{device} of {name} is not there",
                "plug it in; see `ls -l /dev/serial/by-id` for what is there",
            )
        elif not os.access(device, os.R_OK | os.W_OK):
            bad += 1
            yield alarm(
                "serial",
                f"{device} of {name} may not be opened by this user",
                "add the user to the group dialout, then log in again",
            )
    if wanted and not bad:
        yield well("serial", f"{len(wanted)} devices are there and may be opened")


def _days(count: int) -> str:
    return "today" if count == 0 else f"{count} day{'s' if count != 1 else ''}"
