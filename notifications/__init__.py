"""Write letters and send them. No rule of who is told stands here: workflows decides that.

A letter is grouped (`outbox/`), composed (`composing/`), sent (`smtp/`), and may come back or be answered (`replies/`).
"""
