"""One row of "My open tasks", for every page that has something waiting."""

from dataclasses import dataclass

MOST_TASKS = 25


@dataclass(frozen=True)
class Task:
    """One row of the task list."""

    title: str
    url: str
    tag: str = ""
    colour: str = "amber"
    hint: str = ""
