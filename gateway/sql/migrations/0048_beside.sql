-- Leaves of an exchange that say nothing of how the national system does: an answer told again from a copy, a finding of a
-- comparison, a way that is only tried beside the one in use. They are searched, and stand in no figure of the system.
ALTER TABLE transaction ADD COLUMN beside boolean NOT NULL DEFAULT false;
