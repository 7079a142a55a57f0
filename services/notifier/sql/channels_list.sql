-- Every channel, with what is sealed of it.
SELECT name, type, configuration, public, wards, language, exercises_until, sealed
FROM channels
ORDER BY name
