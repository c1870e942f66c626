"""One suite in raw HTTP, written from Klarna's documents.

It runs on the offline stand-in always, and on Klarna's playground as well when `KLARNA_PLAYGROUND_URL`,
`KLARNA_PLAYGROUND_USERNAME` and `KLARNA_PLAYGROUND_PASSWORD` are set (the same names ending in `_NA` for North
America). The summary at the end then lists where the two differ. What needs a hand on Klarna's clock, a shopper in
a browser or a change of a customer token is left out on the playground, with the reason.
"""
