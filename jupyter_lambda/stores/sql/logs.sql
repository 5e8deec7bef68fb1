-- name: insert
INSERT INTO logs (
    position, request_id, attempt, function_name, version, run_id, timestamp_us, stream, text
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: lines_from
SELECT position, NOT EXISTS (
           SELECT 1 FROM logs AS earlier
           WHERE earlier.request_id = logs.request_id AND earlier.attempt = logs.attempt
             AND earlier.position < logs.position
       ) AND NOT EXISTS (
           SELECT 1 FROM attempts
           WHERE attempts.request_id = logs.request_id AND attempts.attempt = logs.attempt
             AND attempts.position < logs.position
       ),
       request_id, attempt, function_name, version, run_id, timestamp_us, stream, text
FROM logs
WHERE {scope} AND position >= :position
ORDER BY position
LIMIT :limit;

-- name: attempts_from
SELECT position, NOT EXISTS (
           SELECT 1 FROM logs
           WHERE logs.request_id = attempts.request_id AND logs.attempt = attempts.attempt
             AND logs.position < attempts.position
       ),
       request_id, attempt, function_name, version, source, run_id, item,
       started_at_us, duration_us, init_us, billed_duration_ms, memory_mb, max_memory_used_mb,
       outcome, error_type, worker, environment_id, log_stream
FROM attempts
WHERE {scope} AND position >= :position
ORDER BY position
LIMIT :limit;

-- name: newest_positions
SELECT MIN(position) FROM (
    SELECT position FROM (
        SELECT position FROM logs WHERE {scope} ORDER BY position DESC LIMIT :limit
    )
    UNION ALL
    SELECT position FROM (
        SELECT position FROM attempts WHERE {scope} ORDER BY position DESC LIMIT :limit
    )
    ORDER BY position DESC
    LIMIT :limit
);
