"""Characters from before Unicode: each encoding gives its Vietnamese back, wherever it stands."""

import codecs
import shutil
import subprocess
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import BadInput
from tests.intake.files.made import SEED, docx, html, part, pdf, rtf, w_p
from workflows.intake.files import read_file
from workflows.intake.files.characters.encodings import repair, tidy
from workflows.intake.files.characters.legacy import TCVN3
from workflows.intake.files.characters.syllables import is_syllable

LETTERS = (
    "à á ả ã ạ ằ ắ ẳ ẵ ặ ầ ấ ẩ ẫ ậ è é ẻ ẽ ẹ ề ế ể ễ ệ ì í ỉ ĩ ị ò ó ỏ õ ọ ồ ố ổ ỗ ộ ờ ớ ở ỡ ợ ù ú ủ ũ ụ ừ ứ ử ữ ự"
    " ỳ ý ỷ ỹ ỵ ă â ê ô ơ ư đ"
).split()
PARAGRAPH = (
    "Căn cứ Luật Tổ chức Chính phủ, Thủ tướng yêu cầu các bộ, ngành, địa phương khẩn trương rà soát, đẩy mạnh cải "
    "cách; giữ vững kỷ cương, phòng ngừa lãng phí; xử lý nghiêm những sai phạm. Tỷ lệ giải ngân phải đạt ở mức "
    "cao; sẵn sàng ứng phó bão lũ, hỗ trợ người nghèo, người mù chữ, trẻ mồ côi; nhiều nhiệm vụ còn dở dang, chậm "
    "trễ, kể cả việc nhỏ. Kỳ họp tới sẽ nghe báo cáo đầy đủ; chỗ nào yếu, thiếu phải bổ sung; ngăn ngừa mọi biểu "
    "hiện nể nang, né tránh, đùn đẩy. Nghĩa vụ ấy thuộc về từng cán bộ, từng vị trí; giữ vẻ đẹp mỹ tục, hủy bỏ hủ "
    "tục; bụng dạ ngay thẳng, chẳng sợ khó, cỡ nào cũng dễ. Lặng lẽ, rỗng tuếch, lẫn lộn, vẩn đục, hẵng còn, tẩy "
    "chay, ốm o, cãi cọ, tị nạnh, quỳ, quỵ lụy, kẻo rồi. Bằng chứng ẩn giấu, ngõ hẻm; chỉ sự gắn bó, gìn giữ, rút ra."
)
LINES = [f"{PARAGRAPH}", "1. Bộ Công an báo cáo trước ngày 15/12/2026.", "a) Đôn đốc, kiểm tra."]
TEXT = "\n".join(LINES)


def to_tcvn3(text: str) -> str:
    codes = {letter: chr(code) for code, letter in TCVN3.items()}
    return "".join(codes.get(char, codes.get(char.lower(), char)) for char in text)


