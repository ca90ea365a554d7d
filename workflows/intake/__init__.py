"""A document's text → outline → duties with addressees, lead, dates, each quoting its characters. Pure, like rules."""
