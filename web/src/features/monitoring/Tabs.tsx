import { Link, useLocation } from "@tanstack/react-router";
import { useConnection } from "@/app/useConnection";
import { cn } from "@/lib/cn";

const pages = [
	{ to: "/monitoring", label: "Targets" },
	{ to: "/monitoring/servers", label: "Servers" },
	{ to: "/monitoring/activity", label: "Activity" },
	{ to: "/monitoring/alerts", label: "Alerts" },
] as const;

/* The pages of the monitoring area. Addresses of their own, so links and not tabs. */
export function MonitoringTabs() {
	const { pathname } = useLocation();
	const { id } = useConnection();
	return (
		<nav aria-label="Monitoring" className="scroll-thin mb-4 flex gap-1 overflow-x-auto border-b border-line">
			{pages.map(({ to, label }) => (
				<Link
					key={to}
					to={to}
					search={id === null ? {} : ({ c: id } as never)}
					aria-current={pathname === to ? "page" : undefined}
					activeOptions={{ exact: true }}
					className={cn(
						"relative inline-flex h-9 items-center px-2 text-sm font-medium whitespace-nowrap text-fg-2 after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 after:rounded-full hover:text-fg",
						pathname === to && "text-fg after:bg-accent",
					)}
				>
					{label}
				</Link>
			))}
		</nav>
	);
}
