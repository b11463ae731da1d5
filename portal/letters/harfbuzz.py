"""Whether this machine has the HarfBuzz subsetter that WeasyPrint uses."""

from __future__ import annotations

import ctypes
from functools import lru_cache

# The names under which WeasyPrint looks for the subsetter; 4.1 is the oldest HarfBuzz it uses.
_SUBSETTER = ("libharfbuzz-subset.so.0", "libharfbuzz-subset.so", "libharfbuzz-subset.0.dylib")
_OLDEST_HARFBUZZ = (4, 1)


@lru_cache(maxsize=1)
def has_subsetter() -> bool:
    for name in _SUBSETTER:
        try:
            version = _harfbuzz_version(name)
        except (OSError, AttributeError):
            continue
        return version >= _OLDEST_HARFBUZZ
    return False


def _harfbuzz_version(library_name: str) -> tuple[int, int]:
    library = ctypes.CDLL(library_name)
    major, minor, micro = ctypes.c_uint(), ctypes.c_uint(), ctypes.c_uint()
    library.hb_version(ctypes.byref(major), ctypes.byref(minor), ctypes.byref(micro))
    return major.value, minor.value
