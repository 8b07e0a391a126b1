import { describe, expect, it } from "vitest";
import { keyOf, titleOf, type Notice } from "@/api/notices";
import { markSeen, unseen } from "@/app/seen";
import { load } from "@/lib/storage";
import other from "./fixtures/other.json";

const [size, cap] = other.notices as [Notice, Notice];

describe("notices", () => {
	it("are new until they were shown, and again when they come back", () => {
		expect(unseen([size, cap], "")).toBe(2);
		markSeen([size, cap]);
		expect(unseen([size, cap], load("notices") ?? "")).toBe(0);
		expect(unseen([{ ...size, seen: 9, last_at: "2026-11-23T00:00:00.000Z" }], load("notices") ?? "")).toBe(0);
		expect(unseen([{ ...size, first_at: "2026-11-23T00:00:00.000Z" }], load("notices") ?? "")).toBe(1);
		markSeen([cap]);
		expect(load("notices")).toBe(keyOf(cap));
	});
	it("have a title each, also of a kind that is not known yet", () => {
		expect([size, cap].map(titleOf)).toEqual(["Old samples were dropped", "More statements than are read"]);
		expect(titleOf({ ...cap, kind: "something_new" })).toBe("A notice");
	});
});
