"""Sign people in and out, and show them their account.

Begin with `sign_in_pages.py` and `account_pages.py`.
"""
