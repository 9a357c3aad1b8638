"""Documents that say what a device keeps at which Modbus address, as an emulator reads them."""
