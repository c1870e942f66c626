"""The presenter's and the tests' side of the sandbox: JSON under ``/_sandbox/``. No part of Klarna."""
