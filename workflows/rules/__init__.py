"""Decide: facts and the time go in, a decision comes out. No database, no clock, no letter.

Begin with `escalation/ladder.py` (who is told when), `calendar/due.py` (dates) and `tasks/lifecycle.py` (states).
"""
