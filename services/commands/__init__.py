"""The commands of ``cityops``: a module is a command, a folder a group of them, and nothing else.

A module's function ``command`` is what runs (``services/commandline/discovery.py``). What commands
share is in ``services/commandline``.
"""
