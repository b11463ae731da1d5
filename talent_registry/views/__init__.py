"""Pages of the registry: what everybody sees (public), and the work of the office (proposals, cases, entries,
timeliness).
"""
