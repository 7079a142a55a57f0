-- Everybody who may be told of alerts, with the wards that they may see; null: everywhere.
SELECT user_name, wards FROM recipients ORDER BY user_name COLLATE "C"
