/* What needs a database that works: live events, cancelling, measuring, failures, hostile names, keys, and every page in
 * both themes. The tests share one connection that may build indexes. */
import { execFileSync, spawn } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { Locator, Page } from "@playwright/test";
import { expect, fineEverywhere, noViolations, setTheme, test } from "./watch";

test.describe.configure({ mode: "serial" });
const base = process.env.SQLOPT_URL ?? "";
const port = process.env.E2E_PG_PORT ?? "";
const evil = "<img src=x onerror=alert(1)>";
let connection = 0;
let receiver: Server | null = null;
const received: string[] = [];
const seen: Record<string, string> = {};

test.beforeEach(() => {
	test.skip(!base || !port, "needs SQLOPT_URL and E2E_PG_PORT");
});

test.afterAll(() => {
	receiver?.close();
});

async function write(page: Page, sql: string): Promise<void> {
	await page.getByRole("textbox", { name: "SQL statement" }).click();
	await page.keyboard.press("ControlOrMeta+a");
	await page.keyboard.insertText(sql);
}

/* Tab until the thing has the focus: reaching it is what is tested. */
async function tabTo(page: Page, target: Locator, key = "Tab"): Promise<void> {
	for (let i = 0; i < 60; i++) {
		if (await target.evaluate((element) => element === document.activeElement).catch(() => false)) return;
		await page.keyboard.press(key);
	}
	throw new Error(`not reached by ${key}: ${String(target)}`);
}

test("the statements that cost most are there soon after a connection was added, and open in the optimizer", async ({ page }) => {
	for (const query of ["SELECT count(*) FROM shop.orders o JOIN shop.users u ON u.id = o.user_id WHERE u.full_name LIKE 'User 9%'"])
		execFileSync("psql", ["-XqAt", "-h", "127.0.0.1", "-p", port, "-U", "shop_builder", "-d", "shop", "-c", query]);
	await page.goto("/dashboard");
	// The page is open before there is anything to read: it must learn of it by itself.
	await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
	const answer = await page.request.post("/api/connections", { data: { name: "e2e builder", engine: "postgresql", host: "127.0.0.1", port: Number(port), database: "shop", username: "shop_builder", password: "", scratch: true } });
	expect(answer.status()).toBe(201);
	connection = ((await answer.json()) as { id: number }).id;
	const row = page.getByRole("link", { name: /FROM shop\.orders o JOIN shop\.users u/ });
	await expect(row).toBeVisible();
	await noViolations(page, "bottlenecks");
	await row.click();
	await expect(page).toHaveURL(new RegExp(`/optimizer\\?c=${connection}&q=\\d+$`));
	seen.q = page.url();
	await expect(page.getByRole("textbox", { name: "SQL statement" })).toContainText("full_name LIKE $1");
	await expect(page.getByText("A parameter has no value ($1)", { exact: false })).toBeVisible();
	await page.reload();
	await expect(page.getByRole("textbox", { name: "SQL statement" })).toContainText("full_name LIKE $1");
	await page.getByRole("button", { name: "Optimize", exact: true }).click();
	await expect(page).toHaveURL(/\/optimizer\/\d+/);
	await expect(page.getByText("Planned without parameter values (generic plan)", { exact: false })).toBeVisible();
});

