import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/api/client";
import { toOptimization } from "@/api/normalize";
import { PlanViewer } from "@/components/plan/PlanViewer";
import { EvidenceTag, SeverityBadge } from "@/components/ui/badge";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { Checks } from "@/features/connections/Checks";
import { HealthReport, type Audit } from "@/features/connections/HealthChecks";
import { Findings } from "@/features/optimizer/Findings";
import { ProposalCard } from "@/features/optimizer/ProposalCard";
import { rungText, withoutFigures } from "@/features/optimizer/proof";
import { RunView } from "@/features/optimizer/RunView";
import { runSearch } from "@/lib/url";
import { Inbox } from "lucide-react";
import other from "./fixtures/other.json";
import runs from "./fixtures/runs.json";
import { show } from "./render";

const fixture = (id: number) => toOptimization(runs.find((run) => run.id === id));
const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status, headers: { "X-Request-ID": "req-1" } });
let fetched: { url: string; body: unknown }[] = [];
function serve(handler: (url: string, body: unknown) => Response) {
	vi.stubGlobal("fetch", async (url: string, init?: RequestInit) => {
		const body = typeof init?.body === "string" ? (JSON.parse(init.body) as unknown) : null;
		fetched.push({ url, body });
		return handler(url, body);
	});
}
beforeEach(() => {
	fetched = [];
});

describe("states of a panel", () => {
	it("loading says so", () => {
		show(<Skeleton />);
		expect(screen.getByRole("status", { name: "Loading" })).toBeVisible();
	});
	it("an error has title, detail, request id and a retry", async () => {
		const retry = vi.fn();
		show(<ErrorState error={new ApiError(502, "The database refused access", "wrong password", "req-7")} retry={retry} />);
		expect(screen.getByRole("alert")).toHaveTextContent("The database refused access");
		expect(screen.getByRole("alert")).toHaveTextContent("Wrong password");
		expect(screen.getByRole("alert")).toHaveTextContent("req-7");
		await userEvent.click(screen.getByRole("button", { name: "Retry" }));
		expect(retry).toHaveBeenCalledOnce();
	});
	it("empty says why and offers one action", () => {
		show(<Empty icon={Inbox} title="Nothing yet" action={<button type="button">Add</button>}>Because.</Empty>);
		expect(screen.getByText("Because.")).toBeVisible();
		expect(screen.getByRole("button", { name: "Add" })).toBeVisible();
	});
	it("severity and evidence are words, not only colours", () => {
		show(<><SeverityBadge severity="critical" /><EvidenceTag source="what_if" /></>);
		expect(screen.getByText("Critical")).toBeVisible();
		expect(screen.getByText("what-if")).toBeVisible();
	});
});

