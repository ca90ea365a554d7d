"""Prints what the API does beside each page: `python -m docs.make_api > docs/api.md`. Tests hold it to the code."""

_HEAD = """# The API beside the pages

*`python -m docs.make_api` writes this page. A test fails if a page is missing here, or a named call does not exist.*

`/api/v1` does for programs what the pages do, through the same functions and the same rights ([rights](rights.md)).
`/api/v1/docs` of the site describes every call with an example, `/api/v1/openapi.json` does so for programs.

- **Token**: a personal access token, made on the account's page, goes as `Authorization: Bearer …`. It acts in its
  person's name, within its scopes: `read`, `act`, `coordinate`, `administer`.
- **Lists** come in pages: pass `next` as `cursor`; boards and lists sorted by a count go by `page`.
- **Repeats**: a POST with `Idempotency-Key` is done once; a repeat gets the same answer for a day.
- **Conflicts**: an action on a task takes `seen` (the task's own, as read), a change in the register takes `seen` (its
  `mark`). The answer is 409 if another change came first and matters here. `dry_run` says what a call would do.
- **Errors** are `application/problem+json`, in the language of `Accept-Language`.
"""

BESIDE: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Today", ("GET /",), ("GET /work", "GET /tasks")),
    ("My work", ("GET /work",), ("GET /work", "GET /tasks")),
    ("The task list", ("GET /tasks", "GET /tasks/csv", "GET /tasks/xlsx"), ("GET /tasks",)),
    ("The dates of a month", ("GET /calendar",), ("GET /tasks",)),
    ("A task", ("GET /tasks/{name}",), ("GET /tasks/{name}", "GET /tasks/{name}/records", "GET /tasks/{name}/why")),
    (
        "A file of a result",
        ("GET /tasks/{name}/files/{file_id}", "GET /tasks/{name}/files/{file_id}/view"),
        ("GET /tasks/{name}/files/{file_id}",),
    ),
    (
        "Acting on a task",
        ("GET /tasks/{name}/{action}", "POST /tasks/{name}/{action}", "GET /tasks/{name}/{action}/done/{history_id}"),
        ("POST /tasks/{name}/accept", "POST /tasks/{name}/submit"),
    ),
    (
        "The conversation on a task",
        (
            "GET /tasks/{name}/conversation",
            "POST /tasks/{name}/conversation",
            "POST /tasks/{name}/conversation/read",
            "GET /tasks/{name}/conversation/answers",
            "GET /tasks/{name}/conversation/files/{file_id}",
            "GET /tasks/{name}/conversation/{message_id}/edit",
            "POST /tasks/{name}/conversation/{message_id}/edit",
            "GET /tasks/{name}/conversation/{message_id}/publish",
            "POST /tasks/{name}/conversation/{message_id}/publish",
        ),
        (
            "GET /tasks/{name}/conversation",
            "POST /tasks/{name}/conversation",
            "POST /tasks/{name}/conversation/read",
            "POST /tasks/{name}/conversation/{message_id}/edit",
            "POST /tasks/{name}/conversation/{message_id}/publish",
            "GET /tasks/{name}/conversation/files/{file_id}",
        ),
    ),
    (
        "The conversation on a directive",
        (
            "GET /directives/{code}/conversation",
            "POST /directives/{code}/conversation",
            "POST /directives/{code}/conversation/read",
            "GET /directives/{code}/conversation/answers",
            "GET /directives/{code}/conversation/files/{file_id}",
            "GET /directives/{code}/conversation/{message_id}/edit",
            "POST /directives/{code}/conversation/{message_id}/edit",
            "GET /directives/{code}/conversation/{message_id}/publish",
            "POST /directives/{code}/conversation/{message_id}/publish",
        ),
        (
            "GET /directives/{code}/conversation",
            "POST /directives/{code}/conversation",
            "POST /directives/{code}/conversation/read",
            "POST /directives/{code}/conversation/{message_id}/edit",
            "POST /directives/{code}/conversation/{message_id}/publish",
            "GET /directives/{code}/conversation/files/{file_id}",
        ),
    ),
    (
        "Receipts",
        ("GET /receipts", "GET /receipts/{task_id}", "POST /receipts/{task_id}"),
        ("GET /search", "POST /tasks/{name}/receive"),
    ),
    (
        "Search",
        ("GET /search", "GET /suggest/units", "GET /suggest/leads", "GET /suggest/people", "GET /suggest/directives"),
        ("GET /search",),
    ),
    (
        "Absences",
        (
            "GET /absences",
            "POST /absences",
            "POST /absences/{absence_id}/end",
            "POST /admin/people/{code}/absences",
            "POST /admin/people/{code}/absences/{absence_id}/end",
        ),
        ("GET /absences", "POST /absences", "DELETE /absences/{absence_id}"),
    ),
    (
        "An obstacle with a directive",
        ("GET /difficulty", "POST /difficulty"),
        ("GET /difficulties", "POST /difficulties"),
    ),
    (
        "Decisions",
        ("GET /inbox", "GET /inbox/approve", "POST /inbox/approve", "POST /inbox/undo"),
        ("GET /inbox", "POST /tasks/{name}/approve"),
    ),
    ("Directives", ("GET /directives",), ("GET /directives",)),
    (
        "A directive's text",
        ("GET /directives/{code}/text", "GET /directives/{code}/files/{file_id}"),
        ("GET /directives/{code}",),
    ),
    (
        "Messages of the document exchange",
        ("POST /directives/{code}/messages", "POST /directives/{code}/messages/{message_id}"),
        ("GET /edxml/outgoing", "GET /edxml/outgoing/{message_id}", "POST /edxml/outgoing/{message_id}/taken"),
    ),
    ("A directive's whole file", ("POST /directives/{code}/archive",), ("POST /directives/{code}/archive",)),
    (
        "The board",
        (
            "GET /directives/{code}",
            "GET /directives/{code}/timeline",
            "GET /directives/{code}/wall",
            "GET /live/directives/{code}",
            "GET /directives/{code}/units/{unit}",
        ),
        ("GET /directives/{code}/board", "GET /directives/{code}/cells", "GET /directives/{code}/units/{unit}"),
    ),
    (
        "Many tasks at once",
        ("GET /directives/{code}/bulk", "POST /directives/{code}/bulk", "GET /directives/{code}/bulk/{errand_id}"),
        ("POST /directives/{code}/many", "GET /errands/{errand_id}/tasks"),
    ),
    (
        "Long work",
        (
            "GET /errands/{errand_id}",
            "GET /errands/{errand_id}/state",
            "POST /errands/{errand_id}/cancel",
            "POST /errands/{errand_id}/resume",
            "POST /errands/{errand_id}/dismiss",
        ),
        (
            "GET /errands",
            "GET /errands/{errand_id}",
            "POST /errands/{errand_id}/cancel",
            "POST /errands/{errand_id}/resume",
            "POST /errands/{errand_id}/dismiss",
        ),
    ),
    (
        "Launches",
        (
            "GET /launch",
            "GET /launch/{code}",
            "GET /launch/{code}/audience",
            "GET /launch/{code}/dates",
            "GET /launch/{code}/check",
            "POST /launch/{code}",
            "GET /directives/{code}/launches",
            "GET /directives/{code}/launches/{launch_id}/take-back",
            "POST /directives/{code}/launches/{launch_id}/take-back",
        ),
        (
            "POST /directives/{code}/plan",
            "POST /directives/{code}/launches",
            "GET /directives/{code}/launches",
            "POST /directives/{code}/launches/{launch_id}/take-back",
        ),
    ),
    (
        "The preview of a launch",
        (
            "GET /launch/{code}/preview",
            "POST /launch/{code}/preview",
            "GET /launch/{code}/preview/{errand_id}",
            "GET /launch/{code}/preview/{errand_id}/day/{day}",
            "GET /launch/{code}/preview/{errand_id}/print",
            "GET /launch/{code}/preview/{errand_id}/csv",
        ),
        ("POST /directives/{code}/previews", "GET /errands/{errand_id}/days/{day}"),
    ),
    (
        "Asking units for something",
        ("GET /launch/{code}/request", "POST /launch/{code}/request"),
        ("GET /directives/{code}/askable", "POST /directives/{code}/duties/{path}/requests"),
    ),
    (
        "A task typed by hand",
        ("GET /launch/by-hand", "POST /launch/by-hand"),
        ("POST /typed-tasks", "GET /typed-tasks/documents"),
    ),
    (
        "Incidents and drills",
        (
            "GET /directives/{code}/incidents",
            "GET /directives/{code}/incidents/declare",
            "GET /directives/{code}/incidents/check",
            "POST /directives/{code}/incidents",
            "GET /directives/{code}/incidents/{incident_id}",
            "POST /directives/{code}/incidents/{incident_id}/telephone",
            "POST /directives/{code}/incidents/{incident_id}/stand-down",
        ),
        (
            "GET /directives/{code}/incidents",
            "GET /directives/{code}/contingencies",
            "POST /directives/{code}/incidents",
            "GET /directives/{code}/incidents/{incident_id}",
            "POST /tasks/{name}/telephone",
            "POST /incidents/{incident_id}/stand-down",
        ),
    ),
    (
        "Inspections",
        (
            "GET /inspections",
            "GET /inspections/plan",
            "GET /inspections/check",
            "POST /inspections",
            "GET /inspections/{inspection_id}",
            "POST /inspections/{inspection_id}/move",
            "POST /inspections/{inspection_id}/send",
            "POST /inspections/{inspection_id}/close",
            "POST /inspections/{inspection_id}/cancel",
        ),
        (
            "GET /inspections",
            "POST /directives/{code}/inspections",
            "GET /inspections/{inspection_id}",
            "POST /inspections/{inspection_id}/units/{unit}/move",
            "POST /inspections/{inspection_id}/send",
            "POST /inspections/{inspection_id}/close",
            "POST /inspections/{inspection_id}/cancel",
        ),
    ),
    (
        "Findings of an inspection at a unit, and corrections",
        (
            "GET /inspections/{inspection_id}/units/{unit}",
            "POST /inspections/{inspection_id}/units/{unit}",
            "GET /inspections/{inspection_id}/units/{unit}/questions/{number}",
            "POST /inspections/{inspection_id}/units/{unit}/questions/{number}/correct",
            "POST /inspections/{inspection_id}/units/{unit}/questions/{number}/settle",
        ),
        (
            "POST /inspections/{inspection_id}/units/{unit}/findings",
            "POST /inspections/{inspection_id}/units/{unit}/questions/{number}/corrections",
            "POST /inspections/{inspection_id}/units/{unit}/questions/{number}/settle",
        ),
    ),
    (
        "A file beside a finding",
        ("GET /inspections/{inspection_id}/files/{file_id}",),
        ("GET /inspections/{inspection_id}/files/{file_id}",),
    ),
    ("The report", ("GET /reports", "GET /reports/csv", "GET /reports/xlsx"), ("GET /report",)),
    (
        "Scorecards of units",
        ("GET /scorecards", "GET /scorecards/units/{code}"),
        ("GET /scorecards", "GET /scorecards/units/{code}"),
    ),
    ("Warnings before the date", ("GET /warnings",), ("GET /warnings",)),
    (
        "Reports compiled by the calendar",
        (
            "GET /papers/schedules",
            "GET /papers/schedules/new",
            "POST /papers/schedules/new",
            "GET /papers/schedules/{schedule_id}",
            "POST /papers/schedules/{schedule_id}",
            "POST /papers/schedules/{schedule_id}/switch",
        ),
        (
            "GET /report-schedules",
            "GET /report-schedules/{schedule_id}",
            "POST /report-schedules",
            "PUT /report-schedules/{schedule_id}",
            "PATCH /report-schedules/{schedule_id}",
        ),
    ),
    ("The tasks behind a number", ("GET /reports/tasks",), ("GET /report/tasks",)),
    ("The giao ban list", ("GET /directives/{code}/briefing",), ("GET /directives/{code}/briefing",)),
    ("Charts", ("GET /reports/pictures",), ("GET /pictures",)),
    ("The ladder in time", ("GET /reports/pictures/ladder",), ("GET /directives/{code}/ladder",)),
    (
        "Letters",
        (
            "GET /letters",
            "GET /letters/{letter_id}",
            "GET /letters/{letter_id}/html",
            "GET /letters/{letter_id}/eml",
            "GET /letters/{letter_id}/attachments/{number}",
            "GET /letters/{letter_id}/resend",
            "POST /letters/{letter_id}/resend",
        ),
        (
            "GET /letters",
            "GET /letters/{letter_id}",
            "GET /letters/{letter_id}/eml",
            "GET /letters/{letter_id}/attachments/{number}",
            "POST /letters/{letter_id}/resend",
        ),
    ),
    (
        "Letters that need attention",
        ("GET /admin/letters", "POST /admin/letters"),
        ("GET /dead-letters", "POST /dead-letters"),
    ),
    (
        "Notifications",
        ("GET /notifications", "GET /notifications/{notice_id}", "POST /notifications/read"),
        ("GET /notifications", "POST /notifications/read"),
    ),
    ("One's language", ("POST /account/language",), ("PATCH /me",)),
    ("The administration's front page", ("GET /admin",), ("GET /alerts", "GET /dead-letters", "GET /jobs")),
    (
        "Units",
        (
            "GET /admin/units",
            "GET /admin/units/new",
            "POST /admin/units/new",
            "GET /admin/units/{code}",
            "GET /admin/units/{code}/edit",
            "POST /admin/units/{code}/edit",
            "GET /admin/units/{code}/retire",
            "POST /admin/units/{code}/retire",
            "POST /admin/units/{code}/restore",
        ),
        ("GET /register/units", "GET /register/units/{code}", "POST /units", "PATCH /units/{code}"),
    ),
    (
        "Offices",
        ("GET /admin/units/{code}/offices/{office}", "POST /admin/units/{code}/offices/{office}"),
        ("POST /units/{code}/offices/{office}", "DELETE /units/{code}/offices/{office}"),
    ),
    (
        "People",
        (
            "GET /admin/people",
            "GET /admin/people/new",
            "POST /admin/people/new",
            "GET /admin/people/{code}",
            "GET /admin/people/{code}/edit",
            "POST /admin/people/{code}/edit",
            "GET /admin/people/{code}/retire",
            "POST /admin/people/{code}/retire",
            "POST /admin/people/{code}/restore",
            "POST /admin/people/{code}/trust-address",
            "POST /admin/people/{code}/invite",
        ),
        (
            "GET /register/people",
            "GET /register/people/{code}",
            "POST /people",
            "PATCH /people/{code}",
            "POST /people/{code}/retire",
            "POST /people/{code}/trust-address",
            "POST /people/{code}/invite",
        ),
    ),
    (
        "Roles",
        ("POST /admin/people/{code}/roles", "POST /admin/people/{code}/roles/{role}/{unit}/end"),
        ("POST /people/{code}/roles", "DELETE /people/{code}/roles"),
    ),
    (
        "An officer's open tasks",
        ("GET /admin/people/{code}/tasks", "POST /admin/people/{code}/tasks"),
        ("GET /people/{code}/tasks", "POST /people/{code}/tasks/hand-over"),
    ),
    (
        "The register as spreadsheets",
        (
            "GET /admin/register",
            "POST /admin/register",
            "GET /admin/register/{token}",
            "POST /admin/register/{token}",
            "GET /admin/register/download/{name}",
        ),
        ("POST /register/import", "GET /register/files/{table}", "GET /register/columns"),
    ),
    (
        "Templates",
        (
            "GET /admin/templates",
            "GET /admin/templates/{code}/{path}",
            "POST /admin/templates/{code}/{path}",
            "POST /admin/templates/{code}/{path}/check",
            "GET /admin/templates/{code}/{path}/file",
            "POST /admin/templates/{code}/{path}/file",
            "GET /admin/templates/{code}/{path}/{number:int}",
            "GET /admin/templates/{code}/{path}/{number:int}/publish",
            "POST /admin/templates/{code}/{path}/{number:int}/publish",
            "GET /admin/templates/{code}/{path}/{number:int}/retire",
            "POST /admin/templates/{code}/{path}/{number:int}/retire",
        ),
        (
            "GET /directives/{code}/templates",
            "GET /directives/{code}/templates/{duty}/{version}",
            "PUT /directives/{code}/templates/{duty}",
            "GET /directives/{code}/templates/{duty}/{version}/effect",
            "POST /directives/{code}/templates/{duty}/{version}/publish",
            "POST /directives/{code}/templates/{duty}/{version}/retire",
        ),
    ),
    (
        "A template's letters",
        (
            "GET /admin/templates/{code}/{path}/{number:int}/letter",
            "GET /admin/templates/{code}/{path}/{number:int}/letter/html",
            "POST /admin/templates/{code}/{path}/{number:int}/letter",
        ),
        (
            "GET /directives/{code}/templates/{duty}/{version}/letter",
            "POST /directives/{code}/templates/{duty}/{version}/letter",
        ),
    ),
    (
        "Texts of letters",
        (
            "GET /admin/letter-texts",
            "GET /admin/letter-texts/{name}/{of}",
            "POST /admin/letter-texts/{name}/{of}",
            "POST /admin/letter-texts/{name}/{of}/check",
            "GET /admin/letter-texts/{name}/{of}/html",
        ),
        (
            "GET /letter-texts",
            "PUT /letter-texts/{name}/{language}",
            "DELETE /letter-texts/{name}/{language}",
            "POST /letter-texts/{name}/{language}/try",
        ),
    ),
    (
        "The calendar",
        (
            "GET /admin/calendar",
            "GET /admin/calendar/edit",
            "POST /admin/calendar/edit",
            "GET /admin/calendar/changes/{token}",
            "POST /admin/calendar/changes/{token}",
        ),
        ("GET /calendar", "POST /calendar"),
    ),
    (
        "Jobs",
        (
            "GET /admin/jobs",
            "POST /admin/jobs/{name}/run",
            "POST /admin/jobs/{name}/pause",
            "POST /admin/jobs/{name}/resume",
            "GET /admin/jobs/{name}",
            "POST /admin/jobs/{name}",
            "POST /admin/clock",
        ),
        ("GET /jobs", "PATCH /jobs/{name}", "POST /jobs/{name}/run"),
    ),
    ("Troubles", ("GET /admin/alerts",), ("GET /alerts",)),
    ("The check-up", ("GET /admin/check-up",), ("GET /check-up",)),
    (
        "Mail",
        (
            "GET /admin/mail",
            "GET /admin/mail/connection",
            "POST /admin/mail/test",
            "GET /admin/mail/edit",
            "POST /admin/mail/edit",
        ),
        ("GET /mail", "GET /mail/connection", "POST /mail/test", "PATCH /mail"),
    ),
    ("The audit", ("GET /admin/audit", "GET /admin/audit.csv"), ("GET /audit",)),
    (
        "Webhooks",
        (
            "GET /admin/webhooks",
            "POST /admin/webhooks",
            "GET /admin/webhooks/{webhook_id}",
            "POST /admin/webhooks/{webhook_id}/switch",
            "POST /admin/webhooks/{webhook_id}/calls/{call_id}",
        ),
        (
            "GET /webhooks",
            "POST /webhooks",
            "PATCH /webhooks/{webhook_id}",
            "GET /webhooks/{webhook_id}/calls",
            "POST /webhooks/calls/{call_id}/again",
        ),
    ),
)
"""What it is, the pages of it, the calls that do the same."""

