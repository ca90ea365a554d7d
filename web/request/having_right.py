"""Parameters of pages that need a right. Each is the context of a signed-in person who has it."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends

from web.request.request_context import RequestContext, Signed
from workflows.rules.rights_table import Right


def having(right: Right) -> Callable[[RequestContext], RequestContext]:
    """Return a dependency that returns the context, and raises Forbidden for a person without the right."""

    def check(context: Signed) -> RequestContext:
        context.principal.require(right)
        return context

    return check


MaySeeWork = Annotated[RequestContext, Depends(having(Right.SEE_WORK))]
MaySeeBoard = Annotated[RequestContext, Depends(having(Right.SEE_BOARD))]
MaySeePictures = Annotated[RequestContext, Depends(having(Right.SEE_PICTURES))]
MaySeeReport = Annotated[RequestContext, Depends(having(Right.SEE_REPORT))]
MayWritePapers = Annotated[RequestContext, Depends(having(Right.WRITE_PAPERS))]
MaySeeScorecards = Annotated[RequestContext, Depends(having(Right.SEE_SCORECARDS))]
MaySeeWarnings = Annotated[RequestContext, Depends(having(Right.SEE_WARNINGS))]
MayScheduleReports = Annotated[RequestContext, Depends(having(Right.SCHEDULE_REPORTS))]
MaySeeInbox = Annotated[RequestContext, Depends(having(Right.SEE_INBOX))]
MayLaunch = Annotated[RequestContext, Depends(having(Right.LAUNCH))]
MayInspect = Annotated[RequestContext, Depends(having(Right.INSPECT))]
MaySeeInspections = Annotated[RequestContext, Depends(having(Right.SEE_INSPECTIONS))]
MaySeeLetters = Annotated[RequestContext, Depends(having(Right.SEE_LETTERS))]
MayResendLetters = Annotated[RequestContext, Depends(having(Right.RESEND_LETTERS))]
MayRecordReceipts = Annotated[RequestContext, Depends(having(Right.RECORD_RECEIPTS))]
MayRecordAbsence = Annotated[RequestContext, Depends(having(Right.RECORD_ABSENCE))]
MayEditTemplates = Annotated[RequestContext, Depends(having(Right.EDIT_TEMPLATES))]
MayEditRegister = Annotated[RequestContext, Depends(having(Right.EDIT_REGISTER))]
MayEditCalendar = Annotated[RequestContext, Depends(having(Right.EDIT_CALENDAR))]
MayEditLetterTexts = Annotated[RequestContext, Depends(having(Right.EDIT_LETTER_TEXTS))]
MayEditMail = Annotated[RequestContext, Depends(having(Right.EDIT_MAIL))]
MayRunJobs = Annotated[RequestContext, Depends(having(Right.RUN_JOBS))]
MayEditWebhooks = Annotated[RequestContext, Depends(having(Right.EDIT_WEBHOOKS))]
MayEditChannels = Annotated[RequestContext, Depends(having(Right.EDIT_CHANNELS))]
MayTrustRoots = Annotated[RequestContext, Depends(having(Right.TRUST_ROOTS))]
MaySeeAudit = Annotated[RequestContext, Depends(having(Right.SEE_AUDIT))]
