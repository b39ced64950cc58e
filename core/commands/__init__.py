"""The core's own commands; each module is mounted through an entry point, like everyone's."""
