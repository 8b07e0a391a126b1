-- Every statement of the store. ?1 is the organisation unless a comment says otherwise; statements that insert or update a
-- row take its columns in the order of the shape in the .c file of the entity, and an update has the id last.
-- Parameters are always numbered: a backend with other placeholders translates them.

-- name: ping
SELECT 1;

-- columns: conn = id, name, engine, server_flavor, host, port, database, username, dsn_token, password_token, ssl_enabled, tls_ca, search_path, scratch, monitoring_enabled, created_us, updated_us, last_monitored_us

-- name: conn_insert
INSERT INTO connection (organisation_id, name, engine, server_flavor, host, port, database, username, dsn_token,
	password_token, ssl_enabled, tls_ca, search_path, scratch, monitoring_enabled, created_us, updated_us, last_monitored_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)
RETURNING id;

-- name: conn_update
UPDATE connection SET name = ?2, engine = ?3, server_flavor = ?4, host = ?5, port = ?6, database = ?7, username = ?8,
	dsn_token = ?9, password_token = ?10, ssl_enabled = ?11, tls_ca = ?12, search_path = ?13, scratch = ?14,
	monitoring_enabled = ?15, created_us = ?16, updated_us = ?17, last_monitored_us = ?18
WHERE id = ?19 AND organisation_id = ?1;

-- name: conn_get
SELECT $(conn) FROM connection WHERE id = ?2 AND organisation_id = ?1;

-- ?2 limit, ?3 offset
-- name: conn_list
SELECT $(conn) FROM connection WHERE organisation_id = ?1 ORDER BY id LIMIT ?2 OFFSET ?3;

-- name: conn_count
SELECT count(*) FROM connection WHERE organisation_id = ?1;

-- The foreign keys take the rest along.
-- name: conn_delete
DELETE FROM connection WHERE id = ?2 AND organisation_id = ?1;

-- name: conn_delete_samples
DELETE FROM sample WHERE query_id IN (SELECT id FROM query WHERE connection_id = ?2 AND organisation_id = ?1);

-- columns: query = id, connection_id, fingerprint, fingerprint_version, hash, engine_id, sql_text, calls, rows_returned, total_us, buffer_hits, buffer_reads, optimized, discovered_us, last_seen_us

-- No row comes back when the connection is not of this organisation.
-- name: query_put
INSERT INTO query (organisation_id, connection_id, fingerprint, fingerprint_version, hash, engine_id, sql_text, calls,
	rows_returned, total_us, buffer_hits, buffer_reads, optimized, discovered_us, last_seen_us)
SELECT ?1, c.id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15
FROM connection c WHERE c.id = ?2 AND c.organisation_id = ?1
ON CONFLICT (connection_id, fingerprint_version, fingerprint) DO UPDATE SET hash = excluded.hash,
	engine_id = excluded.engine_id, sql_text = excluded.sql_text, calls = excluded.calls,
	rows_returned = excluded.rows_returned, total_us = excluded.total_us, buffer_hits = excluded.buffer_hits,
	buffer_reads = excluded.buffer_reads, optimized = max(query.optimized, excluded.optimized),
	last_seen_us = excluded.last_seen_us
RETURNING id, discovered_us;

-- name: query_get
SELECT $(query) FROM query WHERE id = ?2 AND organisation_id = ?1;

-- ?2 optimized or -1, ?3 limit, ?4 offset
-- name: query_list
SELECT $(query) FROM query WHERE organisation_id = ?1 AND (?2 < 0 OR optimized = ?2)
ORDER BY total_us DESC LIMIT ?3 OFFSET ?4;

-- name: query_count
SELECT count(*) FROM query WHERE organisation_id = ?1 AND (?2 < 0 OR optimized = ?2);

-- ?2 optimized or -1, ?3 limit, ?4 offset, ?5 connection
-- name: query_list_of
SELECT $(query) FROM query WHERE connection_id = ?5 AND organisation_id = ?1 AND (?2 < 0 OR optimized = ?2)
ORDER BY total_us DESC LIMIT ?3 OFFSET ?4;

-- name: query_count_of
SELECT count(*) FROM query WHERE connection_id = ?3 AND organisation_id = ?1 AND (?2 < 0 OR optimized = ?2);

