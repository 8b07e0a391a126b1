-- Every statement of the store. ?1 is the organisation unless a comment says otherwise; statements that insert or update a
-- row take its columns in the order of the shape in the .c file of the entity, and an update has the id last.
-- Parameters are always numbered: a backend with other placeholders translates them.

-- name: ping
SELECT 1;

-- columns: conn = id, name, engine, server_flavor, host, port, database, username, dsn_token, password_token, ssl_enabled, tls_ca, search_path, scratch, monitoring_enabled, interval_s, environment, labels, created_us, updated_us, last_monitored_us, coalesce(instance_id, 0)

-- name: conn_insert
INSERT INTO connection (organisation_id, name, engine, server_flavor, host, port, database, username, dsn_token,
	password_token, ssl_enabled, tls_ca, search_path, scratch, monitoring_enabled, interval_s, environment, labels, created_us,
	updated_us, last_monitored_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)
RETURNING id;

-- name: conn_update
UPDATE connection SET name = ?2, engine = ?3, server_flavor = ?4, host = ?5, port = ?6, database = ?7, username = ?8,
	dsn_token = ?9, password_token = ?10, ssl_enabled = ?11, tls_ca = ?12, search_path = ?13, scratch = ?14,
	monitoring_enabled = ?15, interval_s = ?16, environment = ?17, labels = ?18, created_us = ?19, updated_us = ?20,
	last_monitored_us = ?21
WHERE id = ?22 AND organisation_id = ?1;

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

-- Not a member of the foreign keys, since the store itself has notices too.
-- name: conn_delete_notices
DELETE FROM notice WHERE connection_id = (SELECT id FROM connection WHERE id = ?2 AND organisation_id = ?1);

-- name: conn_monitored
UPDATE connection SET last_monitored_us = ?3 WHERE id = ?2 AND organisation_id = ?1;

-- name: conn_instance
UPDATE connection SET instance_id = ?3 WHERE id = ?2 AND organisation_id = ?1;

-- columns: query = id, connection_id, fingerprint, fingerprint_version, (SELECT CASE WHEN length(t.key) = 64 THEN t.key END FROM query_text t WHERE t.id = query.text_id), engine_id, (SELECT t.text FROM query_text t WHERE t.id = query.text_id), calls, rows_returned, total_us, buffer_hits, buffer_reads, optimized, discovered_us, last_seen_us, kind

-- No row comes back when the connection is not of this organisation.
-- name: query_put
INSERT INTO query (organisation_id, connection_id, fingerprint, fingerprint_version, engine_id, calls,
	rows_returned, total_us, buffer_hits, buffer_reads, optimized, discovered_us, last_seen_us, kind, text_id)
SELECT ?1, c.id, ?3, ?4, ?6, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17
FROM connection c WHERE c.id = ?2 AND c.organisation_id = ?1
ON CONFLICT (connection_id, fingerprint_version, fingerprint) DO UPDATE SET text_id = excluded.text_id,
	engine_id = excluded.engine_id, calls = excluded.calls,
	rows_returned = excluded.rows_returned, total_us = excluded.total_us, buffer_hits = excluded.buffer_hits,
	buffer_reads = excluded.buffer_reads, optimized = max(query.optimized, excluded.optimized),
	last_seen_us = excluded.last_seen_us, kind = coalesce(excluded.kind, query.kind)
RETURNING id, discovered_us;

-- Which text the statement has so far. ?1 connection, ?2 fingerprint, ?3 its version
-- name: query_text_of
SELECT text_id FROM query WHERE connection_id = ?1 AND fingerprint_version = ?3 AND fingerprint = ?2;

-- A text is there once, whoever has the statement. Above all that are indexed, though the highest of them be gone. ?1 key, ?2 text
-- name: text_put
INSERT INTO query_text (id, key, text) VALUES (1 + max(coalesce((SELECT max(id) FROM query_text), 0),
	coalesce((SELECT last_id FROM text_block WHERE id = (SELECT max(id) FROM text_block)), 0)), ?1, ?2) ON CONFLICT (key) DO UPDATE SET key = excluded.key RETURNING id;

-- ?1 text
-- name: text_drop
DELETE FROM query_text WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM query WHERE text_id = ?1);

-- The texts that only this connection has. ?2 connection
-- name: conn_delete_texts
DELETE FROM query_text WHERE id IN (SELECT q.text_id FROM connection c CROSS JOIN query q ON q.connection_id = c.id
	WHERE c.id = ?2 AND c.organisation_id = ?1)
	AND NOT EXISTS (SELECT 1 FROM query o WHERE o.text_id = query_text.id AND o.connection_id <> ?2);

-- name: query_get
SELECT $(query) FROM query WHERE id = ?2 AND organisation_id = ?1;

-- ?2 optimized or -1, ?3 limit, ?4 offset
-- name: query_list
SELECT $(query) FROM query WHERE organisation_id = ?1 AND (?2 < 0 OR optimized = ?2)
	AND fingerprint_version > 0
ORDER BY total_us DESC LIMIT ?3 OFFSET ?4;

-- name: query_count
SELECT count(*) FROM query WHERE organisation_id = ?1 AND (?2 < 0 OR optimized = ?2)
	AND fingerprint_version > 0;

-- ?2 optimized or -1, ?3 limit, ?4 offset, ?5 connection
-- The index by name: without statistics SQLite would take the one of fingerprints, and sort all there are.
-- name: query_list_of
SELECT $(query) FROM query INDEXED BY query_by_connection WHERE connection_id = ?5 AND organisation_id = ?1 AND (?2 < 0 OR optimized = ?2)
	AND fingerprint_version > 0
ORDER BY total_us DESC LIMIT ?3 OFFSET ?4;

-- name: query_count_of
SELECT count(*) FROM query INDEXED BY query_by_connection WHERE connection_id = ?3 AND organisation_id = ?1 AND (?2 < 0 OR optimized = ?2)
	AND fingerprint_version > 0;

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

-- ?2 limit, ?3 offset, ?4 connection or 0
-- name: run_list_issues
SELECT $(run) FROM run WHERE organisation_id = ?1 AND (?4 = 0 OR connection_id = ?4)
	AND EXISTS (SELECT 1 FROM finding x WHERE x.run_id = run.id) ORDER BY id DESC LIMIT ?2 OFFSET ?3;

-- ?2 connection or 0
-- name: run_count_issues
SELECT count(*) FROM run WHERE organisation_id = ?1 AND (?2 = 0 OR connection_id = ?2)
	AND EXISTS (SELECT 1 FROM finding x WHERE x.run_id = run.id);

-- name: run_delete
DELETE FROM run WHERE id = ?2 AND organisation_id = ?1;

-- columns: finding = id, connection_id, query_id, run_id, rule, issue_type, title, description, severity, doc, resolved, detected_us, resolved_us, updated_us, cause, ended, returns, factor, acknowledged_us, acknowledged_by, acknowledged_factor, muted_until_us, (SELECT count(*) FROM finding_comment m WHERE m.finding_id = finding.id)

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

-- Open ones. ?2 connection or 0
-- name: finding_counts
SELECT issue_type, severity, count(*) FROM finding WHERE organisation_id = ?1 AND resolved = 0 AND (?2 = 0 OR connection_id = ?2)
GROUP BY issue_type, severity ORDER BY issue_type, severity;

-- name: dashboard_issues
SELECT count(DISTINCT run_id), count(*) FROM finding WHERE organisation_id = ?1;

-- name: dashboard_issues_of
SELECT count(DISTINCT run_id), count(*) FROM finding WHERE connection_id = ?2 AND organisation_id = ?1;