test("a run goes through by events alone, with the timers of polling switched off", async ({ page }) => {
	await page.addInitScript(() => {
		const wait = window.setTimeout.bind(window);
		const every = window.setInterval.bind(window);
		window.setTimeout = ((run: TimerHandler, ms = 0, ...rest: unknown[]) => (ms >= 500 ? 0 : wait(run, ms, ...rest))) as typeof window.setTimeout;
		window.setInterval = ((run: TimerHandler, ms = 0, ...rest: unknown[]) => (ms >= 500 ? 0 : every(run, ms, ...rest))) as typeof window.setInterval;
		const events: unknown[] = [];
		(window as unknown as { heard: unknown[] }).heard = events;
		const Real = window.EventSource;
		window.EventSource = class extends Real {
			constructor(url: string | URL) {
				super(url);
				for (const name of ["job", "step"]) this.addEventListener(name, (event) => events.push({ type: name, ...(JSON.parse((event as MessageEvent<string>).data) as object) }));
			}
		};
	});
	await page.goto(`/optimizer?c=${connection}`);
	await write(page, "SELECT id, total FROM orders WHERE user_id = 4711");
	const accepted = page.waitForResponse((response) => response.url().endsWith("/api/optimizer/optimize"));
	await page.keyboard.press("ControlOrMeta+Enter");
	const { job_id } = (await (await accepted).json()) as { job_id: number };
	seen.job = `/jobs/${job_id}`;
	await expect(page).toHaveURL(/\/optimizer\/\d+/);
	await expect(page.getByRole("article").first()).toContainText("user_id");
	const heard = await page.evaluate(() => (window as unknown as { heard: { type: string; id: number; name?: string; state: string }[] }).heard);
	const mine = heard.filter((event) => event.id === job_id);
	const steps = mine.flatMap((event) => (event.type === "step" && event.state === "running" && event.name ? [event.name] : []));
	// A model, if one is configured, comes after these.
	expect(steps.slice(0, 7)).toEqual(["connect", "parse", "resolve", "plan", "findings", "advise", "prove"]);
	expect(mine.filter((event) => event.type === "job").at(-1)?.state).toBe("done");
});

