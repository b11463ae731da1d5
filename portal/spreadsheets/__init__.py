"""Spreadsheets that people fill in and give back: CSV and Excel workbooks with the columns of a form.

header    the columns of a form, and where a file has them
reading   file -> rows of text; says what is wrong with a file that cannot be read
workbook  the same for Excel workbooks
refused   refused rows -> the same kind of file with a column that says why
template  the empty form
formulas  the guard against texts that a spreadsheet program would run
"""
