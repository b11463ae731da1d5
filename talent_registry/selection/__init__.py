"""The annual selection of leading talents (clause 一): scheme, assessment, nomination, panel, ranking, lists,
publication.
"""
