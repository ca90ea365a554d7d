"""Write official documents in the form of Decree 30/2020/NĐ-CP: Word, PDF, Excel. Begin with `make_paper.py`."""
