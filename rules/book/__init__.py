"""The rulebook of a tenant: rules as they are written, in numbered versions that never change."""
