"""The headless Chromium of the tests: where it is, what it opens, and what its pages are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.clients.processes import Client, ClientProcess


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser, in a process of its own.

    Attributes:
        endpoint: Where its pages find the server.
    """

    process: ClientProcess
    endpoint: str

    def open(self, origin: str, page: str) -> None:
        """Open a page in a browser that has never been there."""
        query = urlencode({"endpoint": self.endpoint})
        self.process.ask("open", url=f"{origin}/{page}.html?{query}")

    def plug_in(self, **options: Any) -> None:
        """Plug in a new authenticator, a phone's where WebDriver's ``options`` say nothing else."""
        self.process.ask("authenticator", **options)

    def verify_user(self, *, verified: bool) -> None:
        """Say whether the authenticator verifies its user from now on."""
        self.process.ask("verify_user", verified=verified)

    def touch(self, *, touched: bool) -> None:
        """Say whether the user touches the authenticator from now on, when it asks."""
        self.process.ask("touch", touched=touched)

    def sign_counts(self) -> list[int]:
        """Give the counters of the passkeys that the authenticator has."""
        return [each["signCount"] for each in self.process.ask("credentials")]

    def ask(self, do: str, **command: Any) -> Any:
        """Have the page do something.

        Raises:
            RefusedError: It caught an error.
        """
        return self.process.ask("run", command={"do": do, **command})


@dataclass(frozen=True, slots=True)
class PageClient:
    """A page in the place of boto3: it calls all that needs no keys, by ``fetch``.

    Attributes:
        python: The process of Python's libraries, which does everything else.
    """

    browser: Browser
    python: Client

    @property
    def seen(self) -> set[str]:
        """What libraries were given; pages too."""
        return self.python.seen

    def ask(self, do: str, **command: Any) -> Any:
        """Have a command of ``client.py`` done."""
        operation = str(command.get("operation", ""))
        if do != "call" or operation.startswith("admin_"):
            return self.python.ask(do, **command)
        name = "".join(word.capitalize() for word in operation.split("_"))
        arguments = command["arguments"]
        return self.browser.ask("call", library="plain", operation=name, arguments=arguments)
