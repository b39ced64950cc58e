"""A file with two good rows and a bad one."""

CSV = b"""sport,competition,starts_at,home,away
football,Premier League,2036-03-07T15:00:00+00:00,Arsenal,Chelsea
football,Premier League,2036-03-07T15:00:00+00:00,Leeds,Everton
football,Premier League,yesterday,Fulham,Brentford
"""
