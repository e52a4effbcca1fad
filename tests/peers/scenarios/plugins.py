"""The pytest plugins: failing tests, names, modes, the network block, and what a run tells."""

from __future__ import annotations

from tests.peers.project import Project
from tests.peers.stage import Outcome, Stage, scenario

ONE = """
    import pytest, requests

    @pytest.mark.vcr
    def test_one():
        assert requests.get("URL/quiet?CALL").status_code == STATUS
"""


def _one(call: str = "a=1", status: int = 200) -> str:
    return ONE.replace("CALL", call).replace("STATUS", str(status))


@scenario(right={"printed": []})
def secrets_of_a_miss(stage: Stage) -> Outcome:
    """What a failing replay prints holds none of the secrets that the configuration filters."""
    project = Project(
        stage,
        test_it="""
        import os, pytest, requests

        @pytest.fixture(scope="module")
        def vcr_config():
            return {"filter_headers": ["authorization"], "filter_query_parameters": ["api_key"]}

        @pytest.mark.vcr
        def test_it():
            headers = {"Authorization": "Bearer " + os.environ["HEADER"]}
            body = {"password": os.environ["BODY"]}
            requests.post("URL/quiet?api_key=" + os.environ["QUERY"], headers=headers, json=body)
        """,
    )
    project.record("test_it", "/quiet")
    secrets = {"HEADER": "header-7d1f60", "QUERY": "query-91ab22", "BODY": "body-c3f04e"}
    text = project.run("--record-mode=none", "--tb=short", **secrets).text
    return {"printed": [name for name, secret in secrets.items() if secret in text]}


@scenario(right={"passed": [], "live": [], "written": []})
def unknown_setting(stage: Stage) -> Outcome:
    """A setting that is misspelt is refused before anything is sent or written."""
    project = Project(stage, test_it=_one().replace("mark.vcr", 'mark.vcr(filter_header=["authorization"])'))
    run = project.run("--record-mode=once")
    return {"passed": run.passed, "live": run.live, "written": list(project.cassettes())}


@scenario(right={"recorded value": True, "asked value": True, "command": True})
def explained_miss(stage: Stage) -> Outcome:
    """A miss shows the value that was recorded, the one that was asked for, and the command that records it again."""
    project = Project(
        stage,
        test_it="""
        import pytest, requests

        @pytest.mark.vcr
        def test_it():
            requests.get("URL/quiet?topic=" + "carp" + "entry")
        """,
    )
    project.record("test_it", "/quiet?topic=gardening")
    text = project.run("--record-mode=none", "--tb=short").text
    lines = [line for line in text.split("\n") if "pytest" in line and "test_it.py::test_it" in line]
    command = any("--record-mode" in line for line in lines)
    return {"recorded value": "gardening" in text, "asked value": "carpentry" in text, "command": command}


@scenario(right={"written": [], "passes when it is mended": True})
def failing_test(stage: Stage) -> Outcome:
    """A test that fails while recording leaves nothing, so that it records when it is mended."""
    project = Project(stage, test_it=_one("a=1", 999))
    project.run("--record-mode=once")
    written = list(project.cassettes())
    project.write("test_it", _one("a=2"))
    return {"written": written, "passes when it is mended": project.run("--record-mode=once").green}


def _again(stage: Stage, text: str, url: str | None = None) -> Outcome:
    """Whether the recording of a test that passed is there after another run has tried to replace it."""
    project = Project(stage)
    project.record("test_one", "/quiet?a=1")
    before = project.cassettes()
    project.write("test_it", text, url)
    red = not project.run("--record-mode=rewrite").green
    return {"red": red, "kept": bool(before) and project.cassettes() == before}


@scenario(right={"red": True, "kept": True})
def rewrite_that_fails(stage: Stage) -> Outcome:
    """A failing test does not replace the recording of one that passed."""
    return _again(stage, _one("a=9", 999))


@scenario(right={"red": True, "kept": True})
def rewrite_of_a_service_that_is_down(stage: Stage) -> Outcome:
    """A service that is down does not cost the recording."""
    return _again(stage, _one(), "http://127.0.0.1:9")


@scenario(right={"written": [], "records the next time": True})
def interrupted(stage: Stage) -> Outcome:
    """Ctrl-C in the middle of a test leaves no part of a recording that the next run would take for the whole."""
    project = Project(
        stage,
        test_it="""
        import os, pytest, requests

        @pytest.mark.vcr
        def test_it():
            requests.get("URL/quiet?1")
            if "STOP" in os.environ:
                raise KeyboardInterrupt
            assert requests.get("URL/quiet?2").ok
        """,
    )
    project.run("--record-mode=once", STOP="1")
    written = list(project.cassettes())
    return {"written": written, "records the next time": project.run("--record-mode=once").green}


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


