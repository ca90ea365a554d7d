"""Import tables of tasks: columns, rows, and what becomes of each row.

Begin with `store_table.py` and `confirm_table.py`.
"""
