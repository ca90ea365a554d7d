"""Check digital signatures of PDF files: who signed when, whether anything changed since, whether a root is trusted.

Begin with `kept_checks.py`. `models/signatures/signature_facts.py` judges the facts; `signature_words.py` words them.
"""
