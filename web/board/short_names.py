"""Units' names for tight places: as they are, else with their usual abbreviations, else the unit's code."""

MOST_LETTERS = 34
_SHORT = (
    ("Tổng công ty", "TCT"),
    ("Công ty cổ phần", "CTCP"),
    ("Công ty liên doanh", "CTLD"),
    ("Công ty TNHH", "CT TNHH"),
    ("Công ty", "CT"),
    ("Trung tâm", "TT"),
    ("thành phố", "TP"),
    ("Công nghệ thông tin", "CNTT"),
    ("Bưu chính, Viễn thông", "BCVT"),
    ("Bưu chính Viễn thông", "BCVT"),
)


def short_name(name: str, code: str) -> str:
    """Return a name of at most MOST_LETTERS letters, shortened no more than it must be, or the code."""
    for words, abbreviation in _SHORT:
        if len(name) <= MOST_LETTERS:
            break
        name = name.replace(words, abbreviation)
    return name if len(name) <= MOST_LETTERS else code
