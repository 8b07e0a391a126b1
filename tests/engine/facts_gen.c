#include "facts_gen.h"

#include <stdbool.h>
#include <string.h>

const char *const gen_column_names[GEN_COLUMNS] = { "k", "a", "b", "c", "d" };

static const char *const type_names[GEN_TYPES] = { "int4", "int8", "numeric", "float8", "text", "text COLLATE g.ci",
	"char(3)", "date", "bool" };
static const char *const lite_type_names[GEN_TYPES] = { "integer", "bigint", "numeric", "double precision", "text",
	"text COLLATE NOCASE", "char(3)", "date", "boolean" };
static const char *const values[GEN_TYPES][5] = {
	{ "1", "2", "3", "4", "0" },
	{ "1", "2", "3", "9007199254740993", "9007199254740992" },
	{ "1", "1.00", "2", "2.5", "9007199254740993" },
	{ "1", "2", "2.5", "'-0'", "9007199254740992" },
	{ "'a'", "'A'", "'b'", "'a '", "''" },
	{ "'a'", "'A'", "'b'", "'B'", "'a '" },
	{ "'a'", "'a '", "'b'", "'A'", "''" },
	{ "'2024-01-01'", "'2024-01-02'", "'2024-02-29'", "'2024-01-01'", "'infinity'" },
	{ "true", "false", "true", "false", "true" },
};

struct col {
	char ref[24];
	char name[12];
	enum gen_type type;
};

struct cols {
	struct col items[40];
	unsigned n;
};

void gen_seed(struct gen *gen, enum so_dialect dialect, uint64_t seed)
{
	memset(gen, 0, sizeof *gen);
	gen->dialect = dialect;
	gen->state = seed;
}

unsigned gen_below(struct gen *gen, unsigned n)
{
	uint64_t z = gen->state += 0x9e3779b97f4a7c15u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return (unsigned)((z ^ (z >> 31)) % n);
}

static bool one_in(struct gen *gen, unsigned n)
{
	return gen_below(gen, n) == 0;
}

static bool is_lite(const struct gen *gen)
{
	return gen->dialect == SO_SQLITE;
}

/* In front of names of tables. */
static const char *schema(const struct gen *gen)
{
	return is_lite(gen) ? "" : "g.";
}

static const char *value(struct gen *gen, enum gen_type type)
{
	/* mostly few values, so that joins find partners */
	return values[type][gen_below(gen, one_in(gen, 3) ? 5 : 2)];
}

/* ---- Schema ----------------------------------------------------------------------------------------------------- */

static void keys(struct gen *gen, struct so_buf *out)
{
	unsigned first = gen_below(gen, GEN_COLUMNS);

	if (!one_in(gen, 4))
		so_buf_addf(out, ", PRIMARY KEY (%s)", gen_column_names[gen_below(gen, 2)]);
	if (one_in(gen, 2))
		so_buf_addf(out, ", UNIQUE%s (%s%s)", !is_lite(gen) && one_in(gen, 2) ? " NULLS NOT DISTINCT" : "",
			gen_column_names[gen_below(gen, GEN_COLUMNS)],
			is_lite(gen) && one_in(gen, 4) ? " COLLATE BINARY" : "");
	if (one_in(gen, 2))
		so_buf_addf(out, ", UNIQUE%s (%s, %s)%s", !is_lite(gen) && one_in(gen, 3) ? " NULLS NOT DISTINCT" : "",
			gen_column_names[first], gen_column_names[(first + 1) % GEN_COLUMNS], "");
}

/* Any column of SQLite but a rowid holds a value of any type. */
static const char *stored(struct gen *gen, enum gen_type type)
{
	static const char *const others[] = { "'1'", "1", "1.0", "'x'", "x'61'" };

	if (one_in(gen, 5))
		return "NULL";
	return is_lite(gen) && type != GEN_INT4 && one_in(gen, 8) ? others[gen_below(gen, 5)]
								  : values[type][gen_below(gen, 5)];
}

