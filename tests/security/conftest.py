from tests.factors import clock

__all__ = ["clock"]
