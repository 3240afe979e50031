"""The pure core: records, handles, the ledger, and the step from one node to the next."""
