#!/usr/bin/env python3
"""Run one of the portal's commands: `python manage.py help` lists them."""

import os
import sys
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent


def main() -> None:
    """Load the private settings, then hand over to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rolemgmt.settings")
    try:
        from django.core.management import execute_from_command_line
        from dotenv import load_dotenv
    except ImportError:
        sys.exit("The portal's packages are not installed here. `make demo` does it; so does `make test`.")

    from rolemgmt.env import SettingError

    if sys.argv[1:2] == ["demo"]:
        from rolemgmt.dotenv_file import write_if_absent

        write_if_absent(BASE_DIR / ".env")
    load_dotenv(BASE_DIR / ".env")
    try:
        from django.conf import settings

        settings.INSTALLED_APPS  # noqa: B018 - loads the settings now, so that a bad one gives a sentence
        execute_from_command_line(sys.argv)
    except SettingError as error:
        sys.exit(f"The portal does not start. {error}")


if __name__ == "__main__":
    main()
