"""Hold work that waits, and report work that fails.

Begin with `background_jobs.py`. `alerts.py` tells administrators of failures; `send_hold.py` stops all sending after a
restore.
"""
