"""``flowengine check``: is it sound?"""

from __future__ import annotations

import click

FORMATS = ("text", "json", "sarif", "junit", "github")
FAIL_LEVELS = ("error", "warning", "note", "never")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATHS]...", type=click.Path())
@click.option(
    "--format",
    "output",
    type=click.Choice(FORMATS),
    default=FORMATS[0],
    show_default=True,
    help="What is printed: text for people, JSON (see docs/CHECK-JSON.md), SARIF 2.1.0, JUnit's "
    "XML, or GitHub's annotations.",
)
@click.option(
    "--fail-level",
    type=click.Choice(FAIL_LEVELS),
    default=FAIL_LEVELS[0],
    show_default=True,
    help="The least severe finding that makes the exit code 1.",
)
@click.option("--fix", is_flag=True, help="First mend in the files what needs no judgement.")
@click.option("--no-cache", is_flag=True, help="Check also what is known to be clean.")
@click.option("--explain-proof", is_flag=True, help="Say of each flow what its proofs rest on.")
@click.option(
    "--counterexamples",
    metavar="FOLDER",
    type=click.Path(file_okay=False),
    help="Write what is refuted as scenarios, FLOW.RULE-N.flowtest.yaml, for 'flowengine test'.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="How many processes may check files; one for each core unless said.",
)
def check(
    paths: tuple[str, ...],
    output: str,
    fail_level: str,
    fix: bool,  # noqa: FBT001 - click's signature
    no_cache: bool,  # noqa: FBT001 - the same
    explain_proof: bool,  # noqa: FBT001 - the same
    counterexamples: str | None,
    jobs: int | None,
) -> int:
    """Check flows and deployments; print what is wrong, where, and what to do about it.

    PATHS are files, folders (searched for *.flow.yaml and flowengine.yaml), patterns such as
    'flows/**/*.flow.yaml', or - for a flow on standard input. Without any, the present folder is
    searched. A deployment is checked with all its flows; ${NAME} in it needs its environment
    variables.

    \b
    Examples:
      flowengine check
      flowengine check flows/ deploy/flowengine.yaml
      flowengine check --format sarif > findings.sarif
      flowengine check --counterexamples refuted/ || flowengine test refuted/
      git show HEAD:flows/login.flow.yaml | flowengine check -

    Exit codes: 0 nothing at the fail level, 1 findings, 2 nothing to check, 70 our fault.
    """
    from flowengine.cli.checked import FailLevel  # noqa: PLC0415 - help comes at once
    from flowengine.cli.checking import CheckOptions, check_paths  # noqa: PLC0415 - the same
    from flowengine.cli.formats.choosing import Format  # noqa: PLC0415 - the same

    if fix and "-" in paths:
        raise click.UsageError("--fix mends files: standard input is none")
    if explain_proof and output != Format.TEXT:
        raise click.UsageError("--explain-proof prints text: leave out --format")
    level = FailLevel(fail_level)
    options = CheckOptions(
        Format(output), level, fix, not no_cache, jobs, explain_proof, counterexamples
    )
    return check_paths(paths or (".",), options)
