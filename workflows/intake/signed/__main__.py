"""A process within bounds: it reads a line with roots and time, then a PDF, and answers with its signatures' facts."""

import json
import logging
from base64 import b64decode
from datetime import datetime

from workflows.intake.files.answering import answer_within_bounds
from workflows.intake.signed.inspect_pdf import inspect_pdf


def _answer(sent: bytes) -> dict[str, object]:
    head, _line, data = sent.partition(b"\n")
    given = json.loads(head)
    roots = [b64decode(one) for one in given["roots"]]
    return {"signatures": inspect_pdf(data, roots, datetime.fromisoformat(given["now"]))}


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # what is wrong with a file stands in the answer
    answer_within_bounds(_answer)
