"""What the rules find in any flow, beside a count of paths that knows nothing of machines."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.analysis.flows import found, spanned

REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A flow as arrows.

    Attributes:
        arrows: Where each node that asks may lead to.
        ends: Whether each end is a success.
    """

    arrows: dict[str, tuple[str, ...]]
    ends: dict[str, bool]

    def text(self) -> str:
        asking = [f"  {name}: {_asking(targets)}" for name, targets in self.arrows.items()]
        ends = [f"  {n}: {{end: {'success' if ok else 'failure'}}}" for n, ok in self.ends.items()]
        head = "flow: f\nversion: 1\nrequire: [proved.password]\nstart: a0\nnodes:"
        return "\n".join([head, *asking, *ends, ""])

    def paths_from(self, name: str) -> set[str]:
        """Give all nodes that can be come to from one, itself included."""
        come_to: set[str] = set()
        ahead = {name} - {REFUSED}
        while ahead:
            come_to |= ahead
            ahead = {t for n in ahead for t in self.arrows.get(n, ())} - come_to - {REFUSED}
        return come_to


def _asking(targets: tuple[str, ...]) -> str:
    first, *more = targets
    guarded = "".join(f"{{when: user.has.totp, goto: {target}}}, " for target in more)
    edge = f"[{guarded}{{else: {first}}}]"
    return f"{{challenge: PASSWORD, responses: [PASSWORD], next: {edge}}}"


@st.composite
def drawn_flows(draw: st.DrawFn) -> Drawn:
    asking = [f"a{i}" for i in range(draw(st.integers(1, 5)))]
    ends = {f"e{i}": draw(st.booleans()) for i in range(draw(st.integers(0, 2)))}
    targets = st.lists(st.sampled_from([*asking, *ends, REFUSED]), min_size=1, max_size=2)
    return Drawn({name: tuple(draw(targets)) for name in asking}, ends)


def _names(flow: Drawn, rule: str) -> list[str]:
    return [spanned(each) for each in found(flow.text()) if each.rule == rule]


@settings(deadline=None, max_examples=60)
@given(drawn_flows())
def test_a_node_is_unreachable_if_and_only_if_no_path_comes_to_it(flow: Drawn) -> None:
    reached = flow.paths_from("a0")
    every = [*flow.arrows, *flow.ends]
    assert _names(flow, "unreachable-node") == [name for name in every if name not in reached]


@settings(deadline=None, max_examples=60)
@given(drawn_flows())
def test_of_what_is_stuck_one_node_is_told_for_each_place_that_it_ends_in(flow: Drawn) -> None:
    reached = [name for name in flow.arrows if name in flow.paths_from("a0")]
    stuck = [name for name in reached if not flow.paths_from(name) & flow.ends.keys()]
    told = _names(flow, "no-way-to-an-end")
    if not stuck:
        good = {name for name, success in flow.ends.items() if success}
        assert told == ([] if flow.paths_from("a0") & good else ["a0"])
        return
    assert set(told) <= set(stuck)
    for name in stuck:
        assert flow.paths_from(name) & set(told)
    for name in told:
        assert flow.paths_from(name) & set(told) == {name}
