import { LoaderCircle } from "lucide-react";
import { useState } from "react";
import { useDeleteConnection } from "@/api/queries";
import type { Connection } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog, DialogClose, DialogContent } from "@/components/ui/dialog";
import { Field, Input } from "@/components/ui/field";
import { toast } from "@/lib/toast";

/* Deleting takes the history with it, so the name has to be typed. */
export function DeleteDialog({ connection, close, deleted }: { connection: Connection; close: () => void; deleted: () => void }) {
	const [typed, setTyped] = useState("");
	const remove = useDeleteConnection();
	return (
		<Dialog open onOpenChange={(open) => !open && close()}>
			<DialogContent
				title={`Delete ${connection.name}?`}
				description="Its runs, findings and proposals are deleted as well. The database itself is not touched."
				footer={
					<>
						<DialogClose asChild>
							<Button>Keep it</Button>
						</DialogClose>
						<Button
							look="danger"
							disabled={typed !== connection.name || remove.isPending}
							onClick={() =>
								remove.mutate(connection.id, {
									onSuccess: () => {
										toast.success(`${connection.name} was deleted`);
										deleted();
									},
								})
							}
						>
							{remove.isPending && <LoaderCircle className="animate-spin" />} Delete with its history
						</Button>
					</>
				}
			>
				<Field label={`Type ${connection.name} to confirm`} error={remove.error ? `${remove.error.title}: ${remove.error.detail}` : null}>
					{(attributes) => <Input {...attributes} autoFocus autoComplete="off" spellCheck={false} value={typed} onChange={(event) => setTyped(event.target.value)} />}
				</Field>
			</DialogContent>
		</Dialog>
	);
}