-- One query across hours is a seek an hour: the key begins with the hour (store/block.h). ?2 query, ?3 first hour, ?4 last hour,
-- ?5 ... ?6 keys that the query's blocks have in hour 0
-- name: sample_list
WITH RECURSIVE hours (hour) AS (SELECT CAST(?3 AS INTEGER) UNION ALL SELECT hour + 1 FROM hours WHERE hour < ?4)
SELECT b.id, b.samples
FROM query q CROSS JOIN hours CROSS JOIN sample_block b ON b.id BETWEEN (hours.hour << 44) + ?5 AND (hours.hour << 44) + ?6
WHERE q.id = ?2 AND q.organisation_id = ?1;

-- ---- monitoring ----

-- A statement that is known, with the parameters of query_add but the text.
-- name: query_seen
UPDATE query SET engine_id = ?6, last_seen_us = max(last_seen_us, ?15), kind = coalesce(kind, ?16)
WHERE connection_id = ?2 AND fingerprint_version = ?4 AND fingerprint = ?3 AND organisation_id = ?1
RETURNING id, discovered_us;

-- The row of a statement that is new: its counters are the fold's business. No row comes back when the connection is not of this
-- organisation. ?17 its text
-- name: query_add
INSERT INTO query (organisation_id, connection_id, fingerprint, fingerprint_version, engine_id, calls,
	rows_returned, total_us, buffer_hits, buffer_reads, optimized, discovered_us, last_seen_us, kind, text_id)
SELECT ?1, c.id, ?3, ?4, ?6, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17
FROM connection c WHERE c.id = ?2 AND c.organisation_id = ?1
RETURNING id, discovered_us;

-- ?2 engine, ?3 host, ?4 port, ?5 system id, ?6 version, ?7 now
-- Another watched connection to the database that counts already.
-- name: conn_twin
SELECT c.name FROM connection me JOIN connection c ON c.instance_id = me.instance_id
	JOIN watch w ON w.connection_id = c.id
WHERE me.id = ?2 AND me.organisation_id = ?1 AND c.organisation_id = ?1 AND c.id <> me.id
	AND c.database = me.database AND c.monitoring_enabled = 1 AND w.server_uid IS NOT NULL ORDER BY c.id LIMIT 1;

