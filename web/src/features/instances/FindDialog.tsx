import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleAlert, CircleCheck, DatabaseZap, LoaderCircle, RotateCw } from "lucide-react";
import { useMemo, useRef, useState } from "react";
import { ApiError } from "@/api/client";
import { addConnection, discovery, useAdded, type FoundDatabase } from "@/api/instances";
import type { Connection } from "@/api/types";
import { Button } from "@/components/ui/button";
import { Dialog, DialogContent } from "@/components/ui/dialog";
import { Field, Input, Select } from "@/components/ui/field";
import { SearchBox } from "@/components/ui/search";
import { Empty, ErrorState, Skeleton } from "@/components/ui/states";
import { exact, fullSentence } from "@/lib/format";
import { addAll, askWith, inputOf, nameOf, nameTrouble, prefixOf, unwatched, type Outcome, type Server } from "./servers";

const MANY = 12;
const plural = (n: number, what: string): string => (n === 1 ? `one ${what}` : `${exact(n)} ${what}s`);

function Line({ found, outcome, trouble, paused, chosen, locked, choose }: { found: FoundDatabase; outcome: Outcome | undefined; trouble: string | null; paused: boolean; chosen: boolean; locked: boolean; choose: (on: boolean) => void }) {
	const added = typeof outcome === "object" && "connection" in outcome ? outcome.connection : null;
	const failed = typeof outcome === "object" && "error" in outcome ? outcome.error : null;
	const known = found.connection_id ?? added?.id ?? null;
	const problem = failed instanceof ApiError ? `${failed.title}. ${fullSentence(failed.detail)}` : failed ? String(failed) : trouble;
	return (
		<li className="border-b border-line px-3 py-2 last:border-0">
			<div className="flex min-w-0 items-center gap-2.5">
				{known === null ? (
					<label className="flex min-w-0 flex-1 cursor-pointer items-center gap-2.5">
						<input type="checkbox" className="size-4 shrink-0 accent-[var(--accent)]" checked={chosen} disabled={locked} onChange={(event) => choose(event.target.checked)} />
						<span className="mono min-w-0 text-xs break-all">{found.name}</span>
					</label>
				) : (
					<>
						<CircleCheck aria-hidden className="size-4 shrink-0 text-green" />
						<span className="mono min-w-0 flex-1 text-xs break-all">{found.name}</span>
						<Link to="/connections/$id" params={{ id: String(known) }} className="shrink-0 rounded text-xs text-fg-2 underline hover:text-accent-text">
							{added ? "added" : paused ? "is here, paused" : "is here already"}
						</Link>
					</>
				)}
				{outcome === "busy" && (
					<span className="inline-flex shrink-0 items-center gap-1.5 text-xs text-fg-2">
						<LoaderCircle aria-hidden className="size-3.5 animate-spin" /> logging in
					</span>
				)}
			</div>
			{problem && known === null && (
				<p className="mt-1 flex items-start gap-1.5 pl-6.5 text-xs text-red">
					<CircleAlert aria-hidden className="mt-px size-3.5 shrink-0" /> <span className="min-w-0 break-words">{problem}</span>
				</p>
			)}
		</li>
	);
}

