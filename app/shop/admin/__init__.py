"""The back office: what staff see of orders, and what they do with them at Klarna."""
