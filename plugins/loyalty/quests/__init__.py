"""Missions, achievements and streaks."""
