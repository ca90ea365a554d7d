"""How words look: in capitals, with a small first letter, or alone on a line."""


def is_capitals(text: str) -> bool:
    """Return whether nearly all of its letters are capitals."""
    letters = "".join(filter(str.isalpha, text))
    return bool(letters) and sum(map(str.isupper, letters)) > len(letters) * 0.8


def with_small_initial(text: str) -> str:
    return text[:1].lower() + text[1:]


def is_bare_heading(text: str) -> bool:
    """Return whether a line is only a heading: short, and no sentence."""
    return len(text) < 100 and text.rstrip()[-1:] not in ".:;,"
