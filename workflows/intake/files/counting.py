"""Write the numbers of lists as 3, c, iii or III, for .docx, .odt and .html."""

from collections.abc import Callable

_ROMAN = {
    **{1000: "m", 900: "cm", 500: "d", 400: "cd", 100: "c", 90: "xc", 50: "l", 40: "xl"},
    **{10: "x", 9: "ix", 5: "v", 4: "iv", 1: "i"},
}
_MOST = 5_000
"""Past it a number is written in digits: a Roman one would grow with its value."""


def roman(number: int) -> str:
    """Write 4 as iv."""
    written = ""
    for value, letters in _ROMAN.items():
        written += letters * (number // value)
        number %= value
    return written


def letters(number: int) -> str:
    """Write 1 as a, 26 as z, 27 as aa and 28 as bb, as Word does."""
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def counted(number: int, style: str) -> str:
    """Return a number in a style: "1", "01", "a", "A", "i" or "I" (as HTML and OpenDocument name them)."""
    write: dict[str, Callable[[int], str]] = {"a": letters, "i": roman, "01": lambda value: f"{value:02d}"}
    if style.lower() not in write or not 0 < number < _MOST:
        return str(number)
    written = write[style.lower()](number)
    return written.upper() if style.isupper() else written


def bullet(sign: str) -> str:
    """Return a bullet as a plain character: "+" and "*" stay, and everything else becomes a dash."""
    return sign if sign in ("+", "*") else "-"
