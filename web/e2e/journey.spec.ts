/* One journey of a first user, against the real program and a real PostgreSQL. The steps build on each other. */
import { expect, noViolations, test } from "./watch";

test.describe.configure({ mode: "serial" });
const port = process.env.E2E_PG_PORT ?? "";
const query = "SELECT * FROM users WHERE email = 'test@example.com'";
let connection = "";
let run = "";

test.beforeEach(() => {
	test.skip(!process.env.SQLOPT_URL || !port, "needs SQLOPT_URL and E2E_PG_PORT");
});

test("an empty server shows three steps", async ({ page }) => {
	await page.goto("/");
	await expect(page).toHaveURL(/\/dashboard$/);
	await expect(page.getByRole("heading", { name: "Three steps to the first proposal" })).toBeVisible();
	await noViolations(page, "empty dashboard");
	await page.getByRole("link", { name: "Add", exact: true }).click();
	await expect(page.getByRole("heading", { name: "Add a connection" })).toBeVisible();
});

test("a wrong password is told plainly, a right one passes the checks", async ({ page, watch }) => {
	watch.allow(/status of 502|status of 400/);
	await page.goto("/connections/new");
	await page.getByRole("button", { name: "Add connection" }).click();
	await expect(page.getByText("Give it a name, so that you recognise it in lists.")).toBeVisible();
	await page.getByLabel("Name", { exact: true }).fill("e2e shop");
	await page.getByLabel("Port").fill(port);
	await page.getByLabel("Database").fill("shop");
	await page.getByLabel("User", { exact: true }).fill("shop_reader");
	await page.getByLabel("Password", { exact: true }).fill("wrong-password");
	await page.getByRole("button", { name: "Test", exact: true }).click();
	await expect(page.getByText("The connection does not work")).toBeVisible();
	await expect(page.getByText(/password/i).filter({ hasText: /shop_reader|failed|wrong/i }).first()).toBeVisible();
	await page.getByRole("button", { name: "Add connection" }).click();
	await expect(page.getByRole("alert").filter({ hasText: /password/i })).toBeVisible();
	await noViolations(page, "refused connection");

	await page.getByLabel("Password", { exact: true }).fill("right-password");
	await page.getByRole("button", { name: "Test", exact: true }).click();
	await expect(page.getByText("The connection works")).toBeVisible();
	await noViolations(page, "checks");
	await page.getByRole("button", { name: "Add connection" }).click();
	await expect(page).toHaveURL(/\/connections\/\d+$/);
	connection = new URL(page.url()).pathname;
	await expect(page.getByRole("heading", { name: "e2e shop" })).toBeVisible();
	await expect(page.getByText("The connection works")).toBeVisible();
	expect(await page.content()).not.toContain("right-password");
	await expect(page.getByRole("heading", { name: "Health of the database" })).toBeVisible();
	await expect(page.getByText(/\d+ passed, \d+ not checked · \d+ tables? looked at/)).toBeVisible({ timeout: 20_000 });
	await page.getByText(/^All \d+ checks$/).click();
	expect(await page.getByRole("list", { name: "Checks of the database" }).getByRole("listitem").count()).toBeGreaterThan(5);
	await noViolations(page, "health of a database");
});

test("a syntax error is marked at its place", async ({ page, watch }) => {
	watch.allow(/status of 4\d\d/);
	await page.goto("/optimizer");
	await page.getByRole("textbox", { name: "SQL statement" }).click();
	await page.keyboard.insertText("SELECT * FORM users");
	await page.getByRole("button", { name: "Optimize" }).click();
	await expect(page.getByRole("alert").filter({ hasText: /line 1, column/ })).toBeVisible();
	await expect(page.locator(".cm-lintRange-error, .cm-lintPoint-error")).toHaveCount(1);
});