describe("proposal card", () => {
	it("offers copy, measure and apply for what is offered, with cost named as cost", () => {
		const run = fixture(1);
		show(<ProposalCard proposal={run.proposals[0]!} runId={1} originalSql={run.original_sql} first />);
		expect(screen.getByRole("button", { name: "Copy SQL" })).toBeEnabled();
		expect(screen.getByRole("button", { name: "Measure" })).toBeEnabled();
		expect(screen.getByText("planner cost, not time")).toBeVisible();
		expect(screen.getByText("what-if")).toBeVisible();
		expect(screen.getByText(/DROP INDEX CONCURRENTLY/)).toBeVisible();
		const rungs = within(screen.getByRole("list", { name: "Rungs of the proof" })).getAllByRole("listitem");
		expect(rungs.map((rung) => rung.textContent)).toEqual(["Parsedpassed", "Resolvedpassed", "Plannedpassed", "Equivalentpassed", "Same resultnot run", "Measurednot run", "Appliednot run", "Confirmednot run"]);
	});
	it.each([
		[5, 0, "coupons.referrer_code may be NULL"],
		[1, 1, "gains nothing over the plain index"],
	])("shows run %d proposal %d with its reason, without copy or apply", (id, index, reason) => {
		const run = fixture(id);
		show(<ProposalCard proposal={run.proposals[index]!} runId={id} originalSql={run.original_sql} />);
		expect(screen.getByText(new RegExp(reason))).toBeVisible();
		expect(screen.queryByRole("button", { name: /copy|apply|measure/i })).toBeNull();
	});
	it("shows a rewrite as two texts side by side, and a failed rung without a click", () => {
		const run = fixture(5);
		show(<ProposalCard proposal={run.proposals[0]!} runId={5} originalSql={run.original_sql} />);
		expect(screen.getByRole("region", { name: "Original" })).toHaveTextContent("NOT IN");
		expect(screen.getByRole("region", { name: "Rewritten (not offered to run)" })).toHaveTextContent("NOT EXISTS");
		expect(screen.getByText("Needs coupons.referrer_code NOT NULL; the catalog says it is nullable")).toBeVisible();
	});
	it("says why something was rejected, and shows it to who asks", async () => {
		const run = fixture(1);
		show(<ProposalCard proposal={run.proposals[1]!} runId={1} originalSql={run.original_sql} />);
		expect(screen.queryByRole("region", { name: "SQL that was tried" })).toBeNull();
		await userEvent.click(screen.getByRole("button", { name: "Show what was tried" }));
		expect(screen.getByRole("region", { name: "SQL that was tried" })).toHaveTextContent("CREATE INDEX");
		expect(screen.getByRole("list", { name: "Rungs of the proof" })).toBeVisible();
	});
	it("does not repeat in words the figures beside them", () => {
		expect(withoutFigures("Serves a = 1. Planner cost 312.26 -> 1.19 (cost, not time), expected size 48 kB.")).toBe("Serves a = 1.");
		expect(withoutFigures("Planner cost is high. Keep this.")).toBe("Planner cost is high. Keep this.");
	});
	it("says of a rung that was not run what it would show, not that it holds", () => {
		expect(rungText({ rung: "same_result", status: "not_run", reason: null })).toMatch(/^Whether /);
		expect(rungText({ rung: "resolved", status: "passed", reason: null })).toBe("Every table, column and function exists");
	});
	it("shows hostile text as text", () => {
		const run = fixture(1);
		const { container } = show(<ProposalCard proposal={{ ...run.proposals[0]!, title: "<img src=x onerror=alert(1)>", explanation: "<script>1</script>", sql: "SELECT '<b>'" }} runId={1} originalSql="x" />);
		expect(container.querySelector("img, script, b")).toBeNull();
		expect(screen.getByText("<img src=x onerror=alert(1)>")).toBeVisible();
	});
	it("measures the proposal that was asked for", async () => {
		serve(() => answer(200, other.measurement));
		const run = fixture(1);
		show(<ProposalCard proposal={run.proposals[0]!} runId={1} originalSql={run.original_sql} />);
		await userEvent.click(screen.getByRole("button", { name: "Measure" }));
		await waitFor(() => expect(fetched[0]).toEqual({ url: "/api/optimizer/validate-performance", body: { optimization_id: 1, iterations: 5, proposal_id: 11 } }));
		expect(await screen.findByText("Built in 0.3 s and dropped again.")).toBeVisible();
	});
	it("shows the dry run first and explains a refusal", async () => {
		serve((_url, body) => ((body as { dry_run?: boolean }).dry_run ? answer(200, { ...other.dry_run, checks: [] }) : answer(403, { title: "Not allowed by the configuration", detail: "DDL execution is off" })));
		const run = fixture(1);
		show(<ProposalCard proposal={run.proposals[0]!} runId={1} originalSql={run.original_sql} />);
		await userEvent.click(screen.getByRole("button", { name: "Apply…" }));
		const dialog = await screen.findByRole("dialog", { name: "Apply this proposal" });
		expect(within(dialog).getByText("A dry run: nothing has been changed yet.")).toBeVisible();
		expect(await within(dialog).findByRole("region", { name: "SQL to undo it" })).toBeVisible();
		expect(within(dialog).getByRole("region", { name: "SQL to undo it" })).toHaveTextContent("DROP INDEX");
		await userEvent.click(within(dialog).getByRole("button", { name: "Run it on the database" }));
		expect(await within(dialog).findByText("This server may not change databases")).toBeVisible();
		expect(within(dialog).getByText("ENABLE_DDL_EXECUTION=true")).toBeVisible();
		expect(within(dialog).getByRole("button", { name: "Run it on the database" })).toBeDisabled();
	});
});