test("a slow statement is really stopped by the Cancel button", async ({ page }) => {
	const slow = "SELECT count(*) FROM users a JOIN users b ON a.full_name < b.email || 'x'";
	const running = () => execFileSync("psql", ["-XqAt", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-d", "postgres", "-c", "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE '%users a JOIN users b%'"], { encoding: "utf8" }).trim();
	await page.goto(`/optimizer?c=${connection}`);
	await write(page, slow);
	await page.getByRole("switch", { name: "Actual times" }).click();
	await page.getByRole("button", { name: "Switch it on" }).click();
	await page.getByRole("button", { name: "Optimize", exact: true }).click();
	await expect.poll(running).toBe("1");
	await expect(page.getByRole("listitem").filter({ hasText: "Ask for the plan" }).getByRole("img", { name: "running" })).toBeVisible();
	await noViolations(page, "running");
	await page.getByRole("region", { name: /Optimizing/ }).or(page.locator("main")).first().getByRole("button", { name: "Cancel" }).click();
	// The panel of the steps says it until the page has moved on to the run's own address, which says it too.
	await expect(page.getByText(/(The|This) run was cancelled/).first()).toBeVisible({ timeout: 5_000 });
	await expect.poll(running, { timeout: 5_000 }).toBe("0");
	await expect(page.getByRole("textbox", { name: "SQL statement" })).toContainText("users a JOIN users b");
	await page.goto("/jobs?state=failed");
	await expect(page.getByRole("listitem").filter({ hasText: "cancelled" }).first()).toBeVisible();
	await page.goto(`/optimizer?c=${connection}`);
	await page.getByRole("link", { name: /users a JOIN users b.*cancelled/ }).click();
	await expect(page.getByRole("heading", { name: "This run was cancelled" })).toBeVisible();
	seen.cancelled = page.url();
});

test("a failed run shows only its failure, and its place in the statement", async ({ page }) => {
	await page.goto(`/optimizer?c=${connection}`);
	await write(page, "SELECT id,\n  'é' AS mark, nosuch_column\nFROM orders");
	await page.keyboard.press("ControlOrMeta+Enter");
	await expect(page).toHaveURL(/\/optimizer\/\d+/);
	seen.failed = page.url();
	const alert = page.getByRole("alert").filter({ hasText: "This run failed" });
	await expect(alert).toContainText('Column "nosuch_column" does not exist');
	await expect(alert).toContainText("line 2, column 16");
	await expect(alert.locator("mark")).toHaveText("nosuch_column");
	await expect(page.locator(".cm-lintRange-error")).toHaveText("nosuch_column");
	await expect(page.getByRole("textbox", { name: "SQL statement" })).toContainText("FROM orders");
	await expect(page.getByText("Nothing to offer")).toHaveCount(0);
	await expect(page.getByRole("tab")).toHaveCount(0);
	await expect(page.getByRole("button", { name: "Undo edits" })).toHaveCount(0);
});

test("an index and a rewrite are measured on the real program", async ({ page }) => {
	test.setTimeout(120_000);
	for (const [kind, sql] of [
		["index", "SELECT * FROM users WHERE email = 'user4711@example.com'"],
		["rewrite", "SELECT id, total FROM orders WHERE date_trunc('day', created_at) = '2024-03-01'"],
	] as const) {
		await page.goto(`/optimizer?c=${connection}`);
		await write(page, sql);
		await page.keyboard.press("ControlOrMeta+Enter");
		await expect(page).toHaveURL(/\/optimizer\/\d+/);
		const card = page.getByRole("article").first();
		await card.getByRole("button", { name: "Measure", exact: true }).click();
		await expect(card.getByRole("button", { name: "Measure again" })).toBeVisible({ timeout: 45_000 });
		await expect(card.getByText("median of 5 runs each", { exact: false })).toBeVisible();
		await expect(card.getByRole("list", { name: "Rungs of the proof" }).getByRole("listitem").filter({ hasText: "Measured" })).toContainText("passed");
		if (kind === "rewrite") await expect(card.getByRole("list", { name: "Rungs of the proof" }).getByRole("listitem").filter({ hasText: "Same result" })).toContainText("passed");
		await expect(page.getByText("Measured faster", { exact: false })).toBeVisible();
		seen[kind] = new URL(page.url()).pathname;
	}
	const left = execFileSync("psql", ["-XqAt", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-d", "shop", "-c", "SELECT count(*) FROM pg_indexes WHERE schemaname = 'shop' AND indexdef LIKE '%(email)%'"], { encoding: "utf8" });
	expect(left.trim(), "the index that was built to measure is gone").toBe("0");
});

test("names and texts with markup are text everywhere", async ({ page }) => {
	page.on("dialog", () => {
		throw new Error("a name was taken for a script");
	});
	await page.goto(`/optimizer?c=${connection}`);
	await write(page, `SELECT id, '<script>alert(3)</script>' AS x FROM "${evil}" WHERE "<b>name</b>" = '"><img src=y onerror=alert(4)>'`);
	await page.keyboard.press("ControlOrMeta+Enter");
	await expect(page).toHaveURL(/\/optimizer\/\d+/);
	seen.evil = new URL(page.url()).pathname;
	for (const tab of ["", "?tab=findings", "?tab=plan", "?tab=plan&view=diagram", "?tab=plan&view=grid", "?tab=explain"]) {
		await page.goto(seen.evil + tab);
		await expect(page.locator("main")).toContainText(evil);
		await expect(page.locator("main").locator("img, script, b, [onerror], [onload]"), `${tab}: taken for markup`).toHaveCount(0);
	}
	await page.goto(seen.evil);
	await page.getByRole("article").first().getByRole("button", { name: "Apply…" }).click();
	await expect(page.getByRole("dialog")).toContainText(evil);
	await expect(page.getByRole("dialog").locator("img, b")).toHaveCount(0);
	await page.goto("/dashboard");
	await expect(page.locator("main")).toContainText(evil);
	await expect(page.locator("main").locator("img:not([role]), b, [onerror]")).toHaveCount(0);
	// A connection may have any name, too.
	const renamed = await page.request.put(`/api/connections/${connection}`, { data: { name: evil } });
	expect(renamed.ok()).toBe(true);
	for (const path of ["/connections", `/connections/${connection}`, `/optimizer?c=${connection}`]) {
		await page.goto(path);
		await expect(page.getByText(evil).first()).toBeAttached();
		await expect(page.locator("body").locator("img, b, [onerror]")).toHaveCount(0);
	}
	expect((await page.request.put(`/api/connections/${connection}`, { data: { name: "e2e builder" } })).ok()).toBe(true);
});

test("from the dashboard to a dry run without a mouse", async ({ page }) => {
	await page.goto(`/dashboard?c=${connection}`);
	await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
	await page.keyboard.press("Tab");
	await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
	await page.keyboard.press("Enter");
	await expect(page.locator("main")).toBeFocused();
	await page.keyboard.press("g");
	await page.keyboard.press("o");
	await expect(page).toHaveURL(/\/optimizer/);
	const editor = page.getByRole("textbox", { name: "SQL statement" });
	await expect(editor).toBeVisible();
	await tabTo(page, editor);
	await page.keyboard.type("SELECT full_name FROM users WHERE email = 'user99@example.com'");
	await page.keyboard.press("Escape");
	await page.keyboard.press("ControlOrMeta+Enter");
	await expect(page).toHaveURL(/\/optimizer\/\d+/);
	await expect(page.getByRole("article").first()).toBeVisible();
	await tabTo(page, page.getByRole("tab", { name: /Proposals/ }));
	await page.keyboard.press("ArrowRight");
	await page.keyboard.press("ArrowRight");
	await expect(page.getByRole("tab", { name: "Plan" })).toHaveAttribute("aria-selected", "true");
	await tabTo(page, page.locator('[role="treeitem"][tabindex="0"]'));
	await page.keyboard.press("b");
	await expect(page).toHaveURL(/node=\d/);
	await page.keyboard.press("1");
	await expect(page.getByRole("tab", { name: /Proposals/ })).toHaveAttribute("aria-selected", "true");
	const apply = page.getByRole("button", { name: "Apply…" }).first();
	await tabTo(page, apply);
	await page.keyboard.press("Enter");
	await expect(page.getByRole("dialog").getByRole("region", { name: "SQL to undo it" })).toBeVisible();
	await page.keyboard.press("Escape");
	await expect(page.getByRole("dialog")).toHaveCount(0);
	await expect(apply).toBeFocused();
});

test("monitoring is stopped, started and told to read, and a target is paused and set by itself", async ({ page }) => {
	await page.goto("/dashboard");
	await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
	await page.keyboard.press("g");
	await page.keyboard.press("m");
	await expect(page).toHaveURL(/\/monitoring/);
	await expect(page).toHaveTitle("Monitoring · sqlopt");
	const verdict = page.getByRole("status").filter({ hasText: /target|Monitoring/ });
	await expect(verdict).toContainText("read as planned");
	const row = page.getByRole("row").filter({ hasText: "e2e builder" });
	await expect(row).toContainText(/Next read|Reading now/);
	await expect(row).toContainText("of the time");
	await page.getByRole("button", { name: "Stop", exact: true }).click();
	await expect(verdict).toContainText("Monitoring is stopped.");
	await expect(row).toContainText("Stopped");
	await expect(page.getByRole("button", { name: "Read all now" })).toBeDisabled();
	await page.getByRole("button", { name: "Start", exact: true }).click();
	await expect(verdict).toContainText("read as planned");
	const read = async () => ((await (await page.request.get("/api/monitoring/targets")).json()) as { connection_id: number; polls: number }[]).find((target) => target.connection_id === connection)?.polls ?? 0;
	const before = await read();
	await page.getByRole("button", { name: "Read all now" }).click();
	await expect.poll(read).toBeGreaterThan(before);
	await row.getByRole("button", { name: "Actions for e2e builder" }).filter({ visible: true }).click();
	await page.getByRole("menuitem", { name: /^10 s/ }).click();
	await expect(row).toContainText("10 s");
	await row.getByRole("button", { name: "Actions for e2e builder" }).filter({ visible: true }).click();
	await page.getByRole("menuitem", { name: "Pause this one" }).click();
	await expect(row).toContainText("Not watched");
	await page.getByRole("button", { name: "Not watched 1" }).click();
	await expect(page).toHaveURL(/state=off/);
	await row.getByRole("button", { name: "Actions for e2e builder" }).filter({ visible: true }).click();
	await page.getByRole("menuitem", { name: "Watch this one" }).click();
	await expect(page.getByText("Every connection is watched.")).toBeVisible();
});

test("what else a server has is found with the login of one connection, chosen, and watched", async ({ page }) => {
	const admin = (sql: string) => execFileSync("psql", ["-XqAt", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-d", "postgres", "-c", sql]);
	admin('CREATE DATABASE "found by e2e"');
	await page.goto("/monitoring");
	await page.getByRole("navigation", { name: "Monitoring" }).getByRole("link", { name: "Servers" }).click();
	await expect(page).toHaveURL(/\/monitoring\/servers$/);
	const server = page.getByRole("button", { name: `127.0.0.1:${port}`, exact: true });
	await tabTo(page, server);
	await page.keyboard.press("Enter");
	await expect(page).toHaveURL(/server=\d+/);
	const members = page.getByRole("list", { name: `Databases of 127.0.0.1:${port}` });
	await expect(members.getByRole("listitem")).toHaveText([/e2e builder.*shop/]);
	const find = page.getByRole("button", { name: `Find databases of 127.0.0.1:${port}` });
	await find.focus();
	await page.keyboard.press("Enter");
	const dialog = page.getByRole("dialog", { name: `Databases of 127.0.0.1:${port}` });
	await expect(dialog.getByRole("listitem").filter({ hasText: "shop" })).toContainText("is here already");
	await tabTo(page, dialog.getByRole("checkbox", { name: "found by e2e" }));
	await page.keyboard.press("Space");
	await dialog.getByLabel("Their names begin with").fill("e2e");
	await expect(dialog.getByText("the password that is kept for e2e builder")).toBeVisible();
	await expect(dialog.getByLabel(/^Password/)).toHaveCount(0);
	await noViolations(page, "found databases");
	await page.keyboard.press("Enter");
	await expect(dialog.getByRole("status")).toContainText("One database was added");
	await expect(dialog.getByRole("button", { name: "Done" })).toBeFocused();
	await page.keyboard.press("Enter");
	await expect(find).toBeFocused();
	await expect(members.getByRole("listitem").filter({ hasText: "e2e/found by e2e" })).toBeVisible({ timeout: 15_000 });
	const all = (await (await page.request.get("/api/connections")).json()) as { id: number; name: string }[];
	const added = all.find((one) => one.name === "e2e/found by e2e");
	expect((await page.request.delete(`/api/connections/${added?.id}`)).status()).toBe(204);
	admin('DROP DATABASE "found by e2e" WITH (FORCE)');
});

test("a receiver is added, tested, and told by a rule; its secret is never shown", async ({ page }) => {
	receiver = createServer((request, response) => {
		let body = "";
		request.on("data", (piece: Buffer) => (body += piece.toString()));
		request.on("end", () => {
			received.push(`${request.url} ${body}`);
			response.end();
		});
	});
	await new Promise<void>((listening) => receiver?.listen(0, "127.0.0.1", listening));
	const address = receiver.address();
	const to = typeof address === "object" ? address?.port : 0;
	await page.goto("/monitoring");
	await page.getByRole("navigation", { name: "Monitoring" }).getByRole("link", { name: "Alerts" }).click();
	await expect(page.getByRole("heading", { name: "Nobody is told yet" })).toBeVisible();
	await page.getByRole("button", { name: "Add a receiver" }).click();
	const dialog = page.getByRole("dialog", { name: "Add a receiver" });
	await dialog.getByRole("button", { name: "Add it" }).click();
	await expect(dialog.getByText("Give it a name", { exact: false })).toBeVisible();
	await expect(dialog.getByLabel("Name", { exact: true })).toBeFocused();
	await page.keyboard.type("e2e chat");
	await dialog.getByLabel("URL", { exact: true }).fill(`http://127.0.0.1:${to}/hooks/top-secret`);
	await noViolations(page, "a receiver");
	await page.keyboard.press("Enter");
	await expect(dialog).toHaveCount(0);
	const line = page.getByRole("list", { name: "Receivers" }).getByRole("listitem").filter({ hasText: "e2e chat" });
	await line.getByRole("button", { name: "Send e2e chat a test" }).click();
	await expect(line.getByRole("status")).toContainText("The test arrived");
	expect(received[0]).toMatch(/^\/hooks\/top-secret \{"text":/);
	await page.getByRole("button", { name: "Add a rule" }).first().click();
	const rule = page.getByRole("dialog", { name: "Add a rule" });
	await rule.getByLabel("Name", { exact: true }).fill("trouble");
	await rule.getByLabel("Failed reads in a row").fill("1");
	await rule.getByRole("switch", { name: "Other findings" }).click();
	await noViolations(page, "a rule");
	await rule.getByRole("button", { name: "Add it" }).click();
	await expect(page.getByRole("list", { name: "Rules" })).toContainText("Regressions, collection failures and their end, of all connections, to e2e chat");
	await line.getByRole("button", { name: "Actions for e2e chat" }).click();
	await page.getByRole("menuitem", { name: "Change…" }).click();
	await expect(page.getByRole("dialog").getByLabel("URL", { exact: true })).toHaveValue("");
	await page.keyboard.press("Escape");
	expect(await page.content()).not.toContain("top-secret");
});

test("a target that cannot be read says why and recovers by itself once it can", async ({ page }) => {
	const admin = (sql: string) => execFileSync("psql", ["-XqAt", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-d", "postgres", "-c", sql]);
	admin("ALTER ROLE shop_builder NOLOGIN");
	admin("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'shop_builder'");
	await page.goto("/monitoring");
	// The connection that was cut is one failure, the login that is refused is the next.
	await page.getByRole("button", { name: "Read all now" }).click();
	await expect(page.getByText("The database refuses the login or a right")).toBeVisible();
	await expect(page.getByText(/not permitted to log in/)).toBeVisible();
	await expect(page.getByText(/Failed once|Failed \d+ times in a row/)).toBeVisible();
	await expect(page.getByText(/tried again (in|now)/)).toBeVisible();
	await noViolations(page, "target in trouble");
	await page.getByRole("navigation", { name: "Monitoring" }).getByRole("link", { name: "Alerts" }).click();
	await expect(page.getByRole("listitem").filter({ hasText: "Collection failure · to e2e chat" })).toContainText("Sent");
	expect(received.at(-1)).toContain("e2e builder");
	await page.goBack();
	admin("ALTER ROLE shop_builder LOGIN");
	// It waits twice as long after each failure: at most 40 s here.
	await expect(page.getByText("The database refuses the login or a right")).toHaveCount(0, { timeout: 60_000 });
	await expect(page.getByRole("row").filter({ hasText: "e2e builder" })).toContainText(/Next read|Reading now/);
});

test("what ran between two reads is in the load chart of the dashboard", async ({ page }) => {
	for (let i = 0; i < 3; i++) execFileSync("psql", ["-XqAt", "-h", "127.0.0.1", "-p", port, "-U", "shop_builder", "-d", "shop", "-c", "SELECT count(*) FROM shop.orders WHERE total > 100"]);
	expect((await page.request.post("/api/monitoring/trigger", { data: {} })).ok()).toBe(true);
	await expect.poll(async () => ((await (await page.request.get(`/api/dashboard/performance-trends?connection_id=${connection}`)).json()) as unknown[]).length).toBeGreaterThan(0);
	await page.goto(`/dashboard?c=${connection}`);
	const chart = page.getByRole("figure", { name: "Database time, last 24 hours" });
	await expect(chart.locator(".recharts-bar-rectangle path")).toHaveCount(1);
	await chart.getByRole("button", { name: "View as a table" }).click();
	await expect(chart.getByRole("row")).toHaveCount(2);
	await noViolations(page, "load");
});

test("a statement is found in the list, seen over time, marked, and opened in the optimizer", async ({ page, context }) => {
	await page.goto(`/dashboard?c=${connection}`);
	await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
	await page.keyboard.press("g");
	await page.keyboard.press("q");
	await expect(page).toHaveURL(/\/queries/);
	await page.goto(`/queries?c=${connection}`);
	const rows = page.getByRole("row");
	await expect(rows.filter({ hasText: "FROM shop.orders WHERE total >" })).toBeVisible();
	await page.getByRole("button", { name: "Calls", exact: true }).click();
	await expect(page).toHaveURL(/sort=calls/);
	await expect(page.getByRole("columnheader", { name: "Calls" })).toHaveAttribute("aria-sort", "descending");
	await page.getByRole("button", { name: "Calls", exact: true }).click();
	await expect(page).toHaveURL(/order=asc/);
	await page.keyboard.press("/");
	await page.keyboard.type("orders where total");
	await expect(page).toHaveURL(/q=orders\+where\+total/);
	await expect(rows).toHaveCount(2);
	// Somebody else who gets the link sees the same.
	const other = await context.newPage();
	await other.goto(page.url());
	await expect(other.getByRole("row")).toHaveCount(2);
	await expect(other.getByRole("searchbox", { name: "Filter statements" })).toHaveValue("orders where total");
	await other.close();
	await page.keyboard.press("Tab");
	await page.getByRole("heading", { name: "Queries", exact: true }).click();
	await page.keyboard.press("j");
	await page.keyboard.press("Enter");
	await expect(page).toHaveURL(/\/queries\/\d+/);
	seen.query = new URL(page.url()).pathname;
	await expect(page).toHaveTitle(/^SELECT shop\.orders|^SELECT orders/);
	await page.getByRole("group", { name: "Period" }).getByRole("button", { name: "1 h" }).click();
	await expect(page.getByRole("figure").locator(".recharts-bar-rectangle").first()).toBeVisible();
	await page.getByRole("button", { name: "Mark a time" }).click();
	const dialog = page.getByRole("dialog", { name: "Mark a time" });
	await dialog.getByRole("textbox", { name: "What happened" }).fill(`release ${evil}`);
	await noViolations(page, "mark a time");
	await dialog.getByRole("button", { name: "Set the mark" }).click();
	const marks = page.getByRole("list", { name: "Marks" });
	await expect(marks).toContainText(`release ${evil}`);
	await expect(page.getByRole("list", { name: "Legend" })).toContainText("annotation");
	await marks.getByRole("button", { name: /Take away the mark/ }).click();
	await expect(marks).toHaveCount(0);
	await expect(page.getByText("Nothing was found.")).toBeVisible();
	await page.getByRole("link", { name: "Optimize", exact: true }).click();
	await expect(page).toHaveURL(/\/optimizer\?c=\d+&q=\d+/);
	await expect(page.getByRole("textbox", { name: "SQL statement" })).toContainText("total > $1");
});

test("who holds up whom is seen while it lasts, and stays in the minutes behind", async ({ page }) => {
	const session = (...lines: string[]) => {
		const process = spawn("psql", ["-XqAt", "-h", "127.0.0.1", "-p", port, "-U", "shop_builder", "-d", "shop"], { stdio: ["pipe", "ignore", "ignore"] });
		process.stdin.write(lines.join("\n") + "\n");
		return process;
	};
	const holder = session("BEGIN;", "UPDATE shop.users SET full_name = 'hunter2' WHERE id = 1;");
	await page.goto(`/monitoring?c=${connection}`);
	await page.getByRole("navigation", { name: "Monitoring" }).getByRole("link", { name: "Activity" }).click();
	const now = page.getByRole("region", { name: "Sessions now" });
	await expect(now.getByRole("row").filter({ hasText: "In transaction" })).toContainText("UPDATE shop.users");
	const held = session("UPDATE shop.users SET full_name = 'hunter3' WHERE id = 1;");
	try {
		await expect(page.getByRole("status").filter({ hasText: /One session waits for a lock; session \d+ holds it up\. It does nothing/ })).toBeVisible();
		await expect(now.getByRole("row").filter({ hasText: /waits for session \d+/ })).toContainText("Lock: transactionid");
		await expect(now.getByRole("row").nth(1)).toContainText("holds up 1 session");
		expect(await page.content()).not.toContain("hunter");
		await fineEverywhere(page, page.url());
		await page.setViewportSize({ width: 1440, height: 900 });
		await now.getByRole("button", { name: /^Waiting \d/ }).click();
		await expect(page).toHaveURL(/state=waiting/);
		await now.getByRole("button", { name: "Hold" }).click();
	} finally {
		holder.kill();
		held.kill();
	}
	await expect(now).toContainText(/as it was .* ago/);
	await now.getByRole("button", { name: "Go on" }).click();
	await expect(page.getByRole("status").filter({ hasText: /Nobody waits|nobody waits/ })).toBeVisible();
	// The server looks every two seconds since the tests began: whole minutes are written by now.
	const chart = page.getByRole("figure", { name: "Sessions, last hour" });
	await chart.getByRole("button", { name: "View as a table" }).click();
	await expect(chart.getByRole("row").nth(1)).toContainText(/\d/);
});

test("a list with nothing in it says why and what to do", async ({ page, watch }) => {
	watch.allow(/status of 404.*queries\/999999999/);
	await page.goto(`/queries?c=${connection}&only=regressed`);
	await expect(page.getByRole("heading", { name: "Nothing got slower" })).toBeVisible();
	await page.goto(`/queries?c=${connection}&q=nosuchstatementanywhere`);
	await expect(page.getByRole("heading", { name: "No statement matches" })).toBeVisible();
	await page.getByRole("button", { name: "Clear the filter" }).click();
	await expect(page.getByRole("row").nth(1)).toBeVisible();
	await page.goto("/queries/999999999");
	await expect(page.getByRole("heading", { name: "There is no such query" })).toBeVisible();
});

test("no violation on any page of the real program", async ({ page }) => {
	test.setTimeout(300_000);
	await page.goto("/dashboard");
	await setTheme(page, "dark");
	await setTheme(page, "light");
	await page.evaluate(() => localStorage.clear());
	// Of the pages in states.spec.ts, those that look otherwise with what is real. Dark colours are looked at there.
	const paths = ["/dashboard", seen.q, seen.failed, seen.cancelled, seen.index, `${seen.index}?tab=findings`, `${seen.index}?tab=plan`, seen.rewrite, `${seen.rewrite}?tab=plan&view=diagram`, `${seen.evil}?tab=plan&view=grid`, "/connections", `/connections/${connection}`, `/connections/${connection}?tab=edit`, "/monitoring", "/queries", seen.query, "/jobs", seen.job];
	for (const path of paths) {
		if (!path) throw new Error("an earlier test left no address");
		await fineEverywhere(page, path, { dark: path === "/dashboard" || path === seen.query });
	}
});

test("rubbish in the address is dropped, not sent to the server", async ({ page }) => {
	await page.goto(`/dashboard?c=${connection}%3Ftab%3Dplan`);
	await expect(page.getByRole("button", { name: "Connection: all" })).toBeVisible();
	await page.goto(`/optimizer?c=x&q=-1&job=0&tab=<b>`);
	await expect(page.getByText("Paste a statement and press Ctrl Enter")).toBeVisible();
});

test("a connection with runs can be deleted", async ({ page }) => {
	expect((await page.request.delete(`/api/connections/${connection}`)).status()).toBe(204);
	await page.goto("/connections");
	await expect(page.getByText("No connection yet")).toBeVisible();
});
