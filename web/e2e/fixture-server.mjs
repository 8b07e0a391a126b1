// For work on the looks only: serves dist/ and canned answers, so that every state can be seen without a database.
// The tests that count run against the real program (e2e/*.spec.ts).
import { createServer } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import { extname, join, normalize } from "node:path";

const here = new URL(".", import.meta.url).pathname;
const dist = join(here, "..", "dist");
const runs = JSON.parse(readFileSync(join(here, "../tests/fixtures/runs.json"), "utf8"));
const other = JSON.parse(readFileSync(join(here, "../tests/fixtures/other.json"), "utf8"));
const monitoring = JSON.parse(readFileSync(join(here, "../tests/fixtures/monitoring.json"), "utf8"));
const queries = JSON.parse(readFileSync(join(here, "../tests/fixtures/queries.json"), "utf8"));
const activity = JSON.parse(readFileSync(join(here, "../tests/fixtures/activity.json"), "utf8"));
const alerts = JSON.parse(readFileSync(join(here, "../tests/fixtures/alerts.json"), "utf8"));
const instances = JSON.parse(readFileSync(join(here, "../tests/fixtures/instances.json"), "utf8"));
/* All times in an answer, moved likewise. */
const now = (value) => {
	const at = Date.now();
	return JSON.parse(JSON.stringify(value), (_key, one) => (typeof one === "string" && /^20\d\d-\d\d-\d\dT[\d:.]+Z$/.test(one) ? moved(one, at) : one));
};
/* The times of the fixtures, moved so that the newest is now. */
const moved = (at, now = Date.now()) => (at ? new Date(Date.parse(at) + now - Date.parse(monitoring.status.last_poll_time) - 8_000).toISOString() : at);
const hoursAgo = (hours) => { const at = Math.floor(Date.now() / 3_600_000 - hours) * 3_600_000; const busy = 1.2 + Math.sin(((at / 3_600_000 - 9) / 24) * 2 * Math.PI); const calls = Math.round(9_000 * busy * (1 + ((hours * 7919) % 13) / 60) + 900); const mean = 4 + (hours < 5 ? 3.2 : 0) + ((hours * 31) % 7) / 6; return { timestamp: new Date(at).toISOString(), avg_time: mean, slow_queries: hours < 5 ? 3 : 1, total_queries: 240, calls, total_time: calls * mean }; };
const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2" };
const csp = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'";
const empty = process.env.EMPTY === "1";
const started = new Map();

const jobAt = (id) => {
	const at = started.get(id) ?? 0;
	const done = Math.floor((Date.now() - at) / 700);
	const names = ["parse", "resolve", "plan", "findings", "advise", "prove"];
	const over = done >= names.length;
	return {
		id, kind: "optimize", title: "Optimize a statement", state: over ? "done" : "running", progress: Math.min(done / names.length, 1),
		steps: names.slice(0, Math.min(done + 1, names.length)).map((name, i) => ({ name, state: i < done ? "done" : "running", note: null, started_at: new Date(at + i * 700).toISOString(), finished_at: i < done ? new Date(at + (i + 1) * 700).toISOString() : null })),
		optimization_id: over ? 1 : null, error: null, created_at: new Date(at).toISOString(), started_at: new Date(at).toISOString(), finished_at: over ? new Date(at + 4200).toISOString() : null,
	};
};
const problem = (res, status, title, detail, more = {}) => {
	res.writeHead(status, { "Content-Type": "application/problem+json", "X-Request-ID": "req-7f3a" });
	res.end(JSON.stringify({ type: "about:blank", title, status, detail, request_id: "req-7f3a", ...more }));
};
const json = (res, body, status = 200) => {
	res.writeHead(status, { "Content-Type": "application/json" });
	res.end(JSON.stringify(body));
};

