import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/api/client";
import type { Instance } from "@/api/instances";
import type { Target } from "@/api/monitoring";
import type { Connection } from "@/api/types";
import { FindDialog } from "@/features/instances/FindDialog";
import { addAll, arrange, askWith, canFind, engineText, inputOf, nameOf, nameTrouble, prefixOf, serverName, serversOf, unwatched, type Outcome } from "@/features/instances/servers";
import { ServerRow } from "@/features/instances/ServerRow";
import { serverSearch } from "@/lib/url";
import fixture from "./fixtures/instances.json";
import monitoring from "./fixtures/monitoring.json";
import other from "./fixtures/other.json";
import { show } from "./render";

vi.mock("@tanstack/react-router", async (load) => ({ ...(await load<object>()), Link: ({ children }: { children: ReactNode }) => <a href="#there">{children}</a> }));

const instances = fixture.instances as Instance[];
const connections = other.connections as unknown as Connection[];
const servers = serversOf(instances, monitoring.targets as Target[], connections);
const [shop, orders, file, six] = servers as [(typeof servers)[0], (typeof servers)[0], (typeof servers)[0], (typeof servers)[0]];

describe("a server", () => {
	it("is called by its host and port, a file by its path", () => {
		expect(servers.map((one) => one.name)).toEqual(["127.0.0.1:54329", "db-orders-primary-1.eu-central.internal.example.com:3306", "/var/lib/ledger/ledger.db", "[fd00::12]:5432"]);
		expect(serverName({ host: "/run/postgresql", port: null, engine: "postgresql", connections: [] })).toBe("/run/postgresql");
		expect(serverName({ host: "", port: null, engine: "sqlite", connections: [] })).toBe("SQLite");
		expect(engineText({ engine: "mysql", version: null })).toBe("MySQL");
	});
	it("has the words of its connections, each once, and what is paused", () => {
		expect(shop.environments).toEqual(["production"]);
		expect(shop.labels).toEqual([]);
		expect(orders.labels).toEqual(["team:payments", "tier:1"]);
		expect(servers.map((one) => one.paused)).toEqual([1, 0, 0, 1]);
	});
	it("has a database once, however many logins lead to it, and paused is what none of them watches", () => {
		const shopTwice = { ...shop.instance, connections: [...shop.instance.connections, { id: 90, name: "shop, second login", database: "shop", environment: "", monitoring_enabled: false, statements: 0 }] };
		const [twice] = serversOf([shopTwice], [], connections);
		expect(twice?.databases.map((one) => [one.name, one.members.map((member) => member.id)])).toEqual([["shop", [1, 90]], ["reporting", [3]], ["archive_of_everything_before_the_move_to_the_new_hall", [6]]]);
		expect(twice?.paused).toBe(1);
		const Row = () => <table><ServerRow server={twice!} now={0} opened toggle={() => undefined} find={() => undefined} /></table>;
		show(<Row />);
		expect(screen.getByText("3")).toBeVisible();
		expect(screen.getByText("shop").closest("li")).toHaveTextContent("shop, 2 connections");
		expect(within(screen.getByText("shop").closest("li")!).getByText("shop, second login")).toBeVisible();
		expect(screen.getByText("reporting").closest("li")).not.toHaveTextContent("connections");
	});
	it("pays for a poll once, however many databases share it", () => {
		expect(shop.waitMs).toBe(14.2);
		expect(shop.share).toBeCloseTo(14.2 / 600, 6);
		expect(orders.waitMs).toBeNull();
		expect(orders.failing?.error_kind).toBe("denied_by_target");
	});
	it("stands first when it fails, last when it is not watched, and is found by what stands on it", () => {
		expect(arrange(servers, { q: "", state: "all" }).map((one) => one.instance.id)).toEqual([2, 4, 1, 7]);
		expect(arrange(servers, { q: "", state: "trouble" })).toEqual([orders]);
		expect(arrange(servers, { q: "REPORTING", state: "all" })).toEqual([shop]);
		expect(arrange(servers, { q: "team:pay", state: "all" })).toEqual([orders]);
		expect(arrange(servers, { q: "staging", state: "all" })).toEqual([six]);
		expect(arrange(servers, { q: "reporting", state: "trouble" })).toEqual([]);
	});
	it("is asked with a login that is read, and not at all where a login has one database", () => {
		expect(askWith(shop)).toBe(1);
		expect(askWith({ ...shop, failing: { ...(monitoring.targets[0] as Target), failures: 2 } })).toBe(3);
		expect(askWith(six)).toBe(7);
		expect(askWith({ ...six, instance: { ...six.instance, connections: [] } })).toBeNull();
		expect([canFind(shop.instance), canFind(file.instance), canFind({ engine: "oracle" })]).toEqual([true, false, false]);
	});
	it("is in the address when it is open", () => {
		expect(serverSearch.parse({ server: "7", state: "trouble" })).toEqual({ q: "", state: "trouble", server: 7 });
		expect(serverSearch.write(serverSearch.parse({ server: "x", state: "off" }))).toEqual({});
	});
});

