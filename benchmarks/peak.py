"""How much memory a piece of work takes."""

from __future__ import annotations

import threading

import psutil


class Peak:
    """Resident bytes of this process above those at the start of the block, sampled every 2 ms."""

    def __enter__(self) -> Peak:
        self._process = psutil.Process()
        self._before = self._largest = self._process.memory_info().rss
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._over.wait(0.002):
            self._largest = max(self._largest, self._process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.above = self._largest - self._before
