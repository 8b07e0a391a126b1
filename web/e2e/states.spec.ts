/* States that are hard to bring about with a real database, on canned answers: axe and layout in both themes. */
import { expect, fineEverywhere, noViolations, test } from "./watch";

const base = process.env.FIXTURE_URL ?? "";
const pages = [
	"/dashboard",
	"/dashboard?range=7d&load=mean",
	"/queries",
	"/queries?only=regressed&period=week&sort=mean_time&order=asc",
	"/queries/11?metric=mean_time",
	"/monitoring",
	"/monitoring?state=off",
	"/monitoring/servers",
	"/monitoring/servers?server=1",
	"/monitoring/activity",
	"/monitoring/activity?c=1",
	"/monitoring/activity?c=2&state=running",
	"/monitoring/alerts",
	"/monitoring/alerts?state=failed",
	"/optimizer",
	"/optimizer/1",
	"/optimizer/2?tab=findings",
	"/optimizer/2?tab=plan",
	"/optimizer/2?tab=plan&view=diagram",
	"/optimizer/2?tab=plan&view=grid",
	"/optimizer/3",
	"/optimizer/3?tab=explain",
	"/optimizer/4",
	"/optimizer/5",
	"/connections",
	"/connections/1",
	"/connections/new",
	"/jobs",
	"/jobs/4",
];

test.beforeEach(() => {
	test.skip(!base, "the page is not built");
});

for (const path of pages)
	test(`${path}: no violation in either theme, no side scroll on a telephone`, async ({ page }) => {
		await fineEverywhere(page, base + path);
	});

test("what the server did by itself is told once, with what helps", async ({ page }) => {
	await page.goto(`${base}/monitoring`);
	const bell = page.getByRole("button", { name: "Notices: 2 new" });
	await bell.focus();
	await page.keyboard.press("Enter");
	const menu = page.getByRole("menu");
	await expect(menu.getByRole("menuitem").first()).toContainText("raise HISTORY_MAX_MB");
	await noViolations(page, "notices");
	await page.keyboard.press("ArrowDown");
	await page.keyboard.press("Escape");
	await expect(page.getByRole("button", { name: "Notices", exact: true })).toBeFocused();
	await page.getByRole("button", { name: "Notices", exact: true }).click();
	await menu.getByRole("menuitem", { name: /^More statements than are read/ }).click();
	await expect(page).toHaveURL(/\/monitoring\?c=2$/);
});

test("a notice is dismissed by the keyboard, can be had back, and one that could not be dismissed stays", async ({ page, watch }) => {
	watch.allow(/status of 503/);
	const asked: unknown[] = [];
	let answer = { status: 204, body: "" };
	await page.route("**/api/notices/dismiss", (route) => {
		asked.push(route.request().postDataJSON());
		return route.fulfill(answer);
	});
	let hidden = 0;
	const all = (await (await page.request.get(`${base}/api/notices`)).json()) as unknown[];
	await page.route("**/api/notices", (route) => route.fulfill({ json: all.slice(hidden) }));
	await page.goto(`${base}/jobs`);
	const bell = page.getByRole("button", { name: /^Notices/ });
	await bell.focus();
	await page.keyboard.press("Enter");
	const menu = page.getByRole("menu");
	await expect(menu.getByRole("menuitem")).toHaveCount(4);
	// The menu has the focus first, then the notice, then its cross.
	await page.keyboard.press("ArrowDown");
	await expect(menu.getByRole("menuitem").first()).toBeFocused();
	await page.keyboard.press("ArrowDown");
	await expect(menu.getByRole("menuitem", { name: "Dismiss: Old samples were dropped" })).toBeFocused();
	hidden = 1;
	await page.keyboard.press("Enter");
	await expect(menu.getByRole("menuitem")).toHaveCount(2);
	await expect(menu.getByRole("menuitem", { name: "Dismiss: More statements than are read" })).toBeFocused();
	await noViolations(page, "a notice less");
	hidden = 2;
	await page.keyboard.press("Enter");
	await expect(bell).toHaveCount(0);
	await expect(page.locator("main")).toBeFocused();
	expect(asked).toEqual([{ connection_id: null, kind: "size", dismissed: true }, { connection_id: 2, kind: "cap", dismissed: true }]);
	hidden = 1;
	await page.getByRole("button", { name: "Undo" }).first().click();
	await expect(bell).toBeVisible();
	expect(asked).toHaveLength(3);
	answer = { status: 503, body: JSON.stringify({ title: "The server is busy", detail: "all threads are in use", status: 503 }) };
	await bell.click();
	await menu.getByRole("menuitem", { name: /^Dismiss/ }).click();
	await expect(page.getByText("The server is busy")).toBeVisible();
	await expect(bell).toBeVisible();
});

