"""Open the database, commit, seal secrets and change the schema.

Begin with `session.py`; `columns.py` holds the types of columns, `schema.py` the migrations.
"""
