"""What others do with the same work: programs of their own, in an environment of their own (.venv-peers).

Nothing of the product is imported by what runs there, and nothing of the peers by the product or its tests.
"""
