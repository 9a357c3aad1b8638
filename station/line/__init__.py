"""The line: units wait for slots, slots are served, people and machines may stop them, and all of it can be watched."""
