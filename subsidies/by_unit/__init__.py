"""A unit puts claims forward for many of its people by one spreadsheet; each person agrees or does not.

form        the columns of the file, and how its rows are understood
checking    rows beside the register: who works there, which certificate, what stands against it
models      the file, its rows, and the proposal beside its case
workflow    the life of a proposal: it waits for the person, who agrees, declines, or says nothing
actions     what is done with a file: given in, confirmed, given up, the rows that came back fetched
jobs        checking a file and proposing its good rows, started again when killed
consenting  what the person answers, on their own page or on signed paper at the window
retention   how long files and account numbers are kept
guards      what the database itself holds
"""
