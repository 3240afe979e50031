"""The formats of a report, one module each: ``write`` prints what was checked."""
