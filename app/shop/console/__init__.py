"""The demo and QA console: what happens between browser, shop and Klarna, shown as it happens.

On with ``SHOP_CONSOLE=1``; off, none of this is in the application: no page, no hook, no cost. It watches and never
steers: what goes to Klarna is the same to the byte with it and without it.
"""
