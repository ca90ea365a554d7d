"""Writes the examples in this folder from the samples of the tests, so that counts, dates and rungs agree.

Run from the root of the repository: python docs/letters/make.py
"""

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent))

from notifications.composing.compose import compose  # noqa: E402
from tests.notifications import samples  # noqa: E402


def main() -> None:
    """Seven letters, in two languages, as text and as HTML."""
    for name in ("assigned", "digest", "upward", "alert", "account", "checkpoint", "compiled"):
        for language in ("vi", "en"):
            composed = compose(getattr(samples, name)(language))
            text = f"Subject: {composed.subject}\n\n{composed.text}"
            (HERE / f"{name}.{language}.txt").write_text(text, encoding="utf-8")
            (HERE / f"{name}.{language}.html").write_text(composed.html, encoding="utf-8")


if __name__ == "__main__":
    main()
