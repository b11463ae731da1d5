"""A list as a page shows it, taken away: the same rows as CSV, Excel workbook or printed under a red header.

columns    the columns of a list, once for all its files
csv_files  CSV, written as it is read
workbook   Excel workbooks
printed    PDF under a red header
files      long printed lists, made in the background, once for everybody who asks for the same
downloads  the answer to whoever asks for a file
limits     how long a list may be for which kind of file
"""