static void lite_schema(struct gen *gen, struct so_buf *out)
{
	for (unsigned t = 0; t < GEN_TABLES; t++) {
		so_buf_addf(out, "DROP TABLE IF EXISTS t%u; CREATE TABLE t%u (", t, t);
		for (unsigned c = 0; c < GEN_COLUMNS; c++) {
			gen->types[t][c] = (enum gen_type)(c < 2 ? gen_below(gen, 4) : gen_below(gen, GEN_TYPES));
			so_buf_addf(out, "%s%s %s%s", c ? ", " : "", gen_column_names[c],
				lite_type_names[gen->types[t][c]], one_in(gen, 3) ? " NOT NULL" : "");
		}
		keys(gen, out);
		so_buf_adds(out, ");");
		if (one_in(gen, 4))
			so_buf_addf(out, "CREATE UNIQUE INDEX p%u ON t%u (%s) WHERE k > 1;", t, t,
				gen_column_names[gen_below(gen, GEN_COLUMNS)]);
		for (unsigned i = gen_below(gen, 20); i--;) {
			so_buf_addf(out, "INSERT OR IGNORE INTO t%u VALUES (", t);
			for (unsigned c = 0; c < GEN_COLUMNS; c++)
				so_buf_addf(out, "%s%s", c ? ", " : "", stored(gen, gen->types[t][c]));
			so_buf_adds(out, ");");
		}
	}
}

void gen_schema(struct gen *gen, struct so_buf *out)
{
	if (is_lite(gen)) {
		lite_schema(gen, out);
		return;
	}
	so_buf_adds(out, "DROP SCHEMA IF EXISTS g CASCADE; CREATE SCHEMA g; SET search_path = g;"
			 "CREATE COLLATION g.ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);"
			 "CREATE FUNCTION g.maybe(i int8) RETURNS int8 LANGUAGE sql VOLATILE AS 'SELECT nullif(i, 2)';"
			 "CREATE FUNCTION g.twice(i int8) RETURNS SETOF int8 LANGUAGE sql STABLE AS "
			 "'SELECT i UNION ALL SELECT i';");
	for (unsigned t = 0; t < GEN_TABLES; t++) {
		so_buf_addf(out, "CREATE TABLE g.t%u (", t);
		for (unsigned c = 0; c < GEN_COLUMNS; c++) {
			gen->types[t][c] = (enum gen_type)(c < 2 ? gen_below(gen, 4) : gen_below(gen, GEN_TYPES));
			so_buf_addf(out, "%s%s %s%s", c ? ", " : "", gen_column_names[c], type_names[gen->types[t][c]],
				one_in(gen, 3) ? " NOT NULL" : "");
		}
		keys(gen, out);
		so_buf_adds(out, ");");
		if (one_in(gen, 4))
			so_buf_addf(out, "CREATE UNIQUE INDEX ON g.t%u (%s) WHERE k > 1;", t,
				gen_column_names[gen_below(gen, GEN_COLUMNS)]);
		/* each row alone: what breaks a constraint is left out */
		for (unsigned i = gen_below(gen, 20); i--;) {
			so_buf_addf(out, "DO $$BEGIN INSERT INTO g.t%u VALUES (", t);
			for (unsigned c = 0; c < GEN_COLUMNS; c++)
				so_buf_addf(out, "%s%s", c ? ", " : "",
					one_in(gen, 5) ? "NULL" : values[gen->types[t][c]][gen_below(gen, 5)]);
			so_buf_adds(out, "); EXCEPTION WHEN integrity_constraint_violation THEN END$$;");
		}
	}
}

/* ---- Conditions ------------------------------------------------------------------------------------------------- */

static bool is_number(enum gen_type type)
{
	return type <= GEN_FLOAT8;
}

static bool comparable(enum gen_type a, enum gen_type b)
{
	return a == b || (is_number(a) && is_number(b));
}

static const struct col *pick(struct gen *gen, const struct cols *cols)
{
	static const struct col one = { "(1 + 0)", "one", GEN_INT4 };

	return cols->n ? &cols->items[gen_below(gen, cols->n)] : &one;
}

static const struct col *partner(struct gen *gen, const struct cols *cols, enum gen_type type)
{
	for (int i = 0; i < 8; i++) {
		const struct col *col = pick(gen, cols);

		if (comparable(col->type, type))
			return col;
	}
	return NULL;
}

static void column_equality(struct gen *gen, struct so_buf *out, const struct cols *left, const struct cols *right)
{
	const struct col *a = pick(gen, left), *b;

	for (int i = 0; i < 4 && a->type > GEN_NUMERIC; i++)
		a = pick(gen, left);
	b = partner(gen, right, a->type);
	if (b)
		so_buf_addf(out, "%s %s %s", a->ref, one_in(gen, 8) ? "IS NOT DISTINCT FROM" : "=", b->ref);
	else
		so_buf_addf(out, "%s = %s", a->ref, value(gen, a->type));
}

