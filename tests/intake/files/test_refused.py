"""Every kind of file that cannot be read: the very words that a coordinator sees, in both languages."""

import re

import pytest

from models.errors import BadInput
from tests.intake.files.made import SEED, archive, blocks_of, docx, html, locked_pdf, part, pdf, png, w_p
from workflows.bounded_process import limits
from workflows.intake.files import read_file

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def ole(*streams: str) -> bytes:
    """What the old formats of Office look like from outside."""
    return OLE + b"".join(name.encode("utf-16-le") + b"\0" * 64 for name in streams)


def scan(*, with_text: bool) -> bytes:
    """A PDF whose page, or second page, is a picture."""
    picture = f"#image(bytes(({','.join(map(str, png()))})), width: 100%, height: 100%)"
    return pdf(
        f'#set page(paper: "a4", margin: 0pt)\n{"Chỉ thị của Bộ trưởng #pagebreak()" if with_text else ""}{picture}'
    )


def fib(encrypted: bool) -> bytes:
    """The beginning of a .doc with the flag of a password."""
    return ole("WordDocument").ljust(1024, b"\0") + b"\xec\xa5" + b"\0" * 9 + bytes([encrypted]) + b"\0" * 500


W_DOCTYPE = '<!DOCTYPE w [<!ENTITY a "ha">]>' + part("document", f"<w:body>{w_p('x')}</w:body>").replace("w:p>", "w:p>")
DAMAGED = (
    "file {name}: it is damaged or cut off; open it, save it as .docx and send that",
    "tệp {name}: bị hỏng hoặc bị cắt mất một phần; đề nghị ông/bà mở tệp, lưu thành .docx rồi gửi lại",
)
PROTECTED = (
    "file {name}: it is protected by a password; remove the password and send it again",
    "tệp {name}: có đặt mật khẩu; đề nghị ông/bà bỏ mật khẩu rồi gửi lại",
)
SPREADSHEET = (
    "file {name}: it is a spreadsheet, not a document; save the document itself as .docx",
    "tệp {name}: là bảng tính, không phải văn bản; đề nghị ông/bà gửi chính văn bản, lưu thành .docx",
)
OTHER = (
    "file {name}: it is not a document that can be read; accepted: .docx, .doc, .odt, .rtf, .pdf, .html, .txt, .jpg, "
    ".png, .tif",
    "tệp {name}: không phải loại văn bản đọc được; các loại được chấp nhận: .docx, .doc, .odt, .rtf, .pdf, .html, "
    ".txt, .jpg, .png, .tif",
)
NO_TEXT = (
    "file {name}: there is no text in it; send the document itself",
    "tệp {name}: không có chữ nào; đề nghị ông/bà gửi chính văn bản",
)
SCAN = (
    "file {name}: pages {pages} are pictures without text (a scan); send the .docx, or a PDF with its text",
    "tệp {name}: trang {pages} là ảnh quét, không có chữ; đề nghị ông/bà gửi tệp .docx, hoặc PDF có lớp chữ",
)
ARCHIVE = (
    "file {name}: it is an archive; take the document out of it and send that",
    "tệp {name}: là tệp nén; đề nghị ông/bà giải nén rồi gửi văn bản bên trong",
)
PICTURE = (
    "file {name}: it is a picture of a kind that is not read; save it as JPEG, PNG or TIFF",
    "tệp {name}: là loại ảnh không đọc được; đề nghị ông/bà lưu lại thành JPEG, PNG hoặc TIFF",
)
SIZE = (
    "file {name}: {size} bytes; allowed are 1 to 20971520 bytes",
    "tệp {name}: dung lượng {size} byte; cho phép từ 1 đến 20971520 byte",
)
REFUSED: dict[str, tuple[str, bytes, tuple[str, str]]] = {
    "empty": ("a.docx", b"", (SIZE[0].replace("{size}", "0"), SIZE[1].replace("{size}", "0"))),
    "too many bytes": (
        "a.pdf",
        bytes(limits.MOST_BYTES + 1),
        (SIZE[0].replace("{size}", "20971521"), SIZE[1].replace("{size}", "20971521")),
    ),
    "docx cut off": ("a.docx", docx(blocks_of(SEED))[:1500], DAMAGED),
    "docx without its document": ("a.docx", archive({"word/x.xml": "<x/>"}), DAMAGED),
    "docx that is no XML": ("a.docx", archive({"word/document.xml": "<w:document"}), DAMAGED),
    "pdf cut off": ("a.pdf", pdf(blocks_of(SEED))[:4000], DAMAGED),
    "pdf of noise": ("a.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 20, DAMAGED),
    "docx with a password": ("a.docx", ole("EncryptedPackage", "EncryptionInfo"), PROTECTED),
    "doc with a password": ("a.doc", fib(encrypted=True), PROTECTED),
    "pdf with a password": ("a.pdf", locked_pdf(), PROTECTED),
    "xlsx": ("a.xlsx", archive({"xl/workbook.xml": "<x/>"}), SPREADSHEET),
    "xls": ("a.xls", ole("Workbook"), SPREADSHEET),
    "ods": ("a.ods", archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), SPREADSHEET),
    "pptx": ("a.pptx", archive({"ppt/presentation.xml": "<x/>"}), OTHER),
    "ppt": ("a.ppt", ole("PowerPoint Document"), OTHER),
    "odp": ("a.odp", archive({"mimetype": "application/vnd.oasis.opendocument.presentation"}), OTHER),
    "a program": ("a.exe", b"MZ\x90\0\3\0\0\0" + bytes(range(256)) * 10, OTHER),
    "zip": ("a.zip", archive({"chi-thi.txt": "nội dung"}), ARCHIVE),
    "rar": ("a.rar", b"Rar!\x1a\x07\x01\0", ARCHIVE),
    "gif": ("a.gif", b"GIF89a", PICTURE),
    "jpg cut off": ("a.pdf", b"\xff\xd8\xff\xe0\0\x10JFIF\0", DAMAGED),
    "png": ("a.png", png(), (SCAN[0].replace("{pages}", "1"), SCAN[1].replace("{pages}", "1"))),
    "scan": ("a.pdf", scan(with_text=False), (SCAN[0].replace("{pages}", "1"), SCAN[1].replace("{pages}", "1"))),
    "scan in part": ("a.pdf", scan(with_text=True), (SCAN[0].replace("{pages}", "2"), SCAN[1].replace("{pages}", "2"))),
    "docx with a file inside": (
        "a.docx",
        docx(w_p("Chỉ thị") + '<w:altChunk r:id="a"/>'),
        (
            "file {name}: part of its text stands in another file inside it; open it in Word and save it again",
            "tệp {name}: một phần nội dung nằm trong tệp khác ở bên trong; đề nghị ông/bà mở bằng Word và lưu lại",
        ),
    ),
    "docx without text": ("a.docx", docx(w_p("")), NO_TEXT),
    "txt without text": ("a.txt", b" \n\n --- \n", NO_TEXT),
    "html without text": ("a.html", html("<p>&nbsp;</p>"), NO_TEXT),
    "Word's XML": (
        "a.doc",
        b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><w:wordDocument/>',
        (
            "file {name}: it is Word's XML format; open it in Word and save it as .docx",
            "tệp {name}: ở định dạng XML của Word; đề nghị ông/bà mở bằng Word và lưu thành .docx",
        ),
    ),
    "entities": (
        "a.docx",
        archive({"word/document.xml": W_DOCTYPE}),
        (
            "file {name}: it declares entities of its own (DTD), which no office program writes; save it anew as .docx",
            "tệp {name}: có khai báo thực thể riêng (DTD), điều mà không phần mềm soạn thảo nào tạo ra; đề nghị "
            "ông/bà lưu lại thành .docx",
        ),
    ),
    "pages": (
        "a.pdf",
        pdf("x #pagebreak()" * 300 + "x"),
        (
            "file {name}: 301 pages; at most 300 are read; send it in parts",
            "tệp {name}: có 301 trang; chỉ đọc tối đa 300 trang; đề nghị ông/bà chia nhỏ rồi gửi",
        ),
    ),
    "characters": (
        "a.txt",
        b"chi thi " * 250_001,
        (
            "file {name}: more than 2000000 characters; send the document in parts",
            "tệp {name}: có hơn 2000000 ký tự; đề nghị ông/bà chia văn bản thành nhiều phần rồi gửi",
        ),
    ),
}


