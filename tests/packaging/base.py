"""What must hold in an environment with the wheel alone; run by `tox run -e base`, which has no pytest to run it."""

import base64
import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

NO_PLACE_HERE = ("pytest", "hypothesis", "vcr", "yaml", "click", "starlette", "aiohttp", "msrest")
SENTENCE = re.compile(
    r"acs-chat: [^\n]+ needs an extra \(\w+ is not installed\): pip install 'acs-chat-testkit\[all\]'\n"
)

FAR_AWAY = base64.urlsafe_b64encode(json.dumps({"exp": 4102444800}).encode()).decode().rstrip("=")


def refusal_of_an_async_client() -> str:
    """What an async client says where aiohttp is missing."""
    from azure.communication.chat import aio

    options = aio.CommunicationTokenRefreshOptions(f"e30.{FAR_AWAY}.c2ln")
    try:
        aio.ChatClient("https://chat.communication.example", aio.CommunicationTokenCredential(options))
    except ImportError as error:
        return str(error)
    return "nothing was refused"


def main() -> None:
    """Checks and says what was checked; an assertion that fails ends it with exit code 1."""
    present = [name for name in NO_PLACE_HERE if importlib.util.find_spec(name)]
    assert not present, f"the base install brought {present}"

    import azure.communication.chat as chat

    assert "acs_chat_testkit/_sdk" in Path(str(chat.__file__)).as_posix(), f"{chat.__file__} answers"
    missing = [name for name in chat.__all__ if not hasattr(chat, name)]
    assert not missing, f"these names can not be imported: {missing}"

    refused = subprocess.run(
        [Path(sys.executable).with_name("acs-chat"), "doctor"], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2, f"exit code {refused.returncode}"
    assert SENTENCE.fullmatch(refused.stderr), refused.stderr

    assert "acs-chat-testkit[aio]" in refusal_of_an_async_client()
    version = importlib.metadata.version("acs-chat-testkit")
    sys.stdout.write(f"acs-chat-testkit {version} alone: {len(chat.__all__)} names import, no test tool is there\n")


if __name__ == "__main__":
    main()