static void condition(struct gen *gen, struct so_buf *out, const struct cols *cols)
{
	const struct col *col = pick(gen, cols);

	switch (gen_below(gen, 12)) {
	case 0:
	case 1:
	case 2:
		so_buf_addf(out, "%s = %s", col->ref, value(gen, col->type));
		break;
	case 3:
		so_buf_addf(out, "%s IS %sNULL", col->ref, one_in(gen, 2) ? "NOT " : "");
		break;
	case 4:
		so_buf_addf(out, "%s IN (%s)", col->ref, value(gen, col->type));
		break;
	case 5:
		so_buf_addf(
			out, "(%s = %s OR %s = %s)", col->ref, value(gen, col->type), col->ref, value(gen, col->type));
		break;
	case 6:
		so_buf_addf(out, "%s <> %s", col->ref, value(gen, col->type));
		break;
	case 7:
		so_buf_addf(out, "NOT (%s = %s)", col->ref, value(gen, col->type));
		break;
	case 8:
		if (is_number(col->type))
			so_buf_addf(out, "%s = CAST(%s AS %s)", col->ref, value(gen, GEN_FLOAT8),
				!one_in(gen, 2) ? "numeric"
				: is_lite(gen)  ? "real"
						: "float8");
		else
			so_buf_addf(out, "%s >= %s", col->ref, value(gen, col->type));
		break;
	case 9:
		if (col->type == GEN_TEXT)
			so_buf_addf(out, "%s = 'a' COLLATE %s", col->ref, is_lite(gen) ? "NOCASE" : "g.ci");
		else
			so_buf_addf(out, "%s IS NOT DISTINCT FROM %s", col->ref, value(gen, col->type));
		break;
	default:
		column_equality(gen, out, cols, cols);
	}
}

static void conditions(struct gen *gen, struct so_buf *out, const char *word, const struct cols *cols)
{
	unsigned n = gen_below(gen, 5);

	for (n = n < 2 ? 0 : n - 2; n && cols->n; n--) {
		so_buf_adds(out, word);
		condition(gen, out, cols);
		word = " AND ";
	}
}

/* ---- FROM ------------------------------------------------------------------------------------------------------- */

static unsigned query(struct gen *gen, struct so_buf *out, const struct cols *outer, struct cols *made);

static void add_col(struct cols *cols, const char *table, const char *name, enum gen_type type)
{
	struct col *col;

	if (cols->n == 40)
		return;
	col = &cols->items[cols->n++];
	snprintf(col->ref, sizeof col->ref, "%s%s%s", table, *table ? "." : "", name);
	snprintf(col->name, sizeof col->name, "%s", name);
	col->type = type;
}

static void from_leaf(struct gen *gen, struct so_buf *out, struct cols *cols, const struct cols *before)
{
	static const struct cols nothing;
	char alias[12], name[12];
	unsigned kind = gen->room > 0 ? gen_below(gen, 8) : gen_below(gen, 5);
	struct cols made = { .n = 0 };
	bool lateral;

	snprintf(alias, sizeof alias, "r%u", gen->names++);
	cols->n = 0;
	if (kind >= 6) {
		struct so_buf inner, names;

		lateral = before && before->n && !is_lite(gen) && one_in(gen, 2);
		gen->room--;
		so_buf_init(&inner, out->ctx, 1 << 20);
		so_buf_init(&names, out->ctx, 4096);
		query(gen, &inner, lateral ? before : &nothing, &made);
		for (unsigned i = 0; i < made.n; i++) {
			snprintf(name, sizeof name, "%s", i < GEN_COLUMNS ? gen_column_names[i] : "");
			if (i >= GEN_COLUMNS)
				snprintf(name, sizeof name, "x%u", i);
			so_buf_addf(&names, "%s%s", i ? ", " : "", name);
			add_col(cols, alias, name, made.items[i].type);
		}
		/* SQLite's aliases have no columns */
		if (is_lite(gen))
			so_buf_addf(out, "(WITH x (%s) AS (%s) SELECT * FROM x) AS %s", so_buf_text(&names),
				so_buf_text(&inner), alias);
		else
			so_buf_addf(out, "%s(%s) AS %s (%s)", lateral ? "LATERAL " : "", so_buf_text(&inner), alias,
				so_buf_text(&names));
	} else if (kind == 5) {
		so_buf_addf(out,
			is_lite(gen) ? "(WITH x (k, a) AS (VALUES (1, 'a'), (%s, 'b')) SELECT * FROM x) AS %s"
				     : "(VALUES (1, 'a'), (%s, 'b')) AS %s (k, a)",
			one_in(gen, 2) ? "2" : "NULL", alias);
		add_col(cols, alias, "k", GEN_INT4);
		add_col(cols, alias, "a", GEN_TEXT);
	} else if (kind == 4 && !is_lite(gen) && one_in(gen, 2)) {
		static const char *const calls[] = { "generate_series(1, 2)", "abs(2)", "g.twice(1)", "g.maybe(2)" };
		unsigned call = gen_below(gen, 4);

		so_buf_addf(out, "%s AS %s (k)", calls[call], alias);
		add_col(cols, alias, "k", call < 2 ? GEN_INT4 : GEN_INT8);
	} else {
		unsigned table = gen_below(gen, GEN_TABLES);

		so_buf_addf(out, "%st%u AS %s", schema(gen), table, alias);
		for (unsigned c = 0; c < GEN_COLUMNS; c++)
			add_col(cols, alias, gen_column_names[c], gen->types[table][c]);
	}
}

