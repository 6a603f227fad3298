"""The modules of the OpenID Foundation's conformance suite, made again by name.

Each test carries the name of a module of a certification plan, with underscores for hyphens, and asks what that module
asks, with a client registered beforehand. What is optional and not offered is shown to be refused as the module allows.
"""

from typing import Any


def missing(modules: str, tests: dict[str, Any]) -> list[str]:
    """Return the modules without a test of their name."""
    return [name for name in modules.split() if f"test_{name.replace('-', '_')}" not in tests]
