"""Who has an account in these tests."""

HEAD = "luong.thi.ngan"
PASSWORD = "một câu đủ dài để nhớ"
