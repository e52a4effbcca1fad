"""The network while pytest runs: what replays goes nowhere, and what is allowed is what is named."""

from __future__ import annotations

from tests.peers.project import Project
from tests.peers.stage import Outcome, Stage, scenario


@scenario(right={"live": [], "green": True})
def pool(stage: Stage) -> Outcome:
    """A test that uses a pool of threads replays, also with the network blocked."""
    project = Project(
        stage,
        test_it="""
        import pytest, requests
        from concurrent.futures import ThreadPoolExecutor

        @pytest.mark.vcr
        @pytest.mark.default_cassette("test_pool")
        @pytest.mark.parametrize("number", range(4))
        def test_pool(number):
            with ThreadPoolExecutor(8) as pool:
                urls = [f"URL/quiet?{each}" for each in range(40)]
                assert [answer.status_code for answer in pool.map(requests.get, urls)] == [200] * 40
        """,
    )
    project.record("test_pool", *[f"/quiet?{number}" for number in range(40)])
    runs = [project.run("--record-mode=none", *block) for block in ((), ("--block-network",))]
    return {"live": [request for run in runs for request in run.live], "green": all(run.green for run in runs)}


@scenario(right={"told": True})
def ignored_localhost(stage: Stage) -> Outcome:
    """In mode none, a run that lets requests out because it is told to is told apart from one that makes none."""
    project = Project(
        stage,
        test_it="""
        import os, pytest, requests

        @pytest.mark.vcr(ignore_localhost=True)
        def test_it():
            if "OUT" in os.environ:
                assert requests.get("URL/quiet?a=2").ok
        """,
    )
    project.record("test_it", "/quiet?a=1")
    runs = [project.run("--record-mode=none", environment=out) for out in ({}, {"OUT": "yes"})]
    assert [run.live for run in runs] == [[], ["GET /quiet?a=2"]]
    return {"told": runs[0].text != runs[1].text}


@scenario(right={"live": [], "green": False})
def module_fixture(stage: Stage) -> Outcome:
    """A request of a module's fixture, made for a test in mode none, does not go live."""
    project = Project(
        stage,
        test_it="""
        import pytest, requests

        @pytest.fixture(scope="module")
        def token():
            return requests.get("URL/quiet").status_code

        @pytest.mark.vcr
        @pytest.mark.block_network
        def test_it(token):
            assert token == 200
        """,
    )
    run = project.run("--record-mode=none")
    return {"live": run.live, "green": run.green}


REACHED = """
    import pathlib, socket, sys, pytest

    REACHED = set()

    def attempts(call):
        try:
            call()
        except Exception:
            pass

    @pytest.mark.vcr
    def test_it(request):
        '''What arrives at this hook has passed every guard, and the operating system is asked next.'''
        sys.addaudithook(lambda event, args: REACHED.add(event) if event in WATCHED else None)
        stream, datagram = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stream.settimeout(0.1)
        attempts(lambda: stream.connect(("192.0.2.1", 80)))
        attempts(lambda: socket.getaddrinfo("service.invalid", 80))
        attempts(lambda: datagram.sendto(b"x", ("192.0.2.1", 9)))
        stream.close()
        datagram.close()
        pathlib.Path("reached.txt").write_text(" ".join(sorted(REACHED)))

    WATCHED = {"socket.connect", "socket.getaddrinfo", "socket.sendto"}
"""


def _reached(stage: Stage, *options: str) -> Outcome:
    project = Project(stage, test_it=REACHED)
    project.record("test_it", "/quiet")
    project.run("--record-mode=none", *options)
    return (project.place / "reached.txt").read_text(encoding="utf-8").split()


@scenario(right=[])
def sockets_in_mode_none(stage: Stage) -> Outcome:
    """A replaying test reaches nothing beyond this machine, whatever it uses: what it reached."""
    return _reached(stage)


@scenario(right=[])
def sockets_when_blocked(stage: Stage) -> Outcome:
    """With the network blocked it reaches nothing either."""
    return _reached(stage, "--block-network")


@scenario(right={"allowed name": True, "allowed address": True, "another address": False})
def allowed_hosts(stage: Stage) -> Outcome:
    """An allowed name is that host, an allowed address that address, and nothing that begins alike."""
    port = stage.url.rpartition(":")[2]
    project = Project(
        stage,
        test_it=f"""
        import socket, sys, pytest, requests

        @pytest.mark.block_network(allowed_hosts=["localhost"])
        def test_name():
            assert requests.get("http://localhost:{port}/quiet").ok

        @pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
        def test_address():
            assert requests.get("http://127.0.0.1:{port}/quiet").ok

        @pytest.mark.block_network(allowed_hosts=["127.0.0.1"])
        def test_another():
            reached = []
            sys.addaudithook(lambda event, args: reached.append(args) if event == "socket.connect" else None)
            try:
                socket.create_connection(("127.0.0.10", {port}))
            except Exception:
                pass
            assert reached
        """,
    )
    tests = project.run().tests
    return {
        "allowed name": tests["test_it.test_name"],
        "allowed address": tests["test_it.test_address"],
        "another address": tests["test_it.test_another"],
    }


@scenario(right=["127.0.0.1"])
def block_while_recording(stage: Stage) -> Outcome:
    """With the network blocked, recording reaches the hosts that are allowed, and no other: what it reached."""
    project = Project(
        stage,
        test_it="""
        import pathlib, sys, pytest, requests

        @pytest.mark.vcr
        def test_it():
            reached = set()
            sys.addaudithook(lambda event, args: reached.add(args[1][0]) if event == "socket.connect" else None)
            for host in ("127.0.0.1", "192.0.2.1"):
                try:
                    requests.get("URL/quiet".replace("127.0.0.1", host), timeout=0.5)
                except Exception:
                    pass
            pathlib.Path("reached.txt").write_text(" ".join(sorted(reached)))
        """,
    )
    project.run("--record-mode=once", "--block-network", "--allowed-hosts=127.0.0.1")
    return (project.place / "reached.txt").read_text(encoding="utf-8").split()