createServer(async (req, res) => {
	const url = new URL(req.url, "http://localhost");
	const path = url.pathname.replace(/\/$/, "") || "/";
	let body = "";
	for await (const chunk of req) body += chunk;
	const input = body ? JSON.parse(body) : {};
	const id = Number(path.split("/").at(-1));
	if (path === "/health") return json(res, { ...other.health, remote_without_login: process.env.REMOTE === "1" });
	if (path === "/api/events") {
		res.writeHead(200, { "Content-Type": "text/event-stream" });
		return res.write(": hello\n\n");
	}
	if (path === "/api/connections/test") return json(res, input.password === "wrong" ? other.test_wrong : other.test_ok);
	if (path === "/api/connections" && req.method === "POST") return input.password === "wrong" ? problem(res, 502, "The database refused access", "password authentication failed for user \"sqlopt\"", { code: "denied_by_target" }) : json(res, other.connections[0], 201);
	if (path === "/api/connections") return json(res, empty ? [] : other.connections);
	if (/^\/api\/connections\/\d+\/test$/.test(path)) return json(res, other.test_ok);
	if (/^\/api\/connections\/\d+\/health-checks$/.test(path)) return json(res, other.health_checks);
	if (/^\/api\/connections\/\d+$/.test(path)) { const one = other.connections.find((c) => c.id === id); return one ? json(res, one) : problem(res, 404, "Not found", "there is no connection " + id); }
	if (/^\/api\/connections\/\d+\/activity$/.test(path)) return json(res, activity.now);
	if (/^\/api\/connections\/\d+\/activity\/past$/.test(path)) return json(res, now(id === 2 ? { ...activity.past, points: [], shares: [], waits: [] } : activity.past));
	if (path === "/api/instances") return json(res, empty ? [] : now(instances.instances));
	if (/^\/api\/connections\/\d+\/discover$/.test(path)) return path.includes("/2/") ? problem(res, 502, "The database refused access", "access denied for user 'sqlopt'; check the password of the connection", { code: "denied_by_target" }) : json(res, instances.found);
	if (path === "/api/notices") return json(res, empty ? [] : now(other.notices));
	if (path === "/api/alerts/channels") return json(res, empty ? [] : alerts.channels);
	if (path === "/api/alerts/rules") return json(res, empty ? [] : alerts.rules);
	if (path === "/api/alerts/deliveries") return json(res, now(alerts.deliveries.filter((one) => (url.searchParams.get("state") ?? one.state) === one.state)));
	if (/^\/api\/alerts\/channels\/\d+\/test$/.test(path)) return json(res, id === 1 ? { success: true, message: "sent", latency_ms: 31.4 } : { success: false, message: "'incidents.internal.example.com' is at a private address; name it in ALERT_ALLOWED_HOSTS", latency_ms: 2 });
	if (path === "/api/capabilities") return json(res, activity.capabilities);
	if (path === "/api/dashboard/stats") return json(res, empty ? { ...other.stats, total_optimizations: 0, total_queries_discovered: 0, total_connections: 0 } : other.stats);
	if (path === "/api/dashboard/performance-trends") return json(res, empty ? [] : Array.from({ length: Math.min(Number(url.searchParams.get("hours") ?? 24), 500) }, (_, i) => hoursAgo(i)).filter((row) => !row.timestamp.includes("T03:00")).reverse());
	if (path === "/api/monitoring/status") return json(res, { ...monitoring.status, last_poll_time: moved(monitoring.status.last_poll_time), next_poll_time: moved(monitoring.status.next_poll_time) });
	if (path === "/api/monitoring/targets") return json(res, empty ? [] : monitoring.targets.map((target) => ({ ...target, last_poll_at: moved(target.last_poll_at), next_poll_at: moved(target.next_poll_at) })));
	if (/^\/api\/monitoring\/(start|stop|trigger)$/.test(path)) return json(res, { success: true, message: "done" });
	if (path === "/api/queries") {
		const only = url.searchParams.get("only"), search = url.searchParams.get("search") ?? "", kind = url.searchParams.get("kind"), print = url.searchParams.get("fingerprint");
		const rows = empty ? [] : queries.page.queries.filter((row) => row.sql_text.includes(search) && (!kind || row.kind === kind) && (!print || row.fingerprint === print) && (only === "regressed" ? row.regressed : only === "findings" ? row.findings > 0 : only === "new" ? row.is_new : true));
		return json(res, now({ ...queries.page, total: rows.length, queries: rows }));
	}
	if (path === "/api/queries/sparklines") return json(res, now({ ...queries.sparklines, series: queries.sparklines.series.filter((one) => url.searchParams.get("ids").split(",").includes(String(one.id))) }));
	if (/^\/api\/queries\/\d+\/series$/.test(path)) return json(res, now({ ...queries.series, metric: url.searchParams.get("metric") ?? "mean_time" }));
	if (/^\/api\/queries\/\d+\/plans$/.test(path)) return json(res, now({ ...queries.plans, plans: queries.plans.plans.map((plan) => ({ ...plan, text: plan.shape === url.searchParams.get("shape") ? "[]" : null })) }));
	if (path === "/api/plans/analyze") return json(res, { plan: runs[1].plan ?? runs[1].execution_plan, findings: runs[1].findings });
	if (/^\/api\/queries\/\d+$/.test(path)) return id === 11 ? json(res, now(queries.detail)) : problem(res, 404, "Not found", "there is no query " + id);
	if (path === "/api/findings") return json(res, empty || (url.searchParams.get("query_id") ?? "11") !== "11" ? [] : now(queries.findings.filter((one) => url.searchParams.get("state") !== "open" || one.state === "open")));
	if (/^\/api\/findings\/\d+$/.test(path)) return json(res, now(queries.finding));
	if (/^\/api\/findings\/\d+\/\w+$/.test(path)) return json(res, now(queries.findings[1]));
	if (path === "/api/annotations") return json(res, now(queries.series.annotations[0]), 201);
	if (path === "/api/optimizer/optimizations") return json(res, empty ? [] : runs);
	if (/^\/api\/optimizer\/optimizations\/\d+$/.test(path)) { const one = runs.find((r) => r.id === id); return one ? json(res, one) : problem(res, 404, "Not found", "there is no run " + id); }
	if (path === "/api/optimizer/optimize") {
		const at = input.sql_query.indexOf("FORM");
		if (at >= 0) return problem(res, 400, "Input refused", "syntax error at \"FORM\": expected FROM or a comma", { position: at });
		started.set(41, Date.now());
		return json(res, { job_id: 41, location: "/api/jobs/41" }, 202);
	}
	if (path === "/api/optimizer/apply") return input.dry_run ? json(res, other.dry_run) : problem(res, 403, "Not allowed by the configuration", "DDL execution is switched off (ENABLE_DDL_EXECUTION=false)");
	if (path === "/api/optimizer/validate-performance") return setTimeout(() => json(res, other.measurement), 1500);
	if (path === "/api/jobs") return json(res, empty ? [] : [...(started.has(41) ? [jobAt(41)] : []), ...other.jobs]);
	if (/^\/api\/jobs\/\d+$/.test(path)) return id === 41 ? json(res, jobAt(41)) : json(res, other.jobs.find((j) => j.id === id) ?? other.jobs[0]);
	if (/cancel$/.test(path)) return started.set(41, 0) && json(res, {});
	if (path.startsWith("/api")) return problem(res, 404, "Not found", "no such route");
	const file = join(dist, normalize(path === "/docs" ? "/docs.html" : path === "/redoc" ? "/redoc.html" : path));
	const found = path !== "/" && extname(file) && existsSync(file) ? file : path.startsWith("/assets") ? null : join(dist, "index.html");
	if (!found) return problem(res, 404, "Not found", path);
	res.writeHead(200, { "Content-Type": types[extname(found)] ?? "application/octet-stream", "Content-Security-Policy": csp });
	res.end(readFileSync(found));
}).listen(Number(process.env.PORT ?? 8099), "127.0.0.1", () => console.log("http://127.0.0.1:" + (process.env.PORT ?? 8099)));
