"""Distinct statements in the manner of a regression suite: sql_generate.py DIALECT [BYTES] [SEED]

Writes a JSON object a line, {id, class, kind, valid, sql}, until the statements have BYTES bytes together. Most are
short, some long; kinds, literals, comments, case and layout vary. The same arguments give the same statements. Run by
bench/sql.c; not a benchmark itself."""
import json
import random
import re
import sys

NOUNS = """account address alert article asset author batch bill book branch budget campaign card cart category channel city
client comment company contract country course customer day delivery department device district doc employee entry event
feature feed file flag folder forum fund goal grade group holiday host image incident invoice item job journal label language
ledger lesson letter line link list listing loan log machine mail manager market member message metric model month movie news
node note notice offer office order owner page parcel part partner patient payment permit person phone photo plan player post
price product profile project quote rating region rental reply report review ride role room route rule sale sample schedule
school season seat session setting shift shop signal site slot staff station status step stock store story student subject
summary supplier survey tag task team tenant test thread ticket title token topic track trade transfer trip unit user vehicle
vendor version video visit vote voucher warehouse week wish worker zone""".split()
PARTS = """id name kind state amount price qty total rate score weight size code label title body email phone city country
created_at updated_at paid_at due_on starts_on ends_on position level rank parent_id owner_id user_id order_id item_id note
comment_text currency discount tax balance is_active is_deleted visible priority attempts hash payload source target reason
duration_ms latitude longitude version locale timezone first_name last_name birth_date department_id manager_id salary""".split()
TEXTS = """pending paid shipped open closed north south alpha beta gamma red green blue new old Müller O''Brien 100% a_b x-ray
hello_world The_quick_brown_fox jumps_over the_lazy_dog 2024-01-01 foo bar baz none unknown high low medium EUR USD""".split()
NUMBER, TEXT, DATE, FLAG = "number", "text", "date", "flag"


def type_of(column):
    if re.search(r"_at$|_on$|date$", column):
        return DATE
    if re.search(r"^is_|visible", column):
        return FLAG
    if re.search(r"id$|amount|price|qty|total|rate|score|weight|size|position|level|rank|discount|tax|balance|priority|"
                 r"attempts|_ms$|tude$|version|salary", column):
        return NUMBER
    return TEXT


class Dialect:
    """What the templates below must know."""

    def __init__(self, name):
        self.name = name
        self.pg = name == "postgresql"
        self.mysql = name in ("mysql", "mariadb")
        self.tsql = name == "tsql"
        self.oracle = name == "oracle"
        self.sqlite = name == "sqlite"
        self.quotes = ("`", "`") if self.mysql else ("[", "]") if self.tsql else ('"', '"')
        self.as_table = "" if self.oracle else "AS "
        self.ctes = "WITH" if self.tsql or self.oracle else "WITH RECURSIVE"
        self.types = {
            "postgresql": ["integer", "bigint", "text", "varchar(80)", "numeric(12, 2)", "boolean", "date", "timestamp with time zone",
                           "timestamptz", "double precision", "uuid", "jsonb", "text[]", "smallint", "char(3)", "bytea", "interval"],
            "mysql": ["INT", "BIGINT UNSIGNED", "TEXT", "VARCHAR(80)", "DECIMAL(12, 2)", "TINYINT(1)", "DATE", "DATETIME", "DOUBLE", "JSON",
                      "CHAR(3)", "BLOB", "ENUM('a', 'b')", "TIMESTAMP"],
            "tsql": ["INT", "BIGINT", "NVARCHAR(MAX)", "VARCHAR(80)", "DECIMAL(12, 2)", "BIT", "DATE", "DATETIME2(3)", "FLOAT",
                     "UNIQUEIDENTIFIER", "NCHAR(3)", "VARBINARY(MAX)", "MONEY"],
            "oracle": ["NUMBER", "NUMBER(12, 2)", "VARCHAR2(80)", "VARCHAR2(80 CHAR)", "CLOB", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE",
                       "BINARY_DOUBLE", "CHAR(3)", "RAW(16)", "INTEGER"],
            "sqlite": ["INTEGER", "TEXT", "REAL", "BLOB", "NUMERIC", "VARCHAR(80)", "DECIMAL(12, 2)", "BOOLEAN", "DATE", ""],
        }["mysql" if self.mysql else name]


