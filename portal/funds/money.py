"""Money in the ledger is counted in whole fen; at the edge it is `Decimal` yuan."""

from __future__ import annotations

from decimal import Decimal


def fen(amount: Decimal) -> int:
    """Yuan in fen; ValueError for what is no whole number of them. Nothing is rounded."""
    counted = amount * 100
    if not amount.is_finite() or counted != counted.to_integral_value():
        raise ValueError(f"{amount} yuan is no whole number of fen")
    return int(counted)


def yuan(counted: int) -> Decimal:
    """Fen in yuan, with two places."""
    return Decimal(counted).scaleb(-2).quantize(Decimal("0.01"))
