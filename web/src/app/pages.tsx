import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { Button } from "@/components/ui/button";
import { Empty, ErrorState } from "@/components/ui/states";
import { PageAway } from "./lazy";

export function Missing() {
	return (
		<Empty
			icon={Compass}
			title="There is no such page"
			className="py-24"
			action={
				<Button asChild>
					<Link to="/dashboard">Go to the dashboard</Link>
				</Button>
			}
		>
			The address may have been mistyped, or the thing it named was deleted.
		</Empty>
	);
}

/* One per route: a page that breaks leaves the frame, and the way out, alone. */
export function RouteError({ error, reset }: ErrorComponentProps) {
	const retry = () => {
		if (error instanceof PageAway) error.again();
		reset();
	};
	return (
		<div className="panel">
			<ErrorState error={error} retry={retry} />
		</div>
	);
}
