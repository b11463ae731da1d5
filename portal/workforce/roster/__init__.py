"""The roster import: a spreadsheet of people becomes records about them, in sets.

    columns   what a roster's columns are; portal.spreadsheets reads the file and gives refused rows back
    checking  row -> what it says, or which cells are wrong and why
    staging   checked rows -> temporary tables, by COPY, personal numbers encrypted on the way
    merging   temporary tables -> records, a few statements in one transaction; a second time writes nothing
    actions   who may do this, the transaction, the audit; used by the page, the job and the command alike

Temporary tables hold what the records hold: names in the clear, ID numbers and telephones only encrypted and
as digests. They end with the import, and with the connection if the process is killed.
"""
