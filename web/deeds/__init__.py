"""The forms of a task's actions: what each asks, how it is read, which files wait for the answers to be checked."""
