"""The handlers of the actions, a file per theme. Each looks at a move and says what it changes and who must hear."""