FIVE = """
    import os, pytest, requests

    @pytest.mark.vcr
    def test_five():
        for number in range(int(os.environ["CALLS"])):
            requests.get(f"URL/item/{number}")
"""


@scenario(right={"told": True})
def unplayed(stage: Stage) -> Outcome:
    """A replay that asks for one of five recordings is told apart from one that asks for all."""
    project = Project(stage, test_it=FIVE)
    project.record("test_five", *[f"/item/{number}" for number in range(5)])
    runs = [project.run("--record-mode=none", CALLS=calls) for calls in "51"]
    return {"told": (runs[0].code, runs[0].text) != (runs[1].code, runs[1].text)}


@scenario(right={"told": True})
def grows(stage: Stage) -> Outcome:
    """With new_episodes, a request that is another one in every run is named."""
    test = """
        import os, pytest, requests

        @pytest.mark.vcr
        def test_grows():
            requests.get("URL/grows?at=" + os.environ["AT"])
    """
    project = Project(stage, test_it=test)
    project.record("test_grows", "/grows?at=1")
    return {"told": "/grows" in project.run("--record-mode=new_episodes", AT="2").text}


@scenario(right={"live": [], "replays": True})
def head_of_a_compressed_answer(stage: Stage) -> Outcome:
    """The length that a HEAD request is told is the recorded one, also where bodies are stored decompressed."""
    project = Project(
        stage,
        test_it="""
        import os, pytest, requests

        @pytest.fixture(scope="module")
        def vcr_config():
            return {"decode_compressed_response": True}

        @pytest.mark.vcr
        def test_head():
            length = requests.head("URL/gzip").headers["Content-Length"]
            assert int(length) > 0
        """,
    )
    project.run("--record-mode=once")
    run = project.run("--record-mode=none")
    return {"live": run.live, "replays": run.green}


@scenario(right={"replays": True})
def hook_that_adds(stage: Stage) -> Outcome:
    """A hook in the configuration that changes the address each time it runs sees each request once."""
    project = Project(
        stage,
        test_it="""
        import pytest, requests

        def add(request):
            request.uri += "x"
            return request

        @pytest.fixture(scope="module")
        def vcr_config():
            return {"before_record_request": add}

        @pytest.mark.vcr
        def test_it():
            assert requests.get("URL/quiet").ok
        """,
    )
    return {"replays": project.run("--record-mode=once").green and project.run("--record-mode=none").green}


SWALLOWED = """
    import pytest, requests

    def application():
        try:
            return requests.get("URL/quiet?ASKED").json()
        except Exception:
            return None

    @pytest.mark.vcr
    def test_swallowed():
        application()
"""


@scenario(right={"green": False, "live": []})
def swallowed_miss(stage: Stage) -> Outcome:
    """A miss that the application swallows still fails the test."""
    project = Project(stage, test_it=SWALLOWED.replace("ASKED", "a=2"))
    project.record("test_swallowed", "/quiet?a=1")
    run = project.run("--record-mode=none")
    return {"green": run.green, "live": run.live}


@scenario(right={"green": False, "live": []})
def missing_cassette(stage: Stage) -> Outcome:
    """Where there is no cassette, a test fails and goes nowhere, whatever the application swallows."""
    run = Project(stage, test_it=SWALLOWED).run("--record-mode=none")
    return {"green": run.green, "live": run.live}


@scenario(right={"green": False, "live": []})
def missing_cassette_on_a_build_server(stage: Stage) -> Outcome:
    """Unasked, nothing is recorded on a build server."""
    run = Project(stage, test_it=_one()).run(CI="true")
    return {"green": run.green, "live": run.live}


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
    runs = [project.run("--record-mode=none", **out) for out in ({}, {"OUT": "yes"})]
    assert [run.live for run in runs] == [[], ["GET /quiet?a=2"]]
    return {"told": runs[0].text != runs[1].text}


@scenario(right={"tests that share a file": 0})
def names(stage: Stage) -> Outcome:
    """Tests whose names look alike do not pass on one file: each has its own, also where case does not count."""
    project = Project(
        stage,
        test_it="""
        import pytest, requests

        @pytest.mark.vcr
        @pytest.mark.parametrize("sign", ["a/b", "a-b", "a:b", "a?b"])
        def test_sign(sign):
            assert requests.get("URL/quiet", params={"sign": sign}).ok

        class TestA:
            class TestInner:
                @pytest.mark.vcr
                def test_x(self):
                    assert requests.get("URL/quiet?A").ok

        class TestB:
            class TestInner:
                @pytest.mark.vcr
                def test_x(self):
                    assert requests.get("URL/quiet?B").ok

        @pytest.mark.vcr
        def test_case():
            assert requests.get("URL/quiet?lower").ok

        @pytest.mark.vcr
        def test_Case():
            assert requests.get("URL/quiet?upper").ok
        """,
    )
    run = project.run("--record-mode=new_episodes")
    files = {name.lower() for name in project.cassettes()}
    return {"tests that share a file": len(run.passed) - len(files)}


