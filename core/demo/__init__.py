"""Demo tenants: who can sign in, and data that shows every page alive."""

from pitboss.core.demo.logins import Login, load_demo

__all__ = ["Login", "load_demo"]
