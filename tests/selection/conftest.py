"""Rounds of a selection in the states that many tests begin in (tests.states)."""

from __future__ import annotations

from tests.selection.announced import current, make_announced
from tests.selection.running import fresh, play
from tests.states import state

# Six nominees, of whom three are selected and one was passed over.
ranked = state("ranked", lambda cast: make_announced(cast, until="rank"), current)
frozen = state("frozen", lambda cast: make_announced(cast, until="freeze"), current)
announced = state("announced", lambda cast: make_announced(cast, until="notice"), current)
confirmed = state("confirmed", lambda cast: make_announced(cast, until="confirm"), current)
published = state("published", lambda cast: make_announced(cast, until="publish"), current)

# Rounds with a panel and places of the leagues, played by every step.
open_for_one = state("open_for_one", lambda cast: play(cast, "open", ordos=1, baotou=0), fresh)
scored = state("scored", lambda cast: play(cast, "recommendation", ordos=3), fresh)
drawn_up = state("drawn_up", lambda cast: play(cast, "ranked"), fresh)
in_public = state("in_public", lambda cast: play(cast, "public_notice"), fresh)
over = state("over", lambda cast: play(cast, "published"), fresh)
