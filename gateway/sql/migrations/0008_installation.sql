-- Which keys a province's rows were written with: other keys would read nothing and sign a log that is not theirs.

CREATE TABLE installation (
    tenant text  NOT NULL PRIMARY KEY,
    mark   bytea NOT NULL                             -- keyed digest of the tenant; tells nothing about the keys
);
