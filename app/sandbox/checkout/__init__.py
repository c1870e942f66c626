"""Klarna Checkout (today Kustom's): an order that the merchant's server opens and the customer completes in a frame.

`checkouts` is the life of such an order, `customer` who is buying and what they typed, `shipping` how they want it
sent, `completing` how it becomes an order of the ledger, `snippet` the HTML a merchant puts into the page.
https://docs.klarna.com/klarna-checkout/ . Kustom took the product over with paths and parameters unchanged.
"""