test("a query gets a finding, and a proposal with its proof", async ({ page }) => {
	await page.goto("/optimizer");
	const editor = page.getByRole("textbox", { name: "SQL statement" });
	await editor.click();
	await page.keyboard.press("ControlOrMeta+a");
	await page.keyboard.insertText(query);
	await page.reload();
	await expect(editor).toContainText("test@example.com");
	await editor.click();
	await page.keyboard.press("ControlOrMeta+Enter");
	await expect(page).toHaveURL(/\/optimizer\/\d+/, { timeout: 40_000 });
	run = new URL(page.url()).pathname;
	const card = page.getByRole("article").first();
	await expect(card.getByRole("heading", { name: /email/ })).toBeVisible();
	await expect(card.getByText(/not time/).first()).toBeVisible();
	await expect(card.getByText("what-if").first()).toBeVisible();
	await expect(card.getByRole("region", { name: "SQL to run" })).toContainText("CREATE INDEX CONCURRENTLY");
	const rungs = card.getByRole("list", { name: "Rungs of the proof" }).getByRole("listitem");
	await expect(rungs).toHaveCount(8);
	for (const rung of ["Parsed", "Resolved", "Planned", "Equivalent"]) await expect(rungs.filter({ hasText: rung })).toContainText("passed");
	await card.getByRole("button", { name: "Copy SQL" }).click();
	expect(await page.evaluate(() => navigator.clipboard.readText())).toContain("CREATE INDEX CONCURRENTLY");
	await noViolations(page, "proposals");

	await page.getByRole("tab", { name: /Findings/ }).click();
	await expect(page.getByText("seq-scan-filter")).toBeVisible();
	await noViolations(page, "findings");
	await page.getByRole("button", { name: /Show in the plan/ }).first().click();
	await expect(page).toHaveURL(/tab=plan/);
	await expect(page.getByRole("treeitem", { selected: true })).toContainText(/Seq Scan/);
});

test("apply shows the dry run and says what is not allowed", async ({ page, watch }) => {
	watch.allow(/status of 403/);
	await page.goto(run);
	await page.getByRole("button", { name: "Apply…" }).first().click();
	const dialog = page.getByRole("dialog", { name: "Apply this proposal" });
	await expect(dialog.getByRole("region", { name: "SQL that would run" })).toContainText("CREATE INDEX CONCURRENTLY");
	await expect(dialog.getByRole("region", { name: "SQL to undo it" })).toContainText("DROP INDEX");
	await noViolations(page, "dry run");
	const go = dialog.getByRole("button", { name: "Run it on the database" });
	if (await go.isEnabled()) {
		await go.click();
		await expect(dialog.getByText("This server may not change databases")).toBeVisible();
	}
});

test("the plan view is an address that survives a reload", async ({ page }) => {
	await page.goto(`${run}?tab=plan`);
	const tree = page.getByRole("tree");
	await expect(tree).toBeVisible();
	await page.getByRole("button", { name: "Diagram" }).click();
	await expect(page).toHaveURL(/view=diagram/);
	await page.getByRole("treeitem").first().click();
	await expect(page).toHaveURL(/node=0/);
	await page.reload();
	await expect(page.getByRole("button", { name: "Diagram" })).toHaveAttribute("aria-pressed", "true");
	await expect(page.getByRole("treeitem", { selected: true })).toHaveAttribute("data-node", "0");
	await noViolations(page, "diagram");
	await page.getByRole("button", { name: "Grid" }).click();
	await expect(page.getByRole("region", { name: "Plan as a table" })).toBeVisible();
	await noViolations(page, "grid");
	await page.getByRole("tab", { name: /Findings/ }).click();
	await expect(page).toHaveURL(/tab=findings/);
	await page.goBack();
	await expect(page).toHaveURL(/tab=plan.*view=grid|view=grid.*tab=plan/);
});

test("a healthy query is called fine", async ({ page }) => {
	await page.goto("/optimizer");
	const editor = page.getByRole("textbox", { name: "SQL statement" });
	await editor.click();
	await page.keyboard.press("ControlOrMeta+a");
	await page.keyboard.insertText("SELECT * FROM users WHERE id = 42");
	await page.getByRole("button", { name: "Optimize" }).click();
	await expect(page).toHaveURL(/\/optimizer\/\d+/, { timeout: 40_000 });
	await expect(page.getByRole("heading", { name: "This query is fine" }).first()).toBeVisible();
	await expect(page.getByRole("button", { name: "Copy SQL" })).toHaveCount(0);
});

const spilling = `Sort  (cost=119421.32..121921.32 rows=1000000 width=15) (actual time=1890.100..2210.500 rows=1000000 loops=1)
  Sort Key: pad
  Sort Method: external merge  Disk: 25496kB
  ->  Seq Scan on events  (cost=0.00..15406.00 rows=1000000 width=15) (actual time=0.020..160.200 rows=1000000 loops=1)
Planning Time: 0.110 ms
Execution Time: 2290.300 ms`;

