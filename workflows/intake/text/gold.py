"""Write a reading as JSON, in the shape of the right answers against which readings are scored."""

from typing import Any

from workflows.intake.text.reading import Deadline, ReadDuty, Reading, TextFinding


def gold_json(reading: Reading) -> dict[str, Any]:
    """Return the document fields, the duties, what was left unread, and how many blocks there are of each kind.

    Every value has its place, confidence and reason under `found`.
    """
    heading = reading.heading
    return {
        "number": _value_or_none(heading.number),
        "issued_on": heading.issued_on.isoformat() if heading.issued_on else None,
        "issuer": _value_or_none(heading.issuer),
        "title": _value_or_none(heading.title),
        "urgency": _value_or_none(heading.urgency),
        "legal_bases": [finding.value for finding in heading.bases],
        "default_addressees": [finding.value for finding in reading.addressees],
        "duties": [_duty(finding) for finding in reading.duties],
        "unread": [_finding_facts(finding) for finding in reading.unread],
        "blocks": {kind.value: count for kind, count in reading.count_blocks().items()},
        "found": {
            name: _finding_facts(getattr(heading, name))
            for name in ("number", "issued", "issuer", "title", "urgency")
            if getattr(heading, name) is not None
        },
    }


def _value_or_none(finding: TextFinding | None) -> str | None:
    return finding.value if finding else None


def _duty(duty: ReadDuty) -> dict[str, Any]:
    lists = ("addressees", "lead", "coordinating", "reports_to", "supervisor")
    return {
        "path": duty.path,
        "text": duty.text,
        **{name: [finding.value for finding in getattr(duty, name)] for name in lists},
        "deadlines": [_deadline(finding) for finding in duty.deadlines],
        "addressees_inherited": duty.inherited,
        "conditional": bool(duty.conditional),
        "span": [duty.span.start, duty.span.end],
        "confidence": duty.confidence,
        "reason": duty.reason.value,
        "found": {
            name: [_finding_facts(finding) for finding in getattr(duty, name)] for name in (*lists, "conditional")
        },
    }


def _deadline(deadline: Deadline) -> dict[str, Any]:
    facts = {
        "verbatim": deadline.value,
        "kind": deadline.kind,
        "iso": deadline.day.isoformat() if deadline.day else None,
        "op": deadline.op,
        "rule": deadline.rule,
    }
    doubt = {"doubt": deadline.doubt.value} if deadline.doubt else {}
    return (
        {name: value for name, value in facts.items() if value is not None}
        | doubt
        | {"found": _finding_facts(deadline)}
    )


def _finding_facts(finding: TextFinding) -> dict[str, Any]:
    return {
        "value": finding.value,
        "span": [finding.span.start, finding.span.end],
        "confidence": finding.confidence,
        "reason": finding.reason.value,
    }
