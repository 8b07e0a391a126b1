// Runs the browser tests against the real program and a real PostgreSQL, both private to this run:
//   node e2e/run.mjs [arguments of playwright test]
// SO_BUILD names the folder of the binary (default ../build). SQLOPT_URL (with E2E_PG_PORT) takes a running server instead;
// SQLOPT_UI_DIR serves the page from a folder instead of the one in the binary.
import { randomInt } from "node:crypto";
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, openSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const args = process.argv.slice(2);

// The page talks to a database that must be there: start one around ourselves.
if (!process.env.SO_TEST_PG_DSN && !process.env.SQLOPT_URL) {
	const again = spawnSync(join(root, "tests/lib/with-postgres"), [process.execPath, fileURLToPath(import.meta.url), ...args], { stdio: "inherit" });
	process.exit(again.status ?? 1);
}

// Below the ports that the system gives to clients, as in tests/lib/sqlopt_test.py.
const freePort = () =>
	new Promise((done) => {
		const port = randomInt(12000, 32000);
		const server = createServer();
		server.on("error", () => done(freePort()));
		server.listen(port, "127.0.0.1", () => server.close(() => done(port)));
	});

const children = [];
const env = { ...process.env };
const scratch = mkdtempSync(join(tmpdir(), "sqlopt-e2e-"));
const log = join(scratch, "server.log");

function stop() {
	for (const child of children) child.kill("SIGTERM");
	rmSync(scratch, { recursive: true, force: true });
}
for (const signal of ["SIGINT", "SIGTERM"])
	process.on(signal, () => {
		stop();
		process.exit(130);
	});

async function answers(url, child) {
	for (let tries = 0; tries < 150; tries++) {
		if (child.exitCode !== null) throw new Error(`the server ended with status ${child.exitCode}:\n${readFileSync(log, "utf8").slice(-3000)}`);
		try {
			if ((await fetch(url)).ok) return;
		} catch {
			/* not yet */
		}
		await new Promise((go) => setTimeout(go, 100));
	}
	throw new Error(`no answer from ${url}:\n${readFileSync(log, "utf8").slice(-3000)}`);
}

try {
	if (process.env.SO_TEST_PG_DSN) {
		const done = spawnSync("psql", ["-XqAt", "-v", "ON_ERROR_STOP=1", "-f", join(here, "shop.sql"), process.env.SO_TEST_PG_DSN], { encoding: "utf8" });
		if (done.status !== 0) throw new Error(`shop.sql: ${done.stderr}`);
		env.E2E_PG_PORT = new URL(process.env.SO_TEST_PG_DSN).port;
	}
	if (!process.env.SQLOPT_URL) {
		const binary = join(resolve(root, process.env.SO_BUILD ?? "build"), "sqlopt");
		if (!existsSync(binary)) throw new Error(`'${binary}' is not built`);
		const port = await freePort();
		const out = openSync(log, "a");
		const server = spawn(binary, ["serve", ...(process.env.SQLOPT_UI_DIR ? ["--ui-dir", resolve(process.env.SQLOPT_UI_DIR)] : [])], {
			cwd: scratch,
			stdio: ["ignore", out, out],
			env: { PATH: process.env.PATH, HOME: scratch, BACKEND_HOST: "127.0.0.1", BACKEND_PORT: String(port), DATABASE_URL: `sqlite:///${scratch}/sqlopt.db`, OLLAMA_BASE_URL: "http://127.0.0.1:9", MONITORING_ACTIVITY_SECONDS: "2", ALERT_ALLOWED_HOSTS: "127.0.0.1" },
		});
		children.push(server);
		env.SQLOPT_URL = `http://127.0.0.1:${port}`;
		await answers(`${env.SQLOPT_URL}/health`, server);
	}
	if (existsSync(join(here, "../dist/index.html"))) {
		const port = await freePort();
		const fixture = spawn(process.execPath, [join(here, "fixture-server.mjs")], { stdio: "ignore", env: { ...process.env, PORT: String(port) } });
		children.push(fixture);
		env.FIXTURE_URL = `http://127.0.0.1:${port}`;
		await answers(`${env.FIXTURE_URL}/health`, fixture);
	}
	const status = await new Promise((done) => {
		const run = spawn(process.execPath, [join(here, "../node_modules/@playwright/test/cli.js"), "test", ...args], { cwd: join(here, ".."), stdio: "inherit", env });
		children.push(run);
		run.on("exit", (code) => done(code ?? 1));
	});
	if (status !== 0 && existsSync(log)) console.error(`server log:\n${readFileSync(log, "utf8").slice(-2000)}`);
	process.exitCode = status;
} catch (error) {
	console.error(`e2e: ${error.message}`);
	process.exitCode = 1;
} finally {
	stop();
}
