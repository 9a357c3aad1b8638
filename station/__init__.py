"""The roof: configuration, bench, engine, ledger and service, and the faces that people and machines see."""
