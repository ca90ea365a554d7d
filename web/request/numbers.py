"""Whole numbers in what forms and addresses say."""


def whole(given: str) -> int | None:
    """Return the number that a field holds, of nine digits at most; None for anything else.

    Of what `str.isdigit` calls digits `int` reads only some (not "²"), and of too many none: no fault of ours.
    """
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else None


def revision_seen(given: str) -> int:
    """Return the revision that a page says it has seen; -1, which nothing ever was, where it holds no number."""
    number = whole(given)
    return -1 if number is None else number
