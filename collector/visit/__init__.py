"""The visit of a village: what is recorded there and what is still to do."""