def refusal(name: str, data: bytes) -> BadInput:
    with pytest.raises(BadInput) as caught:
        read_file(name, data)
    return caught.value


@pytest.mark.parametrize("kind", REFUSED)
def test_what_a_coordinator_is_told(kind: str) -> None:
    name, data, (english, vietnamese) = REFUSED[kind]
    told = refusal(name, data)
    assert told.tell("en") == english.replace("{name}", name)
    assert told.tell("vi") == vietnamese.replace("{name}", name)


def test_an_old_word_file_where_no_program_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    told = refusal("a.doc", fib(encrypted=False))
    assert told.tell("en") == (
        "file a.doc: it is in the old format of Word 97–2003, which this server cannot read; save it as .docx"
    )
    assert told.tell("vi") == (
        "tệp a.doc: ở định dạng Word 97–2003 mà máy chủ này không đọc được; đề nghị ông/bà lưu thành .docx"
    )


def test_a_name_is_told_without_its_folders() -> None:
    assert refusal("../../etc/\x1b[31mx.zip", b"Rar!\x1a\x07").tell("en").startswith("file [31mx.zip: ")


def test_a_font_that_does_not_tell_its_letters() -> None:
    made = pdf([SEED[:400]])
    garbled = re.sub(rb"/ToUnicode \d+ 0 R", lambda found: b" " * len(found[0]), made)
    if garbled == made:
        pytest.skip("this PDF's fonts are packed: nothing to take away")
    told = refusal("a.pdf", garbled)
    assert "fonts do not tell" in told.tell("en")
    assert "phông chữ" in told.tell("vi")
