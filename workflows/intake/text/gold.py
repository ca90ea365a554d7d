"""A reading in the JSON shape of the answers that readings are scored against."""

from typing import Any

from workflows.intake.text.reading import Deadline, ReadDuty, Reading, TextFinding


def gold_json(reading: Reading) -> dict[str, Any]:
    """Return the document fields, then the duties and what was left unread.

    Every value has its place, confidence and reason under `found`.
    """
    heading = reading.heading
    return {
        "number": _value(heading.number),
        "issued_on": heading.issued_on.isoformat() if heading.issued_on else None,
        "issuer": _value(heading.issuer),
        "title": _value(heading.title),
        "urgency": _value(heading.urgency),
        "legal_bases": [one.value for one in heading.bases],
        "default_addressees": [one.value for one in reading.addressees],
        "duties": [_duty(one) for one in reading.duties],
        "unread": [_found(one) for one in reading.unread],
        "found": {
            name: _found(one)
            for name in ("number", "issued", "issuer", "title", "urgency")
            if (one := getattr(heading, name)) is not None
        },
    }


def _value(finding: TextFinding | None) -> str | None:
    return finding.value if finding else None


def _duty(duty: ReadDuty) -> dict[str, Any]:
    lists = ("addressees", "lead", "coordinating", "reports_to", "supervisor")
    return {
        "path": duty.path,
        "text": duty.text,
        **{name: [one.value for one in getattr(duty, name)] for name in lists},
        "deadlines": [_deadline(one) for one in duty.deadlines],
        "addressees_inherited": duty.inherited,
        "conditional": bool(duty.conditional),
        "span": [duty.span.start, duty.span.end],
        "confidence": duty.confidence,
        "reason": duty.reason.value,
        "found": {name: [_found(one) for one in getattr(duty, name)] for name in (*lists, "conditional")},
    }


def _deadline(one: Deadline) -> dict[str, Any]:
    told = {
        "verbatim": one.value,
        "kind": one.kind,
        "iso": one.day.isoformat() if one.day else None,
        "op": one.op,
        "rule": one.rule,
    }
    doubt = {"doubt": one.doubt.value} if one.doubt else {}
    return {name: value for name, value in told.items() if value is not None} | doubt | {"found": _found(one)}


def _found(one: TextFinding) -> dict[str, Any]:
    return {
        "value": one.value,
        "span": [one.span.start, one.span.end],
        "confidence": one.confidence,
        "reason": one.reason.value,
    }
