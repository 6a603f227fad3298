"""The project: settings, addresses and start. Wiring only, no rules."""

__version__ = "0.1.0"
