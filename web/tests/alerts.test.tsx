import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import type { Channel, Rule } from "@/api/alerts";
import { ChannelDialog } from "@/features/alerts/ChannelDialog";
import { addresses, channelInput, channelValues, checkChannel, checkRule, eventsText, fieldsOf, ruleInput, ruleValues } from "@/features/alerts/form";
import { LogPanel } from "@/features/alerts/LogPanel";
import { alertSearch } from "@/lib/url";
import fixture from "./fixtures/alerts.json";
import { show } from "./render";

const [chat, mail, hook] = fixture.channels as [Channel, Channel, Channel];

describe("a receiver", () => {
	it("is sent with what its kind takes, and without secrets that were left empty", () => {
		expect(channelInput(channelValues(chat), true)).toEqual({ name: "operations", enabled: true, max_per_hour: 60, tls_ca: null });
		expect(channelInput({ ...channelValues(hook), authorization: "Bearer x" }, true)).toMatchObject({ authorization: "Bearer x", tls_ca: "/etc/ssl/ca.pem" });
		expect(channelInput({ ...channelValues(null), name: " a ", url: " https://x ", authorization: "left from another kind" }, false)).toEqual({ name: "a", kind: "slack", enabled: true, max_per_hour: 60, tls_ca: null, url: "https://x" });
		const sent = channelInput({ ...channelValues(mail), smtp_port: "" }, true);
		expect(sent).toMatchObject({ smtp_host: "mail.example.com", smtp_port: null, to: ["dba@example.com", "oncall@example.com"] });
		expect("password" in sent).toBe(false);
	});
	it("forgets a secret that may be missing when it is told to, and only then", async () => {
		expect(channelInput({ ...channelValues(mail), forget: true, password: "typed before" }, true).password).toBe("");
		expect(channelInput({ ...channelValues(hook), forget: true }, true).authorization).toBe("");
		expect(channelInput({ ...channelValues(chat), forget: true }, true)).not.toHaveProperty("authorization");
		const sent: unknown[] = [];
		vi.stubGlobal("fetch", async (_: string, options: { body: string }) => {
			sent.push(JSON.parse(options.body));
			return new Response(JSON.stringify({ ...mail, has_secret: false, has_login: false }));
		});
		show(<ChannelDialog channel={mail} close={() => undefined} />);
		await userEvent.type(screen.getByLabelText("Password"), "half a");
		await userEvent.click(screen.getByRole("button", { name: "Remove the password" }));
		expect(screen.getByLabelText("Password")).toBeDisabled();
		expect(screen.getByLabelText("Password")).toHaveValue("");
		expect(screen.getByLabelText("Password")).toHaveAccessibleDescription("Forgotten when you save");
		await userEvent.click(screen.getByRole("button", { name: "Keep the password" }));
		expect(screen.getByLabelText("Password")).toBeEnabled();
		await userEvent.click(screen.getByRole("button", { name: "Remove the password" }));
		await userEvent.click(screen.getByRole("button", { name: "Save" }));
		expect(sent).toMatchObject([{ password: "" }]);
	});
	it("offers to forget nothing where nothing is kept", () => {
		show(<ChannelDialog channel={{ ...mail, has_secret: false, has_login: false }} close={() => undefined} />);
		expect(screen.queryByRole("button", { name: /^Remove/ })).toBeNull();
	});
	it("is told what is missing, by kind", () => {
		expect(Object.keys(checkChannel(channelValues(null), false))).toEqual(["name", "url"]);
		expect(checkChannel(channelValues(chat), true)).toEqual({});
		expect(Object.keys(checkChannel({ ...channelValues(null), name: "x", kind: "email", smtp_port: "x", max_per_hour: "" }, false))).toEqual(["smtp_host", "to", "from", "smtp_port", "max_per_hour"]);
		expect(addresses("a@b, c@d;e@f\n")).toEqual(["a@b", "c@d", "e@f"]);
	});
	it("puts the words of the server at their box, and keeps what has none", () => {
		expect(fieldsOf([{ path: "url", message: "is not public" }, { path: "elsewhere", message: "odd" }], channelValues(null))).toEqual({ url: "Is not public", "": "Odd" });
	});
	it("is never saved without a name, and says so at the box", async () => {
		const fetched = vi.fn();
		vi.stubGlobal("fetch", fetched);
		show(<ChannelDialog channel={null} close={() => undefined} />);
		await userEvent.click(screen.getByRole("button", { name: "Add it" }));
		expect(screen.getByLabelText("Name")).toHaveAccessibleDescription(/Give it a name/);
		expect(screen.getByLabelText("Name")).toHaveFocus();
		expect(fetched).not.toHaveBeenCalled();
	});
	it("shows no secret of a stored one", () => {
		show(<ChannelDialog channel={chat} close={() => undefined} />);
		expect(screen.getByLabelText("URL")).toHaveValue("");
		expect(screen.getByLabelText("URL")).toHaveAccessibleDescription("Kept; leave it empty to keep it");
		expect(screen.getByLabelText("Kind")).toBeDisabled();
	});
});

describe("a rule", () => {
	const [all, some] = fixture.rules as [Rule, Rule];
	it("says what it tells", () => {
		expect(eventsText(all.events)).toBe("Everything, and its end");
		expect(eventsText(some.events)).toBe("Regressions and collection failures");
		expect(eventsText(["finding"])).toBe("Other findings");
	});
	it("needs a name, an event and a number", () => {
		expect(checkRule(ruleValues(all, 1))).toEqual({});
		expect(Object.keys(checkRule({ ...ruleValues(null, 1), events: [], failures: "0" }))).toEqual(["name", "events", "failures"]);
		expect(ruleInput(ruleValues(some, 1))).toMatchObject({ channel_id: 3, connection_id: 2, failures: 1, quiet_s: 0 });
	});
});

describe("the log", () => {
	it("has for each message whether it arrived, how often it was tried, and why not", async () => {
		vi.stubGlobal("fetch", async () => new Response(JSON.stringify(fixture.deliveries)));
		show(<LogPanel channels={fixture.channels as Channel[]} view={alertSearch.parse({})} change={() => undefined} />);
		const lines = await screen.findAllByRole("listitem");
		expect(lines).toHaveLength(4);
		expect(lines[0]).toHaveTextContent(/Waitingtried 2 times, again/);
		expect(lines[2]).toHaveTextContent(/Given uptried 7 times/);
		expect(lines[2]).toHaveTextContent("ALERT_ALLOWED_HOSTS");
		expect(lines[2]).toHaveTextContent("to database team");
		expect(lines[3]).toHaveTextContent("Held backnot tried yet");
	});
	it("says that nothing was told, or none of these", async () => {
		vi.stubGlobal("fetch", async () => new Response("[]"));
		const { unmount } = show(<LogPanel channels={[]} view={alertSearch.parse({})} change={() => undefined} />);
		expect(await screen.findByRole("heading", { name: "Nothing was told yet" })).toBeVisible();
		unmount();
		show(<LogPanel channels={[]} view={alertSearch.parse({ state: "failed" })} change={() => undefined} />);
		expect(await screen.findByRole("heading", { name: "None of these" })).toBeVisible();
	});
});
