"""What people read for the plugin's codes in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping

TITLES: Mapping[str, str] = {
    "sports.appearances_recorded": "Line-up recorded",
    "sports.athlete_changed": "Athlete changed",
    "sports.athlete_created": "Athlete created",
    "sports.competition_changed": "Competition changed",
    "sports.competition_created": "Competition created",
    "sports.fixture_changed": "Fixture changed",
    "sports.fixture_scheduled": "Fixture scheduled",
    "sports.import_cancelled": "Import cancelled",
    "sports.import_confirmed": "Import confirmed",
    "sports.result_recorded": "Result recorded",
    "sports.source_changed": "Source changed",
    "sports.source_registered": "Source registered",
    "sports.source_removed": "Source removed",
    "sports.source_rewound": "Source set back",
    "sports.source_secret_set": "Secret of a source set",
    "sports.sport_changed": "Sport changed",
    "sports.sport_created": "Sport created",
    "sports.squad_joined": "Athlete joined a squad",
    "sports.squad_left": "Athlete left a squad",
    "sports.stream_changed": "Stream changed",
    "sports.stream_created": "Stream created",
    "sports.stream_removed": "Stream removed",
    "sports.team_alias_added": "Another name of a team added",
    "sports.team_alias_removed": "Another name of a team removed",
    "sports.team_changed": "Team changed",
    "sports.team_created": "Team created",
    "sports.team_id_noted": "A source's number of a team noted",
    "sports.team_merged": "Teams merged",
}
