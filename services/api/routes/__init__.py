"""What can be asked, one module a subject: each has a ``router``, which the app finds here."""
