"""Klarna Checkout (today Kustom's): an order that the merchant's server opens and the customer completes in a frame.

`checkouts` is such an order as Klarna keeps it, `calls` what the merchant's server does with it, `customer` who is
buying and what they typed, `shipping` how they want it sent, `asking` what the merchant says to that, `completing` how
it becomes an order of the ledger, `shown` how it is answered, `snippet` the HTML a merchant puts into the page.
https://docs.klarna.com/klarna-checkout/ . Kustom took the product over with paths and parameters unchanged.
"""