describe("a found database", () => {
	const like = { ...(connections[1] as Connection), name: "eu-1/orders", tls_ca: "/etc/ca.pem", interval_s: 60 };
	it("gets the name that a file would give it", () => {
		expect(prefixOf(like)).toBe("eu-1");
		expect(prefixOf({ ...like, name: "orders" })).toBe("db-orders-1.internal");
		expect(prefixOf({ ...like, name: "/orders", host: "/run/postgresql" })).toBe("local");
		expect([nameOf(" eu-1 ", "app"), nameOf(" ", "app")]).toEqual(["eu-1/app", "app"]);
		expect(nameTrouble("eu-1/app", new Set(["eu-1/app"]))).toMatch(/'eu-1\/app' already/);
		expect(nameTrouble("x".repeat(256), new Set())).toMatch(/256 characters, 255 is the limit/);
		expect(nameTrouble("x".repeat(255), new Set())).toBeNull();
	});
	it("is added with the same login and words, never with the right to build objects", () => {
		expect(inputOf({ ...like, scratch: true }, "app", "eu-1/app", null)).toEqual({ name: "eu-1/app", engine: "postgresql", host: "db-orders-1.internal", port: 5432, database: "app", username: "sqlopt", like: like.id, ssl_enabled: true, tls_ca: "/etc/ca.pem", interval_s: 60, environment: "production", labels: { team: "payments", tier: "1" }, monitoring_enabled: true, scratch: false });
		expect(inputOf(like, "app", "x", "secret")).toMatchObject({ password: "secret" });
		expect(inputOf(like, "app", "x", "secret")).not.toHaveProperty("like");
		expect(Object.keys(inputOf(like, "app", "x", ""))).not.toEqual(expect.arrayContaining(["like", "password"]));
		expect(unwatched(fixture.found).map((one) => one.name.slice(0, 7))).toEqual(["billing", "crm", "tenant_"]);
	});
	it("that fails is told, the others go on; a refused login ends it", async () => {
		const run = async (code: string) => {
			const told: [string, Outcome][] = [];
			const tried: string[] = [];
			const fine = await addAll(
				["a", "b", "c"],
				async (name) => {
					tried.push(name);
					if (name === "b") throw new ApiError(409, "Conflict", "there is one", null, [], { code });
					return like;
				},
				(name, outcome) => told.push([name, outcome]),
			);
			return { fine, tried, said: told.filter(([, one]) => one !== "busy").map(([name, one]) => `${name} ${typeof one === "object" && "error" in one ? "failed" : "added"}`) };
		};
		expect(await run("conflict")).toEqual({ fine: false, tried: ["a", "b", "c"], said: ["a added", "b failed", "c added"] });
		expect(await run("denied_by_target")).toEqual({ fine: false, tried: ["a", "b"], said: ["a added", "b failed"] });
	});
});

