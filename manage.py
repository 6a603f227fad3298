#!/usr/bin/env python3
"""Run one of the portal's commands: `python manage.py help` lists them."""

import os
import sys


def main() -> None:
    """Load the private settings, then hand over to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rolemgmt.settings")
    try:
        from django.core.management import execute_from_command_line
        from dotenv import load_dotenv
    except ImportError:
        sys.exit("The portal's packages are not installed here. `make demo` does it; so does `make test`.")

    from rolemgmt.dotenv_file import env_file
    from rolemgmt.env import SettingError

    if sys.argv[1:2] == ["demo"]:
        prepare_demo()
    load_dotenv(env_file())
    if sys.argv[1:2] == ["demo"]:
        be_a_provider()
    try:
        from django.conf import settings

        settings.INSTALLED_APPS  # noqa: B018 - loads the settings now, so that a bad one gives a sentence
        execute_from_command_line(sys.argv)
    except SettingError as error:
        sys.exit(f"The portal does not start. {error}")


def prepare_demo() -> None:
    """Do what must happen before the settings are read: write them if there are none, and set this run's port."""
    from rolemgmt.dotenv_file import asked_port, env_file, use_port, write_if_absent

    port = asked_port(sys.argv)
    if port is not None:
        use_port(port)
    if write_if_absent(env_file()):
        print(f"Wrote {env_file().name} with random keys: it is private to this checkout and never overwritten.")


def be_a_provider() -> None:
    """Make the key with which a demo signs for its services, where the private settings name none."""
    from rolemgmt.signing import use_demo_key

    use_demo_key()


if __name__ == "__main__":
    main()