static const struct col *only(const struct cols *cols, const char *name)
{
	const struct col *found = NULL;

	for (unsigned i = 0; i < cols->n; i++)
		if (strcmp(cols->items[i].name, name) == 0) {
			if (found)
				return NULL;
			found = &cols->items[i];
		}
	return found;
}

static void from_tree(struct gen *gen, struct so_buf *out, struct cols *cols, const struct cols *before, unsigned depth)
{
	static const char *const joins[] = { " JOIN ", " JOIN ", " LEFT JOIN ", " LEFT JOIN ", " RIGHT JOIN ",
		" FULL JOIN " };
	struct cols left, right, all = { .n = 0 };
	const struct col *a, *b;
	unsigned type = gen_below(gen, 6);
	char alias[12];

	if (depth == 0 || one_in(gen, 3)) {
		from_leaf(gen, out, cols, before);
		return;
	}
	so_buf_adds(out, "(");
	from_tree(gen, out, &left, before, depth - 1);
	so_buf_adds(out, joins[type]);
	from_tree(gen, out, &right, NULL, depth - 1);
	for (unsigned i = 0; i < left.n + right.n && i < 40; i++)
		all.items[all.n++] = i < left.n ? left.items[i] : right.items[i - left.n];
	a = only(&left, "k");
	b = only(&right, "k");
	if (a && b && comparable(a->type, b->type) && one_in(gen, 3)) {
		so_buf_adds(out, " USING (k))");
		*cols = (struct cols){ .n = 0 };
		/* both the merged column and its parts; a whole of joins may hide it again */
		for (unsigned i = 0; i < all.n; i++)
			if (!strstr(all.items[i].ref, ".") || strcmp(all.items[i].name, "k") != 0 || one_in(gen, 2))
				cols->items[cols->n++] = all.items[i];
		return;
	}
	so_buf_adds(out, " ON ");
	if (type == 5) {
		a = pick(gen, &left);
		b = partner(gen, &right, a->type);
		if (b)
			so_buf_addf(out, "%s = %s", a->ref, b->ref);
		else
			so_buf_adds(out, "true");
	} else {
		column_equality(gen, out, &left, &right);
		conditions(gen, out, " AND ", &all);
	}
	so_buf_adds(out, ")");
	*cols = all;
	if (!is_lite(gen) && one_in(gen, 10) && only(&all, "a")) {
		snprintf(alias, sizeof alias, "j%u", gen->names++);
		so_buf_addf(out, " AS %s", alias);
		cols->n = 0;
		add_col(cols, alias, "a", only(&all, "a")->type);
	}
}

/* ---- SELECT ----------------------------------------------------------------------------------------------------- */

static enum gen_type scalar(struct gen *gen, struct so_buf *out, const struct cols *cols)
{
	const struct col *col = cols->n ? pick(gen, cols) : NULL;

