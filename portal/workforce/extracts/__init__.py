"""Extracts of official registers: what a file says as of a day becomes, or confirms, records about people, in sets.

    kinds         what an extract may be about: the columns of its file, and the SQL that compares and writes
    insurance     months of unemployment insurance, paying, drawing benefit: a row each person
    claims        earlier claims on a fund: a row each claim
    certificates  answers of the national query: a row each certificate
    reading       file -> temporary table, by COPY; rows that cannot be understood come back
    matching      whose row it is, and whether it says anything new
    taking_in     all of it for one extract: looked at first and taken back, then once more and written
    actions       who may do this: give one in, confirm it, give it up, fetch the rows that came back
    jobs          looking and writing as jobs, started again when killed
    ports         a live service in place of a file, asked for one person; none is connected here

A fourth kind is a module with a table of columns and its statements, and a line in `kinds.py`.
"""
