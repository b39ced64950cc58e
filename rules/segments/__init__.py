"""Who is in which segment: kept current, dated and explained."""
