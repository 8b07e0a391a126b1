/* Clauses and small statements of MySQL and MariaDB as forms (see struct so_form), in alphabetical order. */
#include "sql/mysql/parse.h"

/* clang-format off */
const struct so_form so_my_forms[SO_MY_FORMS] = {
	{ "alter",
		"alter { { database | schema } { [ $n ] { <database_option> | read only [ = ] { default | 0 | 1 } }+ } | <alter_user> | "
		"<definer> <alter_event> | { function | procedure } $q [ <characteristic> ]* | server <word_or_string> options ( { "
		"<server_option> }, ) | tablespace $n { { add | drop } datafile $s [ [ , ] <size_option> ]* | rename to $n | <size_option> [ [ "
		", ] <size_option> ]* } | undo tablespace $n set { active | inactive } [ <size_option> ]* | logfile group $n add undofile $s [ "
		"[ , ] <size_option> ]* | instance { rotate { innodb | binlog } master key | reload { tls [ for channel $n ] [ no rollback on "
		"error ] | keyring } | { enable | disable } innodb redo_log } | resource group $n [ vcpu [ = ] { $i [ - $i ] }, ] [ "
		"thread_priority [ = ] $v ] [ enable | disable ] [ force ] | library $q comment $s }" },
	{ "alter_add_maria", "add period [ if not exists ] for { system_time | $n } ( $n , $n ) | add system versioning" },
	{ "alter_algorithm", "algorithm [ = ] { default | inplace | copy | instant } | lock [ = ] { default | none | shared | exclusive }" },
	{ "alter_algorithm_maria",
		"algorithm [ = ] { default | inplace | copy | instant | nocopy } | lock [ = ] { default | none | shared | exclusive }" },
	{ "alter_drop",
		"drop primary key | drop { index | key } $n | drop foreign key $n | drop { constraint | check } $n | drop partition "
		"<alter_drop_parts>" },
	{ "alter_drop_maria",
		"drop primary key | drop { index | key } [ if exists ] $n | drop foreign key [ if exists ] $n | drop constraint [ if exists ] "
		"$n | drop partition [ if exists ] { $n }, | drop period [ if exists ] for { system_time | $n } | drop system versioning" },
	{ "alter_drop_parts", "{ $n }," },
	{ "alter_event", "event $q [ on schedule <schedule> ] <event_rest>" },
	{ "alter_maria",
		"alter { { database | schema } { [ !comment $n ] { <database_option_maria> }+ | $n upgrade data directory name } | "
		"<alter_user_maria> | <definer> <alter_event> | { function | procedure } $q [ <characteristic> ]* | server <word_or_string> "
		"options ( { <server_option> }, ) }" },
	{ "alter_other",
		"<alter_algorithm> | alter index $n { visible | invisible } | alter { check | constraint } $n [ not ] enforced | alter [ column "
		"] $n { drop default | set visible | set invisible } | { with | without } validation | { secondary_load | secondary_unload } [ "
		"partition ( { $n }, ) ] | <alter_other_shared>" },
	{ "alter_other_maria",
		"<alter_algorithm_maria> | alter { index | key } [ if exists ] $n { ignored | not ignored } | alter [ column ] [ if exists ] $n "
		"drop default | <alter_other_shared> | convert { partition $n to table $T | table $T to partition $n [ values less than ( { "
		"maxvalue | $e }, ) | values in ( { $e }, ) ] } [ { with | without } validation ]" },
	{ "alter_other_shared",
		"disable keys | enable keys | { discard | import } tablespace | force | order by { $S }, | convert to <charset> { binary | "
		"default | $n | $s } [ collate { binary | default | $n | $s } ] | <alter_partition>" },
	{ "alter_partition",
		"{ drop | truncate | coalesce | analyze | check | optimize | rebuild | repair } partition [ no_write_to_binlog | local ] { all "
		"| $i | { $n }, } [ { quick | fast | medium | extended | changed | use_frm | for upgrade }+ ] | { discard | import } partition "
		"{ all | { $n }, } tablespace | remove partitioning | exchange partition $n with table $T [ { with | without } validation ]" },
	{ "alter_rename", "rename column [ if exists ] $n to $n | rename { index | key } [ if exists ] $n to $n" },
	{ "alter_user",
		"user [ if exists ] { { <user> default role { none | all | <users> } } | { <user_auth> }, [ <tls> ]* [ <password_option> ]* [ { "
		"comment | attribute } $s ] }" },
	{ "alter_user_maria", "user [ if exists ] { <user_auth_maria> }, [ <tls> ]* [ <password_option_maria> ]*" },
	{ "analyze",
		"analyze [ no_write_to_binlog | local ] { table | tables } { $T }, [ update histogram on { $n }, [ with $i buckets ] [ { manual "
		"| auto } update ] [ using data $s ] | drop histogram on { $n }, ]" },
	{ "analyze_maria",
		"analyze [ no_write_to_binlog | local ] { table | tables } { $T [ persistent for { all | columns { all | ( [ { $n }, ] ) } "
		"indexes { all | ( [ { primary | $n }, ] ) } } ] }," },
	{ "auth",
		"identified { by { random password | password $s | $s } | with { $n | $s } [ { by { random password | $s } | { as | using } { "
		"$s | password ( $s ) } } ] [ initial authentication identified { by { random password | $s } | with { $n | $s } [ as $s ] } ] "
		"} [ replace $s ] [ retain current password ] | discard old password" },
	{ "auth_maria", "identified { by [ password ] $s | { with | via } { <plugin> [ or <plugin> ]* } }" },
	{ "backup", "backup { stage { start | flush | block_ddl | block_commit | end } | lock $T | unlock }" },
	{ "begin", "begin [ work ]" },
	{ "begin_maria", "begin { not atomic <stmts> end [ $L ] | [ work ] }" },
	{ "binlog", "binlog $s [ , $s ]" },
	{ "block", "begin [ not atomic ] <stmts> end [ $L ]" },
	{ "body",
		"[ $L : ] { <block> | loop <stmts> end loop [ $L ] | while $e do <stmts> end while [ $L ] | repeat <stmts> until $e end repeat "
		"[ $L ] | for $n in { [ reverse ] $e .. $e | ( $Q ) | $n [ ( { $e }, ) ] } do <stmts> end for [ $L ] } | if $e then <stmts> [ "
		"elseif $e then <stmts> ]* [ else <stmts> ] end if | case [ !when $e ] { when $e then <stmts> }+ [ else <stmts> ] end case | "
		"<declare> | return $e | leave $n | iterate $n | open $n [ ( { $e }, ) ] | close $n | fetch [ [ next ] from ] $n into { $n | $V "
		"}, | !if !while !loop !repeat !case !for $D" },
	{ "cache", "cache index { $T <partition_all> [ { index | key } ( { primary | $n }, ) ] }, in { $n | default }" },
	{ "call", "call $q [ ( [ { $e }, ] ) ]" },
	{ "chain", "[ work ] [ and [ no ] chain ] [ [ no ] release ]" },
	{ "change", "change { master $r | replication { source | filter } $r }" },
	{ "characteristic",
		"comment $s | language { sql | javascript | $n } | [ not ] deterministic | contains sql | no sql | reads sql data | modifies "
		"sql data | sql security { definer | invoker } | using ( { $e [ as $n ] }, )" },
	{ "charset", "{ character set | char set | charset }" },
	{ "check", "check { table | tables | view | views } { $T }, [ { for upgrade | quick | fast | medium | extended | changed } ]*" },
	{ "checksum", "checksum { table | tables } { $T }, [ quick | extended ]" },
	{ "clone",
		"clone { local data directory [ = ] $s | instance from <user> : $i identified by $s [ data directory [ = ] $s ] [ require [ no "
		"] ssl ] }" },
	{ "column_words",
		"comment $s | column_format { default | fixed | dynamic } | storage { default | disk | memory } | visible | invisible | { "
		"engine_attribute | secondary_engine_attribute } [ = ] $s | srid $i | serial default value | not secondary" },
	{ "column_words_maria",
		"comment $s | invisible | { with | without } system versioning | ref_system_id = $i | compressed [ = $n ] | serial default "
		"value | column_format { default | fixed | dynamic } | storage { default | disk | memory } | <engine_option>" },
	{ "commit", "commit <chain>" },
	{ "condition_value", "sqlstate [ value ] $s | sqlwarning | not found | sqlexception | $i | $n" },
	{ "create",
		"create { { database | schema } [ if not exists ] $n [ <database_option> ]* | <create_user> | role [ if not exists ] <users> | "
		"server [ if not exists ] $L foreign data wrapper <word_or_string> options ( { <server_option> }, ) | tablespace $n [ add "
		"datafile $s ] [ use logfile group $n ] [ [ , ] <size_option> ]* | undo tablespace $n add datafile $s [ <size_option> ]* | "
		"logfile group $n add { undofile | redofile } $s [ [ , ] <size_option> ]* | [ or replace ] spatial reference system [ if not "
		"exists ] $i { { name | definition | organization | description } $s [ identified by $i ] }+ | resource group $n type = { "
		"system | user } [ vcpu [ = ] { $i [ - $i ] }, ] [ thread_priority [ = ] $v ] [ enable | disable ] | library [ if not exists ] "
		"$q [ comment $s ] language $n as { $s | $d } | <create_routine> }" },
	{ "create_maria",
		"create [ or replace ] { { database | schema } [ if not exists ] $n [ <database_option_maria> ]* | <create_user_maria> | role [ "
		"if not exists ] { <role> }, [ with admin <user> ] | server [ if not exists ] <word_or_string> foreign data wrapper "
		"<word_or_string> options ( { <server_option> }, ) | <create_routine_maria> }" },
	{ "create_routine",
		"<definer> { [ aggregate ] function [ if not exists ] $q { returns { string | integer | int | real | decimal } soname $s | ( [ "
		"{ <param> }, ] ) returns $t [ collate $n ] [ <characteristic> ]* <routine_body> } | procedure [ if not exists ] $q ( [ { "
		"<param> }, ] ) [ <characteristic> ]* <routine_body> | trigger [ if not exists ] $q { before | after } { { insert | update | "
		"delete } } on $T for each row [ { follows | precedes } $q ] <body> | event [ if not exists ] $q on schedule <schedule> [ on "
		"completion [ not ] preserve ] [ enable | disable [ on { slave | replica } ] ] [ comment $s ] do <body> }" },
	{ "create_routine_maria",
		"<definer> { [ aggregate ] function [ if not exists ] $q { returns { string | integer | int | real | decimal } soname $s | ( [ "
		"{ <param> }, ] ) returns $t [ collate $n ] [ <characteristic> ]* <routine_body> } | procedure [ if not exists ] $q ( [ { "
		"<param> }, ] ) [ <characteristic> ]* <routine_body> | trigger [ if not exists ] $q { before | after } { { insert | update | "
		"delete } [ or { insert | update | delete } ]* } on $T for each row [ { follows | precedes } $q ] <body> | event [ if not "
		"exists ] $q on schedule <schedule> [ on completion [ not ] preserve ] [ enable | disable [ on { slave | replica } ] ] [ "
		"comment $s ] do <body> }" },
	{ "create_user",
		"user [ if not exists ] { <user_auth> }, [ default role <users> ] [ <tls> ]* [ <password_option> ]* [ { comment | attribute } "
		"$s ]" },
	{ "create_user_maria", "user [ if not exists ] { <user_auth_maria> }, [ <tls> ]* [ <password_option_maria> ]*" },
	{ "database_option", "[ default ] { <charset> [ = ] { binary | $n | $s } | collate [ = ] { binary | $n | $s } | encryption [ = ] $s }" },
	{ "database_option_maria",
		"[ default ] { <charset> [ = ] { binary | default | $n | $s } | collate [ = ] { binary | default | $n | $s } } | comment [ = ] "
		"$s" },
	{ "deallocate", "deallocate prepare $n" },
	{ "declare",
		"declare { { continue | exit | undo } handler for { <condition_value> }, <body> | $n cursor [ ( { $n $t }, ) ] for { $Q | $n } "
		"| $n condition for { sqlstate [ value ] $s | $i } | { $n }, { { row type of | type of } $q | $t } [ collate $n ] [ default $e "
		"] }" },
	{ "definer", "[ definer = <user> ]" },
	{ "do", "do { $e [ as $n | as $s ] }," },
	{ "drop",
		"drop { { tablespace | logfile group } $n [ [ , ] <size_option> ]* | undo tablespace $n [ <size_option> ]* | spatial reference "
		"system [ if exists ] $i | resource group $n [ force ] | library [ if exists ] $q } | <drop_shared>" },
	{ "drop_maria", "<drop_shared>" },
	{ "drop_shared",
		"drop { { database | schema } [ if exists ] $n | { user | role } [ if exists ] <users> | { event | function | procedure | "
		"trigger } [ if exists ] $q | server [ if exists ] <word_or_string> | prepare $n }" },
	{ "engine_option", "!engine !type !comment !connection { $n = { $i | $s | $n | default } }" },
	{ "engine_sequence", "{ engine [ = ] <word_or_string> | comment [ = ] $s }" },
	{ "event_rest",
		"[ on completion [ not ] preserve ] [ rename to $q ] [ { enable | disable [ on { slave | replica } ] } ] [ comment $s ] [ do "
		"<body> ]" },
	{ "execute", "execute { immediate $e [ using { default | ignore | $e }, ] | $n [ using { default | ignore | $e }, ] }" },
	{ "file_format",
		"[ { character set | charset } { binary | $n | $s } ] [ { fields | columns } { terminated by $h | [ optionally ] enclosed by $h "
		"| escaped by $h }+ ] [ lines { starting by $h | terminated by $h }+ ]" },
	{ "flush",
		"flush [ no_write_to_binlog | local ] { { table | tables } [ [ { $T }, ] { with read lock [ and disable checkpoint ] | for "
		"export } ] [ { !with !for $T }, ] [ with read lock | for export ] | { { binary | engine | error | general | slow | relay } "
		"logs [ for channel $s ] | logs | hosts | privileges | status | user_resources | optimizer_costs | des_key_file | query cache | "
		"query_response_time | relay logs $r | ssl | $n }, }" },
	{ "force_index", "{ force | ignore } { index | key } [ <hint_for> ] ( { primary | $n }, )" },
	{ "from_in", "[ { from | in } $q ]" },
	{ "get", "get [ current | stacked ] diagnostics { condition $e { { $n | $V } = $L }, | { { $n | $V } = { number | row_count } }, }" },
	{ "grant",
		"grant { proxy on <user> to { <user_auth_maria> }, [ with grant option ] | { <privilege> }, on <grant_level> to { "
		"<user_auth_maria> }, [ <tls> ]* [ with { grant option | { max_queries_per_hour | max_updates_per_hour | "
		"max_connections_per_hour | max_user_connections } $i }+ ] [ as <user> [ with role { default | none | all [ except <users> ] | "
		"<users> } ] ] | <users> to { <user_auth_maria> }, [ with admin option ] }" },
	{ "grant_any",
		"grant { proxy on <user> to { <user_auth> }, [ with grant option ] | { <privilege_any> }, on <grant_level> to { <user_auth> }, "
		"[ <tls> ]* [ with { grant option | { max_queries_per_hour | max_updates_per_hour | max_connections_per_hour | "
		"max_user_connections } $i }+ ] [ as <user> [ with role { default | none | all [ except <users> ] | <users> } ] ] | <users> to "
		"{ <user_auth_maria> }, [ with admin option ] }" },
	{ "grant_level", "[ table | function | procedure | library | package | package body ] { * . * | * | $n . * | $q }" },
	{ "handler",
		"handler $q { open [ [ as ] $n ] | close | read { first | next | $n { { = | >= | <= | > | < } ( { $e }, ) | first | next | prev | last } } "
		"[ where $e ] [ limit $e [ { , | offset } $e ] ] }" },
	{ "help", "help { $s | $n }" },
	{ "hint_for", "for { join | order by | group by }" },
	{ "import", "import table from { $s }," },
	{ "index_option",
		"{ using | type } { btree | hash | rtree } | key_block_size [ = ] $i | with parser $n | comment $s | visible | invisible | { "
		"engine_attribute | secondary_engine_attribute } [ = ] $s" },
	{ "index_option_maria",
		"{ using | type } { btree | hash | rtree } | key_block_size [ = ] $i | with parser $n | comment $s | ignored | not ignored | "
		"clustering = { $n | $i } | !algorithm !lock <engine_option>" },
	{ "install",
		"install { plugin [ if not exists ] $n soname $s | soname $s | component { $s }, [ set { [ global . | persist . | global | "
		"persist ] $q = $e }, ] }" },
	{ "json_column",
		"nested [ path ] $s <json_columns> | $n for ordinality | $n $t [ collate $n ] { path $s [ <on_response> ] [ <on_response> ] | "
		"exists path $s }" },
	{ "json_columns", "columns ( { <json_column> }, )" },
	{ "json_table", "$e , $s <json_columns>" },
	{ "kill", "kill [ hard | soft ] [ connection | query [ id ] | user <user> ] [ $e ]" },
	{ "like", "[ like $s | where $e ]" },
	{ "load",
		"load { { data | xml } [ low_priority | concurrent ] [ local ] [ from ] { infile | url | s3 } $s [ { replace | ignore } ] into "
		"table $T <partition_names> [ { character set | charset } { binary | $n | $s } ] [ rows identified by $s ] [ { fields | columns "
		"} { terminated by $h | [ optionally ] enclosed by $h | escaped by $h }+ ] [ lines { starting by $h | terminated by $h }+ ] [ "
		"ignore $i { lines | rows } ] [ ( [ { $V | $c }, ] ) ] [ set { $c = $e }, ] | index into cache { $T <partition_all> [ { index | "
		"key } ( { primary | $n }, ) ] [ ignore leaves ] }, }" },
	{ "lock",
		"lock { { table | tables } { $T [ !read !write !low_priority [ as ] $n ] { read [ local ] | [ low_priority ] write [ concurrent "
		"] } [ wait $i | nowait ] }, | instance for backup }" },
	{ "number_or_default", "$v | default" },
	{ "on_response", "{ null | error | default $x } on { empty | error }" },
	{ "optimize", "optimize [ no_write_to_binlog | local ] { table | tables } { $T }, [ wait $i | nowait ]" },
	{ "outfile", "dumpfile $s | outfile $s <file_format>" },
	{ "param", "[ in | out | inout ] $n $t [ collate $n ] [ default $e ]" },
	{ "partition_all", "[ partition ( { all | { $n }, } ) ]" },
	{ "partition_names", "[ partition ( { $n }, ) ]" },
	{ "partition_option",
		"[ storage ] engine [ = ] <word_or_string> | comment [ = ] $s | { data | index } directory [ = ] $s | { max_rows | min_rows | "
		"nodegroup } [ = ] $i | tablespace [ = ] $n | history | current | engine_attribute [ = ] $s" },
	{ "password_option",
		"password { expire [ default | never | interval $i day ] | history { default | $i } | reuse interval { default | $i day } | "
		"require current [ default | optional ] } | account { lock | unlock } | failed_login_attempts $i | password_lock_time { "
		"unbounded | $i }" },
	{ "password_option_maria", "password expire [ default | never | interval $i day ] | account { lock | unlock }" },
	{ "plugin", "{ $n | $s } [ { using | as | by } { $s | password ( $s ) } ]" },
	{ "prepare", "prepare $n from { $e }" },
	{ "privilege",
		"{ all [ privileges ] | select | insert | update | references | delete | create temporary tables | create routine | create "
		"tablespace | create view | create user | create role | drop role | create | drop | reload | shutdown | process | file | grant "
		"option | index | alter routine | alter | show databases | show view | super | lock tables | execute | replication client | "
		"replication slave admin | replication master admin | replication slave | replication replica | event | trigger | usage | "
		"delete history | set user | set role | federated admin | connection admin | read_only admin | binlog monitor | binlog admin | "
		"binlog replay | slave monitor | replica monitor } [ ( { $n }, ) ]" },
	{ "privilege_any", "<privilege> | $n [ ( { $n }, ) ]" },
	{ "purge", "purge { binary | master } logs { to $s | before $e }" },
	{ "release", "release savepoint $n" },
	{ "rename", "rename { { table | tables } [ if exists ] { $T [ wait $i | nowait ] to $T }, | user { <user> to <user> }, }" },
	{ "repair",
		"repair [ no_write_to_binlog | local ] { table | tables | view | views } { $T }, [ { quick | extended | use_frm | force | from "
		"mysql } ]*" },
	{ "reset",
		"reset { persist [ if exists ] $q | persist | { query cache | master [ to $i ] | slave [ $r ] | replica [ $r ] | binary logs "
		"and gtids [ to $i ] }, }" },
	{ "resignal", "resignal [ sqlstate [ value ] $s | !set $n ] [ set { <signal_set> }, ]" },
	{ "restart", "restart" },
	{ "revoke",
		"revoke [ if exists ] { proxy on <user> from <users> | all [ privileges ] , grant option from <users> | { <privilege> }, on "
		"<grant_level> from <users> | [ admin option for ] <users> from <users> } [ ignore unknown user ]" },
	{ "revoke_any",
		"revoke [ if exists ] { proxy on <user> from <users> | all [ privileges ] , grant option from <users> | { <privilege_any> }, on "
		"<grant_level> from <users> | [ admin option for ] <users> from <users> } [ ignore unknown user ]" },
	{ "role", "{ $s | $n }" },
	{ "rollback", "rollback { [ work ] to [ savepoint ] $n | <chain> }" },
	{ "routine_body", "as { $s | $d } | <body>" },
	{ "savepoint", "savepoint $n" },
	{ "schedule", "at $e | every $e $L [ starts $e ] [ ends $e ]" },
	{ "scope", "{ global | session | local | persist | persist_only }" },
	{ "sequence_option",
		"as $t | increment [ by | = ] $v | minvalue [ = ] $v | maxvalue [ = ] $v | no { minvalue | maxvalue | cache | cycle } | "
		"nominvalue | nomaxvalue | start [ with | = ] $v | cache [ = ] $i | nocache | cycle | nocycle | restart [ [ with | = ] $v ] | "
		"<engine_sequence>" },
	{ "server_option", "{ host | database | user | password | socket | owner } $s | port $i" },
	{ "set",
		"set { password [ for <user> ] { = { password ( $e ) | old_password ( $e ) | $s } | to random } [ replace $s ] [ retain current "
		"password ] | role { default | none | all [ except <users> ] | <users> } | default role { none | all | <users> } [ to <users> | "
		"for <user> ] | resource group $n [ for { $i }, ] | { <set_variable> }, }" },
	{ "set_maria",
		"set { password [ for <user> ] { = { password ( $e ) | old_password ( $e ) | $s } | to random } [ replace $s ] [ retain current "
		"password ] | role { none | <role> } | default role { none | <role> } [ for <user> ] | statement { $q = $e }, for $D | { "
		"<set_variable> }, }" },
	{ "set_value", "{ default | on | all | binary | row | system | $e }" },
	{ "set_variable",
		"$V { = | := } $e | names { default | { $n | $s | binary } [ collate { $n | $s | default } ] } | <charset> { default | binary | "
		"$n | $s } | [ <scope> ] transaction { { isolation level { read { committed | uncommitted } | repeatable read | serializable } "
		"| read { only | write } }, } | <scope> { $q | default . $n } { = | := } <set_value> | { default . $n | $q } { = | := } "
		"<set_value>" },
	{ "show",
		"show { { full | extended full | extended } { tables | columns | fields | processlist | index | indexes | keys | triggers } "
		"<from_in> <from_in> <like> | create { database | schema } [ if not exists ] $n | create { event | function | procedure | table "
		"| trigger | view | sequence | server | library | package [ body ] } $q | create user [ <user> ] | { databases | schemas } "
		"<like> | { tables | open tables | table status | events | triggers } <from_in> <like> | { columns | fields | index | indexes | "
		"keys } { from | in } $q [ { from | in } $n ] <like> | [ global | session | local ] { status | variables } <like> | { character "
		"set | charset | collation | function status | procedure status | library status | package status | package body status } "
		"<like> | { function | procedure | package | package body } code $q | [ count ( * ) ] { warnings | errors } [ limit $i [ { , | "
		"offset } $i ] ] | engine { $n | all } { status | mutex | logs } | [ storage ] engines | grants [ for <user> [ using <users> ] "
		"] | privileges | processlist | profiles | profile [ { all | block io | context switches | cpu | ipc | memory | page faults | "
		"source | swaps }, ] [ for query $i ] [ limit $i [ { , | offset } $i ] ] | plugins [ soname $s | like $s | where $e ] | { "
		"binary | master } logs | { binary log | binlog } status | { binlog | relaylog } events [ in $s ] [ from $i ] [ limit $i [ { , "
		"| offset } $i ] ] [ for channel $s ] | { master | slave | replica } status [ for channel $s ] | all { slaves | replicas } "
		"status | { slave hosts | replicas | replica hosts } | { slave | replica } $s status | parse_tree $D | explain [ format = $n ] "
		"for $e | relaylog $s events $r | relaylog $s events | { authors | contributors | client_statistics | user_statistics | "
		"index_statistics | table_statistics | user_variables } <like> }" },
	{ "shutdown", "shutdown [ wait for all { slaves | replicas } ]" },
	{ "signal", "signal { sqlstate [ value ] $s | $n } [ set { <signal_set> }, ]" },
	{ "signal_set",
		"{ class_origin | subclass_origin | message_text | mysql_errno | constraint_catalog | constraint_schema | constraint_name | "
		"catalog_name | schema_name | table_name | column_name | cursor_name | row_number } = $e" },
	{ "size_option",
		"{ initial_size | autoextend_size | max_size | extent_size | undo_buffer_size | redo_buffer_size | nodegroup | file_block_size "
		"} [ = ] $a | [ storage ] engine [ = ] <word_or_string> | wait | comment [ = ] $s | encryption [ = ] $s | engine_attribute [ = "
		"] $s" },
	{ "start",
		"start { transaction [ { with consistent snapshot | read { only | write } }, ] | { slave | replica | all slaves | all replicas "
		"} $r | { slave | replica | all slaves | all replicas } | group_replication $r | group_replication }" },
	{ "stmts", "[ !end !until !else !elseif !when <body> ; ]*" },
	{ "stop", "stop { slave | replica | all slaves | all replicas | group_replication } [ $r ]" },
	{ "system_time",
		"for system_time { all | as of [ transaction ] $o | between [ transaction ] $o and [ transaction ] $o | from [ transaction ] $o "
		"to [ transaction ] $o }" },
	{ "table_option",
		"<table_option_shared> | autoextend_size [ = ] $a | compression [ = ] $s | engine_attribute [ = ] $s | "
		"secondary_engine_attribute [ = ] $s | secondary_engine [ = ] { null | $n | $s } | start transaction | [ default ] <charset> [ "
		"= ] { binary | $n | $s } | [ default ] collate [ = ] { binary | $n | $s }" },
	{ "table_option_maria",
		"<table_option_shared> | type [ = ] <word_or_string> | page_checksum [ = ] $i | transactional [ = ] $i | with system versioning "
		"| [ default ] <charset> [ = ] { binary | default | $n | $s } | [ default ] collate [ = ] { binary | default | $n | $s } | "
		"sequence [ = ] $i | <engine_option>" },
	{ "table_option_shared",
		"{ auto_increment | avg_row_length | checksum | table_checksum | delay_key_write | key_block_size | max_rows | min_rows } [ = ] "
		"$i | { pack_keys | stats_auto_recalc | stats_persistent | stats_sample_pages } [ = ] <number_or_default> | [ storage ] engine "
		"[ = ] <word_or_string> | comment [ = ] $s | connection [ = ] $s | { data | index } directory [ = ] $s | encryption [ = ] $s | "
		"insert_method [ = ] { no | first | last } | password [ = ] $s | union [ = ] ( [ { $T }, ] ) | row_format [ = ] { default | "
		"dynamic | fixed | compressed | redundant | compact | page } | tablespace [ = ] $n [ storage { disk | memory | default } ] | "
		"storage { disk | memory | default }" },
	{ "tls",
		"{ require { none | { [ and ] { ssl | x509 | cipher $s | issuer $s | subject $s } }+ } | with { { max_queries_per_hour | "
		"max_updates_per_hour | max_connections_per_hour | max_user_connections | max_statement_time } $v }+ }" },
	{ "uninstall", "uninstall { plugin [ if exists ] $n | soname [ if exists ] $s | component { $s }, }" },
	{ "unlock", "unlock { table | tables | instance }" },
	{ "use", "use $n" },
	{ "use_index", "use { index | key } [ <hint_for> ] ( [ { primary | $n }, ] )" },
	{ "user",
		"current_user [ ( ) ] | current_role | session_user [ ( ) ] | user ( ) | { $s | $n } [ \\@ { $s | $n | $v [ $v [ $v ] ] } | $V "
		"]" },
	{ "user_auth",
		"<user> [ <auth> [ and <auth> ]* | { add | modify | drop } $i factor [ <auth> ] | $i factor { initiate registration | finish "
		"registration set challenge_response as $s | unregister } | discard old password ]" },
	{ "user_auth_maria", "<user> [ <auth_maria> ]" },
	{ "users", "{ <user> }," },
	{ "word_or_string", "$n | $s" },
	{ "xa",
		"xa { { start | begin } <xid> [ join | resume ] | end <xid> [ suspend [ for migrate ] ] | prepare <xid> | commit <xid> [ one "
		"phase ] | rollback <xid> | recover [ convert xid | format = $s ] }" },
	{ "xid", "$h [ , $h [ , $i ] ]" },
};
/* clang-format on */