ONLY_PAGES: tuple[tuple[str, str, str], ...] = (
    (r"/tour\b", "the first steps of a person", "a program needs no tour"),
    (r"/tasks/views\b", "named lists of tasks", "they are addresses of the task list; a program keeps its own filters"),
    (
        r"/(sign-in|sign-out|forgotten|invitation|reset|account/oidc)\b",
        "signing in and out, forgotten passwords",
        "a token stands for somebody who has signed in; it must not sign in, nor read what was mailed to prove it",
    ),
    (
        r"/account(/password|/sessions|/second-step.*)?$",
        "the password, the sessions, the second step of one's account",
        "who finds a token must not be able to keep the person out, or themselves in",
    ),
    (
        r"/account/data$",
        "everything kept of oneself, as one archive",
        "a person asks for it having just signed in; a token must not carry a whole mailbox away. Erasing somebody is "
        "a command at the machine, beside the back-ups that still hold them",
    ),
    (
        r"/admin/people/{code}/second-step/",
        "ending somebody's second step",
        "it lowers how they prove who they are: an administrator does it in person, signed in with theirs",
    ),
    (
        r"/account/tokens|/account/calendar|/calendar/",
        "tokens themselves, the address of the calendar feed",
        "a token that makes tokens outlives its own end; the feed's address is a secret of the same kind",
    ),
    (
        r"/account/letters|/fewer/",
        "how often one gets which letters",
        "a person chooses it for themselves; the address in a letter's header is for mail readers",
    ),
    (
        r"/r/",
        "what a reply asks for, confirmed by the link in its answer",
        "the link is one press of the person who replied; a program acts on the task itself",
    ),
    (
        r"/admin/replies",
        "what people answered by mail, as it came",
        "letters of people, for the administrators' eyes; a token must not carry them away",
    ),
    (
        r"/account/links|/v/",
        "links in letters, and voiding them",
        "a link shows a person their task in a browser; voiding them is for who has lost a mailbox, as with sessions",
    ),
    (
        r"/intake\b",
        "reading a document and confirming its duties",
        "a person confirms each duty beside the document's own words; a program runs `dondoc import --save`, "
        "or sends a message of the document exchange (`POST /edxml/messages`)",
    ),
    (
        r"/admin/roots\b",
        "root certificates of digital signatures",
        "whom an office believes is a person's decision, on a fingerprint that they compared",
    ),
    (
        r"/admin/channels\b",
        "channels beside mail, as administrators set them",
        "they hold the password of a gateway, and decide what leaves the house: a person does it, signed in",
    ),
    (
        r"/notifications/(browsers|gateways)\b",
        "by which channels a person is told beside mail",
        "a browser subscribes itself; a person's consent is theirs to give, on a page that says what leaves the house",
    ),
    (
        r"/papers(?!/schedules)\b",
        "office papers, and writing and issuing reports",
        "files to read and sign; their figures are those of `/report`, and issuing is a person's deed, "
        "on what they saw",
    ),
    (r"/setup\b", "the first set-up", "there is nobody yet whose token it could be"),
    (r"/mail(/|$)", "the local mailbox of a trial", "a folder of this machine, on loopback only; see `/letters`"),
    (
        r"/letters/coming\b",
        "the letters to come, before they leave",
        "what the engine forecasts at a moment, for a person to look at; what has left is under `/letters`",
    ),
    (r"/help\b|/api/v1/docs", "how-tos, this description", "words for people"),
    (r"/(health|ready|version|metrics)$", "health and metrics", "outside of the API, for who watches; without a token"),
)
"""Pages by a pattern of their path; what they are; why the API does not have it."""

WITHHELD = (
    ("the password of the mail server", "it can be set on the page or in the settings file; no answer ever tells one"),
    (
        "another mail server, port, line or user while a password is kept",
        "it would be sent there: the page asks for it anew",
    ),
    (
        "another address of one's own person or of an administrator",
        "sign-in codes go there: the page asks the administrator to prove once more who they are",
    ),
    ("a webhook's secret, once it is made", "the answer to its making tells it once"),
    ("letters with a code or an invitation", "they are nobody's but their recipient's, on pages and here"),
)


def page() -> str:
    """The whole page."""
    rows = [f"| {what} | {', '.join(f'`{call}`' for call in calls)} |" for what, _pages, calls in BESIDE]
    reasons = [f"- **{what}**: {why}." for _pattern, what, why in ONLY_PAGES]
    reasons += [f"- **{what}**: {why}." for what, why in WITHHELD]
    return "\n".join(
        [
            _HEAD,
            "## What a page does, a call does\n",
            "Every action on a task (accept, submit, approve …) is a call of its own: `POST /tasks/{name}/<action>`.\n",
            "| page | calls |",
            "|---|---|",
            *rows,
            "",
            "## What is not in the API, and why\n",
            *reasons,
            "",
        ]
    )


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
