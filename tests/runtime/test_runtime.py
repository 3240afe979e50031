from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from flowengine.accounts.pool import Client
from flowengine.accounts.user import UserFacts
from flowengine.runtime.facts import RequestFacts, Snapshot
from flowengine.runtime.ledger import Ledger
from flowengine.runtime.record import HistoryEntry, SignInRecord
from flowengine.runtime.step import Asks, Ended, Happened, Started, Stays, step
from flowengine.runtime.token import StepToken, parse_secret_block, parse_session
from tests.engine.world import NOW, POOL, SIGN_IN, program

GUARDED = SIGN_IN.replace(
    "  done:\n    end: success", "  done:\n    end: success\n    needs: proved.totp"
)
FLOW, GUARDED_FLOW = program(SIGN_IN), program(GUARDED)
SNAPSHOT = Snapshot(POOL, Client("id", "web", POOL.id), RequestFacts(NOW))


def record(**changes: object) -> SignInRecord:
    fields: dict[str, object] = {
        "flow": FLOW.name, "digest": FLOW.digest, "pool": POOL.id, "client": "web",
        "auth_flow": "USER_PASSWORD_AUTH", "user": UserFacts("alice", "sub"), "stamp": "stamp",
        "ledger": Ledger(decoy=False), "started_at": NOW, "issued_at": NOW, "event_id": "event",
        "node": "plain", **changes,
    }  # fmt: skip
    return SignInRecord(**fields)  # type: ignore[arg-type]


def proved(*names: str) -> Ledger:
    ledger = Ledger(decoy=False).gain(names, NOW)
    assert ledger is not None
    return ledger


def test_a_sign_in_begins_at_its_door() -> None:
    arrival = step(FLOW, record(), Started("plain"), SNAPSHOT).arrival
    assert isinstance(arrival, Asks)
    assert arrival.node.name == "plain"


def test_a_proved_answer_walks_on_through_decisions_to_the_end() -> None:
    event = Happened("proved", proved("password"), UserFacts("alice", "sub"))
    advance = step(FLOW, record(), event, SNAPSHOT)
    assert isinstance(advance.arrival, Ended)
    assert advance.arrival.end is not None
    assert [decision.node for decision in advance.trail] == ["plain", "after", "second"]


def test_a_node_whose_need_does_not_hold_is_not_entered() -> None:
    event = Happened("proved", proved("password"), UserFacts("alice", "sub"))
    advance = step(GUARDED_FLOW, record(), event, SNAPSHOT)
    assert advance.arrival == Ended(None)


def test_a_wrong_code_stays_and_an_unknown_outcome_refuses() -> None:
    user = UserFacts("alice", "sub")
    at_totp = record(node="totp")
    wrong = step(FLOW, at_totp, Happened("wrong", Ledger(decoy=False), user), SNAPSHOT)
    assert wrong.arrival == Stays()
    other = step(FLOW, at_totp, Happened("closed", Ledger(decoy=False), user), SNAPSHOT)
    assert other.arrival == Ended(None)


@given(
    outcome=st.sampled_from(("proved", "wrong", "exhausted", "expired", "denied", "unavailable")),
    node=st.sampled_from(("plain", "new-password", "totp")),
    has=st.frozensets(st.sampled_from(("password", "totp"))),
)
def test_the_same_event_gives_the_same_advance(
    outcome: str, node: str, has: frozenset[str]
) -> None:
    event = Happened(outcome, proved("password"), UserFacts("alice", "sub", has=has))
    once, twice = (step(FLOW, record(node=node), event, SNAPSHOT) for _ in range(2))
    assert once == twice
    if outcome != "proved":
        assert not (isinstance(once.arrival, Ended) and once.arrival.end)


def test_nothing_is_proved_by_a_decoy_but_a_captcha_is_passed() -> None:
    decoy = Ledger(decoy=True)
    assert decoy.gain(("password",), NOW) is None
    assert decoy.gain((), NOW) == decoy


def test_a_record_is_what_it_was_when_read_again() -> None:
    written = record(
        ledger=proved("password"), steps=3, inputs={"risk": 1}, parameters={"DEVICE_KEY": "k"},
        history=(HistoryEntry("PASSWORD", result=True),),
        user=UserFacts("älice", has=frozenset({"totp"})),
    )  # fmt: skip
    assert SignInRecord.from_json(written.to_json()) == written
    newer = written.to_json().replace('"record":1', '"record":2')
    assert SignInRecord.from_json(newer) is None


@given(raw=st.binary(min_size=48, max_size=48), step_number=st.integers(0, 0xFFFF))
def test_a_handle_is_read_only_as_it_was_written(raw: bytes, step_number: int) -> None:
    token = StepToken(raw[:16], step_number, raw[16:])
    assert parse_session(token.session()) == token
    assert parse_secret_block(token.secret_block()) == token
    assert parse_session(token.session() + "=") is None
    assert parse_session(token.session()[:-1]) is None


def test_age_counts_from_the_proof_and_is_absent_without_one() -> None:
    age = proved("password").bindings(("password", "totp"), NOW + timedelta(seconds=2))["age"]
    assert age == {"password": 2_000_000_000}
