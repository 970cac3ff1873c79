from . import Session

__all__ = ['Session']
