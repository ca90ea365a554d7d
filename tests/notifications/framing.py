"""A reader's own words as mail programs frame them."""

from tests.reply_samples import PROGRAMS


def framed(form: str, own: str, place: str) -> str:
    """A reply with the sender's words above, below or between what its program quotes."""
    whole = form.format(own="{own}")
    above, _mark, below = whole.partition("{own}")
    if place == "above":
        return whole.format(own=own)
    if place == "below":
        return f"{above}{below.strip()}\n\n{own}\n"
    return f"{above}{below.strip()}\n\n{own}\n\n> và câu cuối\n"


MARKED = sorted(name for name, form in PROGRAMS.items() if "\n> " in form)
