"""List what a person sees and follows: work, inbox, board, search, one task. Begin with `work_list.py`."""
