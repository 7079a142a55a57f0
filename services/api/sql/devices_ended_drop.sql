-- Forgets those of somebody's devices that have ended.
DELETE FROM push_devices WHERE user_name = %(user)s AND ended_at IS NOT NULL
