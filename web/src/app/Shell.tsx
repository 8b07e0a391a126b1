/* The frame: rail, top bar, banners, and the page inside. */
import { useIsFetching, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { Activity, Bell as BellIcon, BookOpen, ChevronsUpDown, Command, Database, DatabaseZap, Gauge, ListChecks, Moon, PlugZap, Radar, RotateCw, ShieldAlert, Sparkles, Sun, WifiOff, type LucideIcon } from "lucide-react";
import { lazy, Suspense, useEffect, useLayoutEffect, useState, type ReactNode } from "react";
import { listen } from "@/api/events";
import { notices } from "@/api/notices";
import { health, isActive, jobs } from "@/api/queries";
import { Button } from "@/components/ui/button";
import { copyText } from "@/components/ui/copy";
import { cn } from "@/lib/cn";
import { sentence } from "@/lib/format";
import { loadToasts, toast } from "@/lib/toast";
import { useKeys } from "./keys";
import { OnDemand } from "./OnDemand";
import { useUnseen } from "./seen";
import { setTheme, useDark, watchTheme } from "./theme";
import { useConnection } from "./useConnection";

// Opened by a key, so loaded by it.
const Palette = lazy(() => import("./Palette").then((module) => ({ default: module.Palette })));
const KeysDialog = lazy(() => import("./Palette").then((module) => ({ default: module.KeysDialog })));
const ConnectionMenu = lazy(() => import("./menus").then((module) => ({ default: module.ConnectionMenu })));
const JobMenu = lazy(() => import("./menus").then((module) => ({ default: module.JobMenu })));
const NoticeMenu = lazy(() => import("./menus").then((module) => ({ default: module.NoticeMenu })));
const ThemeMenu = lazy(() => import("./menus").then((module) => ({ default: module.ThemeMenu })));
const Toaster = lazy(() => loadToasts().then((module) => ({ default: module.Toaster })));

/* The last one stands at the foot of the rail. A telephone has room for five; jobs are in the tray above. */
const nav: readonly { to: "/dashboard" | "/queries" | "/optimizer" | "/monitoring" | "/jobs" | "/connections"; label: string; icon: LucideIcon; keys: string }[] = [
	{ to: "/dashboard", label: "Dashboard", icon: Gauge, keys: "g d" },
	{ to: "/queries", label: "Queries", icon: DatabaseZap, keys: "g q" },
	{ to: "/optimizer", label: "Optimizer", icon: Sparkles, keys: "g o" },
	{ to: "/monitoring", label: "Monitoring", icon: Radar, keys: "g m" },
	{ to: "/jobs", label: "Jobs", icon: ListChecks, keys: "g j" },
	{ to: "/connections", label: "Connections", icon: PlugZap, keys: "g c" },
];

function Logo() {
	return (
		<svg viewBox="0 0 32 32" className="size-6 shrink-0" aria-hidden>
			<rect width="32" height="32" rx="8" fill="var(--accent)" />
			<path d="M8 22.5h4v-10H8zM14 22.5h4v-6h-4zM20 22.5h4v-2.5h-4z" fill="#fff" />
			<path d="M8 9.5c6.5-1 11 1 16 6.5" stroke="#fff" strokeWidth="2" strokeLinecap="round" fill="none" opacity=".75" />
		</svg>
	);
}

function Rail() {
	const { pathname } = useLocation();
	const { id } = useConnection();
	const running = useQuery(jobs()).data?.filter(isActive).length ?? 0;
	const version = useQuery(health()).data?.version;
	const item = ({ to, label, icon: Icon, keys }: (typeof nav)[number]) => {
		const current = pathname.startsWith(to);
		return (
			<Link
				key={to}
				to={to}
				search={id === null ? {} : ({ c: id } as never)}
				aria-current={current ? "page" : undefined}
				title={`${label} (${keys})`}
				className={cn(
					"group flex items-center gap-2.5 rounded-md text-sm font-medium text-fg-2 transition-colors hover:bg-hover hover:text-fg",
					"max-md:h-12 max-md:flex-1 max-md:flex-col max-md:justify-center max-md:gap-0.5 max-md:text-2xs md:h-8 md:px-2 md:max-lg:justify-center",
					current && "text-fg md:bg-hover max-md:text-accent-text",
					to === "/jobs" && "max-md:hidden",
				)}
			>
				<span className="relative">
					<Icon aria-hidden className={cn("size-4", current && "text-accent-text")} />
					{to === "/jobs" && running > 0 && <span className="absolute -top-1 -right-1 size-2 rounded-full bg-accent ring-2 ring-rail lg:hidden" />}
				</span>
				<span className="md:max-lg:sr-only">{label}</span>
				{to === "/jobs" && running > 0 && (
					<span className="tnum ml-auto hidden rounded-full bg-accent px-1.5 text-2xs leading-4 text-on-accent lg:inline" aria-label={`${running} running`}>
						{running}
					</span>
				)}
			</Link>
		);
	};
	return (
		<nav
			aria-label="Main"
			className="z-20 flex bg-rail max-md:fixed max-md:inset-x-0 max-md:bottom-0 max-md:h-14 max-md:items-center max-md:border-t max-md:px-1 md:sticky md:top-0 md:h-dvh md:w-14 md:shrink-0 md:flex-col md:border-r md:p-2.5 lg:w-[220px]"
		>
			<Link to="/dashboard" className="mb-4 hidden h-8 items-center gap-2.5 rounded-md px-1.5 md:flex md:max-lg:justify-center" aria-label="sqlopt, to the dashboard">
				<Logo />
				<span className="text-base font-semibold tracking-tight md:max-lg:hidden">sqlopt</span>
			</Link>
			<div className="flex max-md:contents md:flex-col md:gap-0.5">{nav.slice(0, -1).map(item)}</div>
			<div className="flex max-md:contents md:mt-auto md:flex-col md:gap-0.5">
				{nav.slice(-1).map(item)}
				<a href="/docs" target="_blank" rel="noreferrer" title="API reference" className="hidden h-8 items-center gap-2.5 rounded-md px-2 text-sm font-medium text-fg-2 hover:bg-hover hover:text-fg md:flex md:max-lg:justify-center">
					<BookOpen aria-hidden className="size-4" />
					<span className="md:max-lg:sr-only">API reference</span>
				</a>
				{version && <p className="px-2 pt-2 text-2xs text-fg-3 max-lg:hidden">version {version}</p>}
			</div>
		</nav>
	);
}

function Switcher() {
	const { id, one, all } = useConnection();
	return (
		<OnDemand menu={ConnectionMenu}>
			<Button look="quiet" className="max-w-64 min-w-0 px-2 text-fg" aria-label={`Connection: ${one?.name ?? "all"}`}>
				<Database className="text-fg-3" />
				<span className="truncate">{one?.name ?? (id !== null && all.length > 0 ? `Unknown (${id})` : "All connections")}</span>
				<ChevronsUpDown className="text-fg-3" />
			</Button>
		</OnDemand>
	);
}

function Crumbs() {
	const { pathname } = useLocation();
	const parts = pathname.split("/").filter(Boolean);
	const page = nav.find((entry) => entry.to === `/${parts[0]}`);
	if (!page) return null;
	const rest = parts[1];
	return (
		<nav aria-label="Breadcrumb" className="hidden min-w-0 items-center gap-1.5 text-sm text-fg-3 sm:flex">
			<span aria-hidden>/</span>
			<Link to={page.to} className={cn("rounded hover:text-fg", !rest && "text-fg-2")}>
				{page.label}
			</Link>
			{rest && (
				<>
					<span aria-hidden>/</span>
					<span className="tnum truncate text-fg-2">{rest === "new" ? "New" : /^\d+$/.test(rest) ? `#${rest}` : sentence(rest)}</span>
				</>
			)}
		</nav>
	);
}

function ThemeButton() {
	const dark = useDark();
	return (
		<OnDemand menu={ThemeMenu}>
			<Button look="quiet" size="icon" aria-label="Theme">
				{dark ? <Moon /> : <Sun />}
			</Button>
		</OnDemand>
	);
}

/* How many jobs run; what they are is in its menu. */
function JobTray() {
	const running = useQuery(jobs()).data?.filter(isActive).length ?? 0;
	return (
		<OnDemand menu={JobMenu}>
			<Button look="quiet" size="icon" aria-label={running > 0 ? `Jobs: ${running} running` : "Jobs"} className="relative">
				<Activity className={cn(running > 0 && "text-accent-text")} />
				{running > 0 && <span aria-hidden className="tnum absolute top-0.5 right-0.5 grid h-3.5 min-w-3.5 place-items-center rounded-full bg-accent px-0.5 text-[0.5625rem] font-semibold text-on-accent">{running}</span>}
			</Button>
		</OnDemand>
	);
}

/* What the server did by itself. No bell where there is nothing to tell. */
function Bell() {
	const list = useQuery(notices()).data ?? [];
	const fresh = useUnseen(list);
	if (list.length === 0) return null;
	return (
		<OnDemand menu={NoticeMenu}>
			<Button look="quiet" size="icon" aria-label={fresh > 0 ? `Notices: ${fresh} new` : "Notices"} className="relative">
				<BellIcon />
				{fresh > 0 && <span aria-hidden className="absolute top-1.5 right-1.5 size-2 rounded-full bg-amber ring-2 ring-bg" />}
			</Button>
		</OnDemand>
	);
}

function Banner({ icon: Icon, tone, children }: { icon: LucideIcon; tone: "tint-red" | "tint-amber"; children: ReactNode }) {
	return (
		<div role="alert" className={cn("flex items-start gap-2.5 border-b border-line px-4 py-2 text-sm lg:px-6", tone)}>
			<Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
			<div className="min-w-0 text-fg">{children}</div>
		</div>
	);
}

function Banners() {
	const query = useQuery(health());
	return (
		<>
			{query.isError && (
				<Banner icon={WifiOff} tone="tint-red">
					<strong className="font-semibold">The server does not answer.</strong> What you see may be old. This page tries again by itself.
				</Banner>
			)}
			{query.data?.remote_without_login && (
				<Banner icon={ShieldAlert} tone="tint-amber">
					<strong className="font-semibold">Anybody who can reach this address can use it.</strong> The server listens on a network address and has no login yet. Bind it to 127.0.0.1, or put a proxy with a login in front of it.
				</Banner>
			)}
		</>
	);
}

export function Shell() {
	const client = useQueryClient();
	const navigate = useNavigate();
	const { pathname } = useLocation();
	const fetching = useIsFetching({ predicate: (query) => query.queryKey[0] !== "health" }) > 0;
	const dark = useDark();
	const [palette, setPalette] = useState(false);
	const [help, setHelp] = useState(false);

	useEffect(() => watchTheme(), []);
	useEffect(() => listen(client), [client]);
	useEffect(() => {
		const onKey = (event: KeyboardEvent) => {
			if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
				event.preventDefault();
				setPalette((open) => !open);
			}
		};
		window.addEventListener("keydown", onKey);
		return () => window.removeEventListener("keydown", onKey);
	}, []);
	// Before the effects of the page below: one that has a title of its own sets it after this.
	useLayoutEffect(() => {
		const page = nav.find((entry) => pathname.startsWith(entry.to));
		document.title = page ? `${page.label} · sqlopt` : "sqlopt";
	}, [pathname]);

	const refresh = () => void client.invalidateQueries();
	const copyLink = async () => {
		if (await copyText(window.location.href)) toast.success("Link copied");
		else toast.error("The browser refused to copy");
	};
	useKeys({
		...Object.fromEntries(nav.map((entry) => [entry.keys, () => void navigate({ to: entry.to })])),
		"g a": () => void navigate({ to: "/monitoring/activity" }),
		r: refresh,
		y: () => void copyLink(),
		d: () => setTheme(dark ? "light" : "dark"),
		"?": () => setHelp(true),
	});

	return (
		<>
			<a href="#main" className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2">
				Skip to the content
			</a>
			<div className="flex min-h-dvh max-md:flex-col">
				<Rail />
				<div className="flex min-w-0 flex-1 flex-col">
					<header className="sticky top-0 z-10 flex h-12 items-center gap-1 border-b border-line bg-[color-mix(in_oklab,var(--bg)_88%,transparent)] px-2 backdrop-blur-md lg:px-4">
						<Switcher />
						<Crumbs />
						<div className="ml-auto flex items-center gap-0.5">
							<Button look="normal" className="mr-1 h-7 bg-inset px-2 text-xs font-normal text-fg-3 shadow-none max-sm:hidden" onClick={() => setPalette(true)}>
								<Command className="size-3.5" /> Search or jump
								<kbd className="ml-2 rounded border border-line bg-panel px-1 text-2xs text-fg-3">Ctrl K</kbd>
							</Button>
							<Button look="quiet" size="icon" className="sm:hidden" aria-label="Search or jump" onClick={() => setPalette(true)}>
								<Command />
							</Button>
							<Button look="quiet" size="icon" aria-label="Refresh" title="Refresh (r)" onClick={refresh}>
								<RotateCw className={cn(fetching && "animate-spin [animation-delay:.3s]")} />
							</Button>
							<Bell />
							<JobTray />
							<ThemeButton />
						</div>
					</header>
					<Banners />
					<main id="main" tabIndex={-1} className="mx-auto w-full max-w-[1680px] flex-1 px-3 py-4 outline-none max-md:pb-20 sm:px-4 lg:px-6 lg:py-5">
						<Outlet />
					</main>
				</div>
			</div>
			<Suspense fallback={null}>
				{palette && <Palette open setOpen={setPalette} showKeys={() => setHelp(true)} />}
				{help && <KeysDialog open setOpen={setHelp} />}
			</Suspense>
			<Suspense fallback={null}>
				<Toaster theme={dark ? "dark" : "light"} position="bottom-right" toastOptions={{ className: "!rounded-lg !border-line !bg-panel !font-sans !text-fg !shadow-pop" }} />
			</Suspense>
		</>
	);
}