describe("run", () => {
	const search = runSearch.parse({});
	const raw = (id: number) => runs.find((run) => run.id === id)!;
	it("that failed shows its failure with the place in the statement, and no verdict", async () => {
		serve(() => answer(200, { ...raw(1), findings: [], proposals: [], plan: null, execution_plan: null, original_sql: "SELECT 'é',\n  nosuch FROM t", status: "failed", complete: true, error: 'column "nosuch" does not exist', error_kind: "target", error_position: 15 }));
		show(<RunView id={1} search={search} change={() => {}} />);
		const alert = await screen.findByRole("alert");
		expect(within(alert).getByRole("heading", { name: "This run failed" })).toBeVisible();
		expect(alert).toHaveTextContent('Column "nosuch" does not exist.');
		expect(alert).toHaveTextContent("line 2, column 3");
		expect(alert.querySelector("mark")).toHaveTextContent(/^nosuch$/);
		expect(screen.queryByText("Nothing to offer for this query")).toBeNull();
		expect(screen.queryByRole("tab")).toBeNull();
	});
	it("that was cancelled is called cancelled", async () => {
		serve(() => answer(200, { ...raw(1), findings: [], proposals: [], plan: null, status: "failed", complete: true, error: "cancelled by a user", error_kind: "cancelled" }));
		show(<RunView id={1} search={search} change={() => {}} />);
		expect(await screen.findByRole("heading", { name: "This run was cancelled" })).toBeVisible();
	});
	it("names the best proposal beside its figures instead of repeating them in a sentence", async () => {
		serve(() => answer(200, { ...raw(1), verdict: { fine: false, reason: "Index on shop.users (email): planner cost 4826.00 before, 8.44 after (572 times less; cost, not time)." } }));
		show(<RunView id={1} search={search} change={() => {}} />);
		expect(await screen.findByRole("heading", { name: /One proposal that helps/ })).toBeVisible();
		expect(screen.queryByText(/before, .* after/)).toBeNull();
	});
	it("that is fine says so once", async () => {
		serve(() => answer(200, { ...raw(4), verdict: { fine: true, reason: "this query is fine: it fetches one row through the primary key products_pkey" } }));
		show(<RunView id={4} search={search} change={() => {}} />);
		expect(await screen.findAllByText(/this query is fine/i)).toHaveLength(1);
		expect(screen.getByText("it fetches one row through the primary key products_pkey.", { exact: false })).toBeVisible();
	});
	it("shows markup of a model, a database and a person as text", async () => {
		const evil = "<img src=x onerror=alert(1)>";
		serve(() => answer(200, { ...raw(1), original_sql: `SELECT '${evil}'`, parameter_note: evil, model: { status: "failed", name: evil, note: evil }, verdict: { fine: false, reason: evil }, explanation: evil }));
		const { container } = show(<RunView id={1} search={runSearch.parse({ tab: "explain" })} change={() => {}} />);
		expect((await screen.findAllByText(/onerror=alert/)).length).toBeGreaterThan(1);
		expect(container.querySelector("img, script")).toBeNull();
	});
	it("names no model that was not asked", () => {
		expect(toOptimization({ ...raw(1), model: { status: "off", name: "some-model", note: null } }).model).toBeNull();
		expect(toOptimization({ ...raw(1), model: { status: "done", name: "some-model", note: null } }).model).toBe("some-model");
	});
});

describe("findings", () => {
	it("gives evidence, documentation and the way to the plan node", async () => {
		const onNode = vi.fn();
		show(<Findings findings={fixture(1).findings} chosen={null} onNode={onNode} complete />);
		expect(screen.getByText("200k rows")).toBeVisible();
		expect(screen.getByRole("link", { name: /About this rule/ })).toHaveAttribute("href", "/docs/findings/seq-scan-filter");
		await userEvent.click(screen.getByRole("button", { name: /Show in the plan/ }));
		expect(onNode).toHaveBeenCalledWith(1);
	});
	it("never follows an address that a server made up", () => {
		show(<Findings findings={[{ ...fixture(1).findings[0]!, docs: "javascript:alert(1)" }]} chosen={null} onNode={() => {}} complete />);
		expect(screen.getByRole("link", { name: /About this rule/ })).toHaveAttribute("href", "/docs/findings/seq-scan-filter");
	});
});

