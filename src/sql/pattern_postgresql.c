/* PostgreSQL's statements that have no nodes, as patterns (sql/pattern.h). */
#include "sql/pattern.h"

/* clang-format off */
const struct so_pattern so_patterns_postgresql[] = {
	/* ---- Parts */
	{ "def", "<{%l [= %d]}>" },
	{ "rel", "<{%l [. %l] [= %d]}>" },
	{ "opts", "OPTIONS <{%l %s}>" },
	{ "altopts", "OPTIONS <{ADD %l %s|SET %l %s|DROP %l|%l %s}>" },
	{ "behavior", "[CASCADE|RESTRICT]" },
	{ "ifexists", "[IF EXISTS]" },
	{ "ifnew", "[IF NOT EXISTS]" },
	{ "rename", "RENAME TO %n" },
	{ "owner", "OWNER TO %r" },
	{ "schema", "SET SCHEMA %n" },
	{ "depends", "[NO] DEPENDS ON EXTENSION %n" },
	{ "mode", "(IN OUT|IN|OUT|INOUT|VARIADIC)" },
	{ "arg", "($mode (%p %t|%t)|%p [$mode] %t|%t) !(=|DEFAULT)" },
	{ "argdef", "($mode (%p %t|%t)|%p [$mode] %t|%t) [(DEFAULT|=) %e]" },
	{ "inarg", "((IN !(OUT)|VARIADIC) (%p %t|%t)|%p [IN !(OUT)|VARIADIC] %t|%t)" },
	{ "sig", "(%q|%p) [<[{$arg}]>]" },
	{ "aggargs", "<(@|ORDER BY {$inarg}|{$inarg} [ORDER BY {$inarg}])>" },
	{ "opargs", "<(NONE , %t|%t , (NONE|%t))>" },
	{ "authid", "(USER|%r)" },
	{ "dbopt", "(CONNECTION LIMIT|ENCODING|LOCATION|OWNER|TABLESPACE|TEMPLATE|%I) [=] (DEFAULT|%f|%v)" },
	{ "utilopts", "<{(ANALYZE|ANALYSE|%N) [%f|%v]}>" },
	{ "vacrels", "{%R [<{%n}>]}" },
	{ "chain", "[WORK|TRANSACTION] [AND [NO] CHAIN]" },
	{ "trmode", "(ISOLATION LEVEL (READ UNCOMMITTED|READ COMMITTED|REPEATABLE READ|SERIALIZABLE)|READ ONLY|READ WRITE|"
		    "[NOT] DEFERRABLE)" },
	{ "trmodes", "$trmode *([,] $trmode)" },
	{ "resetting", "RESET (ALL|TIME ZONE|TRANSACTION ISOLATION LEVEL|SESSION AUTHORIZATION|%g)" },
	{ "zone", "(DEFAULT|LOCAL|%f|INTERVAL (<%u> %s|%s [YEAR [TO MONTH]|MONTH|DAY [TO (HOUR|MINUTE|SECOND [<%u>])]|"
		  "HOUR [TO (MINUTE|SECOND [<%u>])]|MINUTE [TO SECOND [<%u>]]|SECOND [<%u>]])|%s|%I)" },
	{ "setting", "(TIME ZONE $zone|CATALOG %s|SCHEMA %s|NAMES [%s|DEFAULT]|ROLE %w|SESSION AUTHORIZATION (DEFAULT|%w)|"
		     "XML OPTION (DOCUMENT|CONTENT)|TRANSACTION SNAPSHOT %s|%g FROM CURRENT|%g (TO|=) (DEFAULT|{%f|%v}))" },
	{ "setrest", "(TRANSACTION !(SNAPSHOT) $trmodes|SESSION CHARACTERISTICS AS TRANSACTION $trmodes|$setting)" },
	{ "setreset", "(SET $setrest|$resetting)" },
	{ "funcopt", "(CALLED ON NULL INPUT|RETURNS NULL ON NULL INPUT|STRICT|IMMUTABLE|STABLE|VOLATILE|"
		     "[EXTERNAL] SECURITY (DEFINER|INVOKER)|[NOT] LEAKPROOF|COST %f|ROWS %f|SUPPORT %q|SET $setting|$resetting|"
		     "PARALLEL %n)" },
	{ "body", "(RETURN %e|BEGIN ATOMIC *((RETURN %e|%X) ;) END)" },
	{ "opitem", "(OPERATOR %u %o [$opargs] [FOR (SEARCH|ORDER BY %q)] [RECHECK]|FUNCTION %u [<{%t}>] (%q|%p) <[{$arg}]>|"
		    "FUNCTION %u %q|STORAGE %t)" },
	{ "opdrop", "(OPERATOR|FUNCTION) %u <{%t}>" },
	{ "roleopt", "(PASSWORD (%s|NULL)|ENCRYPTED PASSWORD %s|INHERIT|NOINHERIT|CONNECTION LIMIT %i|VALID UNTIL %s|USER {%r}|"
		     "SUPERUSER|NOSUPERUSER|CREATEROLE|NOCREATEROLE|REPLICATION|NOREPLICATION|CREATEDB|NOCREATEDB|LOGIN|"
		     "NOLOGIN|BYPASSRLS|NOBYPASSRLS)" },
	{ "newroleopt", "($roleopt|SYSID %u|ADMIN {%r}|ROLE {%r}|IN (ROLE|GROUP) {%r})" },
	{ "pubtable", "!(TABLE|TABLES IN) %R [<{%n}>] [WHERE <%e>]" },
	{ "pubschema", "!(TABLE|TABLES IN) (CURRENT_SCHEMA|%n) !(.|<|WHERE)" },
	{ "pubobjs", "{TABLE {$pubtable}|TABLES IN SCHEMA {$pubschema}}" },
	{ "trevents", "(INSERT|DELETE|UPDATE OF {%n}|UPDATE|TRUNCATE) *(OR (INSERT|DELETE|UPDATE OF {%n}|UPDATE|TRUNCATE))" },
	{ "trcall", "EXECUTE (FUNCTION|PROCEDURE) %q <[{%f|%s|%l}]>" },
	{ "ruleact", "(NOTIFY %n [, %s]|%Q)" },
	{ "priv", "(SELECT|REFERENCES|CREATE|ALTER SYSTEM|%n) [<{%n}>]" },
	{ "privs", "(ALL [PRIVILEGES] [<{%n}>]|{$priv})" },
	{ "privtarget",
		"(ALL (TABLES|SEQUENCES|FUNCTIONS|PROCEDURES|ROUTINES) IN SCHEMA {%n}|SEQUENCE {%q}|FOREIGN DATA WRAPPER {%n}|"
		"FOREIGN SERVER {%n}|(FUNCTION|PROCEDURE|ROUTINE) {$sig}|DATABASE {%n}|DOMAIN {%q}|LANGUAGE {%n}|"
		"LARGE OBJECT {%f}|PARAMETER {%g}|SCHEMA {%n}|TABLESPACE {%n}|TYPE {%q}|[TABLE] {%q})" },
	{ "grantees", "{GROUP %r|%r}" },
	{ "grantedby", "[GRANTED BY %r]" },
	{ "object",
		"(ACCESS METHOD %n|AGGREGATE %q $aggargs|CAST <%t AS %t>|COLLATION %q|COLUMN %q|CONVERSION %q|DATABASE %n|"
		"DOMAIN %t|EVENT TRIGGER %n|EXTENSION %n|FOREIGN DATA WRAPPER %n|FOREIGN TABLE %q|"
		"(FUNCTION|PROCEDURE|ROUTINE) $sig|INDEX %q|[PROCEDURAL] LANGUAGE %n|LARGE OBJECT %f|MATERIALIZED VIEW %q|"
		"OPERATOR (CLASS|FAMILY) %q USING %n|OPERATOR %o $opargs|PUBLICATION %n|ROLE %n|SCHEMA %n|SEQUENCE %q|SERVER %n|"
		"STATISTICS %q|SUBSCRIPTION %n|TABLE %q|TABLESPACE %n|TEXT SEARCH (CONFIGURATION|DICTIONARY|PARSER|TEMPLATE) %q|"
		"TRANSFORM FOR %t LANGUAGE %n|TYPE %t|VIEW %q)" },
	{ "commented", "($object|(CONSTRAINT|POLICY|RULE|TRIGGER) %n ON [DOMAIN] %q)" },
	{ "cursor", "([FROM|IN] %n)" },
	{ "copyopts",
		"(<{%l [@|%f|%v|<{%v|%f}>]}>|*(BINARY|FREEZE|(DELIMITER|NULL|QUOTE|ESCAPE) [AS] %s|CSV|HEADER|FORCE QUOTE (@|{%n})|"
		"FORCE NOT NULL {%n}|FORCE NULL {%n}|ENCODING %s))" },

	/* ---- Statements, by their first word */
	{ "abort", "ABORT $chain" },
	{ "alter", "ALTER ($alterone|$altertwo)" },
	{ "alterone",
		"AGGREGATE %q $aggargs ($rename|$owner|$schema)|COLLATION %q (REFRESH VERSION|$rename|$owner|$schema)|"
		"CONVERSION %q ($rename|$owner|$schema)|"
		"DATABASE %n (SET TABLESPACE %n|REFRESH COLLATION VERSION|$rename|$owner|$setreset|[WITH] *($dbopt))|"
		"DEFAULT PRIVILEGES *(IN SCHEMA {%n}|FOR (ROLE|USER) {%r}) (GRANT $privs ON $deftarget TO $grantees "
		"[WITH GRANT OPTION]|REVOKE [GRANT OPTION FOR] $privs ON $deftarget FROM $grantees $behavior)|"
		"EVENT TRIGGER %n (ENABLE [REPLICA|ALWAYS]|DISABLE|$rename|$owner)|"
		"EXTENSION %n (UPDATE *(TO %w)|$schema|(ADD|DROP) $object)|"
		"FOREIGN DATA WRAPPER %n ($rename|$owner|+(HANDLER %q|NO HANDLER|VALIDATOR %q|NO VALIDATOR) [$altopts]|$altopts)|"
		"(FUNCTION|PROCEDURE|ROUTINE) $sig ($rename|$owner|$schema|$depends|+($funcopt) [RESTRICT])|"
		"GROUP %r ((ADD|DROP) USER {%r}|$rename)|[PROCEDURAL] LANGUAGE %n ($rename|$owner)|"
		"LARGE OBJECT %f $owner|"
		"(TABLE|INDEX|MATERIALIZED VIEW) ALL IN TABLESPACE %n [OWNED BY {%r}] SET TABLESPACE %n [NOWAIT]" },
	{ "deftarget", "(TABLES|FUNCTIONS|ROUTINES|SEQUENCES|TYPES|SCHEMAS|LARGE OBJECTS)" },
	{ "altertwo",
		"OPERATOR CLASS %q USING %n ($rename|$owner|$schema)|"
		"OPERATOR FAMILY %q USING %n ($rename|$owner|$schema|ADD {$opitem}|DROP {$opdrop})|"
		"OPERATOR %o $opargs ($owner|$schema|SET <{%l [= (NONE|%d)]}>)|"
		"POLICY $ifexists %n ON %q ($rename|[TO {%r}] [USING <%e>] [WITH CHECK <%e>])|"
		"PUBLICATION %n ($rename|$owner|SET $def|(ADD|SET|DROP) $pubobjs)|"
		"(ROLE|USER) (ALL|!(MAPPING FOR) %r) [IN DATABASE %n] $setreset|"
		"(ROLE|USER) !(MAPPING FOR) %r ($rename|[WITH] *($roleopt))|"
		"RULE %n ON %q $rename|TRIGGER %n ON %q ($rename|$depends)|"
		"SERVER %n ($rename|$owner|VERSION (%s|NULL) [$altopts]|$altopts)|"
		"SUBSCRIPTION %n ($rename|$owner|SET $def|CONNECTION %s|REFRESH PUBLICATION [WITH $def]|"
		"(ADD|DROP|SET) PUBLICATION {%n} [WITH $def]|ENABLE|DISABLE|SKIP $def)|"
		"SYSTEM (SET %g (TO|=) (DEFAULT|{%f|%v})|$resetting)|TABLESPACE %n ($rename|$owner|(SET|RESET) $rel)|"
		"TEXT SEARCH CONFIGURATION %q ($rename|$owner|$schema|(ADD|ALTER) MAPPING FOR {%n} (WITH {%q}|REPLACE %q WITH %q)|"
		"ALTER MAPPING REPLACE %q WITH %q|DROP MAPPING $ifexists FOR {%n})|"
		"TEXT SEARCH DICTIONARY %q ($rename|$owner|$schema|$def)|TEXT SEARCH (PARSER|TEMPLATE) %q ($rename|$schema)|"
		"USER MAPPING FOR $authid SERVER %n $altopts" },
	{ "analyze", "ANALYZE (VERBOSE [$vacrels]|$utilopts [$vacrels]|[$vacrels])" },
	{ "analyse", "ANALYSE (VERBOSE [$vacrels]|$utilopts [$vacrels]|[$vacrels])" },
	{ "begin", "BEGIN [WORK|TRANSACTION] [$trmodes]" },
	{ "call", "CALL %c" },
	{ "checkpoint", "CHECKPOINT" },
	{ "close", "CLOSE (ALL|%n)" },
	{ "cluster", "CLUSTER ($utilopts [%q [USING %n]]|[VERBOSE] [%n ON %q|%q [USING %n]])" },
	{ "comment", "COMMENT ON $commented IS (%s|NULL)" },
	{ "commit", "COMMIT (PREPARED %s|$chain)" },
	{ "copy",
		"COPY (<%Q> TO (PROGRAM %s|%s|STDIN|STDOUT) [WITH] $copyopts|"
		"[BINARY] %q [<{%n}>] (FROM (PROGRAM %s|%s|STDIN|STDOUT) [[USING] DELIMITERS %s] [WITH] $copyopts [WHERE %e]|"
		"TO (PROGRAM %s|%s|STDIN|STDOUT) [[USING] DELIMITERS %s] [WITH] $copyopts))" },
	{ "create", "CREATE ($createone|$createtwo)" },
	{ "createone",
		"ACCESS METHOD %n TYPE (INDEX|TABLE) HANDLER %q|"
		"[OR REPLACE] AGGREGATE %q ($aggargs $def|<{%l = %d}>)|"
		"CAST <%t AS %t> (WITH FUNCTION $sig|WITHOUT FUNCTION|WITH INOUT) [AS (IMPLICIT|ASSIGNMENT)]|"
		"COLLATION $ifnew %q ($def|FROM %q)|[DEFAULT] CONVERSION %q FOR %s TO %s FROM %q|"
		"DATABASE %n [WITH] *($dbopt)|"
		"EVENT TRIGGER %n ON %l [WHEN %n IN <{%s}> *(AND %n IN <{%s}>)] EXECUTE (FUNCTION|PROCEDURE) %q <>|"
		"EXTENSION $ifnew %n [WITH] *(SCHEMA %n|VERSION %w|CASCADE)|"
		"FOREIGN DATA WRAPPER %n *(HANDLER %q|NO HANDLER|VALIDATOR %q|NO VALIDATOR) [$opts]|"
		"[OR REPLACE] (FUNCTION|PROCEDURE) %q <[{$argdef}]> [RETURNS !(NULL) (TABLE <{%p %t}>|%t)] "
		"*(AS %s [, %s]|LANGUAGE %w|TRANSFORM {FOR TYPE %t}|WINDOW|$funcopt) [$body]|"
		"(GROUP|ROLE) %r [WITH] *($newroleopt)|USER MAPPING $ifnew FOR $authid SERVER %n [$opts]|"
		"USER %r [WITH] *($newroleopt)|"
		"[OR REPLACE] [TRUSTED] [PROCEDURAL] LANGUAGE %n [HANDLER %q [INLINE %q] [VALIDATOR %q|NO VALIDATOR]]" },
	{ "createtwo",
		"OPERATOR CLASS %q [DEFAULT] FOR TYPE %t USING %n [FAMILY %q] AS {$opitem}|OPERATOR FAMILY %q USING %n|"
		"OPERATOR %o $def|"
		"POLICY %n ON %q [AS (PERMISSIVE|RESTRICTIVE)] [FOR (ALL|SELECT|INSERT|UPDATE|DELETE)] [TO {%r}] [USING <%e>] "
		"[WITH CHECK <%e>]|PUBLICATION %n [FOR ALL TABLES|FOR $pubobjs] [WITH $def]|"
		"[OR REPLACE] RULE %n AS ON (SELECT|UPDATE|DELETE|INSERT) TO %q [WHERE %e] DO [INSTEAD|ALSO] "
		"(NOTHING|<[$ruleact] *(; [$ruleact])>|$ruleact)|"
		"SERVER $ifnew %n [TYPE %s] [VERSION (%s|NULL)] FOREIGN DATA WRAPPER %n [$opts]|"
		"SUBSCRIPTION %n CONNECTION %s PUBLICATION {%n} [WITH $def]|TABLESPACE %n [OWNER %r] LOCATION %s [WITH $rel]|"
		"TEXT SEARCH (PARSER|DICTIONARY|TEMPLATE|CONFIGURATION) %q $def|"
		"[OR REPLACE] TRANSFORM FOR %t LANGUAGE %n <(FROM SQL WITH FUNCTION $sig [, TO SQL WITH FUNCTION $sig]|"
		"TO SQL WITH FUNCTION $sig [, FROM SQL WITH FUNCTION $sig])>|"
		"[OR REPLACE] TRIGGER %n (BEFORE|AFTER|INSTEAD OF) $trevents ON %q "
		"[REFERENCING +((NEW|OLD) (TABLE|ROW) [AS] %n)] [FOR [EACH] (ROW|STATEMENT)] [WHEN <%e>] $trcall|"
		"[OR REPLACE] CONSTRAINT TRIGGER %n AFTER $trevents ON %q [FROM %q] *([NOT] DEFERRABLE|INITIALLY (IMMEDIATE|DEFERRED)) "
		"FOR EACH ROW [WHEN <%e>] $trcall" },
	{ "deallocate", "DEALLOCATE [PREPARE] (ALL|%n)" },
	{ "declare", "DECLARE %n *(NO SCROLL|SCROLL|BINARY|INSENSITIVE|ASENSITIVE) CURSOR [(WITH|WITHOUT) HOLD] FOR %S" },
	{ "discard", "DISCARD (ALL|TEMP|TEMPORARY|PLANS|SEQUENCES)" },
	{ "do", "DO +(LANGUAGE %w|%s)" },
	{ "drop",
		"DROP (AGGREGATE $ifexists {%q $aggargs} $behavior|CAST $ifexists <%t AS %t> $behavior|"
		"DATABASE $ifexists %n [[WITH] <{FORCE}>]|(FUNCTION|PROCEDURE|ROUTINE) $ifexists {$sig} $behavior|"
		"OPERATOR (CLASS|FAMILY) $ifexists %q USING %n $behavior|OPERATOR $ifexists {%o $opargs} $behavior|OWNED BY {%r} $behavior|"
		"USER MAPPING $ifexists FOR $authid SERVER %n|(ROLE|USER|GROUP) $ifexists {%r}|SUBSCRIPTION $ifexists %n $behavior|"
		"TABLESPACE $ifexists %n|TRANSFORM $ifexists FOR %t LANGUAGE %n $behavior|PROCEDURAL LANGUAGE $ifexists {%n} $behavior)" },
	{ "end", "END (PREPARED %s|$chain)" },
	{ "execute", "EXECUTE %n [<{%e}>]" },
	{ "fetch", "FETCH $fetchargs" },
	{ "fetchargs",
		"(((NEXT|PRIOR|FIRST|LAST|ALL|(ABSOLUTE|RELATIVE) %i|(FORWARD|BACKWARD) (ALL|%i)|FORWARD|BACKWARD|%i) $cursor)|$cursor)" },
	{ "grant", "GRANT ($privs ON $privtarget TO $grantees [WITH GRANT OPTION] $grantedby|"
		   "{$priv} TO {%r} [WITH {%l (OPTION|TRUE|FALSE)}] $grantedby)" },
	{ "import", "IMPORT FOREIGN SCHEMA %n [(LIMIT TO|EXCEPT) <{%R}>] FROM SERVER %n INTO %n [$opts]" },
	{ "listen", "LISTEN %n" },
	{ "load", "LOAD %s" },
	{ "lock", "LOCK [TABLE] {%R} [IN (ACCESS SHARE|ROW SHARE|ROW EXCLUSIVE|SHARE UPDATE EXCLUSIVE|SHARE ROW EXCLUSIVE|SHARE|"
		  "EXCLUSIVE|ACCESS EXCLUSIVE) MODE] [NOWAIT]" },
	{ "move", "MOVE $fetchargs" },
	{ "notify", "NOTIFY %n [, %s]" },
	{ "prepare", "PREPARE (TRANSACTION %s|%n [<{%t}>] AS %Q)" },
	{ "reassign", "REASSIGN OWNED BY {%r} TO %r" },
	{ "refresh", "REFRESH MATERIALIZED VIEW [CONCURRENTLY] %q [WITH [NO] DATA]" },
	{ "reindex", "REINDEX [$utilopts] ((INDEX|TABLE) [CONCURRENTLY] %q|SCHEMA [CONCURRENTLY] %n|"
		     "(SYSTEM|DATABASE) [CONCURRENTLY] [%n])" },
	{ "release", "RELEASE [SAVEPOINT] %n" },
	{ "revoke", "REVOKE ([GRANT OPTION FOR] $privs ON $privtarget FROM $grantees $grantedby $behavior|"
		    "[%l OPTION FOR] {$priv} FROM {%r} $grantedby $behavior)" },
	{ "rollback", "ROLLBACK (PREPARED %s|[WORK|TRANSACTION] TO [SAVEPOINT] %n|$chain)" },
	{ "reset", "$resetting" },
	{ "savepoint", "SAVEPOINT %n" },
	{ "security", "SECURITY LABEL [FOR %w] ON $object IS (%s|NULL)" },
	{ "set", "SET (CONSTRAINTS (ALL|{%q}) (DEFERRED|IMMEDIATE)|[LOCAL|SESSION !(CHARACTERISTICS|AUTHORIZATION|TO|=|.)] $setrest)" },
	{ "show", "SHOW (TIME ZONE|TRANSACTION ISOLATION LEVEL|SESSION AUTHORIZATION|ALL|%g)" },
	{ "start", "START TRANSACTION [$trmodes]" },
	{ "unlisten", "UNLISTEN (@|%n)" },
	{ "vacuum", "VACUUM ($utilopts [$vacrels]|[FULL] [FREEZE] [VERBOSE] [ANALYZE|ANALYSE] [$vacrels])" },
	{ 0, 0 },
};
/* clang-format on */
