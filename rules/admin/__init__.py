"""The admin pages of the rulebook, for who writes, approves and watches rules: a module a subject."""