describe("plan viewer", () => {
	const run = fixture(2);
	const props = { plan: run.plan!, findings: run.findings, view: "outline" as const, metric: "auto" as const, node: null, onView: vi.fn(), onMetric: vi.fn(), onNode: vi.fn() };
	it("is a tree with levels and one stop for the Tab key, at the bottleneck", () => {
		show(<PlanViewer {...props} />);
		const items = within(screen.getByRole("tree")).getAllByRole("treeitem");
		expect(items).toHaveLength(8);
		expect(items[3]).toHaveAttribute("aria-level", "4");
		expect(items.filter((item) => item.tabIndex === 0)).toEqual([items[3]]);
		expect(items[3]).toHaveAttribute("aria-selected", "true");
		expect(screen.getByRole("complementary", { name: "Selected step" })).toHaveTextContent("product_id = 4711");
	});
	it("walks by keys", async () => {
		const onNode = vi.fn();
		const onMetric = vi.fn();
		show(<PlanViewer {...props} node={2} onNode={onNode} onMetric={onMetric} />);
		screen.getByRole("treeitem", { selected: true }).focus();
		await userEvent.keyboard("{ArrowDown}");
		expect(onNode).toHaveBeenLastCalledWith(3);
		await userEvent.keyboard("{ArrowLeft}");
		expect(onNode).toHaveBeenLastCalledWith(1);
		await userEvent.keyboard("b");
		expect(onNode).toHaveBeenLastCalledWith(4);
		await userEvent.keyboard("m");
		expect(onMetric).toHaveBeenLastCalledWith("rows");
	});
	it("disables what the plan does not hold and says why", () => {
		const planned = fixture(1);
		show(<PlanViewer {...props} plan={planned.plan!} findings={[]} metric="time" />);
		expect(screen.getByRole("button", { name: "Time" })).toBeDisabled();
		expect(screen.getByRole("button", { name: "Time" })).toHaveAttribute("title", expect.stringContaining("run with actual times"));
		expect(screen.getByRole("button", { name: "Cost" })).toHaveAttribute("aria-pressed", "true");
	});
	it("has the same nodes in each view", () => {
		const { unmount } = show(<PlanViewer {...props} view="diagram" />);
		expect(within(screen.getByRole("tree")).getAllByRole("treeitem")).toHaveLength(8);
		unmount();
		show(<PlanViewer {...props} view="grid" />);
		expect(within(screen.getByRole("table")).getAllByRole("row")).toHaveLength(9);
		expect(screen.queryByRole("columnheader", { name: "Disk" })).toBeVisible();
	});
});

describe("connection checks", () => {
	it("gives the exact line to run for what fails, with a copy button", () => {
		show(<Checks result={other.test_ok} pending={false} error={null} retry={() => {}} />);
		expect(screen.getByText("The connection works")).toBeVisible();
		expect(screen.getByRole("region", { name: "Remedy: What-if indexes" })).toHaveTextContent("CREATE EXTENSION hypopg;");
		expect(screen.getAllByRole("button", { name: "Copy the remedy" })).toHaveLength(2);
		expect(screen.getAllByRole("img", { name: "passed" })).toHaveLength(5);
	});
	it("says that it does not work, and why", () => {
		show(<Checks result={other.test_wrong} pending={false} error={null} retry={() => {}} />);
		expect(screen.getByText("The connection does not work")).toBeVisible();
		expect(screen.getAllByText(/password authentication failed/i).length).toBeGreaterThan(0);
	});
});

describe("health of a database", () => {
	const audit = other.health_checks as unknown as Audit;
	it("shows what was found with its remedy, every check with its state, and what could not be read", () => {
		show(<HealthReport audit={audit} />);
		expect(screen.getByRole("status")).toHaveTextContent("1 check found something · 1 passed, 1 not checked · 6 tables looked at");
		expect(screen.getByRole("heading", { name: "orders.user_id refers to users and has no index" })).toBeVisible();
		expect(screen.getByText(/Create an index on orders/)).toBeVisible();
		expect(within(screen.getByRole("list", { name: "Notices" })).getByText(/Pg_stat_statements|pg_stat_statements/)).toBeVisible();
		const checks = within(screen.getByRole("list", { name: "Checks of the database" })).getAllByRole("listitem");
		expect(checks.map((check) => within(check).getByRole("img").getAttribute("aria-label"))).toEqual(["found", "passed", "not checked"]);
		expect(checks[0]).toHaveTextContent("1 of 5");
	});
	it("shows the changes that mend it, with what they lock and how they are undone, and no others", () => {
		const offered = { ...runs[0]!.proposals[0]!, verdict: "offered", title: "Index for the foreign key", sql: "CREATE INDEX orders_user_id_idx ON orders (user_id)", undo_sql: "DROP INDEX orders_user_id_idx" };
		const refused = { ...offered, verdict: "rejected", title: "Not this" };
		show(<HealthReport audit={{ ...audit, proposals: [offered, refused] as Audit["proposals"] }} />);
		const changes = screen.getByRole("list", { name: "Changes" });
		expect(within(changes).getAllByRole("heading").map((heading) => heading.textContent)).toEqual(["Index for the foreign key"]);
		expect(within(changes).getByText("DROP INDEX orders_user_id_idx")).toBeVisible();
		expect(within(changes).getByRole("button", { name: "Copy this SQL" })).toBeVisible();
		expect(screen.getByRole("heading", { name: "1 change that mends what was found" })).toBeVisible();
	});
	it("says so when nothing was found", () => {
		show(<HealthReport audit={{ ...audit, checks: audit.checks.filter((check) => check.state !== "found"), findings: [] }} />);
		expect(screen.getByText("Nothing was found")).toBeVisible();
	});
});
