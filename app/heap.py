"""What a process that serves for long does with the memory it began with."""

from __future__ import annotations

import gc


def settle() -> None:
    """Leave what has been imported and built out of all later searches for garbage.

    It stays until the end, and searching it stops every thread: for hundreds of milliseconds, in
    the midst of answers. What is made from here on is searched as ever.
    """
    gc.collect()
    gc.freeze()
