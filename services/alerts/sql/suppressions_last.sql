-- How far the lines go.
SELECT coalesce(max(sequence), 0) FROM suppression_transitions
