"""Write the names of duties, periods and directives in a paper's language."""

from datetime import date

from models.directives.directive import Directive, directive_name
from models.i18n import _
from models.words import PATH_WORDS, duty_words, period_words
from notifications.composing.wording import WrittenWords, first_down, first_up


class Writer(WrittenWords):
    def day(self, day: date | None) -> str:
        """Return a day such as 05/11/2026, or a dash."""
        return super().day(day) if day else "–"

    def duty(self, path: str) -> str:
        """Return "mục 2.a", or the name of a duty without a number."""
        return self.say(duty_words(path))

    def duty_title(self, path: str, title: str, occurrence: str = "once") -> str:
        """Return "Mục 2.a: Bảo đảm thông tin liên lạc (quý I/2004)", without a number the title alone."""
        period = self.period(occurrence)
        name = title if path in PATH_WORDS else f"{first_up(self.duty(path))}: {title}"
        return name + (f" ({period})" if period else "")

    def duty_inline(self, path: str, title: str, occurrence: str = "once") -> str:
        """Return the name for use within a sentence: "mục 2.a (bảo đảm thông tin liên lạc), quý I/2004"."""
        period, title = self.period(occurrence), first_down(title)
        name = title if path in PATH_WORDS else f"{self.duty(path)} ({title})"
        return name + (f", {period}" if period else "")

    def period(self, occurrence: str) -> str:
        """Return the name of a period, "" for a duty that occurs once, on request or in an incident."""
        words = period_words(occurrence)
        return self.say(words[0], **words[1]) if words else ""

    def cite(self, directive: Directive) -> str:
        """ "Chỉ thị số 06/2004/CT-BBCVT"."""
        return self.directive(directive_name(directive.kind, directive.number, directive.subject))

    def cite_in_full(self, directive: Directive) -> str:
        """Return the directive with day, issuer and subject, as a paper cites it first."""
        name = self.cite(directive)
        if directive.issued_on:
            name += f" {'' if self.language == 'vi' else 'of '}{self.long_day(directive.issued_on)}"
        if directive.issuer:
            name = self.say(_("{directive} of {issuer}"), directive=name, issuer=directive.issuer)
        if directive.number and directive.subject:
            subject = " ".join(directive.subject.split())
            name = self.say(_("{directive} on {subject}"), directive=name, subject=subject[:1].lower() + subject[1:])
        return name
