-- By which role of the database somebody asks in SQL, what they may see (deploy/database/by_ward.py).
ALTER TABLE users ADD COLUMN sql_role text UNIQUE;
