"""How somebody without an account likes to read: remembered in a cookie."""

DISPLAY_COOKIE = "jht_display"
ELDER = "elder"
