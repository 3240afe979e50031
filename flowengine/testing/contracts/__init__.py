"""The contracts of the ports, to run on an adapter of one's own.

Each module has one ``check_…`` that runs the whole contract, and ``ALL_CHECKS`` to run the checks
one by one, which names what is broken::

    @pytest.mark.parametrize("check", sessions.ALL_CHECKS, ids=check_name)
    def test_my_store(check):
        asyncio.run(check(Candidate(make_my_store, in_tasks)))

A store need not be empty: every check uses names and ids of its own.
"""
