"""`python -m bench.intake FOLDER`: read every text of a folder, score it with its score.py, and time the reading.

The folder holds `texts/*.txt` and, where there are answers, `gold/`; one without a `score.py` is scored with that of
../shared/directives. `--calibration` prints how often findings are right at the confidence that they claim;
`--strict` makes a crossed limit an error.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.intake.calibration import load_score, print_calibration, read_judged
from workflows.intake.files import read_file
from workflows.intake.read import read
from workflows.intake.text.gold import gold_json

LIMIT = 2.0
"""Seconds that a document of PAGES pages may take."""
PAGES = 50
PAGE = 3_000
"""Characters of a page."""
_BESIDE = Path(__file__).parents[2].parent / "shared" / "directives"
_ITEM = (
    "{number}. Sở Tài chính chủ trì, phối hợp với Sở Kế hoạch và Đầu tư, các sở, ban, ngành có liên quan và Ủy ban nhân"
    " dân các huyện, thành phố rà soát, tổng hợp việc thực hiện nhiệm vụ được giao; báo cáo Ủy ban nhân dân tỉnh trước"
    " ngày {day}/12/2025 để theo dõi, chỉ đạo. Định kỳ hàng tháng báo cáo kết quả về Văn phòng Ủy ban nhân dân tỉnh.\n"
    "a) Chủ trì đôn đốc các đơn vị trực thuộc triển khai thực hiện Kế hoạch này;\n"
    "- Thời gian thực hiện: Quý IV/2025.\n"
)


def main() -> int:
    """Run the bench; return 1 where `--strict` is given and the limit is crossed."""
    parser = argparse.ArgumentParser(prog="bench.intake", description="How well and how fast documents are read.")
    parser.add_argument("folder", nargs="?", type=Path, default=_BESIDE, help="texts/, gold/ and score.py")
    parser.add_argument("--verbose", "-v", action="store_true", help="list every miss")
    parser.add_argument("--calibration", action="store_true", help="confidence beside how many findings are right")
    parser.add_argument("--only", nargs="+", metavar="NNN", help="these documents of the folder")
    parser.add_argument("--strict", action="store_true", help="exit 1 when the limit is crossed")
    given = parser.parse_args()
    _score(given.folder, given.only, verbose=given.verbose, calibration=given.calibration)
    seconds = _long_document()
    print(f"\na document of {PAGES} pages: {seconds:.2f} s (limit {LIMIT:.0f} s)")
    return int(given.strict and seconds > LIMIT)


def _score(folder: Path, only: list[str] | None, *, verbose: bool, calibration: bool) -> None:
    texts = [one for one in sorted((folder / "texts").glob("[0-9]*.txt")) if not only or one.stem[:3] in only]
    if not texts:
        print(f"{folder}: no texts")
        return
    scorer = next((one for one in (folder / "score.py", _BESIDE / "score.py") if one.is_file()), None)
    with tempfile.TemporaryDirectory(prefix="dondoc-bench-") as made:
        said, gold = Path(made) / "said", Path(made) / "gold"
        said.mkdir()
        gold.mkdir()
        started = time.perf_counter()
        for path in texts:
            told = json.dumps(gold_json(read(read_file(path.name, path.read_bytes()))), ensure_ascii=False)
            (said / f"{path.stem[:3]}.json").write_text(told, encoding="utf-8")
            if (answer := folder / "gold" / f"{path.stem[:3]}.json").is_file():
                shutil.copy(answer, gold)
        print(f"{len(texts)} texts read in {time.perf_counter() - started:.2f} s", flush=True)
        if scorer is not None and any(gold.iterdir()):
            subprocess.run(
                [sys.executable, str(scorer), str(said), str(gold), *(["-v"] if verbose else [])], check=True
            )
            if calibration:
                print_calibration(read_judged(said, gold, load_score(scorer)))


def _long_document() -> float:
    """Return the processor's seconds for one document of PAGES pages, the best of three."""
    items: list[str] = []
    while sum(map(len, items)) < PAGES * PAGE:
        items.append(_ITEM.format(number=len(items) % 99 + 1, day=len(items) % 28 + 1))
    text = "CHỈ THỊ\nVề việc tăng cường công tác báo cáo\n" + "".join(items)
    taken: list[float] = []
    for _ in range(3):
        started = time.process_time()
        read(text)
        taken.append(time.process_time() - started)
    return min(taken)


if __name__ == "__main__":
    sys.exit(main())
