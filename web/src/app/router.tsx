/* The routes. A page is loaded when it is opened; the frame around it never goes away. */
import { createRootRoute, createRoute, createRouter, redirect } from "@tanstack/react-router";
import { activitySearch, alertSearch, connectionSearch, dashboardSearch, frameSearch, jobSearch, queriesSearch, querySearch, runSearch, serverSearch, targetSearch } from "@/lib/url";
import { lazyPage } from "./lazy";
import { Missing, RouteError } from "./pages";
import { Shell } from "./Shell";

const root = createRootRoute({
	component: Shell,
	notFoundComponent: Missing,
	validateSearch: (raw: Record<string, unknown>): { c?: number } => frameSearch.write(frameSearch.parse(raw)),
});

const index = createRoute({
	getParentRoute: () => root,
	path: "/",
	beforeLoad: () => {
		throw redirect({ to: "/dashboard", replace: true });
	},
});

const dashboard = createRoute({
	getParentRoute: () => root,
	path: "/dashboard",
	component: lazyPage(() => import("@/features/dashboard/DashboardPage")),
	validateSearch: (raw: Record<string, unknown>): Partial<ReturnType<typeof dashboardSearch.parse>> => dashboardSearch.write(dashboardSearch.parse(raw)),
	errorComponent: RouteError,
});

export type RunSearch = ReturnType<typeof runSearch.parse>;
const optimizer = createRoute({
	getParentRoute: () => root,
	path: "/optimizer",
	component: lazyPage(() => import("@/features/optimizer/OptimizerPage")),
	validateSearch: (raw: Record<string, unknown>): Partial<RunSearch> => runSearch.write(runSearch.parse(raw)) as Partial<RunSearch>,
	errorComponent: RouteError,
});
const optimizerIndex = createRoute({ getParentRoute: () => optimizer, path: "/" });
const optimizerRun = createRoute({ getParentRoute: () => optimizer, path: "$run" });

const plan = createRoute({
	getParentRoute: () => root,
	path: "/optimizer/plan",
	component: lazyPage(() => import("@/features/optimizer/PlanPage")),
	errorComponent: RouteError,
});

const connections = createRoute({
	getParentRoute: () => root,
	path: "/connections",
	component: lazyPage(() => import("@/features/connections/ConnectionsPage")),
	errorComponent: RouteError,
});
const connectionNew = createRoute({
	getParentRoute: () => root,
	path: "/connections/new",
	component: lazyPage(() => import("@/features/connections/NewConnectionPage")),
	errorComponent: RouteError,
});
const connection = createRoute({
	getParentRoute: () => root,
	path: "/connections/$id",
	component: lazyPage(() => import("@/features/connections/ConnectionPage")),
	validateSearch: (raw: Record<string, unknown>): { tab?: "health" | "edit" } => connectionSearch.write(connectionSearch.parse(raw)) as { tab?: "edit" },
	errorComponent: RouteError,
});

const queries = createRoute({
	getParentRoute: () => root,
	path: "/queries",
	component: lazyPage(() => import("@/features/queries/QueriesPage")),
	validateSearch: (raw: Record<string, unknown>): Partial<ReturnType<typeof queriesSearch.parse>> => queriesSearch.write(queriesSearch.parse(raw)),
	errorComponent: RouteError,
});
const query = createRoute({
	getParentRoute: () => root,
	path: "/queries/$id",
	component: lazyPage(() => import("@/features/queries/QueryPage")),
	validateSearch: (raw: Record<string, unknown>): Partial<ReturnType<typeof querySearch.parse>> => querySearch.write(querySearch.parse(raw)),
	errorComponent: RouteError,
});

const monitoring = createRoute({
	getParentRoute: () => root,
	path: "/monitoring",
	component: lazyPage(() => import("@/features/monitoring/MonitoringPage")),
	validateSearch: (raw: Record<string, unknown>): Partial<ReturnType<typeof targetSearch.parse>> => targetSearch.write(targetSearch.parse(raw)),
	errorComponent: RouteError,
});

const activity = createRoute({
	getParentRoute: () => root,
	path: "/monitoring/activity",
	component: lazyPage(() => import("@/features/activity/ActivityPage")),
	validateSearch: (raw: Record<string, unknown>): Partial<ReturnType<typeof activitySearch.parse>> => activitySearch.write(activitySearch.parse(raw)),
	errorComponent: RouteError,
});

const servers = createRoute({
	getParentRoute: () => root,
	path: "/monitoring/servers",
	component: lazyPage(() => import("@/features/instances/ServersPage")),
	validateSearch: (raw: Record<string, unknown>): Partial<ReturnType<typeof serverSearch.parse>> => serverSearch.write(serverSearch.parse(raw)),
	errorComponent: RouteError,
});

const alerts = createRoute({
	getParentRoute: () => root,
	path: "/monitoring/alerts",
	component: lazyPage(() => import("@/features/alerts/AlertsPage")),
	validateSearch: (raw: Record<string, unknown>): Partial<ReturnType<typeof alertSearch.parse>> => alertSearch.write(alertSearch.parse(raw)),
	errorComponent: RouteError,
});

const jobs = createRoute({
	getParentRoute: () => root,
	path: "/jobs",
	component: lazyPage(() => import("@/features/jobs/JobsPage")),
	validateSearch: (raw: Record<string, unknown>): { state?: "running" | "done" | "failed" | "all" } => jobSearch.write(jobSearch.parse(raw)) as { state?: "running" },
	errorComponent: RouteError,
});
const job = createRoute({
	getParentRoute: () => root,
	path: "/jobs/$id",
	component: lazyPage(() => import("@/features/jobs/JobPage")),
	errorComponent: RouteError,
});

export const routeTree = root.addChildren([index, dashboard, queries, query, optimizer.addChildren([optimizerIndex, optimizerRun]), plan, connections, connectionNew, connection, monitoring, servers, activity, alerts, jobs, job]);

export const router = createRouter({
	routeTree,
	defaultPreload: "intent",
	scrollRestoration: true,
	// Plain key=value instead of JSON: the address bar is part of the interface.
	parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
	stringifySearch: (search) => {
		const out = new URLSearchParams();
		for (const [key, value] of Object.entries(search)) if (value !== undefined && value !== null) out.set(key, String(value));
		const text = out.toString();
		return text ? `?${text}` : "";
	},
});

declare module "@tanstack/react-router" {
	interface Register {
		router: typeof router;
	}
}
