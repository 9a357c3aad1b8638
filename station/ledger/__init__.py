"""The ledger: where traces are kept. Start at `ledger.Ledger`; SQLite is imported in this package and nowhere else."""
