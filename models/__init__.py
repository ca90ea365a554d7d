"""What is stored: one aggregate per file, the pydantic specs beside their tables, settings, and the only commit."""

from models import (
    alert,
    calendar,
    directive,
    history,
    launch,
    letter,
    person,
    run,
    schedule,
    task,
    template,
    unit,
)

__all__ = [
    "alert",
    "calendar",
    "directive",
    "history",
    "launch",
    "letter",
    "person",
    "run",
    "schedule",
    "task",
    "template",
    "unit",
]
