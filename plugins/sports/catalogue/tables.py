"""Tables of the catalogue: competitions, teams, athletes, and all the names that they go by."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Index, String, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from pitboss.core.database import Base, JsonObject, TenantRow, uuid_id
from pitboss.plugins.sports.catalogue.names import KEY_LENGTH_MAX

CODE_LENGTH_MAX = 64
NAME_LENGTH_MAX = 200
EXTERNAL_ID_LENGTH_MAX = 128
URL_LENGTH_MAX = 500
SEASON_LENGTH_MAX = 20


class SportRow(TenantRow, Base):
    """A sport that a tenant added, or wrote differently than it ships."""

    __tablename__ = "sports_sport"

    code: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(JsonObject)
    """Name, kind, periods, statistics and default settlement rules."""
    revision: Mapped[int] = mapped_column(default=1, server_default="1")


class CompetitionRow(TenantRow, Base):
    """A league, cup or meeting; its fixtures say of which season they are."""

    __tablename__ = "sports_competition"
    __table_args__ = (UniqueConstraint("tenant_id", "sport", "country", "name"),)

    id: Mapped[UUID] = uuid_id()
    sport: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    """ISO 3166 of two letters; empty where it is of no one country."""
    season: Mapped[str] = mapped_column(String(SEASON_LENGTH_MAX), default="", server_default="")
    """The present one, such as `2026/27`."""
    rank: Mapped[int] = mapped_column(default=100, server_default="100")
    """1 is the greatest: the lower, the bigger its matches."""
    is_active: Mapped[bool] = mapped_column(default=True, server_default=text("true"))
    revision: Mapped[int] = mapped_column(default=1, server_default="1")


class TeamRow(TenantRow, Base):
    """Who takes part: a club, a national side, a player of tennis, a horse."""

    __tablename__ = "sports_team"
    __table_args__ = (Index("ix_sports_team_name", "tenant_id", "sport", "name", "id"),)

    id: Mapped[UUID] = uuid_id()
    sport: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    kind: Mapped[str] = mapped_column(String(12), default="team", server_default="team")
    """team or individual."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    short_name: Mapped[str] = mapped_column(String(40), default="", server_default="")
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    crest_url: Mapped[str] = mapped_column(String(URL_LENGTH_MAX), default="", server_default="")
    merged_into: Mapped[UUID | None] = mapped_column(Uuid())
    """Another team that it proved to be."""
    revision: Mapped[int] = mapped_column(default=1, server_default="1")


class AthleteRow(TenantRow, Base):
    """A person who plays in teams."""

    __tablename__ = "sports_athlete"
    __table_args__ = (Index("ix_sports_athlete_name", "tenant_id", "sport", "name", "id"),)

    id: Mapped[UUID] = uuid_id()
    sport: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    position: Mapped[str] = mapped_column(String(40), default="", server_default="")
    born_on: Mapped[date | None] = mapped_column(Date)
    revision: Mapped[int] = mapped_column(default=1, server_default="1")


class SquadRow(TenantRow, Base):
    """An athlete in a team, from a day to a day."""

    __tablename__ = "sports_squad"
    __table_args__ = (
        UniqueConstraint("tenant_id", "team_id", "athlete_id", "from_on"),
        Index("ix_sports_squad_athlete", "tenant_id", "athlete_id", "from_on"),
    )

    id: Mapped[UUID] = uuid_id()
    team_id: Mapped[UUID] = mapped_column(Uuid())
    athlete_id: Mapped[UUID] = mapped_column(Uuid())
    number: Mapped[int | None]
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
    """The last day; None while it lasts."""


class AppearanceRow(TenantRow, Base):
    """What an athlete did in a fixture: whether they started, for how long, and the rest as figures."""

    __tablename__ = "sports_appearance"
    __table_args__ = (Index("ix_sports_appearance_athlete", "tenant_id", "athlete_id", "fixture_id"),)

    fixture_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    athlete_id: Mapped[UUID] = mapped_column(Uuid(), primary_key=True)
    team_id: Mapped[UUID | None] = mapped_column(Uuid())
    is_starting: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    minutes: Mapped[int | None]
    statistics: Mapped[dict[str, Any]] = mapped_column(JsonObject, default=dict)


class AliasRow(TenantRow, Base):
    """A name by which something is found, spelt alike however it is written."""

    __tablename__ = "sports_alias"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind", "sport", "country", "key"),
        Index("ix_sports_alias_subject", "tenant_id", "subject_id"),
    )

    id: Mapped[UUID] = uuid_id()
    kind: Mapped[str] = mapped_column(String(12))
    """team, competition or athlete."""
    sport: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX))
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    """Tells two of one name apart; empty is found from everywhere."""
    key: Mapped[str] = mapped_column(String(KEY_LENGTH_MAX))
    """The name without case, accents and punctuation."""
    name: Mapped[str] = mapped_column(String(NAME_LENGTH_MAX))
    subject_id: Mapped[UUID] = mapped_column(Uuid())


class ExternalIdRow(TenantRow, Base):
    """What a source calls something of ours."""

    __tablename__ = "sports_external_id"
    __table_args__ = (Index("ix_sports_external_id_subject", "tenant_id", "subject_id"),)

    source: Mapped[str] = mapped_column(String(CODE_LENGTH_MAX), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    """team, competition, athlete or fixture."""
    external_id: Mapped[str] = mapped_column(String(EXTERNAL_ID_LENGTH_MAX), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(Uuid())
