/* Colours for static SQL: a small lexer, exact about comments, strings, quoted names and dollar quotes, so that blocks on
 * cards need neither the editor nor a parser. Concatenating the pieces gives the text back. */

export interface SqlToken {
	kind: "keyword" | "string" | "number" | "comment" | "type" | "func" | "punct" | "name" | "space";
	text: string;
}

const KEYWORDS = new Set(
	"select from where and or not null is in exists between like ilike similar to as on using join inner left right full outer cross lateral natural group by having order asc desc nulls first last limit offset fetch next rows only union all intersect except distinct case when then else end with recursive materialized insert into values update set delete returning create index concurrently unique drop if table alter add column constraint primary key foreign references default include analyze vacuum reindex statistics cluster explain begin commit rollback transaction read local show grant revoke extension schema view trigger function returns language do array any some over partition window filter within for share nowait skip locked true false cast collate tablespace ndistinct dependencies mcv".split(" "),
);
const TYPES = new Set(
	"int integer bigint smallint numeric decimal real double precision text varchar char character boolean bool date timestamp timestamptz time timetz interval json jsonb uuid bytea btree gin gist brin hash text_pattern_ops varchar_pattern_ops gin_trgm_ops".split(" "),
);
const PATTERN =
	/(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))|(?<string>\$(?<tag>[A-Za-z_]\w*|)\$[\s\S]*?(?:\$\k<tag>\$|$)|[eE]?'(?:[^'\\]|''|\\[\s\S])*(?:'|$))|(?<quoted>"(?:[^"]|"")*(?:"|$))|(?<number>\$\d+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(?<space>\s+)|(?<punct>[\s\S])/gu;

export function sqlTokens(sql: string): SqlToken[] {
	const out: SqlToken[] = [];
	for (const match of sql.matchAll(PATTERN)) {
		const groups = match.groups ?? {};
		const text = match[0];
		if (groups.comment !== undefined) out.push({ kind: "comment", text });
		else if (groups.string !== undefined) out.push({ kind: "string", text });
		else if (groups.quoted !== undefined) out.push({ kind: "name", text });
		else if (groups.number !== undefined) out.push({ kind: "number", text });
		else if (groups.space !== undefined) out.push({ kind: "space", text });
		else if (groups.word !== undefined) {
			const lower = text.toLowerCase();
			const call = sql.charAt((match.index ?? 0) + text.length) === "(";
			out.push({ kind: KEYWORDS.has(lower) ? "keyword" : TYPES.has(lower) ? "type" : call ? "func" : "name", text });
		} else out.push({ kind: "punct", text });
	}
	return out;
}
