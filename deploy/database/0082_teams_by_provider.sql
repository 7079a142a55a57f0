-- Whether somebody is in a team because an identity provider says that they are in the group of its name.
ALTER TABLE team_members ADD COLUMN by_provider boolean NOT NULL DEFAULT FALSE;
