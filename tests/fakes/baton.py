"""Threads of which one runs at a time, a step further when it is its turn: every order can be had."""

import threading
from collections.abc import Callable, Sequence

GIVE_UP_S = 20.0


class Baton:
    """Acts run side by side; `choose` says before each step whose turn it is, of those that still run."""

    def __init__(self, choose: Callable[[Sequence[int]], int]) -> None:
        self._choose = choose
        self._turns: dict[int, threading.Semaphore] = {}
        self._mine = threading.local()
        self._idle = threading.Semaphore(0)
        self._running: list[int] = []
        self.steps = 0

    def step(self) -> None:
        """The others may go on; returns when it is this thread's turn."""
        me = getattr(self._mine, "n", None)
        if me is None:
            return
        self._idle.release()
        assert self._turns[me].acquire(timeout=GIVE_UP_S)

    def run(self, acts: Sequence[Callable[[], object]]) -> list[object]:
        """Every act has come to its end; what it returned or raised."""
        outcomes: list[object] = [None] * len(acts)

        def work(n: int) -> None:
            self._mine.n = n
            assert self._turns[n].acquire(timeout=GIVE_UP_S)
            try:
                outcomes[n] = acts[n]()
            except Exception as error:  # noqa: BLE001 (the test looks at it)
                outcomes[n] = error
            self._running.remove(n)
            self._idle.release()

        self._turns = {n: threading.Semaphore(0) for n in range(len(acts))}
        self._running = list(range(len(acts)))
        threads = [threading.Thread(target=work, args=(n,), daemon=True) for n in self._running]
        for thread in threads:
            thread.start()
        while self._running:
            self.steps += 1
            self._turns[self._choose(self._running)].release()
            assert self._idle.acquire(timeout=GIVE_UP_S)
        for thread in threads:
            thread.join(GIVE_UP_S)
        return outcomes
