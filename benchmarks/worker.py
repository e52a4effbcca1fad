"""The other end of `harness.Worker`: standard library only, so that it runs in any environment.

It reads a number of calls from each line of its input and answers with the seconds that they took together.
"""

import gc
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path


def serve(call: Callable[[], object], clock: Callable[[], float]) -> None:
    """Answers each line until the input ends; what `prepare` of the call does, if it has one, is not timed."""
    prepare = getattr(call, "prepare", lambda number: None)
    for line in sys.stdin:
        number = int(line)
        prepare(number)
        gc.collect()
        start = clock()
        for _ in range(number):
            call()
        print(clock() - start, flush=True)


if __name__ == "__main__":
    file, case, clock = sys.argv[1:]
    sys.path.insert(0, str(Path(file).parents[1]))
    serve(runpy.run_path(file)["CASES"][case](), getattr(time, clock))
