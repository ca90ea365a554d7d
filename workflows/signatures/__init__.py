"""Check digital signatures of PDF files: who signed when, whether anything changed since, whether a root is trusted.

Begin with `kept_checks.py`; `signature_facts.py` judges what was found, `signature_words.py` says it in words.
"""
