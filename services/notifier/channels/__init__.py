"""Ways on which messages leave, one folder each: what it is set by, and how it sends.

A folder has a module ``channel`` with what ``services.notifier.channel.Channel`` names;
``services.notifier.registry`` finds it, and ``tests/security/test_channels.py`` tries it.
"""
