"""Pure policy: facts and `now` in, a decision out. No clock, no session, no Prefect."""
