"""Accounts: how people prove who they are."""
