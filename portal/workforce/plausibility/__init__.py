"""Whether what is written down of somebody can be true: one set of rules for forms, rosters and corrections.

What is impossible is refused. What is improbable is kept with a written reason, and listed for the supervisor.
"""