-- columns: run = id, connection_id, query_id, job_id, original_sql, optimized_sql, explanation, recommendations, plan_json, detected_json, extra_json, improvement_pct, status, complete, model, error, duration_us, created_us, updated_us, applied_us, validated_us, (SELECT count(*) FROM finding f WHERE f.run_id = run.id)

-- No row comes back when the connection is not of this organisation.
-- name: run_insert
INSERT INTO run (organisation_id, connection_id, query_id, job_id, original_sql, optimized_sql, explanation,
	recommendations, plan_json, detected_json, extra_json, improvement_pct, status, complete, model, error, duration_us,
	created_us, updated_us, applied_us, validated_us)
SELECT ?1, c.id, nullif(?3, 0), nullif(?4, 0), ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21
FROM connection c WHERE c.id = ?2 AND c.organisation_id = ?1
RETURNING id;

-- name: run_update
UPDATE run SET connection_id = ?2, query_id = nullif(?3, 0), job_id = nullif(?4, 0), original_sql = ?5, optimized_sql = ?6,
	explanation = ?7, recommendations = ?8, plan_json = ?9, detected_json = ?10, extra_json = ?11, improvement_pct = ?12,
	status = ?13, complete = ?14, model = ?15, error = ?16, duration_us = ?17, created_us = ?18, updated_us = ?19,
	applied_us = ?20, validated_us = ?21
WHERE id = ?22 AND organisation_id = ?1 AND connection_id = ?2;

-- Of all organisations. ?1 now, ?2 why there is no result, ?3 its error kind, ?4 why the model said nothing, ?5 status of failed runs
-- name: run_interrupt
UPDATE run SET complete = 1, updated_us = ?1,
	status = CASE WHEN plan_json IS NULL THEN ?5 ELSE status END,
	error = CASE WHEN plan_json IS NULL THEN ?2 ELSE error END,
	explanation = CASE WHEN plan_json IS NULL THEN ?2 ELSE explanation END,
	extra_json = CASE WHEN plan_json IS NULL THEN json_object('error_kind', ?3, 'error_position', -1)
		ELSE json_set(extra_json, '$.model.status', 'failed', '$.model.note', ?4) END
WHERE complete = 0;

-- name: run_get
SELECT $(run) FROM run WHERE id = ?2 AND organisation_id = ?1;

-- ?2 status or -1, ?3 limit, ?4 offset
-- name: run_list
SELECT $(run) FROM run WHERE organisation_id = ?1 AND (?2 < 0 OR status = ?2) ORDER BY id DESC LIMIT ?3 OFFSET ?4;

-- name: run_count
SELECT count(*) FROM run WHERE organisation_id = ?1 AND (?2 < 0 OR status = ?2);

-- ?5 connection
-- name: run_list_of
SELECT $(run) FROM run WHERE connection_id = ?5 AND organisation_id = ?1 AND (?2 < 0 OR status = ?2)
ORDER BY id DESC LIMIT ?3 OFFSET ?4;

-- name: run_count_of
SELECT count(*) FROM run WHERE connection_id = ?3 AND organisation_id = ?1 AND (?2 < 0 OR status = ?2);

-- name: run_delete
DELETE FROM run WHERE id = ?2 AND organisation_id = ?1;

-- columns: finding = id, connection_id, query_id, run_id, rule, issue_type, title, description, severity, doc, resolved, detected_us, resolved_us

-- name: finding_insert
INSERT INTO finding (organisation_id, connection_id, query_id, run_id, rule, issue_type, title, description, severity, doc,
	resolved, detected_us, resolved_us)
