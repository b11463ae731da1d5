"""How many rows a list may have for which kind of file; CSV has no limit."""

# Beyond these nobody reads the file; the page says so and offers CSV.
MOST_IN_WORKBOOK = 20_000
MOST_IN_PDF = 20_000
# A printed list of more rows takes longer than a page should: it is made in the background.
MOST_AT_ONCE = 300
