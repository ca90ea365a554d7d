"""django-viewflow: a flow of start, a task assigned to the unit, end; started from code, one transaction each."""
