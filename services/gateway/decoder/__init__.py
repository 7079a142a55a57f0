"""Decodes one source in a process of its own, which may die without harm to anybody else.

``process`` is the gateway's side; ``__main__`` is the program, which imports nothing but PyAV and
this package. ``wire`` is what they say to each other. ``start`` starts it: the gateway itself or,
where that is another user than root, ``launcher`` for it; ``leash`` is by what it is held.
"""
