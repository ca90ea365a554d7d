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
FIELD_WORDS = {
    "title": _("Short name"),
    "kind": _("Kind"),
    "parent": _("The duty it belongs under"),
    "quote": _("The directive's sentence, word for word"),
    "steps": _("Steps"),
    "audience": _("Who must do it"),
    "coordinating": _("Who takes part as coordinating unit"),
    "deadline": _("The date"),
    "period": _("Its reporting period"),
    "on_request": _("It may also be asked for singly"),
    "result": _("The result"),
    "ladder": _("The ladder"),
    "reports_to": _("Unit that gets the result"),
    "authority": _("Unit that answers difficulties"),
    "authority_working_days": _("In how many working days"),
    "max_extension_days": _("Longest extension, in days"),
    "reminders": _("When reminders leave"),
}
"""What each field of a template is called; those within it by its own name besides."""
DAY_WORDS = {
    "data_start": _("its data begin"),
    "data_end": _("its data end"),
    "opens": _("it opens"),
    "compiled": _("the coordinating unit sends its own"),
}
