"""What is stored: one aggregate per file, the pydantic specs beside their tables, settings, and the only commit."""

from models import calendar, directive, history, launch, letter, person, run, task, template, unit

__all__ = ["calendar", "directive", "history", "launch", "letter", "person", "run", "task", "template", "unit"]
