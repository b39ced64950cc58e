"""Starter packs: rules as data, and the catalogue that they speak."""
