import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { PageTitle } from "@/components/ui/panel";
import { toast } from "@/lib/toast";
import { ConnectionForm } from "./ConnectionForm";
import { emptyForm } from "./form";

export default function NewConnectionPage() {
	const navigate = useNavigate();
	const [initial] = useState(emptyForm);
	return (
		<>
			<PageTitle title="Add a connection" hint="A login that may read statistics and plans is enough. Nothing is installed." />
			<ConnectionForm
				initial={initial}
				stored={null}
				onSaved={(connection) => {
					toast.success(`${connection.name} was added`);
					void navigate({ to: "/connections/$id", params: { id: String(connection.id) } });
				}}
				cancel={
					<Button look="quiet" asChild>
						<Link to="/connections">Cancel</Link>
					</Button>
				}
			/>
		</>
	);
}
