"""Spreadsheets that people fill in and give back: CSV and Excel workbooks with the columns of a form.

header    the columns of a form, and where a file has them
layout    how a file is to be read that people keep for themselves
kinds     what kind of file it is, by how it begins
limits    how much a spreadsheet may hold, and what may be used to read it
reading   file -> rows of text; says what is wrong with a file that cannot be read
process   the process with limits that opens the file for `reading`
text      text files, row by row
archive   the archive that a workbook is, before it is unpacked
merged    merged cells, filled downwards
web_table tables of web pages
extent    how far the cells of a sheet reach, before it is read
workbook  Excel workbooks
refused   refused rows -> the same kind of file with a column that says why
template  the empty form
formulas  the guard against texts that a spreadsheet program would run
"""
