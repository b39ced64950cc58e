"""What a rule means and does, for people: explanations, findings, and proofs that backends agree."""