@scenario(right={"passed": 2, "files": 2})
def long_names(stage: Stage) -> Outcome:
    """Names that a file system can not hold, in characters or in bytes, are recorded all the same."""
    project = Project(
        stage,
        test_it="""
        import pytest, requests

        LONG, WIDE = "x" * 240, "\\u6771" * 90

        @pytest.mark.vcr
        @pytest.mark.parametrize("name", [LONG, WIDE], ids=[LONG, WIDE])
        def test_it(name):
            assert requests.get("URL/quiet").ok
        """,
    )
    (project.place / "pytest.ini").write_text(
        "[pytest]\ndisable_test_id_escaping_and_forfeit_all_rights_to_community_support = true\n", encoding="utf-8"
    )
    run = project.run("--record-mode=once")
    return {"passed": len(run.passed), "files": len(project.cassettes())}


@scenario(right={"green": True, "kept": 12})
def workers(stage: Stage) -> Outcome:
    """Twelve tests of two workers record one file: all of them are in it."""
    project = Project(
        stage,
        test_it="""
        import pytest, requests, time

        @pytest.mark.vcr
        @pytest.mark.default_cassette("shared.yaml")
        @pytest.mark.parametrize("number", range(12))
        def test_it(number):
            assert requests.get(f"URL/item/{number}/").ok
            time.sleep(0.05)
        """,
    )
    run = project.run("--record-mode=new_episodes", "-n", "2")
    text = "".join(project.cassettes().values())
    return {"green": run.green, "kept": sum(f"/item/{number}/" in text for number in range(12))}


@scenario(right={"replays": True})
def kept_value(stage: Stage) -> Outcome:
    """A value that was made while recording is there again in replay."""
    project = Project(
        stage,
        test_it="""
        import os, pytest, requests

        @pytest.mark.vcr
        def test_it(vcr):
            new = os.environ["NEW"]
            assert requests.get("URL/quiet?" + KEEP).ok
        """.replace("KEEP", stage.tool.keep),
    )
    recorded = project.run("--record-mode=once", NEW="one").green
    return {"replays": recorded and project.run("--record-mode=none", NEW="two").green}


@scenario(right={"copied": False, "own": True, "passed": 1})
def shared_and_own(stage: Stage) -> Outcome:
    """What another cassette answers is not copied into the test's own; what is new is there."""
    project = Project(
        stage,
        test_it="""
        import pytest, requests

        @pytest.mark.vcr("shared.yaml")
        def test_second():
            requests.get("URL/quiet?shared")
            requests.get("URL/quiet?own")
        """,
    )
    project.record("shared", "/quiet?shared")
    run = project.run("--record-mode=new_episodes")
    text = "".join(text for name, text in project.cassettes().items() if "second" in name)
    return {"copied": "?shared" in text, "own": "?own" in text, "passed": len(run.passed)}


@scenario(right={"live": [], "passed": 1})
def two_shared(stage: Stage) -> Outcome:
    """A test that names two cassettes is answered from both."""
    project = Project(
        stage,
        test_it="""
        import pytest, requests

        @pytest.mark.vcr("one.yaml", "two.yaml")
        def test_it():
            for name in ("one", "two"):
                requests.get("URL/quiet?" + name)
        """,
    )
    for name in ("one", "two"):
        project.record(name, f"/quiet?{name}")
    run = project.run("--record-mode=none")
    return {"live": run.live, "passed": len(run.passed)}


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


@scenario(right={"told": True})
def orphan(stage: Stage) -> Outcome:
    """A cassette whose test is gone is named."""
    project = Project(stage, test_it=_one())
    for test in ("test_one", "test_gone"):
        project.record(test, "/quiet?a=1")
    return {"told": "test_gone" in project.run("--record-mode=none").text}


@scenario(right={"live": [], "written": []})
def command_line_wins(stage: Stage) -> Outcome:
    """The mode of the command line holds, whatever the configuration says."""
    config = """
    @pytest.fixture(scope="module")
    def vcr_config():
        return {"record_mode": "once"}
"""
    project = Project(stage, test_it=_one() + config)
    run = project.run("--record-mode=none")
    return {"live": run.live, "written": list(project.cassettes())}


@scenario(right={"starts": True})
def beside_another_plugin(stage: Stage) -> Outcome:
    """Beside another plugin that owns the same names, pytest starts."""
    project = Project(stage, test_it="def test_it():\n    pass\n")
    return {"starts": project.run().passed == ["test_it.test_it"]}
