"""A list of subsidies that were paid, decided again by the rules: where both agree, and where not. Nothing is recorded.

paid_list  the columns of such a list, and how its rows are understood
staging    its rows beside what is recorded of the people, in temporary tables
deciding   each row under the law of its own day
result     what came of it: counts first, then the rows
jobs       the list as it is given in, decided in the background, and kept as long as anybody looks at it
"""
