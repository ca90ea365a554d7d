"""The part of a tick that takes in and hands over messages."""

from datetime import datetime

from workflows.jobs.tick import Counts, TickWork


def exchange_messages(work: TickWork, now: datetime) -> Counts:
    if work.settings.edxml is None:
        return {}
    # imported late: cron starts a tick each minute, and most offices need none of these modules
    from workflows.exchange.due_statuses import write_statuses
    from workflows.exchange.hand_out import hand_out
    from workflows.exchange.watch_folder import take_folder

    calendar = work.calendar(now)
    taken = take_folder(work.engine, work.settings, now=now, calendar=calendar, should_continue=work.should_continue)
    write_statuses(work.engine, work.settings, now=now)
    left = hand_out(work.engine, work.settings, now=now, calendar=calendar, should_continue=work.should_continue)
    return {"messages_in": taken, "messages_out": left}
