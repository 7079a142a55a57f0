-- What an order has reached.
UPDATE erasures SET reached = %(reached)s WHERE id = %(id)s
