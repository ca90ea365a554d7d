"""How the choices of a template's form are called (message ids)."""

from models.i18n import _

CHOICES = {
    "deadline": {
        "none": _("no date yet, or by period"),
        "fixed": _("a fixed day"),
        "relative": _("so many days from a day"),
        "vague": _("within a month, quarter or year"),
        "hours": _("hours from the declaration of an incident"),
    },
    "unit": {"days": _("days"), "working_days": _("working days"), "months": _("months")},
    "since": {"signed": _("the day of signing"), "assigned": _("the day of assignment")},
    "move": {"stays": _("stays"), "forward": _("moves forward"), "back": _("moves back")},
    "fixed_by": {"directive": _("by the directive itself"), "template": _("by this template")},
    "every": {
        "month": _("every month"),
        "quarter": _("every quarter"),
        "half_year": _("every half-year"),
        "year": _("every year"),
    },
    "ladder": {
        "default": _("the usual one"),
        "contingency": _("the one for incidents, by the hour"),
        "own": _("its own, as below"),
    },
    "clock": {"working_days": _("working days"), "hours": _("elapsed hours")},
}
DAY_WORDS = {
    "data_start": _("its data begin"),
    "data_end": _("its data end"),
    "opens": _("it opens"),
    "compiled": _("the coordinating unit sends its own"),
}
