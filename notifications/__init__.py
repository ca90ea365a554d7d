"""How people are told: letters composed from facts handed in, one outbox, yagmail, the local mailbox."""