test("a pasted plan is judged without its database", async ({ page, watch }) => {
	watch.allow(/status of 4\d\d/);
	await page.goto("/optimizer");
	await page.getByRole("link", { name: "Paste a plan" }).click();
	await expect(page).toHaveURL(/\/optimizer\/plan/);
	const text = page.getByRole("textbox", { name: "What EXPLAIN printed" });
	await text.fill(spilling);
	await page.keyboard.press("ControlOrMeta+Enter");
	const report = page.getByRole("region", { name: "What the plan says" });
	await expect(report.getByText("A plan of PostgreSQL with 2 steps.")).toBeVisible();
	await expect(report.getByText("sort-spill")).toBeVisible();
	await report.getByRole("button", { name: "Show in the plan" }).first().click();
	await expect(report.getByRole("tree").getByText(/Sort/).first()).toBeVisible();
	await noViolations(page, "a pasted plan");

	await text.fill("QUERY PLAN\n|--SCAN orders\n`--USE TEMP B-TREE FOR ORDER BY\n");
	await page.getByRole("button", { name: "Analyze" }).click();
	await expect(report.getByText(/A plan of SQLite with \d steps\./)).toBeVisible();

	await text.fill("this is no plan");
	await page.getByRole("button", { name: "Analyze" }).click();
	await expect(page.getByRole("alert").filter({ hasText: /plan/i })).toBeVisible();
});

test("actual times ask first", async ({ page }) => {
	await page.goto(run);
	await page.getByRole("switch", { name: "Actual times" }).click();
	await expect(page.getByRole("dialog")).toContainText("This executes the statement on the database.");
	await page.getByRole("button", { name: "Switch it on" }).click();
	await page.getByRole("button", { name: "Optimize", exact: true }).click();
	await expect(page).not.toHaveURL(new RegExp(`${run}($|\\?)`), { timeout: 40_000 });
	await expect(page).toHaveURL(/\/optimizer\/\d+/, { timeout: 40_000 });
	await page.getByRole("tab", { name: "Plan" }).click();
	await expect(page.getByRole("button", { name: "Time", exact: true })).toHaveAttribute("aria-pressed", "true");
	await expect(page.getByText("measured").first()).toBeVisible();
});

test("keys: palette, pages, help", async ({ page }) => {
	await page.goto("/dashboard");
	await expect(page.getByRole("heading", { name: "Dashboard" })).toBeVisible();
	await page.keyboard.press("ControlOrMeta+k");
	await expect(page.getByRole("dialog", { name: "Command palette" })).toBeVisible();
	await page.keyboard.type("jobs");
	await page.keyboard.press("Enter");
	await expect(page).toHaveURL(/\/jobs/);
	await page.keyboard.press("g");
	await page.keyboard.press("c");
	await expect(page).toHaveURL(/\/connections/);
	await page.keyboard.press("?");
	await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
});

test("what does not exist says so and keeps the frame", async ({ page, watch }) => {
	watch.allow(/status of 404/);
	for (const [path, text] of [
		["/nowhere", "There is no such page"],
		["/optimizer/999999", "There is no run #999999"],
		["/optimizer/abc", "There is no such run"],
		["/connections/999999", "There is no such connection"],
		["/jobs/999999", "There is no such job"],
	] as const) {
		await page.goto(path);
		await expect(page.getByText(text)).toBeVisible();
		await expect(page.getByRole("navigation", { name: "Main" })).toBeVisible();
	}
});

test("the API pages render without another origin", async ({ page }) => {
	await page.goto("/docs");
	await expect(page.locator(".swagger-ui .opblock").first()).toBeVisible();
	await page.goto("/redoc");
	await expect(page.locator("#redoc h1").first()).toBeVisible();
});

test("a connection is deleted only by its name", async ({ page }) => {
	await page.goto(connection);
	await page.getByRole("button", { name: "Delete" }).click();
	const dialog = page.getByRole("dialog");
	await expect(dialog.getByRole("button", { name: "Delete with its history" })).toBeDisabled();
	await dialog.getByRole("textbox").fill("e2e shop");
	await dialog.getByRole("button", { name: "Delete with its history" }).click();
	await expect(page).toHaveURL(/\/connections$/);
	await expect(page.getByText("No connection yet")).toBeVisible();
});
