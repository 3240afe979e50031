"""A headless Chromium with a virtual authenticator, told what to do by lines of JSON.

Run as ``python -m tests.clients.browser CHROMIUM CHROMEDRIVER``; commands and answers are those of
``client.py``. What the page does is said by ``run``: a page has a function ``ask`` that takes a
command and promises its answer, in the same form. Nothing of flowengine is imported here.

Source: W3C Web Authentication Level 3, section 11 (user agent automation).
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from subprocess import DEVNULL
from typing import Any, Final

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.virtual_authenticator import VirtualAuthenticatorOptions

from tests.clients.answering import answer_lines

_ANSWERS_WITHIN_S: Final = 30
_ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Without these its background connections get in the way, and it does not run as root."""

_FORGET: Final = "localStorage.clear(); sessionStorage.clear();"
_ASK: Final = "const [command, answer] = arguments; window.ask(command).then(answer);"


class Browser:
    """One window, and at most one authenticator."""

    def __init__(self, driver: Chrome) -> None:
        self._driver = driver
        self._commands: dict[str, Callable[..., Any]] = {
            "open": self.open,
            "authenticator": self.authenticator,
            "verify_user": driver.set_user_verified,
            "touch": self.touch,
            "credentials": lambda: [each.to_dict() for each in driver.get_credentials()],
        }

    def done(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do what a command says; ``run`` is the page's to answer."""
        do = command.pop("do")
        try:
            if do == "run":
                answer: dict[str, Any] = self._driver.execute_async_script(_ASK, command["command"])
                return answer
            return {"result": self._commands[do](**command)}
        except WebDriverException as error:
            return {"error": {"class": type(error).__name__, "message": error.msg}}

    def open(self, url: str) -> None:
        """Open a page in a browser that has never been there."""
        self._driver.get(url)
        self._driver.execute_script(_FORGET)
        self._driver.refresh()

    def authenticator(self, **options: Any) -> None:
        """Plug an authenticator in that has no passkeys, in the place of the last one.

        Args:
            options: Of ``VirtualAuthenticatorOptions``, where it is not a phone of its owner's.
        """
        if self._driver.virtual_authenticator_id is not None:
            self._driver.remove_virtual_authenticator()
        phone = {
            "transport": "internal",
            "has_resident_key": True,
            "has_user_verification": True,
            "is_user_verified": True,
        }
        self._driver.add_virtual_authenticator(VirtualAuthenticatorOptions(**{**phone, **options}))

    def touch(self, *, touched: bool) -> None:
        """Say whether the user touches the authenticator from now on, when it asks.

        WebDriver says so only as it makes one; this is the browser's own protocol.
        """
        about = {"authenticatorId": self._driver.virtual_authenticator_id, "enabled": touched}
        self._driver.execute_cdp_cmd("WebAuthn.setAutomaticPresenceSimulation", about)


def main() -> None:
    """Run the browser, with a profile of its own, until there are no more commands."""
    chromium, chromedriver = sys.argv[1:3]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ChromeOptions()
        options.binary_location = chromium
        for argument in (*_ARGUMENTS, f"--user-data-dir={profile}"):
            options.add_argument(argument)
        with Chrome(options, Service(chromedriver, log_output=DEVNULL)) as driver:
            driver.set_script_timeout(_ANSWERS_WITHIN_S)
            answer_lines(Browser(driver).done)


if __name__ == "__main__":
    main()
