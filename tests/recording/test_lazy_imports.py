"""Imports that are lazy, as Python 3.15 makes all of them where it is asked to: a client comes where it is first used.

An older Python does not know the option, and imports at once.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.recording.service import Service

PROGRAM = """
import sys
import requests, urllib3, vcr
from acs_chat_testkit.recording import Recorder

url, home = sys.argv[1:]
for mode in ("once", "none"):
    with Recorder(f"{home}/ours.yaml", mode):
        print(requests.get(f"{url}/requests").json()["path"])
        with vcr.use_cassette(f"{home}/vcrpy.yaml"):
            print(urllib3.request("GET", f"{url}/vcrpy").json()["path"])
        print(urllib3.request("GET", f"{url}/urllib3").json()["path"])
"""


def test_doors_are_put_in_wherever_a_client_comes(service: Service, tmp_path: Path) -> None:
    """Each request is recorded once, in its own cassette, and replayed."""
    command: list[str | Path] = [sys.executable, "-X", "lazy_imports=all", "-c", PROGRAM, service.url, tmp_path]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    paths = ["/requests", "/vcrpy", "/urllib3"]
    assert done.stdout.split() == paths * 2
    assert service.hits == [("GET", path) for path in paths]
