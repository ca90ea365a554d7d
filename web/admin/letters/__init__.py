"""Edit the texts of letters, and look after the mail server.

Begin with `mail_pages.py`.
"""