class Generator:
    def __init__(self, dialect, seed):
        self.d = Dialect(dialect)
        self.r = random.Random(f"{dialect} {seed}")
        reserved = {"mysql": ("rank",), "mariadb": ("rank",), "oracle": ("level", "size", "comment_text")}.get(dialect, ())
        self.parts = [part for part in PARTS if part not in reserved]
        self.tables = {}
        while len(self.tables) < 160:
            name = self.r.choice(NOUNS) + ("" if self.r.random() < .5 else "_" + self.r.choice(NOUNS))
            columns = self.r.sample(self.parts, self.r.randint(3, 14))
            name += self.r.choice(["s", "s", "", "_t", "2"])
            if name != "user" or not self.d.tsql:  # reserved there, as is "public"
                self.tables[name] = columns
        self.names = list(self.tables)

    # ---- small choices

    def chance(self, p):
        return self.r.random() < p

    def pick(self, *options):
        option = self.r.choice(options)
        return option() if callable(option) else option

    def some(self, least, most, make):
        return ", ".join(make() for _ in range(self.r.randint(least, most)))

    def few(self):
        """1, 1, 2, 1, 3, rarely many."""
        return min(1 + int(self.r.expovariate(.9)), 12)

    # ---- names

    def quote(self, name):
        return self.d.quotes[0] + name + self.d.quotes[1]

    def table_name(self, name=None):
        name = name or self.r.choice(self.names)
        if self.chance(.04):
            return self.quote(name.title().replace("_", " "))
        if self.chance(.12) and not self.d.sqlite:
            return self.pick("crm" if self.d.tsql else "public", "shop", "app", "hr", "dbo", "sales") + "." + name
        return name

    def new_name(self, prefix):
        return f"{prefix}_{self.r.choice(NOUNS)}_{self.r.choice(NOUNS)}"

    def column_of(self, scope, kind=None):
        """A column of a table in scope, qualified more often than not when there are several."""
        alias, columns = self.r.choice(scope)
        fitting = [c for c in columns if kind is None or type_of(c) == kind] or columns
        column = self.r.choice(fitting)
        if self.chance(.03):
            column = self.quote(column.title())
        return f"{alias}.{column}" if alias and (len(scope) > 1 or self.chance(.3)) else column

    # ---- values

    def integer(self):
        return str(self.r.choice([0, 1, 2, 5, 10, 42, 100, 1000, self.r.randint(0, 99), self.r.randint(0, 10 ** 6)]))

    def decimal(self):
        return self.pick(f"{self.r.randint(0, 999)}.{self.r.randint(0, 99):02}", f".{self.r.randint(1, 9)}",
                         f"{self.r.randint(1, 9)}.{self.r.randint(0, 9)}e{self.r.randint(1, 20)}", f"-{self.r.randint(1, 500)}")

    def string(self):
        text = " ".join(self.r.choice(TEXTS) for _ in range(self.few()))
        if self.d.pg and self.chance(.05):
            return self.pick(f"E'{text}\\n'", f"$${text}$$", f"$q${text}$q$", f"U&'{text}'")
        if self.d.tsql and self.chance(.3):
            return f"N'{text}'"
        if self.d.oracle and self.chance(.05):
            return "q'[" + text.replace("''", "'") + "]'"
        return f"'{text}'"

    def day(self):
        day = f"{self.r.randint(1999, 2026)}-{self.r.randint(1, 12):02}-{self.r.randint(1, 28):02}"
        if self.d.tsql or self.d.sqlite:
            return f"'{day}'"
        if self.d.pg:
            return self.pick(f"date '{day}'", f"'{day}'::date", f"'{day}'", f"timestamp '{day} 12:30:00'")
        return f"DATE '{day}'"

    def parameter(self):
        return {"postgresql": f"${self.r.randint(1, 9)}", "mysql": "?", "mariadb": "?", "sqlite": "?", "tsql": f"@p{self.r.randint(1, 9)}",
                "oracle": f":b{self.r.randint(1, 9)}"}[self.d.name]

    # ---- expressions

    def number(self, scope, depth):
        if depth <= 0 or self.chance(.35):
            return self.pick(lambda: self.column_of(scope, NUMBER), lambda: self.column_of(scope, NUMBER), self.integer, self.integer,
                             self.decimal, self.parameter if self.chance(.2) else self.integer)
        deeper = depth - 1
        num = lambda: self.number(scope, deeper)  # noqa: E731
        return self.pick(
            lambda: f"{num()} {self.r.choice('+-*/')} {num()}", lambda: f"({num()} {self.r.choice('+-')} {num()}) * {num()}",
            lambda: f"coalesce({num()}, {num()})", lambda: f"abs({num()})", lambda: f"round({num()}, {self.r.randint(0, 4)})",
            lambda: f"CASE WHEN {self.condition(scope, deeper)} THEN {num()} ELSE {num()} END",
            lambda: f"CASE {self.column_of(scope)} WHEN {self.string()} THEN {num()} WHEN {self.string()} THEN {num()} END",
            lambda: self.cast(num(), NUMBER), lambda: f"length({self.text(scope, deeper)})", lambda: f"nullif({num()}, 0)",
            lambda: f"(SELECT {self.aggregate([('', self.tables[self.names[0]])], 0)} FROM {self.table_name()})" if depth > 1 else num())

    def text(self, scope, depth):
        if depth <= 0 or self.chance(.4):
            return self.pick(lambda: self.column_of(scope, TEXT), lambda: self.column_of(scope, TEXT), self.string)
        text = lambda: self.text(scope, depth - 1)  # noqa: E731
        joined = (lambda: f"concat({text()}, {text()})") if self.d.mysql else \
            (lambda: f"{text()} + {text()}") if self.d.tsql else (lambda: f"{text()} || {text()}")
        part = (lambda: f"substring({text()} from 1 for {self.r.randint(1, 20)})") if self.d.pg else \
            (lambda: f"substr({text()}, 1, {self.r.randint(1, 20)})")
        return self.pick(joined, part, lambda: f"lower({text()})", lambda: f"upper({text()})", lambda: f"coalesce({text()}, '')",
                         lambda: f"replace({text()}, {self.string()}, {self.string()})", lambda: f"trim({text()})",
                         lambda: self.cast(self.number(scope, 0), TEXT))

    def date(self, scope, depth):
        if depth <= 0 or self.chance(.6):
            return self.pick(lambda: self.column_of(scope, DATE), lambda: self.column_of(scope, DATE), self.day)
        n, unit = self.r.randint(1, 90), self.pick("day", "month", "hour")
        inner = self.date(scope, depth - 1)
        if self.d.pg:
            return self.pick(f"{inner} + interval '{n} {unit}s'", f"date_trunc('{unit}', {inner})", f"{inner} AT TIME ZONE 'UTC'", "now()",
                             "CURRENT_DATE", "current_timestamp")
        if self.d.mysql:
            return self.pick(f"date_add({inner}, INTERVAL {n} {unit.upper()})", f"{inner} - INTERVAL {n} {unit.upper()}", "now()",
                             "CURRENT_DATE")
        if self.d.tsql:
            return self.pick(f"DATEADD({unit}, {n}, {inner})", "GETDATE()", "CURRENT_TIMESTAMP")
        if self.d.oracle:
            return self.pick(f"{inner} + INTERVAL '{n}' DAY", f"trunc({inner})", "SYSDATE", f"add_months({inner}, {n})")
        return self.pick(f"date({inner}, '+{n} days')", f"strftime('%Y-%m', {inner})", "CURRENT_DATE")

    def cast(self, inner, kind):
        name = {"postgresql": {NUMBER: "numeric", TEXT: "text"}, "mysql": {NUMBER: "SIGNED", TEXT: "CHAR"}, "mariadb": {NUMBER: "SIGNED", TEXT: "CHAR"},
                "tsql": {NUMBER: "BIGINT", TEXT: "NVARCHAR(40)"}, "oracle": {NUMBER: "NUMBER", TEXT: "VARCHAR2(40)"},
                "sqlite": {NUMBER: "INTEGER", TEXT: "TEXT"}}[self.d.name][kind]
        if self.d.pg and self.chance(.7):
            return f"({inner})::{name}" if " " in inner else f"{inner}::{name}"
        return f"CAST({inner} AS {name})"

    def aggregate(self, scope, depth):
        inner = self.number(scope, depth)
        return self.pick("count(*)", f"sum({inner})", f"avg({inner})", f"max({self.column_of(scope)})", f"min({self.column_of(scope)})",
                         f"count(DISTINCT {self.column_of(scope)})", *([f"count(*) FILTER (WHERE {self.comparison(scope, 0)})",
                                                                       f"array_agg({self.column_of(scope)} ORDER BY {self.column_of(scope)})",
                                                                       f"string_agg({self.column_of(scope)}, ', ')"] if self.d.pg else []))

    def window(self, scope):
        function = self.pick("row_number()", "rank()", f"sum({self.column_of(scope, NUMBER)})", f"lag({self.column_of(scope)}, 1)",
                             f"avg({self.number(scope, 1)})")
        frame = self.pick("", "", " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", " ROWS BETWEEN 3 PRECEDING AND 1 FOLLOWING") \
            if function[:3] in ("sum", "avg") else ""
        return f"{function} OVER (PARTITION BY {self.column_of(scope)} ORDER BY {self.column_of(scope)}{self.pick('', ' DESC')}{frame})"

    def comparison(self, scope, depth):
        deeper = depth - 1
        pairs = [lambda: f"{self.column_of(scope)} = {self.pick(self.integer, self.string, self.parameter)}",
                 lambda: f"{self.number(scope, depth)} {self.pick('=', '<', '>', '<=', '>=', '<>')} {self.number(scope, deeper)}",
                 lambda: f"{self.text(scope, deeper)} = {self.text(scope, deeper)}",
                 lambda: f"{self.date(scope, depth)} {self.pick('<', '>=')} {self.date(scope, depth)}",
                 lambda: f"{self.column_of(scope)} IS {self.pick('', 'NOT ')}NULL",
                 lambda: f"{self.column_of(scope, TEXT)} {self.pick('', 'NOT ')}LIKE '{self.pick('%', '')}{self.r.choice(TEXTS)}%'",
                 lambda: f"{self.column_of(scope)} {self.pick('', 'NOT ')}IN ({self.some(1, 6, self.r.choice((self.integer, self.string)))})",
                 lambda: f"{self.number(scope, 0)} BETWEEN {self.integer()} AND {self.integer()}"]
        if self.d.pg:
            pairs += [lambda: f"{self.column_of(scope, FLAG)}", lambda: f"{self.column_of(scope, TEXT)} ILIKE {self.string()}",
                      lambda: f"{self.column_of(scope)} = ANY ({self.pick(self.parameter, lambda: 'ARRAY[' + self.some(1, 4, self.integer) + ']')})",
                      lambda: f"payload ->> '{self.r.choice(self.parts)}' = {self.string()}", lambda: f"{self.column_of(scope)} ~ '^{self.r.choice(TEXTS)}'"]
        return self.pick(*pairs)

    def condition(self, scope, depth):
        if depth <= 0 or self.chance(.45):
            return self.comparison(scope, min(depth, 1))
        deeper = depth - 1
        return self.pick(
            lambda: f"{self.condition(scope, deeper)} AND {self.condition(scope, deeper)}",
            lambda: f"{self.condition(scope, deeper)} AND {self.comparison(scope, 0)} AND {self.comparison(scope, 0)}",
            lambda: f"({self.condition(scope, deeper)} OR {self.condition(scope, deeper)})",
            lambda: f"NOT ({self.condition(scope, deeper)})",
            lambda: f"{self.column_of(scope)} IN (SELECT {self.r.choice(self.parts)} FROM {self.table_name()} WHERE {self.condition(scope, deeper)})",
            lambda: f"{self.pick('', 'NOT ')}EXISTS ({self.query(deeper, short=True)})")

    # ---- queries; \x01 is a place for a new line

    def source(self, n):
        name = self.r.choice(self.names)
        if n == 0 and self.chance(.5):
            return self.table_name(name), ("", self.tables[name])
        alias = name[0] + str(n or "") if self.chance(.7) else name[:3] + str(n)
        return f"{self.table_name(name)} {self.d.as_table if self.chance(.4) else ''}{alias}", (alias, self.tables[name])

    def from_clause(self, joins, depth):
        text, one = self.source(0 if joins == 0 else 1)
        scope = [one]
        for i in range(joins):
            kind = self.pick("JOIN", "JOIN", "INNER JOIN", "LEFT JOIN", "LEFT OUTER JOIN", "CROSS JOIN", ",")
            if depth > 0 and self.chance(.12):
                alias = f"s{i}"
                other, two = f"({self.query(depth - 1, short=True)}) {self.d.as_table}{alias}", (alias, self.r.sample(self.parts, 4))
            else:
                other, two = self.source(i + 2)
            if kind == ",":
                text += f", {other}"
                # a comma binds weaker than JOIN: what follows may only name what it joins, which a parser does not ask
            else:
                text += f"\x01{kind} {other}"
                if kind != "CROSS JOIN":
                    text += f" ON {one[0] or text}.{self.r.choice(one[1])} = {two[0]}.{self.r.choice(two[1])}" if one[0] else \
                        f" ON {self.r.choice(two[1])} = {self.integer()}"
            scope.append(two)
        return text, scope

    def target(self, scope, depth, grouped):
        value = self.pick(lambda: self.column_of(scope), lambda: self.column_of(scope), lambda: self.number(scope, depth),
                          lambda: self.text(scope, depth), lambda: self.date(scope, depth),
                          lambda: self.aggregate(scope, depth) if grouped else self.column_of(scope),
                          lambda: self.window(scope) if depth > 1 else self.column_of(scope))
        return value + (f" AS {self.r.choice(self.parts)}" if self.chance(.3) else "")

    def limit(self, short):
        n = self.r.choice([1, 10, 20, 50, 100])
        if self.d.tsql or self.d.oracle:
            return f"\x01OFFSET {n} ROWS FETCH NEXT {n} ROWS ONLY" if not short else ""
        return f"\x01LIMIT {n}" + (f" OFFSET {n}" if self.chance(.2) else "")

    def query(self, depth, short=False):
        if not short and self.chance(.1):
            values = self.d.oracle and " FROM dual" or ""
            scope = [("", ["1"])]
            return f"SELECT {self.some(1, 3, lambda: self.r.choice((self.number, self.text))(scope, 2))}{values}"
        joins = 0 if short or self.chance(.6) else self.few() + (self.r.randint(0, 3) if depth > 2 else 0)
        source, scope = self.from_clause(joins, depth)
        grouped = self.chance(.2)
        if self.chance(.15):
            targets = "*" if self.chance(.8) or not scope[0][0] else scope[0][0] + ".*"
        else:
            targets = ", ".join(self.target(scope, min(depth, 2), grouped) for _ in range(self.few() + (depth > 2) * self.r.randint(0, 6)))
        text = f"SELECT {'DISTINCT ' if self.chance(.05) else ''}{targets}\x01FROM {source}"
        if self.chance(.75 if depth else .5):
            text += f"\x01WHERE {self.condition(scope, depth)}"
        if grouped:
            text += f"\x01GROUP BY {self.some(1, 3, lambda: self.column_of(scope))}"
            if self.chance(.3):
                text += f"\x01HAVING {self.aggregate(scope, 0)} > {self.integer()}"
        if not short and self.chance(.4):
            order = self.some(1, 2, lambda: self.column_of(scope) + self.pick("", " DESC", " ASC", " DESC NULLS LAST" if self.d.pg else ""))
            text += f"\x01ORDER BY {order}" + (self.limit(short) if self.chance(.5) else "")
            if self.d.pg and self.chance(.05):
                text += "\x01FOR UPDATE" + self.pick("", " SKIP LOCKED")
        return text

    def set_query(self):
        n = self.few()
        parts = [self.query(1, short=True) for _ in range(n + 1)]
        return f"\x01{self.pick('UNION ALL', 'UNION', 'EXCEPT' if not self.d.oracle else 'MINUS', 'INTERSECT')}\x01".join(parts)

    def cte_query(self):
        ctes = ",\x01".join(f"{name} AS ({self.query(2, short=True)})" for name in
                            sorted({self.r.choice(NOUNS) + "_c" for _ in range(self.few())}))
        recursive = self.d.ctes if self.chance(.15) else "WITH"
        return f"{recursive} {ctes}\x01{self.query(2)}"

    def report(self):
        """As long as those of the decision support benchmarks."""
        ctes = ",\x01".join(f"{name} AS ({self.query(3)})" if self.d.pg or self.d.sqlite else f"{name} AS ({self.query(2, short=True)})"
                            for name in sorted({self.r.choice(NOUNS) + "_r" for _ in range(self.r.randint(2, 7))}))
        return f"WITH {ctes}\x01{self.query(4)}"

    def values(self):
        row = lambda: "(" + self.some(3, 3, lambda: self.pick(self.integer, self.string, self.day)) + ")"  # noqa: E731
        return "VALUES " + self.some(1, 4, row)

    # ---- statements that write

    def insert(self):
        name = self.r.choice(self.names)
        columns = self.r.sample(self.tables[name], min(self.few() + 1, len(self.tables[name])))
        value = lambda: self.pick(self.integer, self.string, self.day, "NULL", "DEFAULT" if not self.d.sqlite else "NULL", self.decimal,  # noqa: E731
                                  self.parameter)
        rows = 1 if self.d.oracle or self.chance(.8) else self.r.randint(2, 20)
        head = f"INSERT INTO {self.table_name(name)} ({', '.join(columns)})"
        if self.chance(.15):
            return f"{head}\x01{self.query(1)}"
        text = f"{head} VALUES " + ", ".join("(" + ", ".join(value() for _ in columns) + ")" for _ in range(rows))
        if self.chance(.15) and (self.d.pg or self.d.sqlite):
            text += f" ON CONFLICT ({columns[0]}) DO " + self.pick("NOTHING", f"UPDATE SET {columns[-1]} = excluded.{columns[-1]}")
        if self.chance(.15) and self.d.mysql:
            text += f" ON DUPLICATE KEY UPDATE {columns[-1]} = VALUES({columns[-1]})"
        return text + (f" RETURNING {self.pick('id', '*', columns[0])}" if self.d.pg and self.chance(.15) else "")

    def update(self):
        name = self.r.choice(self.names)
        scope = [("", self.tables[name])]
        sets = ", ".join(f"{c} = {self.r.choice((self.number, self.text))(scope, 1)}" for c in self.r.sample(self.tables[name], min(self.few(), 3)))
        text = f"UPDATE {self.table_name(name)} SET {sets}"
        return text + (f"\x01WHERE {self.condition(scope, 2)}" if self.chance(.85) else "")

    def delete(self):
        name = self.r.choice(self.names)
        text = f"DELETE FROM {self.table_name(name)}"
        return text + (f"\x01WHERE {self.condition([('', self.tables[name])], 2)}" if self.chance(.9) else "")

    def merge(self):
        a, b = self.r.sample(self.names, 2)
        ends = ";" if self.d.tsql else ""
        column = self.r.choice(self.tables[a])
        return (f"MERGE INTO {a} {self.d.as_table}t USING {b} {self.d.as_table}s ON (t.id = s.id)\x01WHEN MATCHED THEN UPDATE SET {column} = "
                f"s.{self.r.choice(self.tables[b])}\x01WHEN NOT MATCHED THEN INSERT (id, {column}) VALUES (s.id, {self.string()}){ends}")

    # ---- DDL

    def column(self, name):
        kind = self.r.choice(self.d.types)
        scope = [("", [name])]
        extras = [" NOT NULL", "", "", "", f" DEFAULT {self.pick(self.integer, self.string)}"]
        extra = self.r.choice(extras)
        if self.chance(.06):
            extra += f" CHECK ({self.comparison(scope, 0)})"
        if self.chance(.05) and not self.d.tsql:
            extra += f" REFERENCES {self.r.choice(self.names)} (id)"
        return f"{name} {kind}{extra}".replace("  ", " ")

    def create_table(self):
        columns = self.r.sample(self.parts, self.few() + 1)
        lines = [self.column(c) for c in columns]
        if self.chance(.3):
            lines.append(f"PRIMARY KEY ({columns[0]})")
        if self.chance(.15):
            lines.append(f"CONSTRAINT {self.new_name('fk')} FOREIGN KEY ({columns[-1]}) REFERENCES {self.r.choice(self.names)} (id)"
                         + self.pick("", " ON DELETE CASCADE"))
        if self.chance(.1):
            lines.append(f"CONSTRAINT {self.new_name('ck')} CHECK ({self.comparison([('', columns)], 1)})")
        head = self.pick("CREATE TABLE ", "CREATE TABLE ", "CREATE TABLE IF NOT EXISTS " if not self.d.tsql and not self.d.oracle else "CREATE TABLE ")
        tail = self.pick("", "", "", " PARTITION BY RANGE (" + columns[0] + ")") if self.d.pg else \
            self.pick("", " ENGINE=InnoDB", " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4") if self.d.mysql else ""
        return head + self.table_name(self.new_name("t")) + " (\x01" + ",\x01".join(lines) + "\x01)" + tail

    def alter_table(self):
        name = self.table_name()
        column = self.r.choice(self.parts)
        add = "ADD" if self.d.tsql or self.d.oracle else self.pick("ADD COLUMN", "ADD")
        changes = [f"{add} {self.column(column).split(' CHECK')[0].split(' REFERENCES')[0]}", f"DROP COLUMN {column}",
                   f"ADD CONSTRAINT {self.new_name('uq')} UNIQUE ({column})" if not self.d.sqlite else f"RENAME TO {self.new_name('t')}"]
        if self.d.pg:
            changes += [f"ALTER COLUMN {column} SET NOT NULL", f"ALTER {column} TYPE {self.r.choice(self.d.types)}", f"OWNER TO {self.r.choice(NOUNS)}",
                        f"ALTER COLUMN {column} SET DEFAULT {self.integer()}", f"RENAME COLUMN {column} TO {self.r.choice(self.parts)}_x",
                        f"ATTACH PARTITION {self.new_name('p')} FOR VALUES FROM ({self.integer()}) TO ({self.integer()})"]
        return f"ALTER TABLE {name} {self.r.choice(changes)}"

    def create_index(self):
        name = self.r.choice(self.names)
        keys = ", ".join(self.r.sample(self.tables[name], min(self.few(), 3)))
        text = f"CREATE {self.pick('', '', 'UNIQUE ')}INDEX {self.new_name('ix')} ON {self.table_name(name)}"
        if self.d.pg:
            text += self.pick("", "", " USING btree", " USING gin")
        text += f" ({keys})"
        if self.chance(.2) and (self.d.pg or self.d.sqlite or self.d.tsql):
            text += f" WHERE {self.r.choice(self.tables[name])} IS NOT NULL"
        return text

    def create_view(self):
        return f"CREATE {'' if self.d.sqlite or self.d.tsql else self.pick('', 'OR REPLACE ')}VIEW {self.new_name('v')} AS\x01{self.query(2, short=True)}"

    def drop(self):
        kind = self.pick("TABLE", "VIEW", "INDEX") if not (self.d.mysql or self.d.tsql) else self.pick("TABLE", "VIEW")
        guard = "" if self.d.oracle else self.pick("", "IF EXISTS ")
        return f"DROP {kind} {guard}{self.new_name(kind[0].lower())}" + (self.pick("", " CASCADE") if self.d.pg else "")

    def other_ddl(self):
        if self.d.pg:
            return self.pick(
                lambda: f"CREATE SEQUENCE {self.new_name('seq')} START {self.integer()} INCREMENT BY 5",
                lambda: f"COMMENT ON TABLE {self.table_name()} IS {self.string()}", lambda: f"CREATE SCHEMA {self.new_name('sch')}",
                lambda: f"GRANT {self.pick('SELECT', 'INSERT, UPDATE', 'ALL')} ON {self.table_name()} TO {self.r.choice(NOUNS)}",
                lambda: f"CREATE TYPE {self.new_name('ty')} AS ENUM ({self.some(1, 5, lambda: repr(self.r.choice(NOUNS)))})",
                lambda: f"CREATE FUNCTION {self.new_name('f')}(a integer, b text) RETURNS integer LANGUAGE sql AS $$ {self.query(1, short=True)} $$"
                        .replace("\x01", " ").replace("$q$", "'"),
                lambda: f"CREATE TRIGGER {self.new_name('tr')} BEFORE INSERT OR UPDATE ON {self.table_name()} FOR EACH ROW EXECUTE FUNCTION "
                        f"{self.new_name('f')}()", lambda: f"ALTER INDEX {self.new_name('ix')} RENAME TO {self.new_name('ix')}")
        if self.d.sqlite:
            return self.drop()
        return self.pick(self.drop, lambda: f"GRANT SELECT ON {self.r.choice(self.names)} TO {self.r.choice(NOUNS)}_role")

    def utility(self):
        if self.d.pg:
            return self.pick(
                lambda: f"EXPLAIN {self.pick('', '(COSTS OFF) ', 'ANALYZE ')}{self.query(1)}", lambda: f"SET {self.new_name('my')}.x = {self.string()}",
                lambda: f"VACUUM {self.pick('', 'ANALYZE ')}{self.table_name()}", lambda: f"ANALYZE {self.table_name()}",
                lambda: f"COPY {self.table_name()} FROM STDIN", lambda: f"PREPARE {self.new_name('q')} AS {self.query(1)}",
                lambda: f"EXECUTE {self.new_name('q')}({self.some(1, 3, self.integer)})", lambda: f"SAVEPOINT {self.new_name('s')}",
                lambda: f"DECLARE {self.new_name('c')} CURSOR FOR {self.query(1)}", lambda: f"FETCH {self.integer()} FROM {self.new_name('c')}",
                lambda: f"LOCK TABLE {self.table_name()} IN EXCLUSIVE MODE", lambda: f"TRUNCATE {self.table_name()}, {self.table_name()}",
                lambda: f"NOTIFY {self.new_name('ch')}, {self.integer()}", lambda: f"CALL {self.new_name('p')}({self.some(0, 3, self.integer)})")
        if self.d.mysql:
            return self.pick(lambda: f"SET @{self.r.choice(NOUNS)} = {self.integer()}", lambda: f"EXPLAIN {self.query(1)}",
                             lambda: f"ANALYZE TABLE {self.table_name()}", lambda: f"SAVEPOINT {self.new_name('s')}",
                             lambda: f"CALL {self.new_name('p')}({self.some(0, 3, self.integer)})", lambda: f"TRUNCATE TABLE {self.table_name()}")
        if self.d.tsql:
            return self.pick(lambda: f"EXEC {self.new_name('p')} {self.some(1, 3, self.integer)}", lambda: f"SET @{self.r.choice(NOUNS)} = {self.integer()}",
                             lambda: f"TRUNCATE TABLE {self.table_name()}", lambda: f"DECLARE @{self.r.choice(NOUNS)} INT = {self.integer()}")
        if self.d.oracle:
            return self.pick(lambda: f"SAVEPOINT {self.new_name('s')}", lambda: f"TRUNCATE TABLE {self.table_name()}",
                             lambda: f"LOCK TABLE {self.r.choice(self.names)} IN EXCLUSIVE MODE", lambda: f"EXPLAIN PLAN FOR {self.query(1)}")
        return self.pick(lambda: f"EXPLAIN QUERY PLAN {self.query(1)}", lambda: f"PRAGMA table_info({self.r.choice(self.names)})",
                         lambda: f"SAVEPOINT {self.new_name('s')}", lambda: f"ANALYZE {self.r.choice(self.names)}",
                         lambda: f"REINDEX {self.new_name('ix')}")

    # ---- all together

    def kinds(self):
        """Name, class, weight, rule; shares of the classes as in PostgreSQL's own regression suite."""
        rows = [("short query", "query", 150, lambda: self.query(0)), ("query", "query", 110, lambda: self.query(2)),
                ("set operation", "query", 25, self.set_query), ("common table expression", "query", 25, self.cte_query),
                ("report", "query", 6, self.report), ("insert", "dml", 90, self.insert), ("update", "dml", 35, self.update),
                ("delete", "dml", 25, self.delete), ("create table", "ddl", 130, self.create_table), ("alter table", "ddl", 80, self.alter_table),
                ("create index", "ddl", 45, self.create_index), ("create view", "ddl", 20, self.create_view), ("drop", "ddl", 30, self.drop),
                ("other ddl", "ddl", 45, self.other_ddl), ("utility", "other", 115, self.utility)]
        if self.d.pg or self.d.sqlite:
            rows.append(("values", "query", 8, self.values))
        if self.d.pg or self.d.tsql or self.d.oracle:
            rows.append(("merge", "dml", 6, self.merge))
        return rows

    def lay_out(self, text):
        """Lines, comments and case; literals, comments and quoted names stay as they are."""
        lines = self.chance(.35)
        places = text.count("\x01")
        comment = self.r.randrange(places) if places and self.chance(.06) else -1
        for i in range(places):
            gap = "\n" + self.pick("", "  ", "\t", "    ") if lines else " "
            if i == comment:
                gap = self.pick(f" -- {self.r.choice(TEXTS)} {self.r.choice(NOUNS)}\n", f" /* {self.r.choice(NOUNS)} {self.r.choice(NOUNS)} */ ")
            text = text.replace("\x01", gap, 1)
        style = self.pick("upper", "upper", "lower", "lower", "title")
        if style == "upper":
            return text
        pieces = re.split(r"('(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/)", text)
        change = str.lower if style == "lower" else str.capitalize
        pieces[::2] = [re.sub(r"\b[A-Z][A-Z]+\b", lambda m: change(m[0]), piece) for piece in pieces[::2]]
        return "".join(pieces)

    def statements(self, total):
        kinds = self.kinds()
        weights = [k[2] for k in kinds]
        seen, size = set(), 0
        while size < total:
            kind, cls, _, rule = self.r.choices(kinds, weights)[0]
            text = self.lay_out(rule())
            if text in seen or len(text) > 60000:
                continue
            seen.add(text)
            size += len(text.encode())
            yield {"id": f"{kind} {len(seen)}", "class": cls, "kind": kind, "valid": {"generated": True}, "sql": text}


def main():
    dialect = sys.argv[1]
    total = int(sys.argv[2]) if len(sys.argv) > 2 else 3_000_000
    seed = sys.argv[3] if len(sys.argv) > 3 else "1"
    for statement in Generator(dialect, seed).statements(total):
        print(json.dumps(statement, ensure_ascii=False))


main()
