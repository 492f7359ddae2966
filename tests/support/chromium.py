"""A headless Chromium that tests talk to by its own protocol, over a pipe; it reaches no network."""

from __future__ import annotations

import base64
import fcntl
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import pytest

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW = "apt-get install chromium-headless-shell fonts-dejavu-core"
PATIENCE_S = 60.0
# Nothing is asked of the network, and what a machine without a GPU or a keyring lacks is not missed.
FLAGS = (
    "--headless",
    "--no-sandbox",  # root has none
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def find_chromium() -> str:
    """The browser; a test fails without one, since a page that nobody has looked at is no page."""
    for name in NAMES:
        if found := shutil.which(name):
            return found
    pytest.fail(f"no Chromium is on this machine; tried {', '.join(NAMES)}. {HOW}")


class Tab:
    """One page in the browser.

    Attributes:
        problems: what the browser complained of: errors, warnings, things it was not allowed to load.
        asked: addresses that the page asked for, besides its own.
    """

    def __init__(self, chromium: Chromium, session: str) -> None:
        self._chromium, self._session = chromium, session
        self.problems: list[str] = []
        self.asked: list[str] = []
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> Any:
        return self._chromium.call(method, self._session, self, **params)

    def look(self, page: Path | str, *, width: int = 1200, height: int = 900, dark: bool = False) -> Self:
        """Open a file, or an address of this machine, as a screen of this size shows it."""
        url = page.as_uri() if isinstance(page, Path) else page
        self.problems.clear()
        self.asked.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=url)
        where = url.partition("#")[0]  # a page may take its fragment away
        self.until(f"document.readyState === 'complete' && location.href.startsWith({json.dumps(where)})", url)
        return self

    def until(self, script: str, what: str = "") -> None:
        """Wait until JavaScript of the test's own says so."""
        ends = time.monotonic() + PATIENCE_S
        while not self.value(script):
            assert time.monotonic() < ends, f"{what or script} did not come"
            time.sleep(0.02)

    def press(self, key: str) -> None:
        """Press a key, and let it go: a letter, or one by its name such as ``ArrowDown``."""
        codes = {
            "Enter": 13,
            "Escape": 27,
            "ArrowDown": 40,
            "ArrowUp": 38,
            "ArrowRight": 39,
            "ArrowLeft": 37,
            "End": 35,
        }
        text = "\r" if key == "Enter" else key if len(key) == 1 else ""
        code = codes.get(key, ord(key[0].upper()))
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, text=text, windowsVirtualKeyCode=code)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def value(self, script: str) -> Any:
        """What JavaScript of the test's own says about the page."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def shoot(self, path: Path) -> Path:
        """A picture of the whole page."""
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}
        shot = self.call("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))
        return path

    def hear(self, method: str, params: Any) -> None:
        """Remember what the browser tells of by itself."""
        if method == "Log.entryAdded" and params["entry"]["level"] in {"warning", "error"}:
            self.problems.append(params["entry"]["text"])
        if method == "Runtime.exceptionThrown":
            self.problems.append(str(params["exceptionDetails"]))
        if method == "Runtime.consoleAPICalled":
            self.problems.append(str(params["args"]))
        if method == "Network.requestWillBeSent" and params["type"] != "Document":
            url = params["request"]["url"]
            if not url.startswith("data:"):
                self.asked.append(url)


def _pipe() -> tuple[int, int]:
    """A pipe whose ends are not among the numbers that the browser's are to have."""
    ends = os.pipe()
    moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
    for end in ends:
        os.close(end)
    return moved[0], moved[1]


class Chromium:
    """The browser's process."""

    def __init__(self, profile: Path) -> None:
        to_read, self._to = _pipe()
        self._from, to_write = _pipe()
        argv = [find_chromium(), *FLAGS, f"--user-data-dir={profile}", "--remote-debugging-pipe", "about:blank"]
        # It reads its orders from 3 and answers on 4.
        wrap = ["bash", "-c", f'exec "$@" 3<&{to_read} 4>&{to_write} {to_read}<&- {to_write}>&-', "chromium", *argv]
        self._log = (profile / "log").open("wb")
        self._process = subprocess.Popen(
            wrap, pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )
        os.close(to_read)
        os.close(to_write)
        self._numbers = itertools.count(1)
        self._heard = b""

    def tab(self) -> Tab:
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        return Tab(self, self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])

    def call(self, method: str, session: str = "", tab: Tab | None = None, **params: Any) -> Any:
        """Ask something; what is told meanwhile goes to the tab."""
        number = next(self._numbers)
        asked = {"id": number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self._to, json.dumps(asked).encode() + b"\0")
        while True:
            heard = self._next()
            if heard.get("id") == number:
                assert "error" not in heard, (method, heard["error"])
                return heard["result"]
            if tab is not None and heard.get("sessionId") == session and "method" in heard:
                tab.hear(heard["method"], heard["params"])

    def _next(self) -> Any:
        ends = time.monotonic() + PATIENCE_S
        while b"\0" not in self._heard:
            ready, _, _ = select.select([self._from], [], [], max(0.0, ends - time.monotonic()))
            more = os.read(self._from, 1 << 20) if ready else b""
            if not more:
                pytest.fail(f"Chromium says nothing any more:\n{Path(self._log.name).read_text(errors='replace')}")
            self._heard += more
        one, _, self._heard = self._heard.partition(b"\0")
        return json.loads(one)

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for handle in (self._to, self._from):
            os.close(handle)
        self._log.close()


@contextmanager
def chromium() -> Iterator[Chromium]:
    """A browser for a while."""
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        made = Chromium(Path(profile))
        try:
            yield made
        finally:
            made.close()
