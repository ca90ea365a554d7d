"""Tell people beside mail, where they asked for it: by gateways of the office, and in their browsers.

Begin with `send_messages.py`. `gateways.py` is what administrators set, `choices.py` what each person chose.
"""
