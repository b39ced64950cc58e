"""What there is: sports, competitions, teams and athletes."""
