-- name: last_id
SELECT COALESCE(MAX(id), 0) FROM results;

-- name: insert
INSERT OR IGNORE INTO results (
    run_id, item, attempt, outcome, request_id, error_type, payload, spooled_bytes
) VALUES (?, ?, ?, ?, ?, ?, ?, ?);

-- name: add_to_tallies
INSERT INTO tallies (run_id, outcome, error_type, items)
SELECT run_id, outcome, COALESCE(error_type, ''), COUNT(*)
FROM results
WHERE id > ?
GROUP BY 1, 2, 3
ON CONFLICT (run_id, outcome, error_type) DO UPDATE SET items = items + excluded.items;

-- name: clear_tallies
DELETE FROM tallies WHERE run_id = ?;

-- name: recount_tallies
INSERT INTO tallies (run_id, outcome, error_type, items)
SELECT run_id, outcome, COALESCE(error_type, ''), COUNT(*)
FROM results
WHERE run_id = ?
GROUP BY 1, 2, 3;

-- name: tallies
SELECT run_id, outcome, error_type, items
FROM tallies
WHERE run_id IN (SELECT value FROM json_each(?));

-- name: settled_items
SELECT item FROM results WHERE run_id = ? ORDER BY item;

-- Pages: the first column is where the row stands in the order of the page.

-- name: page_by_item
SELECT item, item, attempt, outcome, request_id, error_type, payload, spooled_bytes
FROM results
WHERE run_id = :run_id AND item >= :start
ORDER BY item
LIMIT :limit;

-- name: page_of_failures
SELECT item, item, attempt, outcome, request_id, error_type, payload, spooled_bytes
FROM results
WHERE run_id = :run_id AND item >= :start AND outcome NOT IN ('ok', 'cancelled')
ORDER BY item
LIMIT :limit;

-- name: page_as_settled
SELECT id, item, attempt, outcome, request_id, error_type, payload, spooled_bytes
FROM results
WHERE run_id = :run_id AND id >= :start
ORDER BY id
LIMIT :limit;

-- name: failed_items
SELECT item
FROM results
WHERE run_id = :run_id
  AND outcome <> 'ok'
  AND (:items IS NULL OR item IN (SELECT value FROM json_each(:items)))
  AND (:error_types IS NULL OR error_type IN (SELECT value FROM json_each(:error_types)))
ORDER BY item;

-- name: delete_items
DELETE FROM results
WHERE run_id = :run_id AND item IN (SELECT value FROM json_each(:items));

-- name: attempts_made
SELECT item, MAX(attempt)
FROM attempts
WHERE run_id = :run_id AND item IN (SELECT value FROM json_each(:items))
GROUP BY item;
