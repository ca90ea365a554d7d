"""Webhooks: other systems are told of events, through an outbox of their own with the manners of the letters' one.

A call is written in the transaction of its event, and made by the delivery: signed, tried again, given up visibly.
"""
