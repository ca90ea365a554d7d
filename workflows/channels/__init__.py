"""Send short messages beside mail to people who asked for them: by the office's gateways and in their browsers.

Begin with `send_messages.py`. Administrators set `gateways.py`; `choices.py` holds what each person chose.
"""
