"""Follow-up tables as offices keep them: a workbook with titles and merged cells, and the same as CSV."""

from datetime import date
from io import BytesIO

import xlsxwriter

QUY_CHE, RA_SOAT = "Xây dựng quy chế bảo đảm an toàn mạng lưới", "Rà soát hệ thống của đơn vị"
TONG_KET, XONG = "Tổng kết công tác năm", "Kiểm tra đường cáp"


def workbook() -> bytes:
    """Titles, two rows of headings, a row that counts the columns, a section, merged duties, Excel's own dates."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet("Bìa")
    sheet.write(0, 0, "Bộ Bưu chính, Viễn thông")
    sheet = book.add_worksheet("Theo dõi")
    sheet.merge_range("A1:G1", "BẢNG THEO DÕI THỰC HIỆN KẾT LUẬN GIAO BAN THÁNG 5")
    for area, words in (("A3:A4", "STT"), ("B3:B4", "Nội dung nhiệm vụ"), ("E3:E4", "Thời hạn hoàn thành")):
        sheet.merge_range(area, words)
    sheet.merge_range("C3:D3", "Đơn vị thực hiện")
    sheet.write("C4", "Chủ trì")
    sheet.write("D4", "Phối hợp")
    sheet.merge_range("F3:F4", "Tình trạng")
    sheet.merge_range("G3:G4", "Ghi chú")
    for place in range(7):
        sheet.write(4, place, f"({place + 1})")
    sheet.merge_range("A6:G6", "I. AN TOÀN MẠNG LƯỚI")
    sheet.write_row("A7", [1, QUY_CHE, "Vụ Viễn thông", "Vụ Bưu chính; Vụ Pháp chế"])
    sheet.write_datetime("E7", date(2004, 9, 30), day)
    sheet.write("F7", "Đang thực hiện")
    sheet.write("G7", "Lãnh đạo Bộ quan tâm")
    sheet.merge_range("B8:B9", RA_SOAT)
    sheet.write_row("C8", ["CTY-M", "", "Quý III/2004"])
    sheet.write_row("C9", ["T-DD", "Vụ Viễn thông", "trước ngày 15/8/2004"])
    sheet.write_row("A10", [4, XONG, "T-DD", "", "30/4/2004", "Đã hoàn thành"])
    book.close()
    return out.getvalue()


def csv(*rows: str) -> bytes:
    """A table with the usual headings, in the CSV that Excel writes with Vietnamese settings."""
    head = "STT;Nhiệm vụ;Đơn vị chủ trì;Đơn vị phối hợp;Thời hạn;Kết quả;Ghi chú"
    return ("\ufeff" + "\r\n".join([head, *rows]) + "\r\n").encode()
