import { describe, expect, it } from "vitest";
import { ApiError } from "@/api/client";
import { sqlTokens } from "@/components/sql/tokens";
import { diffLines } from "@/lib/diff";
import { byteToIndex, errorRange, excerpt, lineColumn } from "@/lib/position";

const kinds = (sql: string) => sqlTokens(sql).filter((token) => token.kind !== "space").map((token) => `${token.kind}:${token.text}`);

describe("colours", () => {
	it("gives the text back, byte for byte", () => {
		for (const sql of ["SELECT 'it''s' FROM \"T\"\"x\" -- end", "select $1, $tag$ ' -- $$ $tag$::text /* open", "sélect é, '日本' <> '\\'", "", "'unterminated", '"', "$$", "1e-5.2"])
			expect(sqlTokens(sql).map((token) => token.text).join("")).toBe(sql);
	});
	it("knows strings, names, numbers, calls and comments", () => {
		expect(kinds("SELECT lower(a) FROM t WHERE b = 'x -- y' AND c > 1.5 -- z")).toEqual([
			"keyword:SELECT", "func:lower", "punct:(", "name:a", "punct:)", "keyword:FROM", "name:t", "keyword:WHERE", "name:b", "punct:=", "string:'x -- y'", "keyword:AND", "name:c", "punct:>", "number:1.5", "comment:-- z",
		]);
	});
});

describe("diff", () => {
	const side = (rows: ReturnType<typeof diffLines>, which: "left" | "right") => rows.flatMap((row) => row[which]?.pieces.map((piece) => piece.text).join("") ?? []).join("\n");
	it("keeps both texts whole", () => {
		const a = "SELECT id\nFROM orders\nWHERE date_trunc('day', created_at) = '2024-05-01'";
		const b = "SELECT id\nFROM orders\nWHERE created_at >= '2024-05-01'\n  AND created_at < '2024-05-02'";
		const rows = diffLines(a, b);
		expect(side(rows, "left")).toBe(a);
		expect(side(rows, "right")).toBe(b);
		expect(rows.map((row) => row.kind)).toEqual(["same", "same", "changed", "added"]);
		expect(rows[2]!.left!.pieces.filter((piece) => piece.changed).map((piece) => piece.text).join("")).toContain("date_trunc");
	});
	it("sees no change in another indentation", () => expect(diffLines("SELECT 1", "  SELECT   1").map((row) => row.kind)).toEqual(["same"]));
});

describe("place of an error", () => {
	it("turns bytes of UTF-8 into places in the text", () => {
		expect(byteToIndex("aé日😀b", 0)).toBe(0);
		expect(byteToIndex("aé日😀b", 1)).toBe(1);
		expect(byteToIndex("aé日😀b", 3)).toBe(2);
		expect(byteToIndex("aé日😀b", 6)).toBe(3);
		expect(byteToIndex("aé日😀b", 10)).toBe(5);
		expect(byteToIndex("aé日😀b", 99)).toBe(6);
		expect(byteToIndex("é", 1)).toBe(0);
	});
	const at = (position: unknown) => new ApiError(400, "", "", null, [], { position });
	it("underlines the word at the place", () => {
		expect(errorRange(at(9), "SELECT * FORM users")).toEqual({ from: 9, to: 13 });
		expect(errorRange(at(19), "SELECT * FROM users")).toEqual({ from: 18, to: 19 });
		expect(errorRange(at(undefined), "SELECT")).toBeNull();
		expect(errorRange(at(-1), "SELECT")).toBeNull();
	});
	it("shows the line around it, cut to what fits", () => {
		const sql = "SELECT a,\n  nosuch,\n  b";
		expect(excerpt(sql, { from: 12, to: 18 })).toEqual({ line: 2, column: 3, before: "  ", marked: "nosuch", after: "," });
		const long = `SELECT ${"x, ".repeat(200)}nosuch${", y".repeat(200)}`;
		const cut = excerpt(long, { from: long.indexOf("nosuch"), to: long.indexOf("nosuch") + 6 });
		expect(cut.marked).toBe("nosuch");
		expect(cut.before.startsWith("…") && cut.after.endsWith("…")).toBe(true);
		expect((cut.before + cut.marked + cut.after).length).toBeLessThan(130);
		expect(excerpt("SELECT", { from: 5, to: 6 })).toMatchObject({ before: "SELEC", marked: "T", after: "" });
	});
	it("counts lines and columns from one", () => expect(lineColumn("SELECT *\nFORM t", 9)).toEqual({ line: 2, column: 1 }));
});
