"""A row of the task list on "My open tasks": what waits, and where it is done."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """One row of the task list."""

    title: str
    url: str
    tag: str = ""
    colour: str = "amber"
    hint: str = ""
