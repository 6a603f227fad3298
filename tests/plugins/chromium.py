"""The browser of the journeys: the Chromium that is installed here, never one that is downloaded."""

import os
import shutil
from typing import Any

import pytest

INSTALL_LINE = "apt-get install -y --no-install-recommends chromium"
# The same engine without windows shows a page in two thirds of the time. Not every distribution has it.
WITHOUT_WINDOWS = "chromium-headless-shell"
NAMES = (WITHOUT_WINDOWS, "chromium", "chromium-browser")


def find_chromium() -> str | None:
    """Return the browser's path; the variable CHROMIUM goes first."""
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class InstalledChromium:
    """The fixture of pytest-playwright, changed. Registered late, because the plugin registered last wins."""

    @pytest.fixture(scope="session")
    @classmethod
    def browser_type_launch_args(cls, browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
        """Start the installed Chromium; its sandbox cannot work as root."""
        arguments = [*browser_type_launch_args.get("args", []), "--disable-dev-shm-usage"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        return {**browser_type_launch_args, "executable_path": find_chromium(), "args": arguments}


def pytest_configure(config: pytest.Config) -> None:
    """Put our fixture over the one of pytest-playwright."""
    config.pluginmanager.register(InstalledChromium(), "installed-chromium")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take pictures on request only: they change files. Skip what wants a browser, with the reason, where none is."""
    if not os.environ.get("PICTURES"):
        left_out = [item for item in items if item.get_closest_marker("pictures")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    if find_chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=f"no Chromium: {INSTALL_LINE}"))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let Django's database work beside Playwright's event loop, in runs of journeys only."""
    if any(item.get_closest_marker("browser") for item in session.items):
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
