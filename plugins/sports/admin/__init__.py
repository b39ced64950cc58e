"""The pages of the plugin for operators."""
