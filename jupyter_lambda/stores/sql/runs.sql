-- name: create
INSERT INTO runs (
    run_id, function_name, revision, code_sha256, codec, state,
    created_at_us, finished_at_us, input_closed, input_error, accepted
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: get
SELECT run_id, function_name, revision, code_sha256, codec, state,
       created_at_us, finished_at_us, input_closed, input_error, accepted
FROM runs
WHERE run_id = ?;

-- name: newest
SELECT run_id, function_name, revision, code_sha256, codec, state,
       created_at_us, finished_at_us, input_closed, input_error, accepted
FROM runs
ORDER BY id DESC
LIMIT :limit;

-- name: newest_of_function
SELECT run_id, function_name, revision, code_sha256, codec, state,
       created_at_us, finished_at_us, input_closed, input_error, accepted
FROM runs
WHERE function_name = :function_name
ORDER BY id DESC
LIMIT :limit;

-- name: unsettled
SELECT run_id, function_name, revision, code_sha256, codec, state,
       created_at_us, finished_at_us, input_closed, input_error, accepted
FROM runs
WHERE state IN ('open', 'running')
ORDER BY id;

-- name: set_state
UPDATE runs
SET state = :state, finished_at_us = :finished_at_us, median_us = NULL
WHERE run_id = :run_id;

-- name: keep_median
UPDATE runs
SET median_us = (
    SELECT duration_us
    FROM attempts
    WHERE run_id = :run_id
    ORDER BY duration_us
    LIMIT 1
    OFFSET (SELECT (COUNT(*) - 1) / 2 FROM attempts WHERE run_id = :run_id)
)
WHERE run_id = :run_id;

-- name: set_revision
UPDATE runs SET revision = :revision, code_sha256 = :code_sha256 WHERE run_id = :run_id;

-- name: close_input
UPDATE runs
SET input_closed = 1,
    input_error = :input_error,
    state = CASE state WHEN 'open' THEN 'running' ELSE state END
WHERE run_id = :run_id;

-- name: accept
UPDATE runs SET accepted = accepted + :added WHERE run_id = :run_id;

-- name: insert_input
INSERT INTO inputs (run_id, item, payload, spooled_bytes) VALUES (?, ?, ?, ?);

-- name: inputs
SELECT item, payload, spooled_bytes
FROM inputs
WHERE run_id = :run_id AND item IN (SELECT value FROM json_each(:items));

-- name: delete_run
DELETE FROM runs WHERE run_id = ?;

-- name: delete_inputs
DELETE FROM inputs WHERE run_id = ?;

-- name: delete_results
DELETE FROM results WHERE run_id = ?;

-- name: delete_tallies
DELETE FROM tallies WHERE run_id = ?;

-- name: run_ids
SELECT run_id FROM runs;
