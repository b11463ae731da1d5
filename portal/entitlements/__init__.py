"""What people may claim: answers in words, the questions that lead to them, offers to those who did not ask,
and what-if.

The rules themselves lie in portal.policy, the facts in portal.workforce. Here the two meet: for one person
who asks, for the whole register every night, and for a draft of new law.
"""
