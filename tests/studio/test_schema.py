"""The server keeps what its own description says, whatever it is asked (schemathesis)."""

import schemathesis
from hypothesis import settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from upweave.studio import app

schema = schemathesis.openapi.from_asgi("/openapi.json", app.create("0.0.0.0"))


@schema.parametrize()
@settings(max_examples=25, deadline=None)
def test_answers_are_as_described(case):
    # Many layers that the description allows do not exist: a padding may be too large.
    case.call_and_validate(excluded_checks=[positive_data_acceptance])
