"""The command line: `station`. Each command is a module of its own, imported when it is called."""
