"""Demo tenants: who can sign in, and data that shows every page alive."""

from pitboss.core.demo.logins import Login, codes, load_demo, player_login

__all__ = ["Login", "codes", "load_demo", "player_login"]
