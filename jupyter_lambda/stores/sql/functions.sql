-- name: put_revision
INSERT OR REPLACE INTO revisions (
    name, revision, revision_id, configuration, code_sha256, code_size_bytes,
    created_at_us, modified_at_us, manifest, source
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- name: put
INSERT OR REPLACE INTO functions (name, revision) VALUES (?, ?);

-- name: get
SELECT revision, revision_id, configuration, code_sha256, code_size_bytes,
       created_at_us, modified_at_us, manifest, source
FROM functions JOIN revisions USING (name, revision)
WHERE name = ?;

-- name: get_revision
SELECT revision, revision_id, configuration, code_sha256, code_size_bytes,
       created_at_us, modified_at_us, manifest, source
FROM revisions
WHERE name = ? AND revision = ?;

-- name: all
SELECT revision, revision_id, configuration, code_sha256, code_size_bytes,
       created_at_us, modified_at_us, manifest, source
FROM functions JOIN revisions USING (name, revision)
ORDER BY name;

-- name: last_revision
SELECT COALESCE(MAX(revision), 0) FROM revisions WHERE name = ?;

-- name: delete
DELETE FROM functions WHERE name = ?;

-- name: count
SELECT COUNT(*) FROM functions;

-- name: code_digests
SELECT DISTINCT code_sha256 FROM revisions;

-- name: forget_revisions
DELETE FROM revisions
WHERE NOT EXISTS (
    SELECT 1 FROM functions
    WHERE functions.name = revisions.name AND functions.revision = revisions.revision
) AND NOT EXISTS (
    SELECT 1 FROM runs
    WHERE runs.function_name = revisions.name AND runs.revision = revisions.revision
);