/* What the login of one connection finds on its server, and which of it is to be watched as well. */
export function FindDialog({ server, connections, close }: { server: Server; connections: readonly Connection[]; close: () => void }) {
	const [ask, setAsk] = useState(() => askWith(server));
	const like = connections.find((one) => one.id === ask) ?? null;
	const query = useQuery({ ...discovery(ask ?? 0), enabled: like !== null });
	const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
	const [typed, setTyped] = useState<string | null>(null);
	// null: that of the connection, which the server has.
	const [password, setPassword] = useState<string | null>(null);
	const [q, setQ] = useState("");
	const [outcomes, setOutcomes] = useState<Readonly<Record<string, Outcome>>>({});
	const [busy, setBusy] = useState(false);
	const [said, setSaid] = useState<string | null>(null);
	const over = useRef(false);
	const out = useRef<HTMLButtonElement>(null);
	const secret = useRef<HTMLInputElement>(null);
	const own = useRef<HTMLButtonElement>(null);
	const changed = useAdded();
	const taken = useMemo(() => new Set(connections.map((one) => one.name)), [connections]);
	const prefix = typed ?? (like ? prefixOf(like) : "");
	const logins = server.instance.connections.filter((one) => connections.some((known) => known.id === one.id));

	const found = query.data ?? [];
	const isAdded = (name: string) => { const outcome = outcomes[name]; return typeof outcome === "object" && "connection" in outcome; };
	const free = unwatched(found).filter((one) => !isAdded(one.name));
	const todo = free.filter((one) => chosen.has(one.name));
	const shown = found.filter((one) => one.name.toLowerCase().includes(q.toLowerCase()));
	const offered = free.filter((one) => shown.includes(one));
	const troubles = new Map(todo.flatMap((one) => { const trouble = nameTrouble(nameOf(prefix, one.name), taken); return trouble ? [[one.name, trouble] as const] : []; }));
	const any = Object.values(outcomes).some((one) => typeof one === "object" && "connection" in one);

	const choose = (names: readonly string[], on: boolean) => {
		setSaid(null);
		setChosen((old) => { const next = new Set(old); for (const name of names) { if (on) next.add(name); else next.delete(name); } return next; });
	};
	const leave = () => {
		over.current = true;
		close();
	};
	const add = async () => {
		if (!like || busy || todo.length === 0 || troubles.size > 0) return;
		setBusy(true);
		setSaid(null);
		setOutcomes((old) => Object.fromEntries(Object.entries(old).filter(([, one]) => typeof one === "object" && "connection" in one)));
		let added = 0;
		const names = todo.map((one) => one.name);
		const fine = await addAll(
			names,
			// Closing stops what was not begun.
			(database) => (over.current ? Promise.reject(new ApiError(0, "Stopped", "The dialog was closed.", null)) : addConnection(inputOf(like, database, nameOf(prefix, database), password))),
			(database, outcome) => {
				if (typeof outcome === "object" && "connection" in outcome) added++;
				setOutcomes((old) => ({ ...old, [database]: outcome }));
			},
		);
		changed();
		if (over.current) return;
		setSaid(added === names.length ? `${added === 1 ? "One database was" : `${exact(added)} databases were`} added; the first read is under way.` : `${added === 0 ? "None" : exact(added)} of ${exact(names.length)} could be added; the reason stands at the database.`);
		setBusy(false);
		// What had the focus may be gone or without use now.
		(fine ? out : password === null ? own : secret).current?.focus();
	};

	return (
		<Dialog open onOpenChange={(open) => !open && leave()}>
			<DialogContent
				wide
				title={`Databases of ${server.name}`}
				description="What a login may enter there. Choose which to watch as well; one poll serves them all."
				footer={
					<>
						<Button ref={out} onClick={leave}>{any && todo.length === 0 ? "Done" : "Cancel"}</Button>
						<Button look="primary" disabled={!busy && (todo.length === 0 || troubles.size > 0)} onClick={() => void add()}>
							{busy && <LoaderCircle className="animate-spin" />} {busy ? "Adding" : todo.length === 0 ? "Add" : `Add ${plural(todo.length, "database")}`}
						</Button>
					</>
				}
			>
				<div className="flex flex-col gap-3.5 pt-1">
					{logins.length > 1 && (
						<Field label="Ask with the login of">
							{(attributes) => (
								<Select {...attributes} value={ask ?? ""} disabled={busy} onChange={(event) => { setAsk(Number(event.target.value)); setChosen(new Set()); setOutcomes({}); setTyped(null); setSaid(null); setPassword(null); }}>
									{logins.map((one) => {
										const login = connections.find((known) => known.id === one.id)?.username;
										return (
											<option key={one.id} value={one.id}>
												{one.name}
												{login ? ` (${login})` : ""}
											</option>
										);
									})}
								</Select>
							)}
						</Field>
					)}
					{!like && <Empty icon={DatabaseZap} title="There is no connection to ask with" className="py-6">It may have been deleted meanwhile.</Empty>}
					{like && query.isFetching && !query.data && <Skeleton lines={4} className="px-0" />}
					{query.isError && !query.isFetching && <ErrorState error={query.error} retry={() => void query.refetch()} className="p-0" />}
					{query.data && found.length === 0 && <Empty icon={DatabaseZap} title="No database was found" className="py-6">{like?.username || "The login"} may enter none but the engine's own.</Empty>}
					{query.data && found.length > 0 && (
						<>
							<fieldset className="min-w-0 rounded-lg border border-line">
								<legend className="sr-only">Databases</legend>
								<div className="flex min-h-9 flex-wrap items-center gap-2 border-b border-line px-3 py-1.5 text-xs text-fg-2">
									{offered.length > 1 ? (
										<label className="flex cursor-pointer items-center gap-2.5">
											<input type="checkbox" className="size-4 accent-[var(--accent)]" checked={offered.every((one) => chosen.has(one.name))} disabled={busy} onChange={(event) => choose(offered.map((one) => one.name), event.target.checked)} />
											{q === "" ? "All" : "These"} {exact(offered.length)} that are not here yet
										</label>
									) : (
										<span>{free.length === 0 ? (found.length === 1 ? "The one database is here already." : `All ${exact(found.length)} databases are here already.`) : `${exact(found.length)} found, ${exact(free.length)} not here yet`}</span>
									)}
									{found.length > MANY && <SearchBox label="Filter databases" placeholder="Filter by name" value={q} onChange={setQ} className="ml-auto w-44" />}
									<Button look="quiet" size="sm" className={found.length > MANY ? "" : "ml-auto"} disabled={busy || query.isFetching} onClick={() => void query.refetch()}>
										<RotateCw /> Ask again
									</Button>
								</div>
								<ul aria-label="Found databases" className="scroll-thin max-h-64 overflow-y-auto" tabIndex={-1}>
									{shown.map((one) => (
										<Line key={one.name} found={one} outcome={outcomes[one.name]} trouble={troubles.get(one.name) ?? null} paused={connections.some((known) => known.id === one.connection_id && !known.monitoring_enabled)} chosen={chosen.has(one.name)} locked={busy} choose={(on) => choose([one.name], on)} />
									))}
									{shown.length === 0 && <li className="px-3 py-4 text-center text-xs text-fg-2">No name matches.</li>}
								</ul>
							</fieldset>
							{like && (free.length > 0 || busy) && (
								<form
									noValidate
									className="grid gap-x-4 gap-y-3.5 sm:grid-cols-2"
									onSubmit={(event) => {
										event.preventDefault();
										void add();
									}}
								>
									<Field label="Their names begin with" hint={<>As in <span className="break-all">{nameOf(prefix, (todo[0] ?? free[0])?.name ?? "app")}</span></>}>
										{(attributes) => <Input {...attributes} name="prefix" autoComplete="off" value={prefix} readOnly={busy} onChange={(event) => setTyped(event.target.value)} />}
									</Field>
									{password === null ? (
										<div className="flex min-w-0 flex-col gap-1">
											<p className="text-xs font-medium text-fg-2">Login</p>
											<p className="text-sm break-words">
												{like.username ? `${like.username}, with` : "With"} the password that is kept for {like.name}
											</p>
											<button ref={own} type="button" className="self-start rounded text-xs text-fg-2 underline hover:text-accent-text" onClick={() => setPassword("")}>
												Give another password
											</button>
										</div>
									) : (
										<Field label={like.username ? `Password of ${like.username}` : "Password"} hint="Empty when the server asks for none.">
											{(attributes) => <Input {...attributes} ref={secret} autoFocus name="password" type="password" autoComplete="off" value={password} readOnly={busy} onChange={(event) => setPassword(event.target.value)} />}
										</Field>
									)}
									{/* Two boxes do not send a form by Enter without a button in it. */}
									<button type="submit" hidden />
								</form>
							)}
						</>
					)}
					<p role="status" className="text-xs font-medium empty:hidden">{said}</p>
				</div>
			</DialogContent>
		</Dialog>
	);
}
