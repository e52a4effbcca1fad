"""The pytest plugins: failing tests, names, modes, settings, and what a run tells."""

from __future__ import annotations

from importlib.util import find_spec

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
    text = project.run("--record-mode=none", "--tb=short", environment=secrets).text
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
    project.run("--record-mode=once", environment={"STOP": "1"})
    written = list(project.cassettes())
    return {"written": written, "records the next time": project.run("--record-mode=once").green}


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
    runs = [project.run("--record-mode=none", environment={"CALLS": calls}) for calls in "51"]
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
    return {"told": "/grows" in project.run("--record-mode=new_episodes", environment={"AT": "2"}).text}


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
    run = Project(stage, test_it=_one()).run(environment={"CI": "true"})
    return {"green": run.green, "live": run.live}


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


@scenario(right={"tests that share a file": 0})
def named_like_another(stage: Stage) -> Outcome:
    """A test that is given the name of another one's cassette does not pass on it."""
    project = Project(
        stage,
        test_it="""
        import pytest, requests

        class TestC:
            @pytest.mark.vcr
            def test_y(self):
                assert requests.get("URL/quiet?own").ok

        @pytest.mark.vcr
        @pytest.mark.default_cassette("TestC.test_y")
        def test_shadow():
            assert requests.get("URL/quiet?shadow").ok
        """,
    )
    run = project.run("--record-mode=new_episodes")
    return {"tests that share a file": len(run.passed) - len(project.cassettes())}


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
        import os, pathlib, pytest, requests, time

        @pytest.mark.vcr
        @pytest.mark.default_cassette("shared.yaml")
        @pytest.mark.parametrize("number", range(12))
        def test_it(number):
            pathlib.Path("ready-" + os.environ["PYTEST_XDIST_WORKER"]).touch()
            while len(list(pathlib.Path().glob("ready-*"))) < 2:
                time.sleep(0.01)
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
    recorded = project.run("--record-mode=once", environment={"NEW": "one"}).green
    return {"replays": recorded and project.run("--record-mode=none", environment={"NEW": "two"}).green}


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


@scenario(right={"told": True})
def orphan(stage: Stage) -> Outcome:
    """A cassette whose test is gone is named."""
    project = Project(stage, test_it=_one())
    for test in ("test_one", "test_gone"):
        project.record(test, "/quiet?a=1")
    return {"told": "test_gone" in project.run("--record-mode=none").text}


def _config(mode: str) -> str:
    return f"""
    @pytest.fixture(scope="module")
    def vcr_config():
        return {{"record_mode": "{mode}"}}
"""


@scenario(right={"live": [], "written": []})
def replay_on_the_command_line(stage: Stage) -> Outcome:
    """Where the command line says none, nothing is recorded, whatever the configuration says."""
    project = Project(stage, test_it=_one() + _config("once"))
    run = project.run("--record-mode=none")
    return {"live": run.live, "written": list(project.cassettes())}


@scenario(right={"live": 1, "written": 1})
def record_on_the_command_line(stage: Stage) -> Outcome:
    """Where the command line says once, a recording is made, whatever the configuration says."""
    project = Project(stage, test_it=_one() + _config("none"))
    run = project.run("--record-mode=once")
    return {"live": len(run.live), "written": len(project.cassettes())}


RIVAL = """
    def pytest_addoption(parser):
        parser.addoption("--record-mode")
"""


@scenario(right={"passed": ["test_it.test_it"]})
def beside_another_plugin(stage: Stage) -> Outcome:
    """Beside another plugin that owns the same names, pytest runs; where there is none, one stands for it."""
    project = Project(stage, test_it="def test_it():\n    pass\n")
    if find_spec("pytest_recording") is not None:
        return {"passed": project.run(alone=False).passed}
    project.write("pytest_recording", RIVAL)
    return {"passed": project.run("-p", "pytest_recording", alone=False).passed}
