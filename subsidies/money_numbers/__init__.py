"""What whoever keeps money is shown of the claims paid with it: how long they take, what comes back, what looks odd."""
