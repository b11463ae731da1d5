"""Benchmarks: each module prints ratios against a named baseline measured in the same run. `./jht bench`."""
