"""The doctor's check of tesseract, which reads the pages of scans."""

from models.i18n import _
from workflows.intake.files.scans.tesseract import INSTALL, LANGUAGE, find_tesseract, has_language
from workflows.operations.doctor.finding import Check, CheckedInstallation, Finding, ok, warning


def scans(_case: CheckedInstallation) -> Finding:
    """Tell whether pages that are pictures can be read: tesseract is there, with Vietnamese."""
    program = find_tesseract()
    if program is None:
        said = _("tesseract is not installed: scans are refused")
    elif not has_language(program):
        said = _("tesseract has no Vietnamese ({language}): scans are refused", language=LANGUAGE)
    else:
        return ok(_("tesseract reads them: {program}"), program=program)
    return warning(said, _("install what is missing: {command}", command=INSTALL))


CHECK = Check("scans", scans, _("reading of scans"), with_session=False)
