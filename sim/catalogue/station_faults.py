"""Faults of a station: of its instruments, wires, network, disk, clocks, process and people; where each of them is played.

They are numbered F001 to F134. What befalls the computer rather than a bench is no fault that can be written: a campaign
over whole stations plays it, under the name of its disturbance, or a test does, or nobody can yet, and then it says why.
"""

from typing import NamedTuple

DISTURBANCES = (
    "killed", "disk-full", "fsync-fails", "disk-slow", "wall-jumps-back", "wall-jumps-forward", "suspended", "aborted",
    "stopped", "instrument-freezes", "link-storm", "process-restarted",
)  # fmt: skip
"""What the campaign over whole stations can do to one."""


class StationFault(NamedTuple):
    """One of them. `outcome` must become of a run, or of the station where no run is concerned.

    It is played by kinds of `faults` of the catalogue, by `disturbances`, by the tests in a module `tested`; or by nobody: `why`.
    """

    id: str
    layer: str
    title: str
    outcome: str
    faults: tuple[str, ...]
    disturbances: tuple[str, ...]
    tested: str
    why: str


def _row(
    id_: str,
    layer: str,
    title: str,
    outcome: str,
    *,
    faults: str = "",
    system: str = "",
    tested: str = "",
    why: str = "",
) -> StationFault:
    return StationFault(id_, layer, title, outcome, tuple(faults.split()), tuple(system.split()), tested, why)


