from .widget import Sky

__all__ = ["Sky"]
