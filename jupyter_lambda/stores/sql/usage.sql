-- name: last_position
SELECT MAX(
    COALESCE((SELECT MAX(position) FROM attempts), 0),
    COALESCE((SELECT MAX(position) FROM logs), 0)
);

-- name: insert_attempt
INSERT OR IGNORE INTO attempts (
    position, request_id, attempt, function_name, version, source, run_id, item,
    started_at_us, duration_us, init_us, billed_duration_ms, memory_mb, max_memory_used_mb,
    outcome, error_type, worker, environment_id, log_stream
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: add_to_sums
INSERT INTO usage_sums (
    month, function_name, run_id,
    requests, billed_duration_ms, memory_mb_ms, init_us, failures, lost
)
SELECT strftime('%Y-%m', started_at_us / 1000000, 'unixepoch'), function_name,
       COALESCE(run_id, ''), COUNT(*), SUM(billed_duration_ms),
       SUM(billed_duration_ms * memory_mb), SUM(COALESCE(init_us, 0)),
       SUM(outcome <> 'ok'), SUM(outcome = 'lost')
FROM attempts
WHERE position > ?
GROUP BY 1, 2, 3
ON CONFLICT (month, function_name, run_id) DO UPDATE SET
    requests           = requests + excluded.requests,
    billed_duration_ms = billed_duration_ms + excluded.billed_duration_ms,
    memory_mb_ms       = memory_mb_ms + excluded.memory_mb_ms,
    init_us            = init_us + excluded.init_us,
    failures           = failures + excluded.failures,
    lost               = lost + excluded.lost;

-- name: recent
SELECT request_id, attempt, function_name, version, source, run_id, item,
       started_at_us, duration_us, init_us, billed_duration_ms, memory_mb, max_memory_used_mb,
       outcome, error_type, worker, environment_id, log_stream
FROM attempts
WHERE {scope}
ORDER BY position DESC
LIMIT :limit;

-- name: last_attempts
SELECT request_id, attempt, function_name, version, source, run_id, item,
       started_at_us, duration_us, init_us, billed_duration_ms, memory_mb, max_memory_used_mb,
       outcome, error_type, worker, environment_id, log_stream
FROM attempts
WHERE position IN (
    SELECT (SELECT MAX(position) FROM attempts WHERE function_name = functions.name)
    FROM functions
);

-- name: sum_of_sums
SELECT COALESCE(SUM(requests), 0), COALESCE(SUM(billed_duration_ms), 0),
       COALESCE(SUM(memory_mb_ms), 0), COALESCE(SUM(init_us), 0),
       COALESCE(SUM(failures), 0), COALESCE(SUM(lost), 0)
FROM usage_sums
WHERE {scope} AND (:month IS NULL OR month = :month);

-- name: sum_of_attempts
SELECT COUNT(*), COALESCE(SUM(billed_duration_ms), 0),
       COALESCE(SUM(billed_duration_ms * memory_mb), 0), COALESCE(SUM(init_us), 0),
       COALESCE(SUM(outcome <> 'ok'), 0), COALESCE(SUM(outcome = 'lost'), 0)
FROM attempts
WHERE {scope}
  AND (:month IS NULL OR strftime('%Y-%m', started_at_us / 1000000, 'unixepoch') = :month);

-- name: sums_by_function
SELECT function_name, SUM(requests), SUM(billed_duration_ms), SUM(memory_mb_ms), SUM(init_us),
       SUM(failures), SUM(lost)
FROM usage_sums
WHERE month = ?
GROUP BY function_name;

-- name: kept_median
SELECT median_us FROM runs WHERE run_id = :run_id;

-- name: median
SELECT duration_us
FROM attempts
WHERE run_id = :run_id
ORDER BY duration_us
LIMIT 1
OFFSET (SELECT (COUNT(*) - 1) / 2 FROM attempts WHERE run_id = :run_id);