# fmt: off
STATION_FAULTS = (
    _row("F001", "instrument", "it falls silent in a measurement", "ERROR", faults="silent", system="instrument-freezes", tested="faults/test_instrument_rows"),
    _row("F002", "instrument", "a late answer meets the next question", "ERROR", faults="late stale", tested="drivers/test_visa_wire"),
    _row("F003", "instrument", "SCPI's infinities and its not-a-number", "ERROR", faults="nan", tested="drivers/test_instrument_faults"),
    _row("F004", "instrument", "text in place of a number", "ERROR", tested="drivers/test_instrument_faults"),
    _row("F005", "instrument", "not-a-number at a limit", "ERROR", tested="faults/test_instrument_rows"),
    _row("F006", "instrument", "an old reading comes again", "ERROR", faults="frozen stuck", tested="faults/test_instrument_rows"),
    _row("F007", "instrument", "an error is queued and a value comes all the same", "ERROR", tested="drivers/test_instrument_faults"),
    _row("F008", "instrument", "the error queue overflows", "ERROR", tested="drivers/test_instrument_faults"),
    _row("F009", "instrument", "somebody else's error is still queued", "nothing", tested="drivers/test_instrument_faults"),
    _row("F010", "instrument", "another instrument of the same model", "REFUSED", faults="wrong-instrument", tested="faults/test_instrument_rows"),
    _row("F011", "instrument", "its calibration has run out", "REFUSED", tested="faults/test_instrument_rows"),
    _row("F012", "instrument", "it starts again in mid-run", "ERROR", faults="reset", tested="drivers/test_instrument_faults"),
    _row("F013", "instrument", "somebody changes a setting at its front", "ERROR", tested="drivers/test_instrument_faults"),
    _row("F014", "instrument", "its firmware is another one", "by policy", tested="faults/test_instrument_rows"),
    _row("F015", "instrument", "its output stays on", "ERROR, locked", faults="relay-welded heater-welded", tested="drivers/test_instrument_faults"),
    _row("F016", "instrument", "its self test fails", "REFUSED", tested="drivers/test_instrument_faults"),
    _row("F017", "instrument", "a measurement lasts as long as its deadline", "nothing", tested="drivers/test_instrument_faults"),
    _row("F018", "instrument", "a confirmation never comes", "ERROR", faults="silent", tested="drivers/test_instrument_faults"),
    _row("F019", "bus-visa", "opening does not return", "ERROR", tested="drivers/test_visa_wire"),
    _row("F020", "bus-visa", "sessions are not given back", "nothing", tested="faults/test_visa_rows"),
    _row("F021", "bus-visa", "somebody else holds the lock", "REFUSED", tested="faults/test_visa_rows"),
    _row("F022", "bus-visa", "a session is dead after a disconnection", "ERROR", tested="faults/test_visa_rows"),
    _row("F023", "bus-visa", "USBTMC was not closed properly", "ERROR", why="the state is the USB stack's and the device's own; no software stands in for either here"),
    _row("F024", "bus-visa", "a connection is half open", "ERROR", faults="half-open", tested="faults/test_visa_rows"),
    _row("F025", "bus-visa", "two clients at one instrument", "ERROR", tested="faults/test_visa_rows"),
    _row("F026", "bus-visa", "a blocking call cannot be cancelled", "ERROR", tested="faults/test_visa_rows"),
    _row("F027", "bus-serial", "the adapter is pulled out", "ERROR", faults="link-closed", tested="faults/test_serial_rows"),
    _row("F028", "bus-serial", "adapters come back with each other's names", "REFUSED", tested="faults/test_serial_rows"),
    _row("F029", "bus-serial", "writing blocks", "ERROR", tested="faults/test_serial_rows"),
    _row("F030", "bus-serial", "two processes at one port", "REFUSED", tested="faults/test_serial_rows"),
    _row("F031", "bus-serial", "garbage by a wrong baud rate", "ERROR", faults="garbled", tested="faults/test_serial_rows"),
    _row("F032", "bus-serial", "half a frame, then silence", "tried again, then ERROR", faults="short-reply", tested="faults/test_serial_rows"),
    _row("F033", "bus-serial", "noise before a frame", "tried again, then ERROR", faults="garbled", tested="faults/test_serial_rows"),
    _row("F034", "bus-serial", "DTR resets the device at opening", "nothing", why="a pty has neither DTR nor RTS: it takes a real adapter, and a device that listens to them"),
    _row("F035", "bus-serial", "late bytes after reopening", "nothing", tested="faults/test_serial_rows"),
    _row("F036", "bus-modbus", "a late reply without a transaction", "ERROR", faults="stale", tested="drivers/test_modbus_faults"),
    _row("F037", "bus-modbus", "the reply of another transaction", "ERROR", faults="foreign", tested="drivers/test_modbus_faults"),
    _row("F038", "bus-modbus", "fewer registers than asked", "ERROR", faults="short-reply", tested="drivers/test_modbus_faults"),
    _row("F039", "bus-modbus", "exceptions", "ERROR", faults="failing busy", tested="drivers/test_modbus_faults"),
    _row("F040", "bus-modbus", "a slave freezes while its connection stays", "ERROR", faults="silent", system="instrument-freezes", tested="drivers/test_modbus_faults"),
    _row("F041", "bus-modbus", "a slave starts again", "ERROR", faults="reset", tested="drivers/test_modbus_faults"),
    _row("F042", "bus-modbus", "reconnecting without a pause", "nothing", tested="drivers/test_modbus_faults"),
    _row("F043", "bus-modbus", "a request is cancelled", "nothing", tested="drivers/test_modbus_faults"),
    _row("F044", "bus-modbus", "a write is confirmed and nothing has changed", "ERROR, made safe", tested="drivers/test_modbus_faults"),
    _row("F045", "bus-modbus", "words in another order", "REFUSED", faults="swapped", tested="drivers/test_modbus_faults"),
    _row("F046", "bus-modbus", "addresses off by one", "REFUSED", tested="drivers/test_modbus_faults"),
    _row("F047", "bus-modbus", "a broadcast has no reply", "nothing", tested="drivers/test_modbus_faults"),
    _row("F048", "bus-modbus", "a gateway with a queue", "goes on, slower", tested="drivers/test_modbus_faults"),
    _row("F049", "bus-modbus", "a simulated slave that breaks the protocol", "nothing", tested="faults/test_modbus_rows"),
    _row("F050", "network", "a cable is pulled for a while", "goes on", faults="link-closed", system="link-storm", tested="faults/test_network_rows"),
    _row("F051", "network", "delay and jitter", "goes on", system="link-storm", tested="faults/test_network_rows"),
    _row("F052", "network", "names resolve slowly or not at all", "goes on", tested="faults/test_network_rows"),
    _row("F053", "network", "two stations with one identity", "goes on, told", why="a broker notices it; instruments have no station's identity, and there is no broker yet"),
    _row("F054", "network", "a certificate of another time", "goes on", why="no link to an instrument is encrypted; it concerns brokers and servers, of which there is none yet"),
    _row("F055", "network", "a firewall forgets an idle connection", "goes on", faults="half-open", tested="faults/test_network_rows"),
    _row("F056", "network", "another host answers at the address", "REFUSED", faults="wrong-instrument foreign", tested="faults/test_network_rows"),
    _row("F057", "broker", "a broker freezes with its connection up", "goes on", why="there is no broker yet"),
    _row("F058", "broker", "a connection to a broker is lost", "goes on", why="there is no broker yet"),
    _row("F059", "broker", "a broker starts again and has forgotten its sessions", "goes on", why="there is no broker yet"),
    _row("F060", "broker", "ten thousand stations connect at once", "goes on", why="there is no broker yet"),
    _row("F061", "broker", "a message arrives twice", "nothing", why="there is no broker yet"),
    _row("F062", "broker", "messages arrive in another order", "nothing", why="there is no broker yet"),
    _row("F063", "broker", "a queue grows while a station is offline", "goes on", why="there is no broker yet"),
    _row("F064", "broker", "everything in flight, and the connection is lost", "goes on", why="there is no broker yet"),
    _row("F065", "broker", "a name that a topic cannot hold", "REFUSED", tested="station/test_config_serials"),
    _row("F066", "broker", "a broker confirms a message and drops it", "goes on, told", why="there is no broker yet"),
    _row("F067", "broker", "an old command is still retained", "goes on", why="there is no broker yet"),
    _row("F068", "broker", "a last will of a station that lives", "nothing", why="there is no broker yet"),
    _row("F069", "broker", "a message that is too large", "goes on, told", why="there is no broker yet"),
    _row("F070", "disk", "a sync of the disk fails", "ERROR", system="fsync-fails", tested="station/test_ledger_disk"),
    _row("F071", "disk", "the disk is full", "REFUSED", system="disk-full", tested="station/test_ledger_disk"),
    _row("F072", "disk", "power fails while a record is written", "INTERRUPTED", system="killed", tested="station/test_ledger_killed"),
    _row("F073", "disk", "a bit of the ledger flips", "REFUSED", tested="station/test_ledger_verify"),
    _row("F074", "disk", "the ledger's log grows without an end", "goes on, told", tested="station/test_disk_watched"),
    _row("F075", "disk", "two processes write at once", "tried again", tested="station/test_ledger_killed"),
    _row("F076", "disk", "the ledger lies on a disk that several machines share", "REFUSED", tested="station/test_ledger_disk"),
    _row("F077", "disk", "the disk is very slow", "goes on, slower", system="disk-slow", tested="station/test_disk_watched"),
    _row("F078", "disk", "the disk may only be read", "REFUSED", tested="station/test_ledger_disk"),
    _row("F079", "disk", "the ledger's file is taken away", "ERROR", tested="station/test_ledger_disk"),
    _row("F080", "disk", "the ledger is of a newer program", "REFUSED", tested="station/test_ledger_disk"),
    _row("F081", "disk", "the disk of the log is full", "goes on", tested="station/test_pen"),
    _row("F082", "clock", "the wall clock steps back during a run", "goes on", system="wall-jumps-back"),
    _row("F083", "clock", "the wall clock steps forward during a burn-in", "goes on", system="wall-jumps-forward", tested="sim/test_clock"),
    _row("F084", "clock", "the computer sleeps and wakes up", "ABORTED", system="suspended"),
    _row("F085", "clock", "the wall clock is years off", "by policy", tested="station/test_runid"),
    _row("F086", "clock", "the time zone changes", "nothing", tested="station/test_runid"),
    _row("F087", "clock", "one moment comes twice", "nothing", tested="station/test_ledger"),
    _row("F088", "clock", "the event loop is blocked", "INTERRUPTED", why="there is no watchdog yet"),
    _row("F089", "process", "the process is killed during a run", "INTERRUPTED", system="killed", tested="station/test_interrupted"),
    _row("F090", "process", "the process is told to end during a step", "ABORTED", system="stopped"),
    _row("F091", "process", "it is told to stop twice, and while it cleans up", "ABORTED", system="aborted", tested="station/test_engine_stops"),
    _row("F092", "process", "cleaning up hangs", "ERROR, locked", tested="station/test_safety"),
    _row("F093", "process", "cleaning up goes wrong", "ERROR", tested="station/test_engine"),
    _row("F094", "process", "a cancellation is swallowed", "ABORTED", tested="station/test_engine_stops"),
    _row("F095", "process", "a task that nobody holds is lost", "nothing", why="a rule of the linter forbids it"),
    _row("F096", "process", "it dies at every start", "REFUSED", why="there is no daemon yet"),
    _row("F097", "process", "outputs are still on from its last life", "nothing", system="process-restarted"),
    _row("F098", "process", "memory leaks for a month", "nothing", why="the soak over virtual days is a benchmark"),
    _row("F099", "process", "two daemons at one station", "REFUSED", why="there is no daemon yet"),
    _row("F100", "process", "all threads hang", "ERROR", why="each link has a thread of its own, and none hangs in simulated time"),
    _row("F101", "operator", "the emergency stop is pressed", "ABORTED", system="aborted"),
    _row("F102", "operator", "a cover is opened under voltage or heat", "ABORTED", faults="cover-open interlock-open", tested="station/test_power_faults"),
    _row("F103", "operator", "hands come near before all is discharged", "nothing", tested="station/test_power_faults"),
    _row("F104", "operator", "power fails during a test at high voltage", "locked", why="a lock-out after a power cut needs the guardian, which there is not yet"),
    _row("F105", "operator", "the wrong label is scanned", "REFUSED", faults="wrong-label", tested="station/test_cabling_faults"),
    _row("F106", "operator", "a run is started twice", "REFUSED", tested="station/test_service"),
    _row("F107", "operator", "the unit is pulled out", "ABORTED", faults="removed", tested="station/test_cabling_faults"),
    _row("F108", "operator", "a unit is tested until it passes", "by policy", tested="station/test_engine"),
    _row("F109", "operator", "somebody overrides who may not", "REFUSED", why="there are no roles of people yet"),
    _row("F110", "operator", "nobody answers", "ABORTED", tested="station/test_service"),
    _row("F111", "operator", "it is stopped before it has begun", "ABORTED", why="there is no daemon yet: a run begins and can be aborted from its first event on"),
    _row("F112", "mes", "the MES is down", "by policy", why="there is no MES yet"),
    _row("F113", "mes", "the MES is slow", "goes on", why="there is no MES yet"),
    _row("F114", "mes", "the MES says that it is not this unit's turn", "REFUSED", why="there is no MES yet"),
    _row("F115", "mes", "the MES answers with something else", "goes on", why="there is no MES yet"),
    _row("F116", "mes", "the MES rejects one record for ever", "goes on, told", why="there is no MES yet"),
    _row("F117", "mes", "the central database is down", "goes on", why="there is no MES yet"),
    _row("F118", "mes", "the central database is of another version", "goes on", why="there is no MES yet"),
    _row("F119", "mes", "the recipe changes during a run", "nothing", why="there is no MES yet"),
    _row("F120", "dut", "a unit shorts its supply", "FAILED", why="no simulated unit shorts its supply"),
    _row("F121", "dut", "a contact opens for a moment", "as the sequence says", faults="intermittent"),
    _row("F122", "dut", "a unit starts again by itself", "FAILED", why="no simulated unit starts again by itself"),
    _row("F123", "dut", "a unit is too hot, or leaks", "ABORTED", faults="drip hot-leak rope-broken", tested="station/test_cooling_faults"),
    _row("F124", "dut", "a pump stops while the heater is on", "ABORTED", faults="pump-failed", tested="station/test_safety"),
    _row("F125", "dut", "another variant of the unit is connected", "REFUSED", faults="wrong-firmware", tested="station/test_power_faults"),
    _row("F126", "dut", "a unit without a serial number", "REFUSED", tested="station/test_config_serials"),
    _row("F127", "dut", "a unit stays charged", "locked", tested="station/test_power_faults"),
    _row("F128", "sequence", "a sequence was changed", "REFUSED", why="sequences are not signed yet"),
    _row("F129", "sequence", "a sequence needs what this station has not", "REFUSED", tested="station/test_config_fixtures"),
    _row("F130", "sequence", "limits that mean nothing", "REFUSED", tested="sequences/test_limits"),
    _row("F131", "sequence", "a sequence that never ends", "ERROR", tested="station/test_engine_stops"),
    _row("F132", "sequence", "a step that may not be done twice is done again", "INTERRUPTED", system="process-restarted"),
    _row("F133", "sequence", "the program is updated during a run", "nothing", why="there are no updates of a running station yet"),
    _row("F134", "sequence", "a simulated result among real ones", "REFUSED", why="there is no central database yet; a record says that it was simulated"),
)
# fmt: on
