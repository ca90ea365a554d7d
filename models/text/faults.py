"""Messages of our own for validation errors, by pydantic's error type."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic_core import PydanticCustomError

from models.i18n import Words, _, _n
from models.text.localtime import write_date

_NEEDED, _ONE_OF, _NUMBER = _("a value is needed"), _("expected one of {expected}"), _("must be a number")
_TEXT, _WHOLE, _YES_NO = _("must be text"), _("must be a whole number"), _("must be true or false")
NO_DAY = _("must be a day of the calendar, such as 05/11/2026 or 2026-11-05")
_MOMENT = _("must be a day and a time, such as 05/11/2026 14:30 or 2026-11-05T14:30")
_LIST, _FIELDS, _LINK = _("must be a list"), _("must be a group of fields"), _("must be a link such as https://…")
_ID, _JSON = _("must be an id of 32 hexadecimal digits"), _("is not valid JSON")
_BASE64 = _("must be written in Base64")
_EMPTY, _OTHER = _("must not be empty"), _("is not of a form that is accepted here")

_WORDS: dict[str, Words] = {
    "missing": _NEEDED,
    "none_required": _("takes no value"),
    "extra_forbidden": _("is not a field known here"),
    "string_type": _TEXT,
    "string_too_short": _("must have at least {min_length} characters"),
    "string_too_long": _n("must have at most {count} character", "must have at most {count} characters"),
    "string_pattern_mismatch": _("must be of the form {pattern}"),
    "enum": _ONE_OF,
    "literal_error": _ONE_OF,
    "union_tag_invalid": _("expected one of {expected_tags}"),
    "union_tag_not_found": _("the field {discriminator} is needed"),
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "greater_than": _("must be greater than {gt}"),
    "greater_than_equal": _("must be at least {ge}"),
    "less_than": _("must be less than {lt}"),
    "less_than_equal": _("must be at most {le}"),
    "date_type": NO_DAY,
    "date_parsing": NO_DAY,
    "date_from_datetime_parsing": NO_DAY,
    "date_from_datetime_inexact": NO_DAY,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "timezone_aware": _MOMENT,
    "too_short": _("must have at least {min_length} entries"),
    "too_long": _n("must have at most {count} entry", "must have at most {count} entries"),
    "list_type": _LIST,
    "tuple_type": _LIST,
    "dict_type": _FIELDS,
    "model_type": _FIELDS,
    "model_attributes_type": _FIELDS,
    "url_type": _LINK,
    "url_parsing": _LINK,
    "url_scheme": _LINK,
    "url_syntax_violation": _LINK,
    "url_too_long": _n("must have at most {count} character", "must have at most {count} characters"),
    "uuid_type": _ID,
    "uuid_parsing": _ID,
    "json_invalid": _JSON,
    "base64_decode": _BASE64,
    "path_type": _("must be the name of a file"),
}


def invalid(message: str, **facts: object) -> PydanticCustomError:
    """Return an error for our own validators to raise, with a message id and its facts."""
    return PydanticCustomError("told", "{told}", {"told": Words(message, **facts)})


def fault_words(error: Mapping[str, Any]) -> Words:
    """Describe one of a ValidationError's `errors()`. An unknown type gets a general message."""
    kind, context = error["type"], dict(error.get("ctx", {}))
    if kind == "told" and isinstance(context["told"], Words):
        return context["told"]
    if kind in ("string_too_short", "too_short") and context["min_length"] == 1:
        return _EMPTY
    if "max_length" in context:
        context["count"] = context["max_length"]
    for name in ("ge", "le"):
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(context.get(name))):  # pydantic gives a day as text
            context[name] = write_date(date.fromisoformat(context[name]))
    for name in ("gt", "ge", "lt", "le"):
        if isinstance(bound := context.get(name), float) and bound.is_integer():
            context[name] = int(bound)
    for name in ("expected", "expected_tags"):
        if name in context:
            context[name] = listed(context[name])
    return Words(_WORDS.get(kind, _OTHER), **context)


def listed(expected: object) -> str:
    """Write pydantic's "'a', 'b' or 'c'" with commas only, because it contains English."""
    return ", ".join(part.strip() for part in str(expected).replace("' or '", "', '").split(", "))
