-- Wards to which users and teams are limited.
SELECT ward FROM named_wards
