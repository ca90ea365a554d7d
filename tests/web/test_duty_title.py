"""What a duty is called on pages: its number and title, no word twice."""

import pytest

from web.request.word_filters import duty_title


@pytest.mark.parametrize(
    ("path", "title", "vi", "en"),
    [
        ("2.a", "Bảo đảm thông tin", "Mục 2.a: Bảo đảm thông tin", "Item 2.a: Bảo đảm thông tin"),
        ("results", "báo cáo kết quả tháng", "Báo cáo kết quả tháng", "Report of results: báo cáo kết quả tháng"),
        ("results", "Tổng hợp tháng", "Báo cáo kết quả: Tổng hợp tháng", "Report of results: Tổng hợp tháng"),
    ],
)
def test_a_title_that_begins_with_the_name_stands_alone(path: str, title: str, vi: str, en: str) -> None:
    assert (duty_title(path, title, "vi"), duty_title(path, title, "en")) == (vi, en)
