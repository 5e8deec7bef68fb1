-- Times are microseconds since 1970 in UTC. Request ids are the sixteen bytes of a UUID.
-- Text that stands for a Python enum holds the enum's value.

-- The functions that exist. Their older revisions stay while a run may still need them.
CREATE TABLE functions (
    name     TEXT PRIMARY KEY,
    revision INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE revisions (
    name            TEXT NOT NULL,
    revision        INTEGER NOT NULL,
    revision_id     TEXT NOT NULL,
    configuration   TEXT NOT NULL,      -- JSON: the fields of FunctionConfiguration
    code_sha256     TEXT NOT NULL,
    code_size_bytes INTEGER NOT NULL,
    created_at_us   INTEGER NOT NULL,
    modified_at_us  INTEGER NOT NULL,
    manifest        TEXT NOT NULL,      -- JSON
    source          TEXT NOT NULL,
    PRIMARY KEY (name, revision)
);

CREATE TABLE runs (
    id             INTEGER PRIMARY KEY, -- the order of creation
    run_id         TEXT NOT NULL UNIQUE,
    function_name  TEXT NOT NULL,
    revision       INTEGER NOT NULL,
    code_sha256    TEXT NOT NULL,
    codec          TEXT NOT NULL,
    state          TEXT NOT NULL,
    created_at_us  INTEGER NOT NULL,
    finished_at_us INTEGER,
    input_closed   INTEGER NOT NULL DEFAULT 0,
    input_error    TEXT,
    accepted       INTEGER NOT NULL DEFAULT 0,
    median_us      INTEGER              -- of its attempts' durations, once it is settled
);

CREATE INDEX runs_by_function ON runs (function_name);

-- Payloads make rows large. So these two are ordinary tables that grow at their end, with the key
-- in an index: clustered by key they cost twice as much to write at 1 KB per payload.

CREATE TABLE inputs (
    id            INTEGER PRIMARY KEY,
    run_id        TEXT NOT NULL,
    item          INTEGER NOT NULL,
    payload       BLOB,                 -- NULL when it is in the spool
    spooled_bytes INTEGER,
    UNIQUE (run_id, item)
);

CREATE TABLE results (
    id            INTEGER PRIMARY KEY,
    run_id        TEXT NOT NULL,
    item          INTEGER NOT NULL,
    attempt       INTEGER NOT NULL,
    outcome       TEXT NOT NULL,
    request_id    BLOB NOT NULL,
    error_type    TEXT,
    payload       BLOB,                 -- NULL when it is in the spool
    spooled_bytes INTEGER,
    UNIQUE (run_id, item)
);

-- How many items of a run ended how. Kept in the transaction that writes the results.
CREATE TABLE tallies (
    run_id     TEXT NOT NULL,
    outcome    TEXT NOT NULL,
    error_type TEXT NOT NULL,           -- '' for none
    items      INTEGER NOT NULL,
    PRIMARY KEY (run_id, outcome, error_type)
) WITHOUT ROWID;

-- The ledger: one row per attempt, written once. Attempts and log lines share one growing order of
-- positions, so that a log reads as: what a handler wrote, then the attempt that ended.
CREATE TABLE attempts (
    position           INTEGER PRIMARY KEY,
    request_id         BLOB NOT NULL,
    attempt            INTEGER NOT NULL,
    function_name      TEXT NOT NULL,
    version            TEXT NOT NULL,
    source             TEXT NOT NULL,
    run_id             TEXT,
    item               INTEGER,
    started_at_us      INTEGER NOT NULL,
    duration_us        INTEGER NOT NULL,
    init_us            INTEGER,
    billed_duration_ms INTEGER NOT NULL,
    memory_mb          INTEGER NOT NULL,
    max_memory_used_mb INTEGER NOT NULL,
    outcome            TEXT NOT NULL,
    error_type         TEXT,
    worker             TEXT NOT NULL,
    environment_id     TEXT NOT NULL,
    log_stream         TEXT NOT NULL,
    UNIQUE (request_id, attempt)
);

CREATE INDEX attempts_by_function ON attempts (function_name);

-- The duration is here so that a run's median needs the index alone.
CREATE INDEX attempts_by_run ON attempts (run_id, position, duration_us) WHERE run_id IS NOT NULL;

-- Sums of the ledger. Kept in the transaction that writes the attempts.
CREATE TABLE usage_sums (
    month              TEXT NOT NULL,   -- YYYY-MM in UTC, by the start of the attempt
    function_name      TEXT NOT NULL,
    run_id             TEXT NOT NULL,   -- '' for none
    requests           INTEGER NOT NULL,
    billed_duration_ms INTEGER NOT NULL,
    memory_mb_ms       INTEGER NOT NULL,
    init_us            INTEGER NOT NULL,
    failures           INTEGER NOT NULL,
    lost               INTEGER NOT NULL,
    PRIMARY KEY (month, function_name, run_id)
) WITHOUT ROWID;

CREATE INDEX usage_sums_by_run ON usage_sums (run_id);

CREATE TABLE logs (
    position      INTEGER PRIMARY KEY,
    request_id    BLOB NOT NULL,
    attempt       INTEGER NOT NULL,
    function_name TEXT NOT NULL,
    version       TEXT NOT NULL,
    run_id        TEXT,
    timestamp_us  INTEGER NOT NULL,
    stream        TEXT NOT NULL,
    text          TEXT NOT NULL
);

CREATE INDEX logs_by_request ON logs (request_id, attempt);
CREATE INDEX logs_by_function ON logs (function_name);
CREATE INDEX logs_by_run ON logs (run_id) WHERE run_id IS NOT NULL;
