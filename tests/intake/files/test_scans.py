"""Pages that are pictures: read by tesseract in order with the pages that have text; what is doubtful is told."""

import io
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from models.errors import BadInput
from tests.intake.files.made import pdf
from tests.intake.files.scanned import as_photographed, as_scanned, joined, letterhead, pages_of, saved
from workflows.bounded_process.limits import MOST_SCANNED, Unreadable
from workflows.intake.files import Scanned, open_file, read_file, read_scanned
from workflows.intake.files.scans import read_scan
from workflows.intake.files.scans.misread_numbers import numbers_repaired
from workflows.intake.files.scans.page_picture import find_slant
from workflows.intake.files.scans.read_scan import Scan
from workflows.intake.files.scans.scanned_words import ScannedWord, WordLine, parted_head
from workflows.intake.files.scans.spelling import repaired
from workflows.intake.files.scans.tesseract import read_picture
from workflows.intake.review.unclear import lines_at, unclear_words

pytestmark = pytest.mark.long

BODY = (
    "Bộ trưởng yêu cầu các đơn vị thuộc Bộ nghiêm túc thực hiện các nhiệm vụ sau đây và báo cáo kết quả về Bộ "
    "đúng thời hạn được giao.\n\n1. Vụ Kế hoạch chủ trì, phối hợp với Văn phòng Bộ xây dựng kế hoạch, trình Bộ trưởng "
    "trước ngày 25 tháng 02 năm 2010.\n\n"
)
TABLE = "#table(columns: (1fr, 3fr, 2fr), [STT], [Nhiệm vụ], [Thời hạn], [1], [Xây dựng kế hoạch], [31/12/2010])\n\n"
LAST = "2. Các đơn vị gửi báo cáo về Văn phòng Bộ trước ngày 20 hàng tháng để tổng hợp, báo cáo Bộ trưởng.\n\n- 3 -"


def scan_of(data: bytes) -> Scan:
    found = open_file("a", data)
    assert isinstance(found, Scanned)
    told: list[tuple[int, int]] = []
    scan = read_scanned("a", data, found, lambda done, total: told.append((done, total)))
    assert told == [(done, len(found.numbers)) for done in range(len(found.numbers) + 1)]
    return scan


