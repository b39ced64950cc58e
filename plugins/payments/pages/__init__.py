"""The admin pages of payments."""
