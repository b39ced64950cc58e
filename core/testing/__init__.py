"""The test kit for plugin authors: fixtures, and a contract that any plugin can be held to."""