def refusal(data: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        scan_of(data)
    return caught.value.tell("en")


@pytest.mark.usefixtures("tesseract")
def test_a_pdf_of_text_and_scanned_pages_is_read_whole_and_in_order() -> None:
    with_text = pdf("#set page(numbering: none)\nChỉ thị này có hiệu lực từ ngày ký và thay thế các chỉ thị trước đây.")
    slanted = as_scanned(pages_of(letterhead() + BODY + TABLE)[0], slant=1.4)
    upside_down = as_scanned(pages_of(LAST + "\n\n" + BODY)[0], turn=180)
    scan = scan_of(joined(with_text, saved([slanted, upside_down], "PDF")))
    assert (scan.facts["pages"], scan.facts["scanned"]) == (3, [1, 2])
    text = scan.text
    order = [
        "Chỉ thị này có hiệu lực",
        "BỘ CÔNG THƯƠNG",
        "CỘNG HÒA XÃ HỘI",
        "CHỈ THỊ",
        "1. Vụ Kế hoạch",
        "2. Các đơn vị",
    ]
    assert sorted(order, key=text.index) == order, text
    assert "Số: 06/CT-BCT\n" in text, text
    assert "| 1 | Xây dựng kế hoạch | 31/12/2010 |" in text, text
    paragraph = next(line for line in text.split("\n") if line.startswith("1. Vụ Kế hoạch"))
    assert paragraph.endswith("trước ngày 25 tháng 02 năm 2010.")
    place = text.index("Các đơn vị gửi")
    line = lines_at(scan.facts, place, place + 1)
    assert line is not None and line[0] == 2 and line[1][1] < 0.3  # at the top of the page, as it is shown upright
    _is_searchable(scan.searchable)


def _is_searchable(data: bytes) -> None:
    """The page with text is as it was; each other shows its picture upright, with its words where they stand."""
    made = pypdfium2.PdfDocument(data)
    assert len(list(made[0].get_objects())) and not _pictures(made[0])
    assert all(_pictures(made[number]) == 1 for number in (1, 2))
    assert [made[number].get_rotation() for number in range(3)] == [0, 0, 180]
    found = made[2].get_textpage()
    assert "Văn phòng" in found.get_text_range()
    ink = made[1].render(scale=1, grayscale=True).to_pil()
    words = made[1].get_textpage()
    at = words.search("nghiêm túc").get_next()
    assert at is not None
    left, bottom, right, top = words.get_charbox(at[0] + 4)
    height = made[1].get_height()
    around = ink.crop((int(left) - 2, int(height - top) - 2, int(right) + 4, int(height - bottom) + 4))
    assert min(around.tobytes()) < 140, "there is ink where the text layer has a letter"


def _pictures(page: pypdfium2.PdfPage) -> int:
    return sum(one.type == pypdfium2.raw.FPDF_PAGEOBJ_IMAGE for one in page.get_objects(max_depth=1))


@pytest.mark.usefixtures("tesseract")
def test_a_picture_on_its_side_is_read() -> None:
    photo = as_scanned(pages_of(letterhead() + BODY + BODY)[0], turn=90)
    scan = scan_of(saved([photo], "JPEG"))
    assert "CHỈ THỊ" in scan.text and "phối hợp với Văn phòng Bộ" in scan.text
    assert pypdfium2.PdfDocument(scan.searchable)[0].get_rotation() in (90, 270)


@pytest.mark.usefixtures("tesseract")
def test_a_photograph_of_a_screen_is_read_and_what_it_shows_badly_is_doubtful() -> None:
    scan = scan_of(saved([as_photographed(pages_of(letterhead() + BODY)[0])], "JPEG"))
    assert "CHỈ THỊ" in scan.text and "phối hợp với Văn phòng Bộ" in scan.text and "25 tháng 02 năm 2010" in scan.text
    number = scan.text.index("/CT-BCT")
    is_doubtful = any(one.begins <= number <= one.ends for one in unclear_words(scan.facts))
    assert is_doubtful or "06/CT-BCT" in scan.text, scan.text


@pytest.mark.usefixtures("tesseract")
def test_two_directives_in_one_file_are_refused() -> None:
    pages = [pages_of(letterhead(number) + "Yêu cầu các đơn vị báo cáo.")[0] for number in ("06/CT-BCT", "07/CT-BCT")]
    assert refusal(saved(pages, "TIFF")) == (
        "file a: two documents are in it, the second begins on page 2; send each in a file of its own"
    )


@pytest.mark.usefixtures("tesseract")
def test_a_scan_of_a_table_alone_is_refused() -> None:
    assert "it is only a table" in refusal(saved(pages_of(TABLE), "PNG"))


@pytest.mark.usefixtures("tesseract")
def test_a_blank_scan_is_refused() -> None:
    assert "nothing is written on its pages" in refusal(saved([as_scanned(Image.new("L", (800, 1130), 255))], "PDF"))


RUSSIAN = "Постановление Правительства о мерах по обеспечению исполнения поручений и о порядке их учёта. " * 6


@pytest.mark.usefixtures("tesseract")
def test_another_script_is_refused() -> None:
    assert "page 1 " in refusal(saved(pages_of(RUSSIAN), "PNG"))


@pytest.mark.usefixtures("tesseract")
def test_a_page_that_cannot_be_read_refuses_no_document() -> None:
    pages = [pages_of(words)[0] for words in (letterhead() + BODY, RUSSIAN, LAST)]
    scan = scan_of(saved([as_scanned(page) for page in pages], "PDF"))
    order = ["CHỈ THỊ", "1. Vụ Kế hoạch", "2. Các đơn vị"]
    assert sorted(order, key=scan.text.index) == order, scan.text
    [(page, place, reason)] = scan.facts["unread"]
    assert page == 1 and reason in ("foreign_page", "faint_page")
    assert scan.text.index("1. Vụ Kế hoạch") < place <= scan.text.index("2. Các đơn vị")
    assert not any(line[2] == 1 for line in scan.facts["lines"])
    searchable = pypdfium2.PdfDocument(scan.searchable)
    assert [_pictures(searchable[number]) for number in range(3)] == [1, 1, 1]
    assert not searchable[1].get_textpage().get_text_bounded().strip()


@pytest.mark.usefixtures("tesseract")
def test_a_page_that_takes_too_long_refuses_no_document(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(program: str, folder: Path, name: str) -> None:
        if name == "page-0":
            raise Unreadable("file {file}: too slow")
        read_picture(program, folder, name)

    monkeypatch.setattr(read_scan, "read_picture", read)
    pages = [as_scanned(pages_of(words)[0]) for words in (RUSSIAN, letterhead() + BODY)]
    scan = scan_of(saved(pages, "PDF"))
    assert scan.facts["unread"] == [[0, 0, "broken_page"]] and "1. Vụ Kế hoạch" in scan.text
    with pytest.raises(BadInput, match="too slow"):
        scan_of(saved(pages[:1], "PDF"))


@pytest.mark.usefixtures("tesseract")
def test_pages_behind_three_broken_ones_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def read(program: str, folder: Path, name: str) -> None:
        tried.append(name)
        if name == "page-0":
            read_picture(program, folder, name)
        else:
            raise Unreadable("file {file}: too slow")

    monkeypatch.setattr(read_scan, "read_picture", read)
    words = as_scanned(pages_of(letterhead() + BODY)[0])
    scan = scan_of(saved([words] * 7, "PDF"))
    assert tried == ["page-0", "page-1", "page-2", "page-3"]
    assert [page for page, *_fault in scan.facts["unread"]] == [1, 2, 3, 4, 5, 6]


def test_without_tesseract_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    data = saved([Image.new("L", (800, 1130), 255)], "PDF")
    with pytest.raises(BadInput) as caught:
        open_file("a.pdf", data)
    assert "apt-get install --no-install-recommends tesseract-ocr tesseract-ocr-vie" in caught.value.tell("vi")
    with pytest.raises(BadInput, match="pictures without text"):
        read_file("a.pdf", data)


@pytest.mark.usefixtures("tesseract")
def test_more_pages_than_are_read_are_refused_before_reading() -> None:
    pages = [Image.new("1", (80, 113), 1)] * (MOST_SCANNED + 1)
    with pytest.raises(BadInput) as caught:
        open_file("a", saved(pages, "TIFF"))
    assert caught.value.tell("en").startswith(f"file a: {MOST_SCANNED + 1} of its pages are pictures")


def test_a_stamp_over_a_scan_does_not_make_it_text() -> None:
    picture = saved([Image.new("L", (400, 566), 200)], "PDF")
    document = pypdfium2.PdfDocument(picture)
    stamp = pypdfium2.PdfDocument(pdf("Ký bởi: Văn phòng Bộ. Ngày ký: 29/11/2026 08:00")).page_as_xobject(0, document)
    document[0].insert_obj(stamp.as_pageobject())
    page = document[0]
    page.insert_obj(stamp.as_pageobject())
    page.gen_content()
    made = io.BytesIO()
    document.save(made)
    with pytest.raises(BadInput, match="pictures without text"):
        read_file("a.pdf", made.getvalue())


def line(text: str, *, confidence: float = 0.9, left: float = 0.1, top: float = 0.1) -> WordLine:
    words = []
    for word in text.split():
        words.append(ScannedWord(word, confidence, (left, top, left + 0.01 * len(word), top + 0.015)))
        left += 0.01 * len(word) + 0.008
    return WordLine(tuple(words), (words[0].box[0], top, words[-1].box[2], top + 0.015))


NUMBERS = {
    "trước ngày 2Ó hàng tháng": "trước ngày 20 hàng tháng",
    "ngày Ô8 tháng Ø9 năm 2O10": "ngày 08 tháng 09 năm 2010",
    "trước ngày l5/O4/2010": "trước ngày 15/04/2010",
    "Quý H/2010": "Quý II/2010",
    "Quý IH/2010;": "Quý IH/2010;",  # of II as of III
    "Quý 1V/2010": "Quý IV/2010",
    "Quý 112010.": "Quý II/2010.",
    "ngày Í tháng Ø năm 209": "ngày Í tháng Ø năm 209",  # more than one reading is left, or none
    "Quý 1/2010": "Quý 1/2010",
    "ngày lễ, tháng Sáu": "ngày lễ, tháng Sáu",
}


@pytest.mark.parametrize("read", NUMBERS)
def test_a_number_is_repaired_where_the_grammar_leaves_one_reading(read: str) -> None:
    done = numbers_repaired([[line(f"Thời hạn {read}")]])[0][0]
    assert done.text == f"Thời hạn {NUMBERS[read]}"
    marked = [word.was for word in done.words if word.was]
    assert bool(marked) == (read != NUMBERS[read])
    assert all(word.is_doubtful for word in done.words if word.was)


def test_labels_are_repaired_as_they_follow_one_another() -> None:
    lines = ["4. Bộ", "S. Sở", "6, Cục", "a) Vụ", "b) Cục", "e) Sở", "d) Bộ", "8, Cục"]
    done = [one.text for one in numbers_repaired([[line(one) for one in ("1. A", "2. B", "3. C", *lines)]])[0]]
    assert done[3:] == ["4. Bộ", "5. Sở", "6. Cục", "a) Vụ", "b) Cục", "c) Sở", "d) Bộ", "8, Cục"]


def test_the_number_of_the_document_gets_the_letters_of_its_kind() -> None:
    lines = [line("BỘ CÔNG THƯƠNG"), line("Sẽ: 12 /CL-RCT"), line("CHÍ THỊ"), line("Theo Quyết định 5/QĐ-RCT")]
    done = [one.text for one in numbers_repaired([lines])[0]]
    assert done == ["BỘ CÔNG THƯƠNG", "Số: 12 /CT-BCT", "CHỈ THỊ", "Theo Quyết định 5/QĐ-RCT"]


def test_a_word_is_repaired_where_both_neighbours_leave_one_reading() -> None:
    done = repaired([[line("yêu câu các đơn vị báo cáo Thủ tướng Chỉnh phủ trước")]])[0][0]
    assert done.text == "yêu cầu các đơn vị báo cáo Thủ tướng Chính phủ trước"
    assert [(word.was, word.text) for word in done.words if word.was] == [("câu", "cầu"), ("Chỉnh", "Chính")]


def test_a_word_read_surely_or_known_beside_a_neighbour_stays() -> None:
    sure = [line("yêu câu các", confidence=0.97)]
    assert repaired([sure])[0][0].text == "yêu câu các"
    assert repaired([[line("Ông Nguyễn Văn Xẽng")]])[0][0].text == "Ông Nguyễn Văn Xẽng"


def test_a_word_strange_beside_its_neighbours_is_doubtful_sooner() -> None:
    words = repaired([[line("các đơn vị Xẽng báo cáo", confidence=0.93)]])[0][0].words
    assert [word.text for word in words if word.is_doubtful] == ["Xẽng"]


def test_a_letterhead_of_two_columns_is_read_column_by_column() -> None:
    issuer, state = line("BỘ CÔNG THƯƠNG"), line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", left=0.26)
    across = WordLine(issuer.words + state.words, (0.1, 0.1, state.box[2], 0.115))
    middle = state.box[0]
    motto = line("Độc lập - Tự do - Hạnh phúc", left=middle + 0.05, top=0.13)
    number, place = line("Số: 06/CT-BCT", top=0.16), line("Hà Nội, ngày 12", left=middle + 0.05, top=0.16)
    both = WordLine(number.words + place.words, (0.1, 0.16, place.box[2], 0.175))
    done = [one.text for one in parted_head([across, motto, both, line("CHỈ THỊ", left=0.45, top=0.3)])]
    assert done == [
        "BỘ CÔNG THƯƠNG",
        "Số: 06/CT-BCT",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "Hà Nội, ngày 12",
        "CHỈ THỊ",
    ]


@pytest.mark.parametrize("slant", [-2.0, 0.0, 1.0])
def test_the_slant_of_a_page_is_measured(slant: float) -> None:
    page = pages_of(BODY * 3, width=900)[0]
    assert find_slant(as_scanned(page, slant=slant)) == pytest.approx(-slant, abs=0.2)


def test_roman_numbers_of_headings_are_repaired_as_they_follow_one_another() -> None:
    read = [
        "1L. MỤC ĐÍCH, YÊU CẦU",
        "1. Mục đích",
        "H. CÁC NHIỆM VỤ",
        "-_1, Rà soát",
        "~- Báo cáo",
        "II. TỔ CHỨC THỰC HIỆN",
    ]
    done = [one.text for one in numbers_repaired([[line(one) for one in read]])[0]]
    assert done == [
        "I. MỤC ĐÍCH, YÊU CẦU",
        "1. Mục đích",
        "II. CÁC NHIỆM VỤ",
        "1. Rà soát",
        "- Báo cáo",
        "III. TỔ CHỨC THỰC HIỆN",
    ]
