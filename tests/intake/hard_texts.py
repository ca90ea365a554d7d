"""Texts that would take a reader long which looks back too far."""

STACKED = (
    "để ",
    "báo cáo ",
    "chủ trì, ",
    "phối hợp với ",
    "(",
    "các ",
    "Bộ Y tế, ",
    "1. ",
    "trước ngày ",
    "1/",
    "hàng tháng ",
    '"',
    "| ",
)
"""Words that a text may repeat without end."""
HEAD = "CHỈ THỊ\nVề việc A\n\n1. "
