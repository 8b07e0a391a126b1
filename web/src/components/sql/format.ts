/* sql-formatter is loaded when somebody formats, not before. Unparsable text comes back unchanged. */
export async function formatSql(sql: string): Promise<string> {
	const { formatDialect, postgresql } = await import("sql-formatter");
	try {
		return formatDialect(sql, { dialect: postgresql, keywordCase: "upper", tabWidth: 2, expressionWidth: 60 });
	} catch {
		return sql;
	}
}
