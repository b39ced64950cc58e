"""The plugin over HTTP: what players, operators and providers call."""
