-- For both databases; {sequence} and {room} are what they say in different ways. Times are milliseconds since 1970-01-01 UTC, by the clock of
-- the database.
CREATE TABLE IF NOT EXISTS bits_upload (
    seq {sequence},
    id text NOT NULL UNIQUE,
    path text NOT NULL,
    url text NOT NULL,
    origin text NOT NULL,
    client text NOT NULL,
    headers text,
    priority bigint NOT NULL,
    display_name text,
    description text,
    reply_path text,
    trace_parent text,
    status text NOT NULL DEFAULT 'queued',
    wanted text,
    due bigint NOT NULL,
    tries bigint NOT NULL DEFAULT 0,
    failures bigint NOT NULL DEFAULT 0,
    failing_since bigint,
    error text,
    owner text,
    lease_until bigint,
    fence bigint NOT NULL DEFAULT 0,
    checkpoint text,
    bytes_acknowledged bigint NOT NULL DEFAULT 0,
    bytes_total bigint,
    outcome text,
    unobserved bigint NOT NULL DEFAULT 0,
    enqueued bigint NOT NULL,
    started bigint,
    ended bigint
){room};
-- What waits or runs, in its order, and whether anything is due; both stay small, however much has ended.
CREATE INDEX IF NOT EXISTS bits_upload_next ON bits_upload (priority DESC, seq) WHERE status IN ('queued', 'running');
CREATE INDEX IF NOT EXISTS bits_upload_due ON bits_upload (due) WHERE status = 'queued';
CREATE INDEX IF NOT EXISTS bits_upload_running ON bits_upload (seq) WHERE status = 'running';
CREATE INDEX IF NOT EXISTS bits_upload_other ON bits_upload (status) WHERE status IN ('suspended', 'error');
CREATE INDEX IF NOT EXISTS bits_upload_ended ON bits_upload (ended) WHERE ended IS NOT NULL;
CREATE INDEX IF NOT EXISTS bits_upload_unobserved ON bits_upload (seq) WHERE unobserved = 1;
CREATE TABLE IF NOT EXISTS bits_upload_schema (version bigint NOT NULL PRIMARY KEY);
INSERT INTO bits_upload_schema (version) SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM bits_upload_schema);
