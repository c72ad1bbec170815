-- Months of partitioned tables. Every other table stands in a later file; all are keyed by tenant first.

-- Creates, for every partitioned table of this schema, a default partition and the monthly ones from `since` to
-- `until`. A month whose rows already fell into the default partition is left there: nothing is moved under load.
CREATE FUNCTION ensure_partitions(since timestamptz, until timestamptz) RETURNS void LANGUAGE plpgsql
SET client_min_messages = warning AS $$
DECLARE
    parent regclass;
    base   text;
    month  timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('lienthong.ensure_partitions'));
    FOR parent, base IN
        SELECT c.oid::regclass, c.relname FROM pg_class c
        WHERE c.relkind = 'p' AND c.relnamespace = 'lienthong'::regnamespace
    LOOP
        EXECUTE format('CREATE TABLE IF NOT EXISTS lienthong.%I PARTITION OF %s DEFAULT', base || '_rest', parent);
        month := date_trunc('month', since AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
        WHILE month < until LOOP
            BEGIN
                EXECUTE format(
                    'CREATE TABLE IF NOT EXISTS lienthong.%I PARTITION OF %s FOR VALUES FROM (%L) TO (%L)',
                    base || to_char(month AT TIME ZONE 'UTC', '_YYYY_MM'), parent,
                    month, ((month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC');
            EXCEPTION WHEN check_violation THEN
                NULL;  -- rows of that month already stand in the default partition
            END;
            month := ((month AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC';
        END LOOP;
    END LOOP;
END
$$;
