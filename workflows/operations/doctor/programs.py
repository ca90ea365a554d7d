"""Checks of programs beside this one that reading a document needs."""

from models.i18n import Words, _
from workflows.intake.files.scans.tesseract import INSTALL, LANGUAGE, find_tesseract, has_language
from workflows.operations.doctor.finding import Case, Finding, ok, warning


def scans(_case: Case) -> Finding:
    """Tell whether pages that are pictures can be read: tesseract is there, with Vietnamese."""
    program = find_tesseract()
    if program is None:
        said = Words(_("tesseract is not installed: scans are refused"))
    elif not has_language(program):
        said = Words(_("tesseract has no Vietnamese ({language}): scans are refused"), language=LANGUAGE)
    else:
        return ok("scans", _("tesseract reads them: {program}"), program=program)
    return warning("scans", said, Words(_("install what is missing: {command}"), command=INSTALL))
