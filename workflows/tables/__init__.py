"""From the follow-up table that an office already keeps to duties and tasks: read, mapped, tried out, concluded."""
