"""Training subsidies: claims of workers, from hand-in to the approved amount (clauses 九 and 十)."""
