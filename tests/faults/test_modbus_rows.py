"""Rows of the layer `bus-modbus` about our own simulated slaves; those about links are in tests/drivers/test_modbus_faults.py."""

import pytest

from sim.makers import MAKERS
from sim.modbus.pdu import obey
from sim.modbus.slave import Slave
from tests.sim.fake_leads import FakeLeads

SLAVES = [name for name, maker in MAKERS.items() if isinstance(maker, type) and issubclass(maker, Slave)]
FUNCTIONS = {1: "81", 2: "82", 3: "83", 4: "84"}


@pytest.mark.parametrize("model", SLAVES)
def test_f049_a_simulated_slave_keeps_to_the_protocol(model: str) -> None:
    """Where a library's own server does not: unknown functions, no registers, 126 of them, a coil neither on nor off."""
    slave = MAKERS[model](model, FakeLeads())
    assert isinstance(slave, Slave)
    assert "e301" == obey(slave, bytes.fromhex("63")).hex()
    for function, refused in FUNCTIONS.items():
        code = "03" if function in slave.functions else "01"
        for count in ("0000", "007e" if function > 2 else "07d1"):
            assert refused + code == obey(slave, bytes.fromhex(f"0{function}0000{count}")).hex()
    assert ("8503" if 5 in slave.functions else "8501") == obey(slave, bytes.fromhex("0500001234")).hex()
