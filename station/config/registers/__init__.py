"""Maps of registers as people write them down: our own form, OpenBMC's rackmon, device profiles of phosphor-modbus."""