test("a run shows its steps, can be cancelled, and leads to its result", async ({ page }) => {
	await page.goto(`${base}/optimizer`);
	await page.getByRole("button", { name: /Look up by an e-mail address/ }).click();
	await page.getByRole("button", { name: "Optimize", exact: true }).click();
	await expect(page).toHaveURL(/job=41/);
	await expect(page.getByText("Parse the statement", { exact: true })).toBeVisible();
	await expect(page.getByRole("button", { name: "Cancel" })).toBeVisible();
	await noViolations(page, "progress");
	await expect(page).toHaveURL(/\/optimizer\/1$/);
	await expect(page.getByRole("article").first()).toContainText("users_email_idx");
});

test("panels fail alone, with what a person needs to report it", async ({ page, watch }) => {
	watch.allow(/status of 500/);
	await page.route("**/api/optimizer/optimizations?*", (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ title: "Internal error", detail: "the store is on fire", request_id: "req-42" }) }));
	await page.goto(`${base}/dashboard`);
	await expect(page.getByText("the store is on fire")).toBeVisible({ timeout: 30_000 });
	await expect(page.getByText("request req-42")).toBeVisible();
	await expect(page.getByText("Optimizer runs")).toBeVisible();
	await noViolations(page, "failed panel");
});

test("the load chart walks by keys, has the same figures as a table, and keeps its choice in the address", async ({ page }) => {
	await page.goto(`${base}/dashboard`);
	const chart = page.getByRole("figure", { name: "Database time, last 24 hours" });
	await expect(chart.locator(".recharts-bar-rectangle").first()).toBeVisible();
	await chart.locator("svg.recharts-surface").first().focus();
	await page.keyboard.press("ArrowRight");
	await expect(chart.getByText(/\d\d:\d\d – \d\d:\d\d/)).toBeVisible();
	await page.getByRole("button", { name: /^Calls/ }).click();
	await page.getByRole("button", { name: "7 d" }).click();
	await expect(page).toHaveURL(/range=7d&load=calls/);
	await page.reload();
	const calls = page.getByRole("figure", { name: "Calls, last 7 days" });
	await calls.getByRole("button", { name: "View as a table" }).click();
	await expect(calls.getByRole("row").nth(60)).toBeAttached();
	await noViolations(page, "chart as a table");
});

test("a chart without figures says why and where to go; one that fails says so", async ({ page, watch }) => {
	watch.allow(/status of 500/);
	await page.route("**/api/dashboard/performance-trends?*", (route) => route.fulfill({ json: [] }));
	await page.goto(`${base}/dashboard`);
	await expect(page.getByRole("heading", { name: "No load was recorded in the last 24 hours" })).toBeVisible();
	await page.getByRole("link", { name: "Open monitoring" }).click();
	await expect(page).toHaveURL(/\/monitoring$/);
	await page.route("**/api/dashboard/performance-trends?*", (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ title: "Internal error", detail: "no trends", request_id: "req-43" }) }));
	await page.goto(`${base}/dashboard`);
	await expect(page.getByText("request req-43")).toBeVisible({ timeout: 30_000 });
	await expect(page.getByText("Optimizer runs")).toBeVisible();
});

test("a target in trouble gives its reason, its next try, and the way to its checks", async ({ page }) => {
	await page.goto(`${base}/monitoring`);
	await expect(page.getByRole("status").filter({ hasText: "One target of 5 cannot be read" })).toBeVisible();
	const first = page.getByRole("row").nth(1);
	await expect(first).toContainText("analytics");
	await expect(page.getByText("The database refuses the login or a right")).toBeVisible();
	await expect(page.getByText(/GRANT SELECT ON performance_schema/)).toBeVisible();
	await expect(page.getByText(/Failed 3 times in a row/)).toBeVisible();
	await page.getByRole("button", { name: "In trouble 1" }).click();
	await expect(page).toHaveURL(/state=trouble/);
	await expect(page.getByRole("table").getByRole("rowgroup")).toHaveCount(2);
	await page.getByRole("searchbox", { name: "Filter targets" }).fill("zzz");
	await expect(page.getByRole("heading", { name: "No such target" })).toBeVisible();
	await page.getByRole("button", { name: "Show all" }).click();
	await expect(page).toHaveURL(/\/monitoring$/);
});

test("a page of statements is two questions: the rows, and all their small charts", async ({ page }) => {
	const asked: string[] = [];
	page.on("request", (request) => {
		const { pathname } = new URL(request.url());
		if (pathname.startsWith("/api/queries")) asked.push(pathname);
	});
	const charts = page.waitForResponse(/sparklines/);
	await page.goto(`${base}/queries`);
	await charts;
	await expect(page.locator("a[data-row]").nth(1)).toBeVisible();
	// The charts of rows that were scrolled to later would be asked for now.
	await page.mouse.wheel(0, 5_000);
	await page.waitForLoadState("networkidle");
	expect(asked).toEqual(["/api/queries", "/api/queries/sparklines"]);
});

