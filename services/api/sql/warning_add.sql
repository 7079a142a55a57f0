-- Somebody proposes a public warning.
INSERT INTO public_warnings (id, alert, channel, reason, proposed_by, proposed_at)
VALUES (%(id)s, %(alert)s, %(channel)s, %(reason)s, %(by)s, %(at)s)
