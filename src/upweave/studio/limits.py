"""What the page's server takes on, at most."""

from __future__ import annotations

from typing import Final

UPLOAD_BYTES: Final = 64 << 20
"""Of a picture's file."""
UPLOAD_SECONDS: Final = 60
"""That a picture may take to arrive."""
RESULT_PIXELS: Final = 64_000_000
"""Of a result, all frames."""
WORK_SECONDS: Final = 300
"""That a picture may be in work."""
MEMORY: Final = 1_000_000_000
"""Bytes that the pictures in work take together, as `upweave.pictures.memory` reckons."""
WAITING: Final = 32
"""Pictures that wait; one more is sent away."""
KEPT: Final = 32
"""Results that lie ready; the oldest goes first."""
AT_ONCE: Final = 2
"""Pictures in work: while one is read or written, the other is computed."""
