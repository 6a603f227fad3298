"""Foreign programs that sign people in at a portal, for real: see `python -m tests.release.clients --help`."""