	switch (col ? gen_below(gen, 14) : 0) {
	case 0:
		so_buf_adds(out, "7");
		return GEN_INT4;
	case 1:
		so_buf_addf(out, "coalesce(%s, %s)", col->ref, value(gen, col->type));
		return col->type;
	case 2:
		so_buf_addf(out, "(%s IS NULL)", col->ref);
		return GEN_BOOL;
	case 3:
		so_buf_addf(out, "CASE WHEN %s = %s THEN %s ELSE %s END", col->ref, value(gen, col->type),
			value(gen, GEN_INT4), one_in(gen, 3) ? "NULL" : "5");
		return GEN_INT4;
	case 4:
		if (gen->room > 0 && one_in(gen, 2)) {
			gen->room--;
			so_buf_addf(out, "(SELECT count(*) FROM %st0 WHERE t0.k = 1)", schema(gen));
			return GEN_INT8;
		}
		so_buf_addf(out, "(%s = %s)", col->ref, value(gen, col->type));
		return GEN_BOOL;
	case 7:
		if (is_lite(gen)) {
			so_buf_addf(out, "max(%s, %s)", col->ref, value(gen, col->type));
			return col->type;
		}
		so_buf_adds(out, col->ref);
		return col->type;
	case 5:
		so_buf_addf(out, "((%s, 1) = (%s, 1))", col->ref, col->ref);
		return GEN_BOOL;
	case 6:
		if (is_number(col->type)) {
			so_buf_addf(out, "(%s + 1)", col->ref);
			return col->type;
		}
		/* fall through */
	default:
		so_buf_adds(out, col->ref);
		return col->type;
	}
}

static void targets(struct gen *gen, struct so_buf *out, const struct cols *cols, struct cols *made)
{
	unsigned n = 1 + gen_below(gen, 5);
	bool plain = cols->n && one_in(gen, 2); /* nothing but columns: then the rows of FROM can be looked at */
	char name[12];

	bool whole = plain && one_in(gen, 2); /* every column */

	n = whole ? cols->n : plain ? n + 5 : n;
	for (unsigned i = 0; i < n; i++) {
		enum gen_type type;

		so_buf_adds(out, i ? ", " : " ");
		if (plain) {
			const struct col *col = whole ? &cols->items[i] : pick(gen, cols);

			so_buf_adds(out, col->ref);
			type = col->type;
		} else {
			type = scalar(gen, out, cols);
		}
		snprintf(name, sizeof name, "o%u", gen->names++);
		so_buf_addf(out, " AS %s", name);
		add_col(made, "", name, type);
	}
	if (!plain && !is_lite(gen) && one_in(gen, 20)) {
		snprintf(name, sizeof name, "o%u", gen->names++);
		so_buf_addf(out, ", g.twice(1) AS %s", name);
		add_col(made, "", name, GEN_INT8);
	}
}

/* SELECT keys, aggregates FROM .. GROUP BY: text of the list goes to `out`, that of GROUP BY to `tail`. */
static void grouped(
	struct gen *gen, struct so_buf *out, struct so_buf *tail, const struct cols *cols, struct cols *made)
{
	static const char *const forms[] = { " GROUP BY ", " GROUP BY ", " GROUP BY ROLLUP (", " GROUP BY CUBE (" };
	unsigned n = 1 + gen_below(gen, 3), form = gen_below(gen, is_lite(gen) ? 2 : 4);
	char name[12];

	so_buf_adds(tail, forms[form]);
	for (unsigned i = 0; i < n; i++) {
		struct so_buf item;
		enum gen_type type;
		bool shown = !one_in(gen, 4);

		so_buf_init(&item, out->ctx, 4096);
		const struct col *col = pick(gen, cols);

		type = col->type;
		if (one_in(gen, 4))
			so_buf_addf(&item, "coalesce(%s, %s)", col->ref, value(gen, col->type));
		else
			so_buf_adds(&item, col->ref);
		so_buf_addf(tail, "%s%s", i ? ", " : "", so_buf_text(&item));
		if (!shown)
			continue;
		snprintf(name, sizeof name, "o%u", gen->names++);
		so_buf_addf(out, "%s%s AS %s", made->n ? ", " : " ", so_buf_text(&item), name);
		add_col(made, "", name, type);
	}
	so_buf_adds(tail, form >= 2 ? ")" : "");
	if (made->n == 0 || one_in(gen, 2)) {
		static const char *const calls[] = { "count(*)", "max(1)" };
		const char *call = calls[gen_below(gen, 2)];

		snprintf(name, sizeof name, "o%u", gen->names++);
		so_buf_addf(out, "%s%s AS %s", made->n ? ", " : " ", call, name);
		add_col(made, "", name, GEN_INT8);
	}
}

