"""What can go wrong with the ledger.

* LedgerError     the record cannot be kept, or not be read; the text is a sentence for a person
  - NoSuchRun     no run of that id is kept here
"""


class LedgerError(Exception):
    """The record cannot be kept, or not be read."""


class NoSuchRun(LedgerError):
    """No run of that id is kept here."""
