"""The rows of the catalogue of faults that concern instruments: id, layer and what happens, in our own words."""

from typing import NamedTuple


class Row(NamedTuple):
    """One fault."""

    id: str
    layer: str
    title: str


ROWS = (
    Row("F001", "instrument", "it falls silent in a measurement"),
    Row("F002", "instrument", "a late answer meets the next question"),
    Row("F003", "instrument", "SCPI's infinities and its not-a-number"),
    Row("F004", "instrument", "text in place of a number"),
    Row("F005", "instrument", "not-a-number at a limit"),
    Row("F006", "instrument", "an old reading comes again"),
    Row("F007", "instrument", "an error is queued and a value comes all the same"),
    Row("F008", "instrument", "the error queue overflows"),
    Row("F009", "instrument", "somebody else's error is still queued"),
    Row("F010", "instrument", "another instrument of the same model"),
    Row("F011", "instrument", "its calibration has run out"),
    Row("F012", "instrument", "it starts again in mid-run"),
    Row("F013", "instrument", "somebody changes a setting at its front"),
    Row("F014", "instrument", "its firmware is another one"),
    Row("F015", "instrument", "its output stays on"),
    Row("F016", "instrument", "its self test fails"),
    Row("F017", "instrument", "a measurement lasts as long as its deadline"),
    Row("F018", "instrument", "a confirmation never comes"),
    Row("F019", "bus-visa", "opening does not return"),
    Row("F020", "bus-visa", "sessions are not given back"),
    Row("F021", "bus-visa", "somebody else holds the lock"),
    Row("F022", "bus-visa", "a session is dead after a disconnection"),
    Row("F023", "bus-visa", "USBTMC was not closed properly"),
    Row("F024", "bus-visa", "a connection is half open"),
    Row("F025", "bus-visa", "two clients at one instrument"),
    Row("F026", "bus-visa", "a blocking call cannot be cancelled"),
    Row("F027", "bus-serial", "the adapter is pulled out"),
    Row("F028", "bus-serial", "adapters come back with each other's names"),
    Row("F029", "bus-serial", "writing blocks"),
    Row("F030", "bus-serial", "two processes at one port"),
    Row("F031", "bus-serial", "garbage by a wrong baud rate"),
    Row("F032", "bus-serial", "half a frame, then silence"),
    Row("F033", "bus-serial", "noise before a frame"),
    Row("F034", "bus-serial", "DTR resets the device at opening"),
    Row("F035", "bus-serial", "late bytes after reopening"),
    Row("F036", "bus-modbus", "a late reply without a transaction"),
    Row("F037", "bus-modbus", "the reply of another transaction"),
    Row("F038", "bus-modbus", "fewer registers than asked"),
    Row("F039", "bus-modbus", "exceptions"),
    Row("F040", "bus-modbus", "a slave freezes while its connection stays"),
    Row("F041", "bus-modbus", "a slave starts again"),
    Row("F042", "bus-modbus", "reconnecting without a pause"),
    Row("F043", "bus-modbus", "a request is cancelled"),
    Row("F044", "bus-modbus", "a write is confirmed and nothing has changed"),
    Row("F045", "bus-modbus", "words in another order"),
    Row("F046", "bus-modbus", "addresses off by one"),
    Row("F047", "bus-modbus", "a broadcast has no reply"),
    Row("F048", "bus-modbus", "a gateway with a queue"),
    Row("F049", "bus-modbus", "a simulated slave that breaks the protocol"),
    Row("F050", "network", "a cable is pulled for a while"),
    Row("F051", "network", "delay and jitter"),
    Row("F052", "network", "names resolve slowly or not at all"),
    Row("F053", "network", "two stations with one identity"),
    Row("F054", "network", "a certificate of another time"),
    Row("F055", "network", "a firewall forgets an idle connection"),
    Row("F056", "network", "another host answers at the address"),
)

NOT_INJECTABLE = {
    "F023": "the state is the USB stack's and the device's own; no software stands in for either here",
    "F034": "a pty has neither DTR nor RTS: it takes a real adapter, and a device that listens to them",
    "F053": "a broker notices it; instruments have no station's identity, and there is no broker yet",
    "F054": "no link to an instrument is encrypted; it concerns brokers and servers, of which there is none yet",
}
"""The rows for which there is no test, and why."""
