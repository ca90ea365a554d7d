"""The words of an export (message ids): what each file holds, and what is left out and why."""

from models.i18n import _

ABOUT = _(
    "All data that this installation of Đôn đốc keeps of {person} ({code}), as of {time} on {day}. Each file is a "
    "table: JSON, one row a line. Ids link the rows; times are UTC. The number of rows stands before each file."
)
TABLE_WORDS = {
    "person": _("you in the register"),
    "person_role": _("your roles"),
    "unit": _("units in which you hold an office"),
    "handover": _("offices taken over or handed over"),
    "absence": _("absences, and those for whom you stood in"),
    "account": _("how you sign in, without the secrets"),
    "web_session": _("browsers in which you were signed in"),
    "access_token": _("your access tokens, without their keys"),
    "calendar_feed": _("your calendar feed"),
    "mailed_secret": _("codes and links that were mailed to you: when, not which"),
    "kept_answer": _("repeatable requests of your programs: when, not what"),
    "throttle": _("failed sign-ins under your name"),
    "audit": _("the audit: what you did to the installation, and what was done to your entry"),
    "history": _("the history: what you did to which task"),
    "history_note": _("the words that you wrote with it"),
    "task": _("tasks that you follow or do"),
    "launch": _("launches of which you are the coordinator"),
    "result": _("results that you entered, decided on or signed"),
    "evidence": _("files of the results that you entered: their names"),
    "signed_press": _("letters pressing a unit that you entered or signed"),
    "contribution": _("contributions that you reported"),
    "extension": _("requests for more time that you made or decided"),
    "lead_change": _("requests for another lead unit that you made or decided"),
    "obstacle": _("obstacles that you reported or answered"),
    "telephone_note": _("telephone calls that you made or answered"),
    "incident": _("incidents that you declared or stood down"),
    "inspection": _("inspections that you planned, led or ended"),
    "inspection_member": _("inspection teams to which you belong"),
    "inspection_finding": _("findings that you recorded"),
    "inspection_correction": _("corrections that you demanded"),
    "inspection_file": _("files that you put beside findings: their names"),
    "intake": _("documents that you read in"),
    "intake_table": _("tables that you read in"),
    "table_mapping": _("columns of tables that you explained"),
    "audience_phrase": _("phrases that you explained"),
    "issued_report": _("reports that you drafted or issued"),
    "report_schedule": _("report schedules that you made"),
    "ranking_approval": _("rankings whose publishing you approved or withdrew"),
    "calendar_revision": _("changes of the calendar that you made"),
    "letter_text": _("letter texts that you changed"),
    "webhook": _("webhooks that you made, without their secrets"),
    "errand": _("long work that you asked for"),
    "notice": _("what you were to be told, of which task"),
    "letter": _("letters to you"),
    "letter_attempt": _("how mail servers answered"),
    "bounce": _("letters to you that came back"),
    "expired_content": _("letters whose bytes are kept no longer"),
    "letters": _("letters to you as they were sent, where their bytes are kept"),
}
LEFT_OUT = (
    _("Left out: passwords, keys, codes and secrets; even you could only misuse them, and most are kept as hashes."),
    _("Left out: contents of documents, reports and result files; they are the office's. That you wrote them is here."),
    _("Left out: words of others, and what you changed of others; letters to others that may name you."),
    _("Not searched: back-ups, logs, the mail server. They are kept and deleted as your office has settled."),
    _(
        "The lines of the history and the audit stay after an erasure, as records of the office: with your id "
        "and, in the audit, your code."
    ),
)