describe("the dialog that finds databases", () => {
	const asked: { path: string; body: Record<string, unknown> }[] = [];
	let found: () => Response;
	let added: (body: Record<string, unknown>) => Response;
	const problem = (status: number, title: string, detail: string, code: string) => new Response(JSON.stringify({ title, status, detail, code, request_id: "req-9" }), { status });
	beforeEach(() => {
		asked.length = 0;
		found = () => new Response(JSON.stringify(fixture.found));
		added = (body) => new Response(JSON.stringify({ ...connections[0], id: 77, name: body.name }), { status: 201 });
		vi.stubGlobal("fetch", async (path: string, options: { body?: string }) => {
			const body = JSON.parse(options.body ?? "{}") as Record<string, unknown>;
			asked.push({ path, body });
			return path.endsWith("/discover") ? found() : added(body);
		});
	});
	const open = () => show(<FindDialog server={shop} connections={connections} close={() => undefined} />);

	it("asks once, offers what is not here, and adds what was chosen", async () => {
		open();
		const list = await screen.findByRole("list", { name: "Found databases" });
		expect(within(list).getAllByRole("listitem")).toHaveLength(6);
		expect(within(list).getAllByRole("checkbox")).toHaveLength(3);
		expect(within(list).getAllByText("is here already")).toHaveLength(3);
		expect(screen.getByRole("button", { name: "Add" })).toBeDisabled();
		await userEvent.click(screen.getByRole("checkbox", { name: "billing" }));
		await userEvent.click(screen.getByRole("checkbox", { name: "crm" }));
		await userEvent.clear(screen.getByLabelText("Their names begin with"));
		await userEvent.type(screen.getByLabelText("Their names begin with"), "eu-1");
		await userEvent.type(screen.getByLabelText("Their names begin with"), "{Enter}");
		expect(await screen.findByText("2 databases were added; the first read is under way.")).toBeVisible();
		expect(asked.map((one) => one.path)).toEqual(["/api/connections/1/discover", "/api/connections", "/api/connections"]);
		expect(asked.slice(1).map((one) => [one.body.name, one.body.database, one.body.like, one.body.password])).toEqual([["eu-1/billing", "billing", 1, undefined], ["eu-1/crm", "crm", 1, undefined]]);
		expect(within(list).getAllByRole("checkbox")).toHaveLength(1);
		expect(screen.getByRole("button", { name: "Done" })).toHaveFocus();
	});
	it("stops at a refused login, says it at the database, and keeps the choice", async () => {
		added = () => problem(502, "The database refused access", "password authentication failed for user \"sqlopt\"", "denied_by_target");
		open();
		await userEvent.click(await screen.findByRole("checkbox", { name: "All 3 that are not here yet" }));
		await userEvent.click(screen.getByRole("button", { name: "Add 3 databases" }));
		expect(await screen.findByText("None of 3 could be added; the reason stands at the database.")).toBeVisible();
		expect(screen.getByText(/^The database refused access\. Password authentication failed/)).toBeVisible();
		expect(asked).toHaveLength(2);
		expect(screen.getByRole("checkbox", { name: "billing" })).toBeChecked();
		expect(screen.getByRole("button", { name: "Add 3 databases" })).toBeEnabled();
		expect(screen.getByRole("button", { name: "Give another password" })).toHaveFocus();
		await userEvent.keyboard("{Enter}");
		expect(screen.getByLabelText("Password of sqlopt")).toHaveFocus();
		added = (body) => new Response(JSON.stringify({ ...connections[0], id: 77, name: body.name }), { status: 201 });
		await userEvent.keyboard("hunter2{Enter}");
		expect(await screen.findByText("3 databases were added; the first read is under way.")).toBeVisible();
		expect(asked.slice(2).map((one) => [one.body.like, one.body.password])).toEqual(Array.from({ length: 3 }, () => [undefined, "hunter2"]));
	});
	it("does not send a name that is taken", async () => {
		show(<FindDialog server={shop} connections={[{ ...(connections[0] as Connection) }, { ...(connections[1] as Connection), name: "eu/crm" }]} close={() => undefined} />);
		await userEvent.click(await screen.findByRole("checkbox", { name: "crm" }));
		await userEvent.clear(screen.getByLabelText("Their names begin with"));
		await userEvent.type(screen.getByLabelText("Their names begin with"), "eu");
		expect(screen.getByText(/There is a connection 'eu\/crm' already/)).toBeVisible();
		expect(screen.getByRole("button", { name: "Add one database" })).toBeDisabled();
	});
	it("tells which of those that are here are paused", async () => {
		show(<FindDialog server={shop} connections={connections.map((one) => ({ ...one, monitoring_enabled: false }))} close={() => undefined} />);
		expect(await screen.findByText("is here, paused")).toBeVisible();
		expect(screen.getAllByText("is here already")).toHaveLength(2);
	});
	it("says why the server could not be asked, and asks again", async () => {
		found = () => problem(502, "The database refused access", "access denied for user 'sqlopt'", "denied_by_target");
		open();
		expect(await screen.findByText("request req-9")).toBeVisible();
		found = () => new Response("[]");
		await userEvent.click(screen.getByRole("button", { name: "Retry" }));
		expect(await screen.findByRole("heading", { name: "No database was found" })).toBeVisible();
		expect(screen.getByRole("button", { name: "Add" })).toBeDisabled();
	});
});