test("what is shown stays while the server is away, and a page that was never loaded says so in the frame", async ({ page, watch }) => {
	watch.allow(/Failed to load resource|dynamically imported|The server does not answer/);
	await page.goto(`${base}/monitoring`);
	await expect(page.getByRole("row").filter({ hasText: "shop production" })).toBeVisible();
	await page.route("**/*", (route) => route.abort("connectionrefused"));
	await expect(page.getByText("The server does not answer.").first()).toBeVisible({ timeout: 60_000 });
	await expect(page.getByRole("row").filter({ hasText: "shop production" })).toBeVisible();
	await page.getByRole("navigation", { name: "Monitoring" }).getByRole("link", { name: "Alerts" }).click();
	await expect(page.getByText("This page could not be loaded")).toBeVisible();
	await expect(page.getByRole("link", { name: "Dashboard" }).first()).toBeVisible();
	await page.unroute("**/*");
	await page.getByRole("button", { name: "Retry" }).click();
	await expect(page.getByRole("list", { name: "Receivers" })).toBeVisible();
});

test("a regression is found from the dashboard, with its marks on the time line, and can be commented", async ({ page }) => {
	await page.goto(`${base}/dashboard`);
	await page.getByRole("link", { name: /A call takes 4.6 times as long/ }).click();
	await expect(page).toHaveURL(/\/queries\/11$/);
	await expect(page).toHaveTitle("SELECT orders #11 · sqlopt");
	await expect(page.getByText(/▲ \+360 %, was 6.9 ms/)).toBeVisible();
	await page.getByRole("button", { name: "Mean time" }).click();
	await expect(page).toHaveURL(/metric=mean_time/);
	const chart = page.getByRole("figure", { name: /^Mean time, last 24 hours/ });
	await expect(chart.locator(".recharts-reference-line")).toHaveCount(2);
	await expect(chart.getByRole("list", { name: "Legend" })).toContainText("plan change");
	await chart.getByRole("button", { name: "View as a table" }).click();
	await expect(chart.getByRole("row").filter({ hasText: "annotation: deploy 2026.11.3" })).toHaveCount(1);
	await expect(page.getByRole("heading", { name: /A call took 1.8 times/ })).toBeVisible();
	await expect(page.getByRole("tree")).toBeVisible();
	await page.getByRole("button", { name: /Plan A/ }).click();
	await expect(page.getByText("too long to be kept", { exact: false })).toBeVisible();
	await page.getByRole("button", { name: "Comments 1" }).click();
	await expect(page.getByText("The release dropped the index by mistake.")).toBeVisible();
	await noViolations(page, "finding with comments");
});

test("dragging over the chart looks closer, z looks further, and both are in the address", async ({ page }) => {
	await page.goto(`${base}/queries/11`);
	const chart = page.getByRole("figure", { name: /^Time, / });
	await expect(chart.locator(".recharts-bar-rectangle").first()).toBeVisible();
	const box = await chart.locator("svg.recharts-surface").first().boundingBox();
	if (!box) throw new Error("the chart has no box");
	await page.mouse.move(box.x + box.width * 0.4, box.y + 80);
	await page.mouse.down();
	await page.mouse.move(box.x + box.width * 0.5, box.y + 90, { steps: 4 });
	await page.mouse.move(box.x + box.width * 0.7, box.y + 90, { steps: 4 });
	await page.mouse.up();
	await expect(page).toHaveURL(/from=20\d\d-.*&to=20\d\d-/);
	await expect(page.getByRole("button", { name: "Zoom out" })).toBeVisible();
	await page.goBack();
	await expect(page).toHaveURL(/\/queries\/11$/);
	await page.goForward();
	await page.keyboard.press("z");
	await expect(page).toHaveURL(/\/queries\/11$/);
});

test("the warning about a server without login stands on every page", async ({ page }) => {
	await page.route("**/health", async (route) => {
		const answer = await route.fetch();
		await route.fulfill({ response: answer, json: { ...(await answer.json()), remote_without_login: true } });
	});
	for (const path of ["/dashboard", "/jobs"]) {
		await page.goto(base + path);
		await expect(page.getByRole("alert")).toContainText("has no login yet");
	}
	await noViolations(page, "warning");
});

test("a server that goes away is told, not hidden", async ({ page, watch }) => {
	watch.allow(/ERR_FAILED|Failed to load/);
	await page.route("**/health", (route) => route.abort());
	await page.goto(`${base}/dashboard`);
	await expect(page.getByRole("alert")).toContainText("The server does not answer.");
});