VALUES (?1, ?2, nullif(?3, 0), nullif(?4, 0), ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
RETURNING id;

-- name: finding_update
UPDATE finding SET connection_id = ?2, query_id = nullif(?3, 0), run_id = nullif(?4, 0), rule = ?5, issue_type = ?6,
	title = ?7, description = ?8, severity = ?9, doc = ?10, resolved = ?11, detected_us = ?12, resolved_us = ?13
WHERE id = ?14 AND organisation_id = ?1 AND run_id = ?4;

-- name: finding_ids
SELECT id FROM finding WHERE run_id = ?2 AND organisation_id = ?1;

-- name: finding_delete
DELETE FROM finding WHERE id = ?2 AND organisation_id = ?1;

-- name: finding_resolve
UPDATE finding SET resolved = ?3, resolved_us = ?4 WHERE id = ?2 AND organisation_id = ?1;

-- ?2 severity or -1, ?3 issue type or NULL, ?4 resolved or -1, ?5 limit, ?6 offset
-- name: finding_list
SELECT $(finding) FROM finding
WHERE organisation_id = ?1 AND (?2 < 0 OR severity = ?2) AND (?3 IS NULL OR issue_type = ?3) AND (?4 < 0 OR resolved = ?4)
ORDER BY id DESC LIMIT ?5 OFFSET ?6;

-- name: finding_count
SELECT count(*) FROM finding
WHERE organisation_id = ?1 AND (?2 < 0 OR severity = ?2) AND (?3 IS NULL OR issue_type = ?3) AND (?4 < 0 OR resolved = ?4);

-- ?7 connection
-- name: finding_list_of
SELECT $(finding) FROM finding
WHERE connection_id = ?7 AND organisation_id = ?1 AND (?2 < 0 OR severity = ?2) AND (?3 IS NULL OR issue_type = ?3)
	AND (?4 < 0 OR resolved = ?4)
ORDER BY id DESC LIMIT ?5 OFFSET ?6;

-- name: finding_count_of
SELECT count(*) FROM finding
WHERE connection_id = ?5 AND organisation_id = ?1 AND (?2 < 0 OR severity = ?2) AND (?3 IS NULL OR issue_type = ?3)
	AND (?4 < 0 OR resolved = ?4);

-- ?7 run
-- name: finding_list_of_run
SELECT $(finding) FROM finding
WHERE run_id = ?7 AND organisation_id = ?1 AND (?2 < 0 OR severity = ?2) AND (?3 IS NULL OR issue_type = ?3)
	AND (?4 < 0 OR resolved = ?4)
ORDER BY id LIMIT ?5 OFFSET ?6;

-- name: finding_count_of_run
SELECT count(*) FROM finding
WHERE run_id = ?5 AND organisation_id = ?1 AND (?2 < 0 OR severity = ?2) AND (?3 IS NULL OR issue_type = ?3)
	AND (?4 < 0 OR resolved = ?4);

-- columns: proposal = id, connection_id, run_id, kind, verdict, title, origin, cost_before, cost_after, doc, created_us, updated_us

-- name: proposal_insert
INSERT INTO proposal (organisation_id, connection_id, run_id, kind, verdict, title, origin, cost_before, cost_after, doc,
	created_us, updated_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
RETURNING id;

-- name: proposal_update
UPDATE proposal SET connection_id = ?2, run_id = ?3, kind = ?4, verdict = ?5, title = ?6, origin = ?7, cost_before = ?8,
	cost_after = ?9, doc = ?10, created_us = ?11, updated_us = ?12
WHERE id = ?13 AND organisation_id = ?1 AND run_id = ?3 AND connection_id = ?2;

-- name: proposal_ids
SELECT id FROM proposal WHERE run_id = ?2 AND organisation_id = ?1;

-- name: proposal_delete
DELETE FROM proposal WHERE id = ?2 AND organisation_id = ?1;

-- name: proposal_get
SELECT $(proposal) FROM proposal WHERE id = ?2 AND organisation_id = ?1;

-- name: proposal_list
SELECT $(proposal) FROM proposal WHERE run_id = ?2 AND organisation_id = ?1 ORDER BY id;

-- columns: job = id, connection_id, kind, state, title, result_id, steps_json, progress, error_kind, error, user_id, created_us, started_us, finished_us

-- name: job_insert
INSERT INTO job (organisation_id, connection_id, kind, state, title, result_id, steps_json, progress, error_kind, error,
	user_id, created_us, started_us, finished_us)
VALUES (?1, nullif(?2, 0), ?3, ?4, ?5, nullif(?6, 0), ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
RETURNING id;

-- name: job_update
UPDATE job SET connection_id = nullif(?2, 0), kind = ?3, state = ?4, title = ?5, result_id = nullif(?6, 0), steps_json = ?7,
	progress = ?8, error_kind = ?9, error = ?10, user_id = ?11, created_us = ?12, started_us = ?13, finished_us = ?14
WHERE id = ?15 AND organisation_id = ?1;

-- name: job_get
SELECT $(job) FROM job WHERE id = ?2 AND organisation_id = ?1;

-- ?2 kind or NULL, ?3 state or NULL, ?4 limit, ?5 offset
-- name: job_list
SELECT $(job) FROM job WHERE organisation_id = ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR state = ?3)
ORDER BY id DESC LIMIT ?4 OFFSET ?5;

-- name: job_count
SELECT count(*) FROM job WHERE organisation_id = ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR state = ?3);

-- ?6 connection
-- name: job_list_of
SELECT $(job) FROM job
WHERE connection_id = ?6 AND organisation_id = ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR state = ?3)
ORDER BY id DESC LIMIT ?4 OFFSET ?5;

