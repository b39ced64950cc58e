"""Many rules, one event: boxes looked up in an index, or generated code."""