def to_vni(text: str) -> str:
    """VNI for Windows by its own description: base letter, then the mark as a letter."""
    marks = {"": "", "\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
    hats = {"": "â", "\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
    breves = {"": "ê", "\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
    single = {"í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î", "đ": "ñ"}
    written = ""
    for char in text:
        low = char.lower()
        base, shape, tone = low, "", ""
        for piece in unicodedata.normalize("NFD", low)[1:]:
            shape, tone = (shape, piece) if piece in marks else (piece, tone)
        base = unicodedata.normalize("NFD", low)[0]
        if low in single:
            made = single[low]
        elif shape in ("\u0302", "\u0306"):
            made = base + (hats if shape == "\u0302" else breves)[tone]
        elif shape == "\u031b":
            made = {"o": "ô", "u": "ö"}[base] + marks[tone]
        else:
            made = base + marks[tone] if low != base else low
        written += made.upper() if char != low else made
    return written


def test_the_paragraph_has_every_letter() -> None:
    assert set(LETTERS) <= set(PARAGRAPH.lower())


ENCODED = {
    "utf-8": TEXT.encode(),
    "utf-8 with a mark": codecs.BOM_UTF8 + TEXT.encode(),
    "utf-8 decomposed": unicodedata.normalize("NFD", TEXT).encode(),
    "utf-16": TEXT.encode("utf-16"),
    "utf-16 be with a mark": codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    "utf-16 without a mark": TEXT.encode("utf-16-le"),
    "vni": to_vni(TEXT).encode("cp1252"),
    "vni read as latin-1": to_vni(TEXT).encode(),
    "utf-8 read as latin-1": TEXT.encode().decode("latin-1").encode(),
}


def to_1258(text: str) -> bytes:
    """Windows-1258 has the shaped vowels, and the tones as letters of their own."""
    written = b""
    for char in text:
        tones = [mark for mark in unicodedata.normalize("NFD", char) if mark in "\u0300\u0301\u0303\u0309\u0323"]
        bare = "".join(piece for piece in unicodedata.normalize("NFD", char) if piece not in tones)
        written += (unicodedata.normalize("NFC", bare) + "".join(tones)).encode("cp1258")
    return written


ENCODED["windows-1258"] = to_1258(TEXT)


@pytest.mark.parametrize("encoding", ENCODED)
def test_a_text_file_in_any_encoding_gives_the_same_letters(encoding: str) -> None:
    assert read_file("a.txt", ENCODED[encoding]) == TEXT


@pytest.mark.parametrize("stored", ["latin-1", "utf-8"])
def test_tcvn3_gives_the_same_letters_but_has_no_capitals_with_tones(stored: str) -> None:
    text = TEXT.replace("Ủ", "ủ")
    assert read_file("a.txt", to_tcvn3(text).encode(stored)).lower() == text.lower()


@pytest.mark.parametrize("written", [to_tcvn3, to_vni])
def test_legacy_letters_are_found_in_every_format(written: Callable[[str], str]) -> None:
    lines = [written(line) for line in LINES]
    for name, made in (("a.docx", docx(lines)), ("a.doc", html(lines)), ("a.rtf", rtf(lines))):
        assert read_file(name, made).lower().split() == TEXT.lower().split(), name


def test_a_page_that_names_windows_1258_is_believed() -> None:
    head = b'<html><head><meta http-equiv="Content-Type" content="text/html; charset=windows-1258"></head><body><p>'
    assert read_file("a.html", head + to_1258("Chỉ thị") + b"</p></body></html>") == "Chỉ thị"


def test_a_real_sample_of_tcvn3_read_as_latin_1() -> None:
    sample = (
        "quy Õt ®Þnh cña ng©n hµng nhµ níc ViÖt Nam vÒ viÖc ban hµnh chÕ ®é b¸o c¸o; c¸c tæ chøc tÝn dông; th¬ng m¹i"
    )
    read = (
        "quy ết định của ngân hàng nhà nước Việt Nam về việc ban hành chế độ báo cáo; các tổ chức tín dụng; thương mại"
    )
    assert repair(sample) == read


def test_words_that_lost_their_letter_in_tcvn3_get_it_back() -> None:
    text = (
        "Số 5/VP-TH: Thông tư như sau: đầu tư, người hưởng rượu, dưới đây, Bí thư; sáng ngời; "
        "của các bộ, ngành, địa phương được tổ chức thực hiện"
    )
    assert repair(to_tcvn3(text).replace("\xad", "")) == text


def test_only_the_lines_that_need_it_are_changed() -> None:
    text = (
        f"{PARAGRAPH}\n{to_tcvn3('bộ công an chủ trì, phối hợp với các bộ, ngành liên quan')}\nCafé Zürich: 5 m², 20°C"
    )
    assert repair(text).split("\n") == [
        PARAGRAPH,
        "bộ công an chủ trì, phối hợp với các bộ, ngành liên quan",
        "Café Zürich: 5 m², 20°C",
    ]


def test_old_fonts_are_read_with_their_capitals() -> None:
    old = '<w:rFonts w:ascii="{}" w:hAnsi="{}"/>'
    body = (
        w_p("Bộ Công an", run=old.format("Times New Roman", "Times New Roman"))
        + w_p(to_tcvn3("chủ trì"), run=old.format(".VnTime", ".VnTime"))
        + w_p(to_tcvn3("chỉ thị"), run=old.format(".VnTimeH", ".VnTimeH"))
        + w_p(to_vni("phối hợp"), run=old.format("VNI-Times", "VNI-Times"))
        + w_p("đã là Unicode", run=old.format(".VnTime", ".VnTime"))
        + w_p("các phòng", run=old.format(".VnTime", ".VnTime"))
        + w_p(to_tcvn3("kế hoạch"), properties='<w:pStyle w:val="Cu"/>')
    )
    styles = part(
        "styles",
        '<w:style w:type="paragraph" w:styleId="Goc"><w:rPr><w:rFonts w:ascii=".VnTime"/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Cu"><w:basedOn w:val="Goc"/></w:style>',
    )
    assert read_file("a.docx", docx(body, styles=styles)).split("\n") == [
        "Bộ Công an",
        "chủ trì",
        "CHỈ THỊ",
        "phối hợp",
        "đã là Unicode",
        "các phòng",
        "kế hoạch",
    ]


def test_the_table_of_tcvn3_is_that_of_the_system() -> None:
    if shutil.which("iconv") is None:
        pytest.skip("iconv is not installed: apt-get install libc-bin")
    done = subprocess.run(["iconv", "-f", "TCVN", "-t", "UTF-8"], input=bytes(TCVN3), capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this iconv has no TCVN: apt-get install libc-bin")
    assert done.stdout.decode() == "".join(TCVN3.values())


@pytest.mark.parametrize(
    "text",
    [
        "E = mc^2, a^b, x+y; dd/mm/yyyy; o+o",
        "Kế hoạch số 57‑NQ/TW",
        "plain English, it's fine.",
        "Bo^. Co^ng an ddo^n ddo^'c thu+.c hie^.n.",
    ],
)
def test_what_is_no_older_encoding_stays(text: str) -> None:
    assert repair(text) == text


def test_letters_in_no_known_encoding_are_refused() -> None:
    with pytest.raises(BadInput) as caught:
        read_file("a.txt", "Постановление Правительства о мерах".encode("koi8-r") * 20)
    assert (
        caught.value.tell("en") == "file a.txt: its characters are in an unknown encoding; save it as UTF-8 or as .docx"
    )


@pytest.mark.parametrize("word", "nghiêng được khuỷu quyết giữa ương Ủy xuyên gì hoà thuở".split())
def test_a_syllable_is_known(word: str) -> None:
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["nớc", "cỏc", "đôc", "vµ", "cña", "Vieät", "á»‡", "thơng", "ăn2"])
def test_what_is_no_syllable_is_known(word: str) -> None:
    assert not is_syllable(word)


@pytest.mark.parametrize("written", [str, to_tcvn3, to_vni])
def test_a_pdf_keeps_every_letter(written: Callable[[str], str]) -> None:
    assert read_file("a.pdf", pdf([written(PARAGRAPH)])).lower() == PARAGRAPH.lower()


def test_the_bundled_directive_is_not_taken_for_anything_older() -> None:
    assert repair(SEED) == unicodedata.normalize("NFC", SEED)


@given(st.text(max_size=300))
def test_repair_and_tidy_take_any_text_and_end_in_nfc(text: str) -> None:
    tidied = tidy(repair(text))
    assert unicodedata.is_normalized("NFC", tidied)
    assert tidy(tidied) == tidied
