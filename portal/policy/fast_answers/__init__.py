"""The check over HTTP, without building what is the same in every answer.

What it duplicates: `json` writes the text of `portal.policy.explain.answer`, and `digests` takes in Python
the digests that `RuleSet.digest_sql` takes in the database.

Why: a check decides twenty-two benefits and keeps none of them. Filling texts that stand fast takes less than
building the objects, encoding them anew and computing every digest in the query. Most of what is asked about does not
apply to whoever asks: so the text stands as for somebody who is entitled to nothing, and only what differs is told.

What is kept from one check to the next is kept with the law of a day (`DayLaw.kept`) and ends with it: the rules and
the law as text, and no answers.

It may go when a check over HTTP through `answer` and `digest_sql` is fast enough for those who ask
(`./jht bench check` says). Then delete this package, let `portal.api.checks` encode what `explain.check`
answers, and let `RuleSet.typed_facts_sql` select the digests. Until then tests/policy/test_executor.py and
tests/policy/test_templates.py hold both ways together, text by text and digest by digest.
"""