static void aggregates(struct gen *gen, struct so_buf *out, const struct cols *cols, struct cols *made)
{
	char name[12];

	for (unsigned n = 1 + gen_below(gen, 2); n--;) {
		const struct col *col = cols->n ? pick(gen, cols) : NULL;

		snprintf(name, sizeof name, "o%u", gen->names++);
		/* a column of no row in particular */
		if (col && is_lite(gen) && one_in(gen, 2)) {
			so_buf_addf(out, "%s%s AS %s", made->n ? ", " : " ", col->ref, name);
			add_col(made, "", name, col->type);
			snprintf(name, sizeof name, "o%u", gen->names++);
		}
		so_buf_addf(out, "%s%s AS %s", made->n ? ", " : " ",
			!col || one_in(gen, 2) ? "count(*)" : "count(DISTINCT 1)", name);
		add_col(made, "", name, GEN_INT8);
		if (col && col->type != GEN_BOOL) {
			snprintf(name, sizeof name, "o%u", gen->names++);
			so_buf_addf(out, ", max(%s) AS %s", col->ref, name);
			add_col(made, "", name, col->type);
		}
	}
}

static unsigned select_query(struct gen *gen, struct so_buf *out, const struct cols *outer, struct cols *made)
{
	struct so_buf from, list, tail;
	struct cols cols = { .n = 0 }, more;
	unsigned kind = gen_below(gen, 10);

	so_buf_init(&from, out->ctx, 1 << 20);
	so_buf_init(&list, out->ctx, 1 << 20);
	so_buf_init(&tail, out->ctx, 1 << 20);
	made->n = 0;
	if (!one_in(gen, 30)) {
		so_buf_adds(&from, " FROM ");
		from_tree(gen, &from, &cols, outer, 2);
		if (one_in(gen, 4)) {
			so_buf_adds(&from, ", ");
			from_tree(gen, &from, &more, &cols, 1);
			for (unsigned i = 0; i < more.n && cols.n < 40; i++)
				cols.items[cols.n++] = more.items[i];
		}
	}
	for (unsigned i = 0; i < outer->n && i < 4 && cols.n < 40; i++)
		cols.items[cols.n++] = outer->items[gen_below(gen, outer->n)];
	conditions(gen, &from, " WHERE ", &cols);
	if (kind == 0)
		aggregates(gen, &list, &cols, made);
	else if (kind <= 3)
		grouped(gen, &list, &tail, &cols, made);
	else
		targets(gen, &list, &cols, made);
	so_buf_addf(out, "SELECT%s%s%s%s", kind > 3 && one_in(gen, 4) ? " DISTINCT" : "", so_buf_text(&list),
		so_buf_text(&from), so_buf_text(&tail));
	if (one_in(gen, 12))
		so_buf_adds(out, " LIMIT 1");
	return made->n;
}

static unsigned query(struct gen *gen, struct so_buf *out, const struct cols *outer, struct cols *made)
{
	static const char *const ops[] = { "UNION", "UNION ALL", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL" };
	unsigned table = gen_below(gen, GEN_TABLES), first = gen_below(gen, GEN_COLUMNS - 1), n = 1 + gen_below(gen, 2);

	if (gen->room <= 0 || !one_in(gen, 6))
		return select_query(gen, out, outer, made);
	gen->room--;
	made->n = 0;
	for (unsigned branch = 0; branch < 2; branch++) {
		so_buf_adds(out, branch ? " " : "");
		if (branch)
			so_buf_addf(out, "%s ", ops[gen_below(gen, is_lite(gen) ? 4 : 6)]);
		so_buf_adds(out, "SELECT ");
		for (unsigned i = first; i < first + n && i < GEN_COLUMNS; i++) {
			so_buf_addf(out, "%s%s", i > first ? ", " : "", gen_column_names[i]);
			if (!branch)
				add_col(made, "", gen_column_names[i], gen->types[table][i]);
		}
		so_buf_addf(out, " FROM %st%u", schema(gen), table);
		if (one_in(gen, 2))
			so_buf_addf(out, " WHERE k = %s", value(gen, gen->types[table][0]));
	}
	return made->n;
}

unsigned gen_query(struct gen *gen, struct so_buf *out)
{
	static const struct cols nothing;
	struct cols made = { .n = 0 };

	gen->names = 0;
	gen->room = 3;
	return query(gen, out, &nothing, &made);
}
