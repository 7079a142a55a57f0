-- The last transition in the order of commit; 0: none yet.
SELECT coalesce(max(sequence), 0) FROM alert_transitions