-- name: instance_put
INSERT INTO instance (organisation_id, engine, host, port, system_id, version, created_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
ON CONFLICT (organisation_id, engine, host, port, system_id) DO UPDATE SET version = excluded.version
RETURNING id;

-- columns: watch = w.connection_id, w.polls, w.attempts, w.failures, w.first_us, w.last_us, w.reading_us, w.server_uid, w.epoch_us, w.evicted, w.complete, w.statements, w.error_kind, w.error

-- name: watch_get
SELECT $(watch) FROM watch w JOIN connection c ON c.id = w.connection_id WHERE w.connection_id = ?2 AND c.organisation_id = ?1;

-- No row changes when the connection is gone, or was polled by somebody else since ?4 was read: attempts only grow.
-- name: watch_put
INSERT INTO watch (connection_id, polls, attempts, failures, first_us, last_us, reading_us, server_uid, epoch_us, evicted,
	complete, statements, error_kind, error)
SELECT c.id, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15
FROM connection c WHERE c.id = ?2 AND c.organisation_id = ?1
ON CONFLICT (connection_id) DO UPDATE SET polls = excluded.polls, attempts = excluded.attempts,
	failures = excluded.failures, first_us = excluded.first_us, last_us = excluded.last_us,
	reading_us = excluded.reading_us, server_uid = excluded.server_uid, epoch_us = excluded.epoch_us,
	evicted = excluded.evicted, complete = excluded.complete, statements = excluded.statements,
	error_kind = excluded.error_kind, error = excluded.error
WHERE watch.attempts < excluded.attempts;

-- name: baseline_list
SELECT b.chunk, b.entries FROM connection c CROSS JOIN baseline b ON b.connection_id = c.id
WHERE c.id = ?2 AND c.organisation_id = ?1 ORDER BY b.chunk;

-- ?1 connection, ?2 chunk, ?3 entries
-- name: baseline_put
INSERT INTO baseline (connection_id, chunk, entries) VALUES (?1, ?2, ?3)
ON CONFLICT (connection_id, chunk) DO UPDATE SET entries = excluded.entries;

-- ?1 connection, ?2 first chunk that goes
-- name: baseline_cut
DELETE FROM baseline WHERE connection_id = ?1 AND chunk >= ?2;

-- columns: poll = p.connection_id, p.started_us, p.duration_us, p.wait_us, p.cpu_us, p.statements, p.bytes, p.moved, p.stored, p.texts, p.restarted, p.calls, p.exec_us, p.error_kind, p.error

-- ?2 slot, then the columns
-- name: poll_put
INSERT INTO poll (slot, connection_id, started_us, duration_us, wait_us, cpu_us, statements, bytes, moved, stored, texts,
	restarted, calls, exec_us, error_kind, error)
SELECT ?2, c.id, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17
FROM connection c WHERE c.id = ?3 AND c.organisation_id = ?1
ON CONFLICT (connection_id, slot) DO UPDATE SET started_us = excluded.started_us, duration_us = excluded.duration_us,
	wait_us = excluded.wait_us, cpu_us = excluded.cpu_us, statements = excluded.statements, bytes = excluded.bytes,
	moved = excluded.moved, stored = excluded.stored, texts = excluded.texts, restarted = excluded.restarted,
	calls = excluded.calls, exec_us = excluded.exec_us, error_kind = excluded.error_kind, error = excluded.error;

-- name: poll_list
SELECT $(poll) FROM connection c CROSS JOIN poll p ON p.connection_id = c.id
WHERE c.id = ?2 AND c.organisation_id = ?1 ORDER BY p.started_us DESC LIMIT ?3;

-- What was last seen before ?5 is over: this is another matter, and nobody has dismissed it yet. ?1 connection, ?2 kind,
-- ?3 message, ?4 now
-- name: notice_put
INSERT INTO notice (connection_id, kind, message, seen, first_us, last_us) VALUES (?1, ?2, ?3, 1, ?4, ?4)
ON CONFLICT (connection_id, kind) DO UPDATE SET message = excluded.message,
	seen = iif(notice.last_us < ?5, 1, notice.seen + 1),
	first_us = iif(notice.last_us < ?5, excluded.first_us, notice.first_us),
	dismissed_us = iif(notice.last_us < ?5, 0, notice.dismissed_us), last_us = excluded.last_us;

-- ?3: those that were dismissed as well
-- name: notice_list
SELECT n.connection_id, n.kind, n.message, n.seen, n.first_us, n.last_us, n.dismissed_us FROM notice n
WHERE n.connection_id = 0 AND (?3 OR n.dismissed_us = 0)
UNION ALL SELECT n.connection_id, n.kind, n.message, n.seen, n.first_us, n.last_us, n.dismissed_us
FROM connection c CROSS JOIN notice n ON n.connection_id = c.id
WHERE c.organisation_id = ?1 AND (?3 OR n.dismissed_us = 0)
ORDER BY 6 DESC, 1, 2 LIMIT ?2;

-- Those of the store itself (connection 0) are everybody's. ?4: since when, 0: shown again
-- name: notice_dismiss
UPDATE notice SET dismissed_us = ?4 WHERE connection_id = ?2 AND kind = ?3
	AND (?2 = 0 OR EXISTS (SELECT 1 FROM connection c WHERE c.id = ?2 AND c.organisation_id = ?1));

-- No organisation and no look at the queries: this runs for each 64 of them in every poll. ?1 key, ?2 samples
-- name: sample_add
INSERT INTO sample_block (id, samples) VALUES (?1, ?2) ON CONFLICT (id) DO NOTHING;

-- name: sample_get
SELECT samples FROM sample_block WHERE id = ?1;

-- name: sample_set
UPDATE sample_block SET samples = ?2 WHERE id = ?1;

-- No row changes when the hour's samples were dropped already. ?1 hour
-- name: hour_touch
INSERT INTO hour (hour, polls, folded, dropped) VALUES (?1, 1, 0, 0)
ON CONFLICT (hour) DO UPDATE SET polls = hour.polls + 1 WHERE hour.dropped = 0;

-- name: hour_unfolded
SELECT hour, polls FROM hour INDEXED BY hour_unfolded WHERE folded < polls AND hour >= ?1 ORDER BY hour LIMIT 1;

-- name: hour_folded
UPDATE hour SET folded = ?2 WHERE hour = ?1;

-- name: hour_oldest
SELECT min(id) FROM sample_block;

-- name: hour_newest
SELECT max(hour) FROM hour;

-- name: hour_dropped
UPDATE hour SET dropped = 1, folded = polls WHERE hour = ?1;

-- name: hour_forget
DELETE FROM hour WHERE hour < ?1 AND dropped = 1;

-- The first block of these keys.
-- name: sample_next
SELECT id FROM sample_block WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT 1;

-- name: sample_blocks
SELECT id, samples FROM sample_block WHERE id BETWEEN ?1 AND ?2;

-- name: sample_drop
DELETE FROM sample_block WHERE id BETWEEN ?1 AND ?2;

-- What is known of queries, and the figures of their hour so far. ?1 hour, ?2 first query, ?3 last query
-- name: fold_read
SELECT q.id, q.connection_id, q.fingerprint_version > 0, coalesce(h.polls, 0), coalesce(h.calls, 0), coalesce(h.rows_returned, 0), coalesce(h.exec_us, 0), coalesce(h.plan_us, 0), coalesce(h.shared_hit, 0), coalesce(h.shared_read, 0), coalesce(h.shared_dirtied, 0), coalesce(h.temp_read, 0), coalesce(h.temp_written, 0), coalesce(h.wal_bytes, 0)
FROM query q LEFT JOIN query_hour h ON h.hour = ?1 AND h.query_id = q.id
WHERE q.id BETWEEN ?2 AND ?3;

-- ?1 hour, ?2 query, ?3 polls, ?4 ... ?13 sums, ?14 peak
-- name: query_hour_put
INSERT INTO query_hour (hour, query_id, polls, calls, rows_returned, exec_us, plan_us, shared_hit, shared_read, shared_dirtied, temp_read, temp_written, wal_bytes, peak_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
ON CONFLICT (hour, query_id) DO UPDATE SET polls = excluded.polls, calls = excluded.calls, rows_returned = excluded.rows_returned, exec_us = excluded.exec_us, plan_us = excluded.plan_us, shared_hit = excluded.shared_hit, shared_read = excluded.shared_read, shared_dirtied = excluded.shared_dirtied, temp_read = excluded.temp_read, temp_written = excluded.temp_written, wal_bytes = excluded.wal_bytes, peak_us = excluded.peak_us;

-- The same, but what is given is added.
-- name: query_day_add
INSERT INTO query_day (day, query_id, polls, calls, rows_returned, exec_us, plan_us, shared_hit, shared_read, shared_dirtied, temp_read, temp_written, wal_bytes, peak_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
ON CONFLICT (day, query_id) DO UPDATE SET polls = query_day.polls + excluded.polls, calls = query_day.calls + excluded.calls, rows_returned = query_day.rows_returned + excluded.rows_returned, exec_us = query_day.exec_us + excluded.exec_us, plan_us = query_day.plan_us + excluded.plan_us, shared_hit = query_day.shared_hit + excluded.shared_hit, shared_read = query_day.shared_read + excluded.shared_read, shared_dirtied = query_day.shared_dirtied + excluded.shared_dirtied, temp_read = query_day.temp_read + excluded.temp_read, temp_written = query_day.temp_written + excluded.temp_written, wal_bytes = query_day.wal_bytes + excluded.wal_bytes,
	peak_us = max(query_day.peak_us, excluded.peak_us);

-- ?1 connection, ?2 hour, ?3 queries, ?4 slow, ?5 ... ?14 added
-- name: load_hour_add
INSERT INTO load_hour (connection_id, hour, queries, slow, calls, rows_returned, exec_us, plan_us, shared_hit, shared_read, shared_dirtied, temp_read, temp_written, wal_bytes)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
ON CONFLICT (connection_id, hour) DO UPDATE SET queries = load_hour.queries + excluded.queries,
	slow = load_hour.slow + excluded.slow, calls = load_hour.calls + excluded.calls, rows_returned = load_hour.rows_returned + excluded.rows_returned, exec_us = load_hour.exec_us + excluded.exec_us, plan_us = load_hour.plan_us + excluded.plan_us, shared_hit = load_hour.shared_hit + excluded.shared_hit, shared_read = load_hour.shared_read + excluded.shared_read, shared_dirtied = load_hour.shared_dirtied + excluded.shared_dirtied, temp_read = load_hour.temp_read + excluded.temp_read, temp_written = load_hour.temp_written + excluded.temp_written, wal_bytes = load_hour.wal_bytes + excluded.wal_bytes;

-- ?1 connection, ?2 day, ?3 ... ?12 added
-- name: load_day_add
INSERT INTO load_day (connection_id, day, calls, rows_returned, exec_us, plan_us, shared_hit, shared_read, shared_dirtied, temp_read, temp_written, wal_bytes)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
ON CONFLICT (connection_id, day) DO UPDATE SET calls = load_day.calls + excluded.calls, rows_returned = load_day.rows_returned + excluded.rows_returned, exec_us = load_day.exec_us + excluded.exec_us, plan_us = load_day.plan_us + excluded.plan_us, shared_hit = load_day.shared_hit + excluded.shared_hit, shared_read = load_day.shared_read + excluded.shared_read, shared_dirtied = load_day.shared_dirtied + excluded.shared_dirtied, temp_read = load_day.temp_read + excluded.temp_read, temp_written = load_day.temp_written + excluded.temp_written, wal_bytes = load_day.wal_bytes + excluded.wal_bytes;

-- Lifetime. ?1 query, ?2 calls, ?3 rows, ?4 time, ?5 pages hit, ?6 pages read, ?7 last seen
-- name: query_grow
UPDATE query SET calls = calls + ?2, rows_returned = rows_returned + ?3, total_us = total_us + ?4,
	buffer_hits = CASE WHEN ?5 = 0 THEN buffer_hits ELSE max(buffer_hits, 0) + ?5 END,
	buffer_reads = CASE WHEN ?6 = 0 THEN buffer_reads ELSE max(buffer_reads, 0) + ?6 END,
	last_seen_us = max(last_seen_us, ?7)
WHERE id = ?1;

-- The oldest hour first, one a time. ?1 before which
-- name: query_hour_drop
DELETE FROM query_hour WHERE hour = (SELECT min(hour) FROM query_hour) AND hour < ?1;

-- name: query_day_drop
DELETE FROM query_day WHERE day = (SELECT min(day) FROM query_day) AND day < ?1;

-- ?2 before which
-- name: load_hour_drop
DELETE FROM load_hour WHERE connection_id IN (SELECT id FROM connection WHERE organisation_id = ?1) AND hour < ?2;

-- name: load_day_drop
DELETE FROM load_day WHERE connection_id IN (SELECT id FROM connection WHERE organisation_id = ?1) AND day < ?2;

-- ?2 first hour, ?3 last hour, ?4 connection or 0
-- name: load_hours
SELECT l.hour, sum(l.queries), sum(l.slow), sum(l.calls), sum(l.exec_us), sum(l.shared_read)
FROM connection c CROSS JOIN load_hour l ON l.connection_id = c.id AND l.hour BETWEEN ?2 AND ?3
WHERE c.organisation_id = ?1 AND (?4 = 0 OR c.id = ?4)
GROUP BY l.hour ORDER BY l.hour;

-- One query's hours. ?2 query, ?3 first hour, ?4 last hour
-- name: query_hours
WITH RECURSIVE hours (hour) AS (SELECT CAST(?3 AS INTEGER) UNION ALL SELECT hour + 1 FROM hours WHERE hour < ?4)
SELECT h.hour, h.polls, h.calls, h.rows_returned, h.exec_us, h.plan_us, h.shared_hit, h.shared_read, h.shared_dirtied, h.temp_read, h.temp_written, h.wal_bytes, h.peak_us
FROM query q CROSS JOIN hours CROSS JOIN query_hour h ON h.hour = hours.hour AND h.query_id = q.id
WHERE q.id = ?2 AND q.organisation_id = ?1 ORDER BY h.hour;

-- ---- figures of connections, for /metrics ----

-- ?2 connection, ?3 1 when it failed, ?4 started, ?5 duration, ?6 wait, ?7 cpu, ?8 calls, ?9 time of statements
-- name: poll_total_add
INSERT INTO poll_total (connection_id, polls, failed, last_us, last_duration_us, duration_us, wait_us, cpu_us, calls, exec_us)
SELECT c.id, 1, ?3, ?4, ?5, ?5, ?6, ?7, ?8, ?9 FROM connection c WHERE c.id = ?2 AND c.organisation_id = ?1
ON CONFLICT (connection_id) DO UPDATE SET polls = poll_total.polls + 1, failed = poll_total.failed + excluded.failed,
	last_us = excluded.last_us, last_duration_us = excluded.last_duration_us,
	duration_us = poll_total.duration_us + excluded.duration_us, wait_us = poll_total.wait_us + excluded.wait_us,
	cpu_us = poll_total.cpu_us + excluded.cpu_us, calls = poll_total.calls + excluded.calls,
	exec_us = poll_total.exec_us + excluded.exec_us;

-- ?2 limit
-- name: conn_figures
SELECT c.id, c.name, c.engine, c.environment, c.database, w.error, c.monitoring_enabled, coalesce(c.instance_id, 0), coalesce(w.failures, 0), coalesce(w.last_us, 0),
	coalesce(w.statements, 0), coalesce(t.polls, 0), coalesce(t.failed, 0), coalesce(t.duration_us, 0),
	coalesce(t.wait_us, 0), coalesce(t.cpu_us, 0), coalesce(t.calls, 0), coalesce(t.exec_us, 0), coalesce(t.last_us, 0),
	coalesce(t.last_duration_us, 0)
FROM connection c LEFT JOIN watch w ON w.connection_id = c.id LEFT JOIN poll_total t ON t.connection_id = c.id
WHERE c.organisation_id = ?1 ORDER BY c.id LIMIT ?2;

-- ---- the list of statements ----

-- Roll-ups of all organisations: the directory below says whose statements are whose. ?1 first hour, ?2 last hour
-- name: use_hours
SELECT query_id, calls, rows_returned, exec_us, shared_hit, shared_read FROM query_hour WHERE hour BETWEEN ?1 AND ?2;

-- ?1 first day, ?2 last day
-- name: use_days
SELECT query_id, calls, rows_returned, exec_us, shared_hit, shared_read FROM query_day WHERE day BETWEEN ?1 AND ?2;

-- All of them, in the order they lie in: who asks for lifetimes needs each.
-- name: use_lifetimes
SELECT id, calls, rows_returned, total_us, max(buffer_hits, 0), max(buffer_reads, 0)
FROM query WHERE id > 0 AND +organisation_id = ?1;

-- Grows with every poll that the fold has seen. ?1 first hour, ?2 last hour
-- name: use_version
SELECT coalesce(sum(folded), 0) FROM hour WHERE hour BETWEEN ?1 AND ?2;

-- By id, so that it can be merged with what is sorted by id. ?2 from which id on
-- name: query_directory
SELECT id, connection_id, fingerprint_version, fingerprint, coalesce(kind, ''), discovered_us, text_id
FROM query WHERE id >= ?2 AND +organisation_id = ?1 ORDER BY id;

-- ?2 query, ?3 how many characters
-- name: query_brief
SELECT substr(t.text, 1, ?3), length(t.text) > ?3, q.fingerprint, q.last_seen_us, q.buffer_hits >= 0, q.buffer_reads >= 0
FROM query q JOIN query_text t ON t.id = q.text_id WHERE q.id = ?2 AND q.organisation_id = ?1;

-- ?2 connection, ?3 fingerprint, ?4 its version
-- name: query_find
SELECT id FROM query WHERE connection_id = ?2 AND fingerprint_version = ?4 AND fingerprint = ?3 AND organisation_id = ?1;

-- name: connection_directory
SELECT c.id, c.name, c.engine, c.database, coalesce(w.first_us, 0)
FROM connection c LEFT JOIN watch w ON w.connection_id = c.id WHERE c.organisation_id = ?1 ORDER BY c.id;

-- Muted ones are nobody's. ?2, ?3 rules, ?4 now
-- name: finding_open_by_query
SELECT query_id, count(*), coalesce(sum(rule = ?2), 0), coalesce(sum(rule = ?3), 0) FROM finding
WHERE organisation_id = ?1 AND resolved = 0 AND query_id IS NOT NULL AND muted_until_us <= ?4 GROUP BY query_id;

-- One query's days. ?2 query, ?3 first day, ?4 last day
-- name: query_days
WITH RECURSIVE hours (day) AS (SELECT CAST(?3 AS INTEGER) UNION ALL SELECT day + 1 FROM hours WHERE day < ?4)
SELECT d.day, d.polls, d.calls, d.rows_returned, d.exec_us, d.plan_us, d.shared_hit, d.shared_read, d.shared_dirtied, d.temp_read, d.temp_written, d.wal_bytes, d.peak_us
FROM query q CROSS JOIN hours CROSS JOIN query_day d ON d.day = hours.day AND d.query_id = q.id
WHERE q.id = ?2 AND q.organisation_id = ?1 ORDER BY d.day;

-- ---- alerts ----

-- columns: alert_channel = id, name, kind, enabled, settings, secret_token, max_per_hour, created_us, updated_us

-- name: alert_channel_insert
INSERT INTO alert_channel (organisation_id, name, kind, enabled, settings, secret_token, max_per_hour, created_us, updated_us)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
RETURNING id;

-- name: alert_channel_update
UPDATE alert_channel SET name = ?2, kind = ?3, enabled = ?4, settings = ?5, secret_token = ?6, max_per_hour = ?7,
	created_us = ?8, updated_us = ?9
WHERE id = ?10 AND organisation_id = ?1;

-- name: alert_channel_get
SELECT $(alert_channel) FROM alert_channel WHERE id = ?2 AND organisation_id = ?1;

-- ?2 limit
-- name: alert_channel_list
SELECT $(alert_channel) FROM alert_channel WHERE organisation_id = ?1 ORDER BY id LIMIT ?2;

-- name: alert_channel_count
SELECT count(*) FROM alert_channel WHERE organisation_id = ?1;

-- name: alert_channel_delete
DELETE FROM alert_channel WHERE id = ?2 AND organisation_id = ?1;

-- columns: alert_rule = id, name, channel_id, enabled, events, min_severity, coalesce(connection_id, 0), failures, quiet_s, created_us, updated_us

-- No row comes back when the channel is not of this organisation.
-- name: alert_rule_insert
INSERT INTO alert_rule (organisation_id, name, channel_id, enabled, events, min_severity, connection_id, failures, quiet_s,
	created_us, updated_us)
SELECT ?1, ?2, c.id, ?4, ?5, ?6, nullif(?7, 0), ?8, ?9, ?10, ?11
FROM alert_channel c WHERE c.id = ?3 AND c.organisation_id = ?1
	AND (?7 = 0 OR EXISTS (SELECT 1 FROM connection k WHERE k.id = ?7 AND k.organisation_id = ?1))
RETURNING id;

-- name: alert_rule_update
UPDATE alert_rule SET name = ?2, channel_id = ?3, enabled = ?4, events = ?5, min_severity = ?6,
	connection_id = nullif(?7, 0), failures = ?8, quiet_s = ?9, created_us = ?10, updated_us = ?11
WHERE id = ?12 AND organisation_id = ?1
	AND EXISTS (SELECT 1 FROM alert_channel c WHERE c.id = ?3 AND c.organisation_id = ?1)
	AND (?7 = 0 OR EXISTS (SELECT 1 FROM connection k WHERE k.id = ?7 AND k.organisation_id = ?1));

-- name: alert_rule_get
SELECT $(alert_rule) FROM alert_rule WHERE id = ?2 AND organisation_id = ?1;

-- ?2 limit
-- name: alert_rule_list
SELECT $(alert_rule) FROM alert_rule WHERE organisation_id = ?1 ORDER BY id LIMIT ?2;

-- name: alert_rule_count
SELECT count(*) FROM alert_rule WHERE organisation_id = ?1;

-- name: alert_rule_delete
DELETE FROM alert_rule WHERE id = ?2 AND organisation_id = ?1;

-- columns: alert_firing = f.rule_id, f.matter, f.finding_id, f.connection_id, f.title, f.severity, f.since_us, f.ended_us

-- ?2 limit, ?3 now. over: what it was about has ended, as far as the store knows; a finding that is muted or
-- acknowledged does not come back
-- name: alert_firing_list
SELECT $(alert_firing), CASE WHEN f.finding_id > 0
		THEN NOT EXISTS (SELECT 1 FROM finding x WHERE x.id = f.finding_id AND x.resolved = 0
			AND (f.ended_us = 0 OR (x.muted_until_us <= ?3 AND x.acknowledged_us = 0)))
		ELSE NOT EXISTS (SELECT 1 FROM connection c JOIN watch w ON w.connection_id = c.id
			WHERE c.id = f.connection_id AND c.monitoring_enabled AND w.failures > 0) END
FROM alert_rule r CROSS JOIN alert_firing f ON f.rule_id = r.id
WHERE r.organisation_id = ?1 LIMIT ?2;

-- ?1 rule, ?2 matter, ?3 finding, ?4 connection, ?5 title, ?6 severity, ?7 since, ?8 ended
-- name: alert_firing_put
INSERT INTO alert_firing (rule_id, matter, finding_id, connection_id, title, severity, since_us, ended_us)
SELECT r.id, ?2, ?3, ?4, ?5, ?6, ?7, ?8 FROM alert_rule r WHERE r.id = ?1
ON CONFLICT (rule_id, matter) DO UPDATE SET finding_id = excluded.finding_id, title = excluded.title,
	severity = excluded.severity, since_us = excluded.since_us, ended_us = excluded.ended_us;

-- ?1 rule, ?2 matter
-- name: alert_firing_drop
DELETE FROM alert_firing WHERE rule_id = ?1 AND matter = ?2;

-- ?2 fewest failures, ?3 limit
-- name: alert_failing
SELECT c.id, c.name, c.engine, w.failures, w.error_kind, w.error, w.last_us
FROM watch w CROSS JOIN connection c ON c.id = w.connection_id
WHERE w.failures > 0 AND w.failures >= ?2 AND c.organisation_id = ?1 AND c.monitoring_enabled LIMIT ?3;

-- Not what was found of a query that is muted. ?2 after this id, ?3 limit
-- name: alert_findings
SELECT f.id, f.connection_id, c.name, c.engine, coalesce(f.query_id, 0), f.rule, f.title, f.description, f.severity, f.resolved,
	f.detected_us
FROM finding f JOIN connection c ON c.id = f.connection_id
WHERE f.organisation_id = ?1 AND f.id > ?2 AND f.muted_until_us <= f.detected_us ORDER BY f.id LIMIT ?3;

-- Those that are open again, the oldest first; as if resolved when nobody is to be told. ?2 now, ?3 limit
-- name: alert_returns
SELECT f.id, f.connection_id, c.name, c.engine, coalesce(f.query_id, 0), f.rule, f.title, f.description, f.severity,
	f.resolved OR f.acknowledged_us > 0 OR f.muted_until_us > ?2, f.detected_us
FROM finding_return r CROSS JOIN finding f ON f.id = r.finding_id CROSS JOIN connection c ON c.id = f.connection_id
WHERE r.finding_id > 0 AND f.organisation_id = ?1 ORDER BY r.finding_id LIMIT ?3;

-- ?1 finding
-- name: alert_return_seen
DELETE FROM finding_return WHERE finding_id = ?1;

-- name: alert_cursor_get
SELECT coalesce((SELECT finding_id FROM alert_cursor WHERE organisation_id = ?1), -1),
	coalesce((SELECT max(id) FROM finding WHERE organisation_id = ?1), 0);

-- ?2 finding
-- name: alert_cursor_put
INSERT INTO alert_cursor (organisation_id, finding_id) VALUES (?1, ?2)
ON CONFLICT (organisation_id) DO UPDATE SET finding_id = excluded.finding_id;

-- columns: alert_delivery = d.id, d.channel_id, coalesce(d.rule_id, 0), d.event, d.title, d.doc, d.state, d.attempts, d.next_us, d.created_us, d.done_us, d.error

-- No row comes back when the channel is gone.
-- name: alert_delivery_insert
INSERT INTO alert_delivery (organisation_id, channel_id, rule_id, event, title, doc, state, attempts, next_us, created_us, done_us,
	error)
SELECT ?1, c.id, nullif(?3, 0), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
FROM alert_channel c WHERE c.id = ?2 AND c.organisation_id = ?1
RETURNING id;

-- Not when more attempts than that are noted already: a node that slept does not undo what another one sent.
-- ?2 id, ?3 state, ?4 attempts, ?5 next, ?6 done, ?7 error
-- name: alert_delivery_update
UPDATE alert_delivery SET state = ?3, attempts = ?4, next_us = ?5, done_us = ?6, error = ?7
WHERE id = ?2 AND organisation_id = ?1 AND attempts < ?4;

-- ?2 channel or 0, ?3 state or NULL, ?4 limit, ?5 offset
-- name: alert_delivery_list
SELECT $(alert_delivery) FROM alert_delivery d
WHERE d.organisation_id = ?1 AND (?2 = 0 OR d.channel_id = ?2) AND (?3 IS NULL OR d.state = ?3)
ORDER BY d.id DESC LIMIT ?4 OFFSET ?5;

-- name: alert_delivery_count
SELECT count(*) FROM alert_delivery d
WHERE d.organisation_id = ?1 AND (?2 = 0 OR d.channel_id = ?2) AND (?3 IS NULL OR d.state = ?3);

-- The next one of each channel. ?2 now, ?3 later than this nothing waits: the clock stepped back
-- name: alert_delivery_due
SELECT $(alert_delivery) FROM alert_channel c CROSS JOIN alert_delivery d ON d.id =
	(SELECT x.id FROM alert_delivery x WHERE x.channel_id = c.id AND x.state = 'queued' AND (x.next_us <= ?2 OR x.next_us > ?3)
	ORDER BY x.id LIMIT 1)
WHERE c.organisation_id = ?1;

-- ?2 channel, ?3 since
-- name: alert_delivery_recent
SELECT count(*) FROM alert_delivery d WHERE d.channel_id = ?2 AND d.created_us >= ?3 AND d.organisation_id = ?1
	AND d.event <> 'test' AND d.state NOT IN ('held', 'summed');

-- How many each channel holds back, and the first and last of them.
-- name: alert_delivery_held
SELECT c.id, (SELECT count(*) FROM alert_delivery x WHERE x.channel_id = c.id AND x.state = 'held') AS n, c.max_per_hour,
	(SELECT x.title FROM alert_delivery x WHERE x.channel_id = c.id AND x.state = 'held' ORDER BY x.id LIMIT 1)
FROM alert_channel c WHERE c.organisation_id = ?1
	AND EXISTS (SELECT 1 FROM alert_delivery x WHERE x.channel_id = c.id AND x.state = 'held');

-- ?2 channel
-- name: alert_delivery_sum_up
UPDATE alert_delivery SET state = 'summed' WHERE channel_id = ?2 AND state = 'held' AND organisation_id = ?1;

-- ?2 how many to keep
-- name: alert_delivery_trim
DELETE FROM alert_delivery WHERE organisation_id = ?1 AND state <> 'queued' AND id <=
	(SELECT id FROM alert_delivery WHERE organisation_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2);

-- ---- annotations ----

-- columns: annotation = id, coalesce(connection_id, 0), at_us, text, labels_json, user_id, created_us

-- No row comes back when there is no such connection.
-- name: annotation_insert
INSERT INTO annotation (organisation_id, connection_id, at_us, text, labels_json, user_id, created_us)
SELECT ?1, nullif(?2, 0), ?3, ?4, ?5, ?6, ?7
WHERE ?2 = 0 OR EXISTS (SELECT 1 FROM connection c WHERE c.id = ?2 AND c.organisation_id = ?1)
RETURNING id;

-- name: annotation_get
SELECT $(annotation) FROM annotation WHERE id = ?2 AND organisation_id = ?1;

-- Newest first; of a connection those of all connections too. ?2 connection or 0, ?3 from, ?4 to, ?5 limit, ?6 offset
-- name: annotation_list
SELECT $(annotation) FROM annotation
WHERE organisation_id = ?1 AND at_us >= ?3 AND at_us < ?4 AND (?2 = 0 OR connection_id IS NULL OR connection_id = ?2)
ORDER BY at_us DESC, id DESC LIMIT ?5 OFFSET ?6;

-- name: annotation_count
SELECT count(*) FROM annotation
WHERE organisation_id = ?1 AND at_us >= ?3 AND at_us < ?4 AND (?2 = 0 OR connection_id IS NULL OR connection_id = ?2);

-- name: annotation_delete
DELETE FROM annotation WHERE id = ?2 AND organisation_id = ?1;


-- ---- plans of queries, and what changed around them ----

-- columns: query_plan = p.query_id, p.shape, p.format, p.doc, p.cost, p.seen, p.first_us, p.last_us

-- ?1 query, ?2 shape, ?3 format, ?4 doc, ?5 cost, ?6 when
-- name: query_plan_put
INSERT INTO query_plan (query_id, shape, format, doc, cost, seen, first_us, last_us)
SELECT q.id, ?2, ?3, ?4, ?5, 1, ?6, ?6 FROM query q WHERE q.id = ?1
ON CONFLICT (query_id, shape) DO UPDATE SET seen = query_plan.seen + 1, last_us = max(query_plan.last_us, excluded.last_us),
	format = excluded.format, doc = excluded.doc, cost = excluded.cost;

-- The shapes that were seen longest ago go. ?1 query, ?2 how many are kept
-- name: query_plan_trim
DELETE FROM query_plan WHERE query_id = ?1 AND shape NOT IN
	(SELECT shape FROM query_plan WHERE query_id = ?1 ORDER BY last_us DESC LIMIT ?2);

-- Newest first. ?2 query
-- name: query_plan_list
SELECT $(query_plan) FROM query q CROSS JOIN query_plan p ON p.query_id = q.id
WHERE q.id = ?2 AND q.organisation_id = ?1 ORDER BY p.last_us DESC;

-- The last run goes on if it is of the same shape. ?1 query, ?2 shape, ?3 when
-- name: plan_run_go_on
UPDATE plan_run SET until_us = max(until_us, ?3) WHERE query_id = ?1 AND shape = ?2
	AND from_us = (SELECT max(from_us) FROM plan_run WHERE query_id = ?1);

-- name: plan_run_begin
INSERT INTO plan_run (query_id, from_us, until_us, shape) SELECT q.id, ?3, ?3, ?2 FROM query q WHERE q.id = ?1
ON CONFLICT (query_id, from_us) DO NOTHING;

-- ?1 query, ?2 how many are kept
-- name: plan_run_trim
DELETE FROM plan_run WHERE query_id = ?1 AND from_us NOT IN
	(SELECT from_us FROM plan_run WHERE query_id = ?1 ORDER BY from_us DESC LIMIT ?2);

-- Oldest first. ?2 query
-- name: plan_run_list
SELECT r.query_id, r.from_us, r.until_us, r.shape FROM query q CROSS JOIN plan_run r ON r.query_id = q.id
WHERE q.id = ?2 AND q.organisation_id = ?1 ORDER BY r.from_us;

-- ?2 connection
-- name: plan_look_list
SELECT l.query_id, l.at_us, l.mean_us, l.error FROM connection c CROSS JOIN plan_look l ON l.connection_id = c.id
WHERE c.id = ?2 AND c.organisation_id = ?1;

-- ?1 query, ?2 when, ?3 time of a call, ?4 error
-- name: plan_look_put
INSERT INTO plan_look (query_id, connection_id, at_us, mean_us, error) SELECT q.id, q.connection_id, ?2, ?3, ?4 FROM query q WHERE q.id = ?1
ON CONFLICT (query_id) DO UPDATE SET at_us = excluded.at_us, mean_us = excluded.mean_us, error = excluded.error;

-- The newest. ?2 connection
-- name: snapshot_get
SELECT s.connection_id, s.from_us, s.until_us, s.doc FROM connection c CROSS JOIN snapshot s ON s.connection_id = c.id
WHERE c.id = ?2 AND c.organisation_id = ?1 ORDER BY s.from_us DESC LIMIT 1;

-- ?1 connection, ?2 from, ?3 until, ?4 doc
-- name: snapshot_put
INSERT INTO snapshot (connection_id, from_us, until_us, doc) SELECT c.id, ?2, ?3, ?4 FROM connection c WHERE c.id = ?1
ON CONFLICT (connection_id, from_us) DO UPDATE SET until_us = excluded.until_us, doc = excluded.doc;

-- ?1 connection, ?2 how many are kept
-- name: snapshot_trim
DELETE FROM snapshot WHERE connection_id = ?1 AND from_us NOT IN
	(SELECT from_us FROM snapshot WHERE connection_id = ?1 ORDER BY from_us DESC LIMIT ?2);

-- columns: change = h.id, h.connection_id, h.kind, h.from_us, h.to_us, h.relation, h.object, h.before, h.after, h.rows_before, h.rows_after

-- name: change_add
INSERT INTO change (connection_id, kind, from_us, to_us, relation, object, before, after, rows_before, rows_after)
SELECT c.id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM connection c WHERE c.id = ?1;

-- Newest first. ?2 connection, ?3 since when, ?4 limit
-- name: change_list
SELECT $(change) FROM connection c CROSS JOIN change h ON h.connection_id = c.id
WHERE c.id = ?2 AND c.organisation_id = ?1 AND h.to_us >= ?3 ORDER BY h.to_us DESC LIMIT ?4;

-- The newest stay. ?1 connection, ?2 how many
-- name: change_trim
DELETE FROM change WHERE connection_id = ?1 AND to_us <
	(SELECT to_us FROM change WHERE connection_id = ?1 ORDER BY to_us DESC LIMIT 1 OFFSET ?2);

-- ---- judging: regressions, new slow queries, loops ----

-- name: finding_get
SELECT $(finding) FROM finding WHERE id = ?2 AND organisation_id = ?1;

-- What the monitor says of one of its own. ?2 issue type, ?3 title, ?4 description, ?5 severity, ?6 doc, ?7 resolved, ?8 when, ?9 updated, ?10 cause, ?11 ended, ?12 returns, ?13 factor, ?14 id
-- name: finding_tell
UPDATE finding SET issue_type = ?2, title = ?3, description = ?4, severity = ?5, doc = ?6, resolved = ?7, resolved_us = ?8,
	updated_us = ?9, cause = ?10, ended = ?11, returns = ?12, factor = ?13
WHERE id = ?14 AND organisation_id = ?1 AND run_id IS NULL;

-- ?3 when (0: no longer), ?4 who
-- name: finding_acknowledge
UPDATE finding SET acknowledged_us = ?3, acknowledged_by = ?4,
	acknowledged_factor = CASE WHEN ?3 = 0 THEN NULL ELSE factor END
WHERE id = ?2 AND organisation_id = ?1;

-- ?3 until when, 0: no longer
-- name: finding_mute
UPDATE finding SET muted_until_us = ?3 WHERE id = ?2 AND organisation_id = ?1;

-- ?2 severity or -1, ?3 rule or NULL, ?4 issue type or NULL, ?5 state or NULL, ?6 now, ?7 limit, ?8 offset, ?9 connection or 0
-- name: finding_search
SELECT $(finding) FROM finding
WHERE organisation_id = ?1 AND (?9 = 0 OR connection_id = ?9) AND (?2 < 0 OR severity = ?2) AND (?3 IS NULL OR rule = ?3)
	AND (?4 IS NULL OR issue_type = ?4) AND (?5 IS NULL OR ?5 = CASE WHEN resolved = 1 THEN 'closed'
	WHEN muted_until_us > ?6 THEN 'muted' WHEN acknowledged_us > 0 THEN 'acknowledged' ELSE 'open' END
	OR (?5 = 'active' AND resolved = 0))
ORDER BY id DESC LIMIT ?7 OFFSET ?8;

-- The same without limit and offset: ?7 connection or 0
-- name: finding_search_count
SELECT count(*) FROM finding
WHERE organisation_id = ?1 AND (?7 = 0 OR connection_id = ?7) AND (?2 < 0 OR severity = ?2) AND (?3 IS NULL OR rule = ?3)
	AND (?4 IS NULL OR issue_type = ?4) AND (?5 IS NULL OR ?5 = CASE WHEN resolved = 1 THEN 'closed'
	WHEN muted_until_us > ?6 THEN 'muted' WHEN acknowledged_us > 0 THEN 'acknowledged' ELSE 'open' END
	OR (?5 = 'active' AND resolved = 0));

-- ?9 query
-- name: finding_search_of
SELECT $(finding) FROM finding
WHERE query_id = ?9 AND organisation_id = ?1 AND (?2 < 0 OR severity = ?2) AND (?3 IS NULL OR rule = ?3)
	AND (?4 IS NULL OR issue_type = ?4) AND (?5 IS NULL OR ?5 = CASE WHEN resolved = 1 THEN 'closed'
	WHEN muted_until_us > ?6 THEN 'muted' WHEN acknowledged_us > 0 THEN 'acknowledged' ELSE 'open' END
	OR (?5 = 'active' AND resolved = 0))
ORDER BY id DESC LIMIT ?7 OFFSET ?8;

-- ?7 query
-- name: finding_search_count_of
SELECT count(*) FROM finding
WHERE query_id = ?7 AND organisation_id = ?1 AND (?2 < 0 OR severity = ?2) AND (?3 IS NULL OR rule = ?3)
	AND (?4 IS NULL OR issue_type = ?4) AND (?5 IS NULL OR ?5 = CASE WHEN resolved = 1 THEN 'closed'
	WHEN muted_until_us > ?6 THEN 'muted' WHEN acknowledged_us > 0 THEN 'acknowledged' ELSE 'open' END
	OR (?5 = 'active' AND resolved = 0));

-- Closed ones of the monitor's. ?2 before when, ?3 how many at a time
-- name: finding_forget
DELETE FROM finding WHERE id IN (SELECT id FROM finding INDEXED BY finding_closed
	WHERE resolved = 1 AND run_id IS NULL AND resolved_us < ?2 AND organisation_id = ?1 LIMIT ?3);

-- columns: comment = m.id, m.finding_id, m.user_id, m.at_us, m.text

-- No row comes back when the finding is not of this organisation. ?2 finding, ?3 user, ?4 when, ?5 text
-- name: comment_insert
INSERT INTO finding_comment (finding_id, user_id, at_us, text)
SELECT f.id, ?3, ?4, ?5 FROM finding f WHERE f.id = ?2 AND f.organisation_id = ?1
RETURNING id;

-- name: comment_count
SELECT count(*) FROM finding_comment m WHERE m.finding_id = ?2;

-- Oldest first. ?2 finding
-- name: comment_list
SELECT $(comment) FROM finding f CROSS JOIN finding_comment m ON m.finding_id = f.id
WHERE f.id = ?2 AND f.organisation_id = ?1 ORDER BY m.id;

-- columns: verdict = v.query_id, v.level, v.connection_id, coalesce(v.finding_id, 0), v.state, v.ended, v.hot, v.cool, v.returns, v.onset_us, v.opened_us, v.closed_us, v.told_us, v.last_data_us, v.normal_since_us, v.factor, v.told_factor, v.kind, v.cause, v.baseline_until_us, q.discovered_us, coalesce(f.acknowledged_us, 0), f.acknowledged_factor, coalesce(f.muted_until_us, 0)

-- ?2 connection
-- name: verdict_list
SELECT $(verdict) FROM connection c CROSS JOIN verdict v INDEXED BY verdict_by_connection ON v.connection_id = c.id
	CROSS JOIN query q ON q.id = v.query_id LEFT JOIN finding f ON f.id = v.finding_id
WHERE c.id = ?2 AND c.organisation_id = ?1;

-- No organisation: the caller has the query. The row goes to the connection of the query; none is written when that is gone.
-- name: verdict_put
INSERT INTO verdict (query_id, level, connection_id, finding_id, state, ended, hot, cool, returns, onset_us, opened_us, closed_us,
	told_us, last_data_us, normal_since_us, factor, told_factor, kind, cause, baseline_until_us)
SELECT q.id, ?2, q.connection_id, nullif(?4, 0), ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20
FROM query q WHERE q.id = ?1 AND q.connection_id = ?3
ON CONFLICT (query_id, level) DO UPDATE SET finding_id = excluded.finding_id,
	state = excluded.state, ended = excluded.ended, hot = excluded.hot, cool = excluded.cool, returns = excluded.returns,
	onset_us = excluded.onset_us, opened_us = excluded.opened_us, closed_us = excluded.closed_us,
	told_us = excluded.told_us, last_data_us = excluded.last_data_us, normal_since_us = excluded.normal_since_us,
	factor = excluded.factor, told_factor = excluded.told_factor, kind = excluded.kind, cause = excluded.cause,
	baseline_until_us = excluded.baseline_until_us;

-- ?1 query, ?2 level
-- name: verdict_drop
DELETE FROM verdict WHERE query_id = ?1 AND level = ?2;

-- ?2 connection
-- name: judged_list
SELECT j.level, j.until_us FROM connection c CROSS JOIN judged j ON j.connection_id = c.id
WHERE c.id = ?2 AND c.organisation_id = ?1;

-- No row changes when the connection is gone, or of another organisation, or somebody else has judged that far.
-- ?2 connection, ?3 level, ?4 until
-- name: judged_put
INSERT INTO judged (connection_id, level, until_us) SELECT c.id, ?3, ?4 FROM connection c WHERE c.id = ?2 AND c.organisation_id = ?1
ON CONFLICT (connection_id, level) DO UPDATE SET until_us = excluded.until_us WHERE judged.until_us < excluded.until_us;

-- The queries of a connection that did most in an hour, by time (?4 0) or by calls (1), among the 5,000 that took most so far.
-- ?2 connection, ?3 hour, ?5 limit
-- name: heavy_list
SELECT h.query_id, h.calls, h.exec_us, h.rows_returned, q.discovered_us
FROM (SELECT id, discovered_us FROM query WHERE connection_id = ?2 AND organisation_id = ?1 AND fingerprint_version > 0
	ORDER BY total_us DESC LIMIT 5000) q CROSS JOIN query_hour h ON h.hour = ?3 AND h.query_id = q.id
ORDER BY CASE ?4 WHEN 0 THEN h.exec_us ELSE h.calls END DESC LIMIT ?5;

-- ---- instances ----

-- ?2 limit
-- name: instance_list
SELECT i.id, i.engine, i.host, i.port, i.system_id, i.version FROM instance i
WHERE i.organisation_id = ?1 AND EXISTS (SELECT 1 FROM connection c WHERE c.instance_id = i.id) ORDER BY i.id LIMIT ?2;

-- ---- activity ----
-- columns: activity = bucket, state, wait, query_id, seen

-- name: activity_connection
SELECT 1 FROM connection WHERE id = ?1;

-- ?1 connection, ?2 minute, ?3 state, ?4 wait, ?5 fingerprint or NULL, ?6 its version, ?7 how often it was seen
-- name: activity_add
INSERT INTO activity (connection_id, minute, state, wait, query_id, seen)
VALUES (?1, ?2, ?3, ?4, coalesce((SELECT id FROM query WHERE connection_id = ?1 AND fingerprint_version = ?6 AND
	fingerprint = ?5), 0), ?7)
ON CONFLICT (connection_id, minute, state, wait, query_id) DO UPDATE SET seen = seen + excluded.seen;

-- name: activity_forget
DELETE FROM activity WHERE connection_id = ?1 AND minute < ?2;

-- ?1 organisation, ?2 connection, ?3 from and ?4 to (excluded) minute, ?5 minutes of a bucket
-- name: activity_series
SELECT minute / ?5 * ?5 AS bucket, state, wait, 0, sum(seen) FROM activity
WHERE connection_id = (SELECT id FROM connection WHERE id = ?2 AND organisation_id = ?1) AND minute >= ?3 AND minute < ?4
GROUP BY bucket, state, wait ORDER BY bucket, state, wait LIMIT ?6;

-- name: activity_queries
SELECT 0, state, wait, query_id, sum(seen) AS total FROM activity
WHERE connection_id = (SELECT id FROM connection WHERE id = ?2 AND organisation_id = ?1) AND minute >= ?3 AND minute < ?4
	AND state <> 'look'
GROUP BY query_id, state, wait ORDER BY total DESC, query_id, state, wait LIMIT ?5;

-- ---- leases ----

-- All of them, when the one server that may have this file opens it: nobody else is alive to hold one.
-- name: lease_clear
DELETE FROM lease;

-- No row comes back when another node has it, or it is not due. The node that had it last need not wait for that: it knows
-- when it is due, and goes before the others. What lies beyond the longest times is a mistake of some clock.
-- ?1 work, ?2 subject, ?3 node, ?4 now, ?5 until, ?6 the longest until, ?7 due for others, ?8 the longest due
-- name: lease_take
INSERT INTO lease (work, subject, node, fence, until_us, due_us) VALUES (?1, ?2, ?3, ?4, ?5, 0)
ON CONFLICT (work, subject) DO UPDATE SET node = excluded.node, fence = lease.fence + 1, until_us = excluded.until_us
WHERE lease.node = ?3 OR ((lease.until_us <= ?4 OR lease.until_us > ?6) AND (lease.due_us <= ?7 OR lease.due_us > ?8))
RETURNING fence;

-- name: lease_get
SELECT node, fence, until_us, due_us FROM lease WHERE work = ?1 AND subject = ?2;

-- ?3 node, ?4 fence, ?5 until
-- name: lease_renew
UPDATE lease SET until_us = ?5 WHERE work = ?1 AND subject = ?2 AND node = ?3 AND fence = ?4 AND until_us > 0;

-- ?3 node, ?4 fence, ?5 when it is due again
-- name: lease_end
UPDATE lease SET until_us = 0, due_us = ?5 WHERE work = ?1 AND subject = ?2 AND node = ?3 AND fence = ?4;

-- ?3 node, ?4 fence
-- name: lease_release
UPDATE lease SET until_us = 0 WHERE work = ?1 AND subject = ?2 AND node = ?3 AND fence = ?4;

-- ?3 node
-- name: lease_drop
DELETE FROM lease WHERE work = ?1 AND subject = ?2 AND node = ?3;

-- ---- values of queries ----
-- columns: query_values = v.id, v.query_id, v.source, v.seen_us, v.token

-- Newest first. ?2 query
-- name: values_list
SELECT $(query_values) FROM query q CROSS JOIN query_values v ON v.query_id = q.id
WHERE q.id = ?2 AND q.organisation_id = ?1 ORDER BY v.seen_us DESC, v.id DESC LIMIT 100;

-- Nothing is written when the query is gone. ?1 query, ?2 source, ?3 when, ?4 token
-- name: values_add
INSERT INTO query_values (query_id, source, seen_us, token) SELECT q.id, ?2, ?3, ?4 FROM query q WHERE q.id = ?1;

-- ?1 set, ?2 source, ?3 when
-- name: values_seen
UPDATE query_values SET source = ?2, seen_us = max(seen_us, ?3) WHERE id = ?1;

-- name: values_drop
DELETE FROM query_values WHERE id = ?1;

-- Those seen longest ago go. ?1 query, ?2 how many are kept
-- name: values_trim
DELETE FROM query_values WHERE id IN
	(SELECT id FROM query_values WHERE query_id = ?1 ORDER BY seen_us DESC, id DESC LIMIT -1 OFFSET ?2);

-- name: values_total
SELECT bytes FROM query_values_total WHERE id = 1;

-- The oldest of all. ?1 how many
-- name: values_drop_oldest
DELETE FROM query_values WHERE id IN (SELECT id FROM query_values WHERE seen_us >= 0 ORDER BY seen_us LIMIT ?1);

-- ?1 before when
-- name: values_forget
DELETE FROM query_values WHERE seen_us < ?1;

-- ---- the index of texts ----

-- name: text_max
SELECT coalesce(max(id), 0) FROM query_text;

-- name: text_blocks
SELECT id, last_id FROM text_block WHERE id > 0 ORDER BY id;

-- ?1 list
-- name: text_list
SELECT bytes FROM text_list WHERE id = ?1;

-- What no block has. ?1 the last text that one has, ?2 pattern
-- name: text_tail
SELECT id FROM query_text WHERE id > ?1 AND text LIKE ?2 ESCAPE '\';

-- name: text_moves
SELECT query_id, text_id FROM text_move WHERE query_id > 0 ORDER BY query_id;

-- name: text_moves_clear
DELETE FROM text_move WHERE query_id > 0;

-- name: text_gone
SELECT texts FROM text_gone WHERE id = 1;

-- name: text_indexed
SELECT last_id FROM text_block WHERE id = (SELECT max(id) FROM text_block);

-- Half of its texts are gone.
-- name: text_block_worn
SELECT id, last_id, texts - gone FROM text_block INDEXED BY text_block_worn WHERE last_id > 0 AND gone >= texts - gone ORDER BY last_id LIMIT 1;

-- ?1 text
-- name: text_block_next
SELECT id, last_id, texts - gone FROM text_block WHERE id > ?1 ORDER BY id LIMIT 1;

-- ?1 first, ?2 last, ?3 limit
-- name: text_read
SELECT id, text FROM query_text WHERE id BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3;

-- ?1 first, ?2 last
-- name: text_block_drop
DELETE FROM text_block WHERE id BETWEEN ?1 AND ?2;

-- ?1 first, ?2 last
-- name: text_list_drop
DELETE FROM text_list WHERE id BETWEEN ?1 AND ?2;

-- ?1 first text, ?2 last text, ?3 how many
-- name: text_block_put
INSERT INTO text_block (id, last_id, texts) VALUES (?1, ?2, ?3);

-- ?1 list, ?2 bytes
-- name: text_list_put
INSERT INTO text_list (id, bytes) VALUES (?1, ?2);
