-- Roles whose people must have a second factor.
SELECT role FROM required_factors
