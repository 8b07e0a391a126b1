/* Clauses and small statements of MySQL and MariaDB as forms (see struct so_form), in alphabetical order. */
#include "sql/parse_mysql.h"

/* clang-format off */
const struct so_form so_my_forms[] = {
	{ "force_index", "{ force | ignore } { index | key } [ <hint_for> ] ( { primary | $n }, )" },
	{ "hint_for", "for { join | order by | group by }" },
	{ "json_column", "nested [ path ] $s <json_columns> | $n for ordinality | "
		"$n $t [ collate $n ] { path $s [ <on_response> ] [ <on_response> ] | exists path $s }" },
	{ "json_columns", "columns ( { <json_column> }, )" },
	{ "json_table", "$e , $s <json_columns>" },
	{ "on_response", "{ null | error | default $x } on { empty | error }" },
	{ "outfile", "dumpfile $s | outfile $s [ { character set | charset } { binary | $n | $s } ] "
		"[ { fields | columns } { terminated by $h | [ optionally ] enclosed by $h | escaped by $h }+ ] "
		"[ lines { starting by $h | terminated by $h }+ ]" },
	{ "system_time", "for system_time { all | as of [ transaction ] $o | "
		"between [ transaction ] $o and [ transaction ] $o | from [ transaction ] $o to [ transaction ] $o }" },
	{ "use_index", "use { index | key } [ <hint_for> ] ( [ { primary | $n }, ] )" },
};
/* clang-format on */

const size_t so_my_form_count = sizeof so_my_forms / sizeof so_my_forms[0];
