"""What users test their flows and adapters with: fakes, and the contracts of the ports."""
