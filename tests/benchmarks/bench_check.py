"""How long it takes to prove a flow, by its size: ``make bench ARGS=check``."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Iterator
from random import Random  # noqa: TID251 - a seed names a drawn flow

from flowengine.analysis.checking import check_source
from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proof.verdict import Proved, Refuted
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import SourceText

SIZES = ((20, 5), (20, 20), (50, 20), (100, 30), (200, 50), (400, 50), (1000, 50), (1000, 300))
ROUNDS = 5
_ASKING = (
    "challenge: PASSWORD, responses: [PASSWORD]",
    "challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE]",
    "challenge: SMS_MFA, responses: [SMS_MFA_CODE]",
)


def flow(nodes: int, conditions: int, seed: int, *, hole: bool) -> str:
    """Write a flow of about so many nodes that read about so many different conditions.

    Args:
        hole: Whether one branch somewhere leads past the second factor.
    """
    draw = Random(seed)
    inputs = [f"i{n}" for n in range(max(conditions // 3, 1))]
    atoms = list(_atoms(inputs, conditions))
    lines = [
        "flow: drawn",
        "version: 1",
        "auth_flows: [USER_PASSWORD_AUTH]",
        f"inputs: {{{', '.join(f'{name}: {{type: int, default: 0}}' for name in inputs)}}}",
        "require:",
        "  - proved.password",
        "  - proved.totp || !user.has.totp",
        "  - proved.totp || i0 < 70",
        "start: password",
        "nodes:",
        "  password: {challenge: PASSWORD, responses: [PASSWORD], next: n0}",
    ]
    body = nodes - 4
    leak = draw.randrange(body) if hole else -1
    lines += [
        f"  n{number}: {_node(draw, number, body, atoms, leaks=number == leak)}"
        for number in range(body)
    ]
    lines += [
        "  gate: {choose: [{when: user.has.totp || i0 >= 70, goto: totp}, {else: done}]}",
        "  totp: {challenge: SOFTWARE_TOKEN_MFA, responses: [SOFTWARE_TOKEN_MFA_CODE], next: done}",
        "  done: {end: success}",
    ]
    return "\n".join(lines) + "\n"


def _atoms(inputs: list[str], conditions: int) -> Iterator[str]:
    for number in range(conditions):
        name = inputs[number % len(inputs)]
        yield f"{name} < {10 * (number // len(inputs)) + 5}"


def _node(draw: Random, number: int, body: int, atoms: list[str], *, leaks: bool) -> str:
    ahead = [f"n{n}" for n in range(number + 1, min(number + 8, body))] or ["gate"]
    one, other = draw.choice(ahead), "done" if leaks else draw.choice(ahead)
    guard = f"{draw.choice(atoms)} && !({draw.choice(atoms)})"
    edge = f"[{{when: '{guard}', goto: {other}}}, {{else: {one}}}]"
    if draw.random() < 0.5:
        return f"{{choose: {edge}}}"
    return f"{{{draw.choice(_ASKING)}, next: {edge}, wrong: {draw.choice(ahead)}}}".replace(
        ", wrong", ", exhausted"
    )


def prove(program: FlowProgram) -> tuple[float, str]:
    """Prove all that a flow requires; give the seconds and what was said."""
    gc.collect()
    began = time.perf_counter()
    proof = FlowProof(program)
    verdicts = [promise.verdict for promise in proof.require]
    spent = time.perf_counter() - began
    proved = sum(isinstance(each, Proved) for each in verdicts)
    refuted = sum(isinstance(each, Refuted) for each in verdicts)
    return spent, f"{proved} proved, {refuted} refuted, {len(verdicts) - proved - refuted} not told"


def main() -> None:
    """Print one line for each size, of flows that hold and of flows with a hole."""
    print("nodes conditions hole   prove, best   from text      said      most memory so far")
    for nodes, conditions in SIZES:
        for hole in (False, True):
            _line(nodes, conditions, hole=hole)


def _line(nodes: int, conditions: int, *, hole: bool) -> None:
    text = flow(nodes, conditions, 1, hole=hole)
    source = SourceText("drawn.flow.yaml", text)
    program, found = load_source(source)
    if program is None:
        raise SystemExit(str(found[:3]))
    rounds = ROUNDS if nodes <= 100 else 1
    spent, said = min(prove(program) for _ in range(rounds))
    began = time.perf_counter()
    check_source(source)
    whole = time.perf_counter() - began
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{nodes:5} {conditions:10} {'yes' if hole else 'no ':4}"
        f" {spent * 1000:10.1f} ms {whole * 1000:9.1f} ms  {said:32} {memory} MB"
    )


if __name__ == "__main__":
    main()
