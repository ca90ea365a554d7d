"""How the fields of a template and their choices are called on its pages (message ids), and what is wrong with them."""

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
    "leaves": {
        "usual": _("at 08:00 of working days"),
        "weekly": _("at a time of its own, on weekdays of its own"),
        "cron": _("by a rule that only an expression says"),
    },
    "clock": {"working_days": _("working days"), "hours": _("elapsed hours")},
}
FIELD_WORDS = {
    "title": _("Short name"),
    "kind": _("Kind"),
    "parent": _("The duty it belongs under"),
    "quote": _("The directive's sentence, word for word"),
    "steps": _("Steps"),
    "audience": _("Audience"),
    "coordinating": _("Coordinating units"),
    "deadline": _("The deadline"),
    "period": _("Its reporting period"),
    "on_request": _("It may also be asked for singly"),
    "result": _("The result"),
    "ladder": _("The ladder"),
    "reports_to": _("Unit that gets the result"),
    "authority": _("Unit that answers obstacles"),
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
INNER_WORDS = {
    "rule": _("Rule of the deadline"),
    "on": _("Day"),
    "before": _("Before this day, so that it ends the day before"),
    "amount": _("How many"),
    "unit": _("Unit of time"),
    "since": _("Counted from"),
    "within": _("Within"),
    "hours": _("Hours"),
    "move": _("A deadline on a day off"),
    "fixed_by": _("The deadline is set"),
    "every": _("How often"),
    "day": _("Day"),
    "months_before": _("Months before"),
    "any": _("the rows of units"),
    "kind": _("Kind of unit"),
    "tags": _("Tags"),
    "parent": _("Directly under"),
    "named": _("Or these units"),
    "excluding": _("Except"),
    "says": _("In the directive's own words"),
    "description": _("Content to send"),
    "classified_mail": _("It goes by classified mail: number and date are recorded, no file is taken"),
    "file_required": _("A file must be attached"),
    "clock": _("Counted in"),
    "rungs": _("The rungs"),
    "rung": _("Rung"),
    "at": _("When"),
    "to": _("To"),
    "sends": _("Sending days"),
} | DAY_WORDS
"""What the fields within those are called."""
PROBLEM_WORDS = {
    "a selector gives at least one of kind, tags, parent, named": _("say which units in at least one column"),
    "rung {rung} at {at}: due_soon, and nothing else, lies before the deadline": _(
        "only what is due soon lies before the deadline, with a minus, and nothing else does"
    ),
    "kind {kind}: period is required": _("this kind of duty needs a reporting period"),
    "kind {kind}: period is not allowed": _("this kind of duty has no reporting period"),
    "kind {kind}: a deadline in hours belongs to contingency duties, and only to them": _(
        "a deadline in hours is for duties in an incident, and only for these"
    ),
    "kind {kind}: its dates come from period, deadline must be none": _(
        "the deadlines of this kind of duty come from its reporting period: it has no deadline of its own"
    ),
    "{cron}: no moment from 07:00 to 18:00; right would be such as 0 14 * * 1-5": _(
        "letters leave from 07:00 to 18:00 only"
    ),
    "must be of the form {pattern}": _("must be such as 2027-09, 2027-Q4, 2027-H1 or 2027"),  # that of `within`
}
"""What is wrong with a template in words of its form, by the message that names fields as files have them."""