-- name: job_count_of
SELECT count(*) FROM job
WHERE connection_id = ?4 AND organisation_id = ?1 AND (?2 IS NULL OR kind = ?2) AND (?3 IS NULL OR state = ?3);

-- Ids grow with time, so the n-th newest is where the cut is. ?2 how many to keep.
-- name: job_trim
DELETE FROM job WHERE organisation_id = ?1 AND state NOT IN ('queued', 'running') AND id <=
	(SELECT id FROM job WHERE organisation_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2);

-- Of all organisations. ?1 now, ?2 error kind, ?3 error
-- name: job_interrupt
UPDATE job SET state = 'interrupted', finished_us = ?1, error_kind = ?2, error = ?3 WHERE state IN ('queued', 'running');

-- columns: audit = id, at_us, user_id, action, object_type, object_id, ok, request_id, detail

-- name: audit_insert
INSERT INTO audit (organisation_id, at_us, user_id, action, object_type, object_id, ok, request_id, detail)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
RETURNING id;

-- ?2 limit, ?3 offset
-- name: audit_list
SELECT $(audit) FROM audit WHERE organisation_id = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3;

-- name: audit_count
SELECT count(*) FROM audit WHERE organisation_id = ?1;

-- name: dashboard_connections
SELECT count(*), coalesce(sum(monitoring_enabled), 0) FROM connection WHERE organisation_id = ?1;

-- name: dashboard_connections_of
SELECT count(*), coalesce(sum(monitoring_enabled), 0) FROM connection WHERE id = ?2 AND organisation_id = ?1;

-- name: dashboard_runs
SELECT count(*), coalesce(sum(CASE WHEN applied_us > 0 THEN 1 ELSE 0 END), 0), avg(improvement_pct)
FROM run WHERE organisation_id = ?1;

-- name: dashboard_runs_of
SELECT count(*), coalesce(sum(CASE WHEN applied_us > 0 THEN 1 ELSE 0 END), 0), avg(improvement_pct)
FROM run WHERE connection_id = ?2 AND organisation_id = ?1;

-- name: dashboard_issues
SELECT count(DISTINCT run_id), count(*) FROM finding WHERE organisation_id = ?1;

-- name: dashboard_issues_of
SELECT count(DISTINCT run_id), count(*) FROM finding WHERE connection_id = ?2 AND organisation_id = ?1;

-- No organisation and no look at the query: this runs thousands of times a poll. ?1 hour, ?2 query, ?3 second, ?4 ... ?13 deltas
-- name: sample_insert
INSERT INTO sample (hour, query_id, second, calls, rows_returned, exec_us, plan_us, shared_hit, shared_read, shared_dirtied,
	temp_read, temp_written, wal_bytes)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
ON CONFLICT (hour, query_id, second) DO NOTHING;

-- One query across hours is a seek an hour; "WHERE query_id = ?" would read them all. ?2 query, ?3 first hour, ?4 last hour
-- name: sample_list
WITH RECURSIVE hours (hour) AS (SELECT CAST(?3 AS INTEGER) UNION ALL SELECT hour + 1 FROM hours WHERE hour < ?4)
SELECT s.hour, s.second, s.calls, s.rows_returned, s.exec_us, s.plan_us, s.shared_hit, s.shared_read, s.shared_dirtied,
	s.temp_read, s.temp_written, s.wal_bytes
FROM query q CROSS JOIN hours CROSS JOIN sample s ON s.hour = hours.hour AND s.query_id = q.id
WHERE q.id = ?2 AND q.organisation_id = ?1;
