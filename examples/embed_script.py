"""A custom two-step flow without a server: the caller says who it is, the flow what is asked.

Run it: ``python examples/embed_script.py``. The answers are "blue" and the code it prints.
"""

from pathlib import Path

from flowengine import (
    ChallengeParameters,
    ChallengeReply,
    Engine,
    MemoryCounters,
    MemorySessions,
    RespondToAuthChallengeRequest,
    UserFacts,
    load_flow,
)


def ask_question(name: str) -> ChallengeParameters:
    question = f"{name}, what is your favourite colour?"
    return ChallengeParameters(public={"question": question}, private={"answer": "blue"})


def send_code(name: str) -> ChallengeParameters:
    print(f"(to {name}: your code is 424242)")  # a real one draws it and sends it
    return ChallengeParameters(public={"question": "Code?"}, private={"code": "424242"})


flow = load_flow(Path(__file__).with_name("two-step.flow.yaml"))
functions = {"ask_question": ask_question, "send_code": send_code}
engine = Engine([flow], sessions=MemorySessions(), counters=MemoryCounters(), functions=functions)

if __name__ == "__main__":
    reply = engine.start("two-step", user=UserFacts(username="alice"))
    while isinstance(reply, ChallengeReply):
        answer = input(reply.challenge_parameters["question"] + " ")
        responses = {"USERNAME": "alice", "ANSWER": answer}
        reply = engine.respond(
            RespondToAuthChallengeRequest(
                "embedded", reply.challenge_name, reply.session, challenge_responses=responses
            )
        )
    print("signed in:", reply.user.username, "by", " and ".join(reply.proved))
