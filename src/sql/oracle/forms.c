/* The clauses of Oracle that are words with values between them; the notation stands in sql/parse/parser.h. Sorted by
 * name.
 */
#include "sql/oracle/oracle.h"

/* clang-format off */
const struct so_form so_oracle_forms[] = {
	{ "access_parameters",
	  "access parameters { ( $b ) | using clob $e }" },
	{ "add_tail",
	  "<column_storage> | <lob_storage> | initially deferred | <partition_option> | ( { <lob_storage> }+ ) | ( "
	  "partition $b )" },
	{ "alter_index",
	  "rebuild [ <partition_ref> | reverse | noreverse ] [ <index_option> ]* | rename to $n | rename "
	  "<partition_ref> to $n | coalesce [ cleanup [ only ] ] [ <parallel> ]* | coalesce partition [ <parallel> ]* | "
	  "{ enable | disable | unusable [ online ] | visible | invisible | usable } [ { deferred | immediate } "
	  "invalidation ] | monitoring usage | nomonitoring usage | compile | update block references | modify default "
	  "attributes [ for partition $n ] [ <physical> ]* | modify <partition_ref> [ <index_option> | coalesce [ "
	  "cleanup ] | unusable | update block references | parameters ( $e ) | allocate extent [ ( $b ) ] | deallocate "
	  "unused [ keep $z ] | shrink space [ compact | check ] [ cascade ] | monitoring usage ]* | add partition [ $n "
	  "] [ <index_option> ]* | drop partition $n | split partition $n at ( { $e }, ) [ into ( { <index_partition> "
	  "}, ) ] [ <parallel> ] | split partition $n [ at ( { $e }, ) ] [ into ( $b ) ] [ <parallel> ] | allocate "
	  "extent [ ( $b ) ] | deallocate unused [ keep $z ] | shrink space [ compact ] [ cascade ] | parameters ( $e ) "
	  "| <annotations> | <index_option>" },
	{ "alter_mview",
	  "compile | consider fresh | { enable | disable } query rewrite | <mv_refresh> | scope for ( $c ) is $q | "
	  "<index_using> | { enable | disable } on query computation | { enable | disable } concurrent refresh | "
	  "evaluate using $a [ $a ]* | <table_action>" },
	{ "alter_mview_log",
	  "add { <mv_log_columns> | { object id | primary key | rowid | sequence } [ <mv_log_columns> ] } [ , { "
	  "<mv_log_columns> | { object id | primary key | rowid | sequence } [ <mv_log_columns> ] } ]* [ { including | "
	  "excluding } new values ] | move [ <physical> | <parallel> ]* | { including | excluding } new values | force "
	  "| for { synchronous refresh using $n | fast refresh } | <mv_log_option> | <table_action>" },
	{ "alter_partition_option",
	  "<partition_option> | { add | drop } values ( { $e }, ) | coalesce subpartition [ <alter_partition_tail> ]* | "
	  "add $p [ <alter_partition_tail> ]* | rebuild unusable local indexes | unusable local indexes | allocate "
	  "extent [ ( $b ) ] | deallocate unused [ keep $z ] | shrink space [ compact ] [ cascade ] | overflow [ "
	  "<physical> ]* | add overflow [ ( $b ) ] | parameters ( $e ) | lob ( { $c }, ) ( $b ) | nomapping | mapping "
	  "table | update block references | { no inmemory | <inmemory> } | varray $c ( $b ) | merge" },
	{ "alter_partition_tail",
	  "{ update | invalidate } global indexes | update indexes [ ( { $c ( $b ) }, ) ] | <parallel> | cascade | "
	  "<partition_option> | { including | excluding | without } rows | including indexes | { with | without } "
	  "validation | exceptions into $q | online | allow clustering | disallow clustering | { drop | reuse | drop "
	  "all } storage | dependent tables ( $b )" },
	{ "alter_view",
	  "compile | add $K | modify constraint $n [ rely | norely ] | drop { constraint $n | primary key | unique ( { "
	  "$c }, ) } [ cascade ] | read only | read write | editionable | noneditionable | <annotations>" },
	{ "annotations",
	  "annotations ( { [ add [ if not exists | or replace ] | drop [ if exists ] | replace ] $L [ $s ] }, )" },
	{ "column_option",
	  "sort | visible | invisible | reserved | domain $q | encrypt [ <encryption> ] | decrypt | collate $q | [ not "
	  "] substitutable at all levels | [ element ] is of [ type ] ( [ only ] $t ) | scope is $q | with rowid | "
	  "default collation $n | <annotations> | materialized | evaluation_edition | [ no ] inmemory [ "
	  "<inmemory_attributes> ] | unusable { before | beginning with } { current edition | edition $n | null edition "
	  "} | evaluate using { current edition | edition $n | null edition } | by user for statistics | virtual" },
	{ "column_storage",
	  "<lob_storage> | <xmltype_storage> | <varray_storage> | <nested_table> | column $c <substitutable> | opaque "
	  "type $q store as $a [ $a ]*  | json ( { $c }, ) store as [ ( <lob_parameters> ) | $n [ ( <lob_parameters> ) "
	  "] ]" },
	{ "comment_object",
	  "{ table | view | materialized view | mining model | indextype | operator | edition | audit policy | property "
	  "graph | column } $q is $s" },
	{ "compression",
	  "compress [ basic | for { oltp | all operations | direct_load operations | query [ low | high ] | archive [ "
	  "low | high ] } | advanced [ low | high ] | $i ] | nocompress | row store compress [ basic | advanced ] | "
	  "column store compress [ for { query | archive } [ low | high ] ] [ no row level locking | row level locking "
	  "]" },
	{ "constraint_light",
	  "not null | null | default $e" },
	{ "constraint_state",
	  "[ not ] deferrable | initially { immediate | deferred } | rely | norely | using index [ ( $D ) | "
	  "<using_index> ] | enable | disable | validate | novalidate | exceptions into $q | precheck | noprecheck | "
	  "<annotations>" },
	{ "drop_tail",
	  "if exists | cascade constraints | cascade constraint | purge | as $s | force | validate | online | { "
	  "deferred | immediate } invalidation | preserve table | cascade" },
	{ "encryption",
	  "[ using $s ] [ identified by $a ] [ $s ] [ [ no ] salt ]" },
	{ "encryption_on",
	  "encrypt [ <encryption> ] | decrypt" },
	{ "external_clause",
	  "[ type $n ] [ default directory $n | <access_parameters> | location ( { $L : $s | $s | $L }, ) | reject "
	  "limit { unlimited | $i } ]*" },
	{ "external_part",
	  "external [ [ default directory $n | <access_parameters> | location ( { $L : $s | $s }, ) ]+ ]" },
	{ "external_table",
	  "organization external { ( <external_clause> ) [ reject limit { unlimited | $i } ] | <external_clause> }" },
	{ "flashback",
	  "versions [ period for $n ] between [ scn | timestamp ] { minvalue | $o } and { maxvalue | $o } | versions "
	  "period for $n between { minvalue | $o } and { maxvalue | $o } | as of { { scn | timestamp } $o | period for "
	  "$n $o | $o }" },
	{ "fn_cast",
	  "{ multiset ( $Q ) | $e } as $t [ default $e on conversion error ] [ , $e ]*" },
	{ "fn_chr",
	  "$e using nchar_cs" },
	{ "fn_collect",
	  "[ distinct | unique ] $e [ order by { $S }, ]" },
	{ "fn_extract",
	  "$L from $e" },
	{ "fn_json",
	  "$e [ format json ] [ <json_strict> ] [ extended ]" },
	{ "fn_json_array",
	  "[ $Q | { $e [ format json ] }, ] [ order by { $S }, ] [ <json_null> ] [ <json_returning> ] [ strict ]" },
	{ "fn_json_arrayagg",
	  "$e [ format json ] [ order by { $S }, ] [ <json_null> ] [ <json_returning> ] [ strict ]" },
	{ "fn_json_equal",
	  "$e , $e [ <json_on> ]*" },
	{ "fn_json_exists",
	  "$e [ format json ] , $e [ <json_passing> ] [ <json_on> ]* [ <json_type> ]" },
	{ "fn_json_mergepatch",
	  "$e , $e [ <json_returning> ] [ pretty ] [ ascii ] [ truncate ] [ <json_on> ]*" },
	{ "fn_json_object",
	  "[ * | { <json_entry> }, ] [ <json_null> ] [ <json_returning> ] [ strict ] [ with unique keys ]" },
	{ "fn_json_objectagg",
	  "[ key ] $x { value | is | , | : } $e [ format json ] [ <json_null> ] [ <json_returning> ] [ strict ] [ with "
	  "unique keys ]" },
	{ "fn_json_query",
	  "$e [ format json ] , $e [ <json_passing> ] [ <json_returning> ] [ { allow | disallow } scalars ] [ pretty ] "
	  "[ ascii ] [ <json_wrapper> ] [ <json_quotes> ] [ <json_on> ]* [ <json_type> ]" },
	{ "fn_json_scalar",
	  "$e [ sql | json ] [ <json_null> ]" },
	{ "fn_json_serialize",
	  "$e [ <json_returning> ] [ pretty ] [ ascii ] [ ordered ] [ truncate ] [ <json_on> ]*" },
	{ "fn_json_table",
	  "$e [ format json ] [ , $e ] [ <json_passing> ] [ <json_on> ]* [ <json_type> ] [ <json_columns> ]" },
	{ "fn_json_textcontains",
	  "$e , $e , $e" },
	{ "fn_json_transform",
	  "$e , { <json_operation> }, [ <json_passing> ] [ <json_returning> ] [ <json_type> ]" },
	{ "fn_json_value",
	  "$e [ format json ] [ , $e ] [ <json_passing> ] [ <json_returning> ] [ ascii ] [ <json_on> ]* [ <json_type> ]" },
	{ "fn_translate",
	  "$e using { char_cs | nchar_cs }" },
	{ "fn_treat",
	  "$e as $t" },
	{ "fn_trim",
	  "{ leading | trailing | both } { from $e | $e from $e } | $e from $e" },
	{ "fn_validate_conversion",
	  "$e as $t [ , $e ]*" },
	{ "fn_vector_chunks",
	  "$e [ $b ]" },
	{ "fn_vector_embedding",
	  "$q using { $e [ as $L ] }," },
	{ "fn_xmlagg",
	  "$e order by { $S }," },
	{ "fn_xmlcast",
	  "$e as $t" },
	{ "fn_xmlcolattval",
	  "{ $e [ [ as ] { evalname $e | $L } ] }," },
	{ "fn_xmlelement",
	  "[ entityescaping | noentityescaping ] { evalname $e | name $L | !evalname $L } [ , <xml_attributes> ] [ , { "
	  "$e [ [ as ] { evalname $e | $L } ] }, ]" },
	{ "fn_xmlexists",
	  "$e [ <xml_passing> ]" },
	{ "fn_xmlforest",
	  "{ $e [ [ as ] { evalname $e | $L } ] }," },
	{ "fn_xmlparse",
	  "{ document | content } $e [ wellformed ]" },
	{ "fn_xmlpi",
	  "{ evalname $e | name $L | $L } [ , $e ]" },
	{ "fn_xmlquery",
	  "$e [ <xml_passing> ] [ returning content ] [ null on empty ]" },
	{ "fn_xmlroot",
	  "$e , version { no value | $e } [ , standalone { yes | no value | no } ]" },
	{ "fn_xmlserialize",
	  "{ document | content } $e [ as $t ] [ encoding $e ] [ version $e ] [ no indent | indent [ size = $e ] ] [ { "
	  "hide | show } defaults ]" },
	{ "fn_xmltable",
	  "[ xmlnamespaces ( { default $s | $s as $L }, ) , ] $e [ <xml_passing> ] [ returning sequence by ref ] [ "
	  "columns { <xml_column> }, ]" },
	{ "graph_table",
	  "graph_table ( $b )" },
	{ "identity",
	  "[ generated { always | by default [ on null [ for insert [ only ] | for insert and update ] ] } ] as "
	  "identity [ ( [ <sequence_option> ]* ) | [ <sequence_option> ]* ]" },
	{ "ilm",
	  "ilm { add policy <ilm_policy> | { delete | enable | disable } policy $n | delete_all | enable_all | "
	  "disable_all }" },
	{ "ilm_policy",
	  "$a [ $a ]*" },
	{ "immutable_option",
	  "no drop [ until $i days idle ] | no delete [ locked | until $i days after insert [ locked ] ] | hashing "
	  "using $s version $a | with row version [ and user chain ] $n [ ( { $c }, ) ]" },
	{ "index_option",
	  "<index_partitioning> | <physical> | reverse | sort | nosort | visible | invisible | online | offline | "
	  "compute statistics | nocompute statistics | <parallel> | advanced low | indexing { full | partial } | usable "
	  "| unusable | compress advanced [ low | high ] | { deferred | immediate } invalidation | indextype is $q [ "
	  "<parallel> ] [ parameters ( $e ) ] | parameters ( $e ) | <xml_index> | noreverse | filter by { $c }, | order "
	  "by { $c [ asc | desc ] }, | search | <annotations> | organization $a [ $a ]* | distance $L | with target "
	  "accuracy $i [ parameters ( $b ) ]" },
	{ "index_partition",
	  "partition [ $n ] [ { <physical> | usable | unusable | parameters ( $e ) | store in ( { $n }, ) | ( { "
	  "subpartition [ $n ] [ { <physical> | usable | unusable | parameters ( $e ) } ]* }, ) } ]*" },
	{ "index_partitioning",
	  "local [ store in ( { default | $n }, ) [ ( { <index_partition> }, ) ] | ( { <index_partition> }, ) ] | "
	  "global partition by { range ( { $c }, ) ( { partition [ $n ] values less than ( { $e }, ) [ <physical> ]* [ "
	  "<inmemory> ] }, ) | hash ( { $c }, ) { partitions $i [ store in ( { $n }, ) ] [ overflow store in ( { $n }, "
	  ") ] | ( { <index_partition> }, ) } }" },
	{ "index_using",
	  "using { no index | index [ <physical> ]* }" },
	{ "inline_external",
	  "external ( ( { <table_column> }, ) [ type $n ] <external_clause> [ reject limit { $e } ] )" },
	{ "inmemory",
	  "inmemory <inmemory_attributes> | no inmemory [ ( { $c }, ) ] | inmemory" },
	{ "inmemory_attributes",
	  "[ memcompress [ for { dml | query [ low | high ] | capacity [ low | high ] } | auto ] | no memcompress | "
	  "priority { none | low | medium | high | critical } | distribute [ auto | by { rowid range | partition | "
	  "subpartition } ] [ for service { default | all | none | $n } ] | duplicate [ all ] | no duplicate | spatial "
	  "$n | all | text { $c }, | [ no ] inmemory ( { $c }, ) | ( { $c }, ) ]*" },
	{ "iot_option",
	  "mapping table | nomapping | pctthreshold $i | including $n overflow | including $n | overflow | compress $i" },
	{ "json_column",
	  "nested [ path ] $e <json_columns> | $n for ordinality | $n [ exists | [ !path !format !exists !error !null "
	  "!default !with !without !allow !disallow !truncate !empty !true !false $t ] [ truncate ] [ exists ] [ format "
	  "json ] [ { allow | disallow } scalars ] ] [ <json_wrapper> ] [ <json_quotes> ] [ path $x ] [ <json_on> ]*" },
	{ "json_columns",
	  "columns { ( { <json_column> }, ) | { <json_column> }, }" },
	{ "json_entry",
	  "key $x { value | is } $e [ format json ] | $e [ { value | is | : } $e ] [ format json ]" },
	{ "json_null",
	  "{ null | absent | empty string } on null" },
	{ "json_on",
	  "{ error | null | true | false | empty [ array | object ] | default $o | ignore | missing | create | replace "
	  "| remove | not found } on { error | empty | null | existing | missing | mismatch [ ( { missing data | extra "
	  "data | type error }, ) ] }" },
	{ "json_operation",
	  "{ remove | keep | insert | replace | append | prepend | set | rename | sort | case | copy | minus | union | "
	  "intersect | merge | add_set | remove_set | nested path } $x [ { = | with } { path $x | $e } [ format json ] "
	  "] [ { asc | desc | unique | order by $x } ]* [ <json_on> ]*" },
	{ "json_passing",
	  "passing { $e as $L }," },
	{ "json_quotes",
	  "{ keep | omit } quotes [ on scalar string ]" },
	{ "json_returning",
	  "returning $t [ format json ] [ pretty ] [ ascii ] [ truncate ] [ ordered ] [ extended ] [ as $L ]" },
	{ "json_strict",
	  "( { strict | lax | with unique keys }+ )" },
	{ "json_type",
	  "type ( { strict | lax } )" },
	{ "json_wrapper",
	  "{ without [ array ] | with [ conditional | unconditional ] [ array ] } wrapper" },
	{ "lob_parameters",
	  "[ { tablespace set $n | tablespace $n | { enable | disable } storage in row | <storage> | chunk $z | "
	  "pctversion $i | retention [ max | min $i | auto | none ] | freepools $i | deduplicate | keep_duplicates | "
	  "<encryption_on> | cache reads [ <logging> ] | cache | nocache | <logging> | compress [ high | medium | low ] "
	  "| nocompress | index [ $n ] ( $b ) | pctfree $i | initrans $i | maxtrans $i } ]*" },
	{ "lob_storage",
	  "lob ( { $c }, ) store as [ [ securefile | basicfile ] [ $n ] [ ( <lob_parameters> ) ] | ( <lob_parameters> ) "
	  "]" },
	{ "log_errors",
	  "log errors [ into $q ] [ ( $e ) ] [ reject limit { unlimited | $e } ]" },
	{ "logging",
	  "logging | nologging | filesystem_like_logging" },
	{ "match_recognize",
	  "match_recognize ( [ partition by { $e }, ] [ order by { $S }, ] [ measures { $e as $L }, ] [ one row per "
	  "match | all rows per match [ show empty matches | omit empty matches | with unmatched rows ] ] [ after match "
	  "skip { past last row | to { next row | { first | last } $n | $n } } ] pattern ( <row_pattern> ) [ subset { "
	  "$n = ( { $n }, ) }, ] define { $n as $e }, )" },
	{ "model",
	  "model [ <model_cells> ]* [ return { updated | all } rows ] [ reference $n on ( $Q ) <model_columns> [ "
	  "<model_cells> ]* ]* [ main $n ] <model_columns> [ <model_cells> ]* [ rules [ update | upsert [ all ] ] [ { "
	  "automatic | sequential } order ] [ iterate ( $i ) [ until ( $e ) ] ] ] ( [ { <model_rule> }, ] )" },
	{ "model_cells",
	  "{ ignore | keep } nav | unique { dimension | single reference }" },
	{ "model_columns",
	  "[ partition by ( { $e [ [ as ] $L ] }, ) ] dimension by ( { $e [ [ as ] $L ] }, ) measures ( { $e [ [ as ] "
	  "$L ] }, )" },
	{ "model_rule",
	  "[ update | upsert [ all ] ] $x [ order by { $S }, ] = $e" },
	{ "move_option",
	  "online | including rows where $e | <lob_storage> | <varray_storage> | <physical> | <parallel> | { update | "
	  "invalidate } { global indexes | indexes [ ( $b ) ] } | update indexes | overflow [ <physical> ]* | mapping "
	  "table | nomapping | <inmemory> | { allow | disallow } clustering | <partition_option>" },
	{ "mv_log_column",
	  "object id | primary key | rowid | sequence [ ( { $c }, ) ] | commit scn | <mv_log_columns>" },
	{ "mv_log_columns",
	  "( { $c }, )" },
	{ "mv_log_option",
	  "<physical> | <parallel> | cache | nocache | with { <mv_log_column> }, [ <mv_log_columns> ] | "
	  "<mv_log_columns> | { including | excluding } new values | purge { immediate [ synchronous | asynchronous ] | "
	  "start with $e [ next $e | repeat interval $e ] | next $e | repeat interval $e } | for { synchronous refresh "
	  "using $n | fast refresh } | sequence | commit scn" },
	{ "mv_option",
	  "<physical> | <parallel> | <row_movement> | build { immediate | deferred } | on prebuilt table [ { with | "
	  "without } reduced precision ] | <index_using> | <mv_refresh> | for update | { disable | enable } query "
	  "rewrite [ unusable { before | beginning with } { current edition | edition $n | null edition } ]* | { enable "
	  "| disable } on query computation | evaluate using { current edition | edition $n | null edition } | cache | "
	  "nocache | <inmemory> | segment creation { immediate | deferred } | <column_storage> | cluster $q ( { $c }, ) "
	  "| default collation $n | organization index [ <iot_option> ]* | scope for ( $c ) is $q | <annotations> | "
	  "enable concurrent refresh | { disable | enable } concurrent refresh" },
	{ "mv_refresh",
	  "never refresh | refresh [ { fast | complete | force | on { demand | commit | statement } | start with $e | "
	  "next $e | with { primary key | rowid } | using { [ default ] [ master | local ] rollback segment [ $n ] | { "
	  "enforced | trusted } constraints } } ]*" },
	{ "nested_table",
	  "nested table { column_value | $c } [ <substitutable> ] [ local | global ] store as $n [ ( $b ) ] [ return [ "
	  "as ] { locator | value } ]" },
	{ "object_view",
	  "of $t { with object { identifier | id | oid } { default | ( { $c }, ) } | under $q } | of xmltype [ "
	  "xmlschema $s element $a | element $a ] [ $a ]* with object { identifier | id } { default | ( { $e }, ) }" },
	{ "on_commit",
	  "on commit { preserve | delete | drop } { rows | definition }" },
	{ "organization",
	  "organization { heap | index } [ { <iot_option> } ]*" },
	{ "parallel",
	  "noparallel | parallel [ ( [ $a | , ]* ) | $i | default ] [ instances { $i | default } ]" },
	{ "partition_clause",
	  "interval ( $e ) [ store in ( { $n }, ) ] | automatic [ store in ( { $n }, ) ] | partitions $i [ store in ( { "
	  "$n }, ) ] [ overflow store in ( { $n }, ) ] | store in ( { $n }, )" },
	{ "partition_extension",
	  "{ partition | subpartition } { for ( { $e }, ) | ( $n ) }" },
	{ "partition_option",
	  "<external_part> | <lob_storage> | <varray_storage> | <nested_table> | overflow [ { <physical> } ]* | "
	  "<physical> | <inmemory> | <ilm> | segment creation { immediate | deferred } | indexing { on | off } | read "
	  "only | read write | { usable | unusable } | parameters ( $e ) | mapping table | <column_storage> | "
	  "pctthreshold $i" },
	{ "partition_ref",
	  "{ partition | subpartition } { for ( { $e }, ) | !for $n }" },
	{ "physical",
	  "pctfree $i | pctused $i | initrans $i | maxtrans $i | <storage> | tablespace set $n | tablespace $n | "
	  "<logging> | <compression> | monitoring | nomonitoring" },
	{ "pivot",
	  "pivot [ xml ] ( { $e [ as $L | !for $L ] }, for { ( { $c }, ) | $c } in ( { $Q | { any | $e [ [ as ] $L ] }, "
	  "} ) )" },
	{ "row_factor",
	  "{ permute ( { <row_pattern> }, ) | ( [ <row_pattern> ] ) | \\{ - <row_pattern> - \\} | \\{- <row_pattern> "
	  "-\\} | ^ | \\$ | $n } [ <row_quantifier> ]" },
	{ "row_movement",
	  "{ enable | disable } row movement" },
	{ "row_pattern",
	  "<row_factor> [ [ \\| ] <row_factor> ]*" },
	{ "row_quantifier",
	  "{ * | + | ? | \\?\? | \\{ [ $i ] [ , [ $i ] ] \\} } [ ? ]" },
	{ "sample",
	  "sample [ block ] ( $e [ , $e ] ) [ seed ( $e ) ]" },
	{ "sequence_option",
	  "increment by $v | start with { limit value | $v } | maxvalue $v | nomaxvalue | minvalue $v | nominvalue | "
	  "cycle | nocycle | cache $i | nocache | order | noorder | keep | nokeep | scale [ extend | noextend ] | "
	  "noscale | shard [ extend | noextend ] | noshard | session | global | restart [ start with $v ] | sharing = { "
	  "metadata | data | none }" },
	{ "sharing",
	  "sharing = { metadata | data | extended data | none }" },
	{ "size",
	  "{ unlimited | $z }" },
	{ "storage",
	  "storage ( [ { initial $z | next <size> | minextents $i | maxextents { unlimited | $i } | pctincrease $i | "
	  "freelists $i | freelist groups $i | optimal [ null | $z ] | buffer_pool { keep | recycle | default } | "
	  "flash_cache { keep | none | default } | cell_flash_cache { keep | none | default } | maxsize <size> | "
	  "encrypt } ]* )" },
	{ "subpartition_clause",
	  "subpartitions $i [ store in ( { $n }, ) ] | subpartition template ( { subpartition [ $n ] [ values [ less "
	  "than ] ( { $e }, ) ] [ <partition_option> ]* }, ) | subpartition template $i" },
	{ "substitutable",
	  "[ element ] is of [ type ] ( [ only ] $t ) | [ not ] substitutable at all levels" },
	{ "supplemental",
	  "supplemental log { group $n ( { $c [ no log ] }, ) [ always ] | data ( { all | primary key | unique [ index "
	  "] | foreign key }, ) columns }" },
	{ "table_action",
	  "rename to $n | rename column $n to $n | rename constraint $n to $n | rename <partition_ref> to $n | drop { { "
	  "column $n | ( { $n }, ) } [ cascade constraints | invalidate | checkpoint $i | online ]* | unused columns [ "
	  "checkpoint $i ] | columns continue [ checkpoint $i ] | constraint [ if exists ] $n [ cascade | online | { "
	  "keep | drop } index ]* | primary key [ cascade | online | { keep | drop } index ]* | unique ( { $c }, ) [ "
	  "cascade | online | { keep | drop } index ]* | <supplemental> | { partition | subpartition } { { for ( { $e "
	  "}, ) | !for $n } }, [ <alter_partition_tail> ]* | { partitions | subpartitions } { { for ( { $e }, ) | $n } "
	  "}, [ <alter_partition_tail> ]* | period for $n | clustering } | set unused { column $n | ( { $n }, ) } [ "
	  "cascade constraints | invalidate | online ]* | set subpartition template ( [ { subpartition [ $n ] [ values "
	  "[ less than ] ( { $e }, ) ] [ <partition_option> ]* }, ] ) | set partitioning { automatic | manual } | set "
	  "interval ( [ $e ] ) | set store in ( { $n }, ) | add { { $p }, | partition [ $n ] } [ before $n ] [ "
	  "<alter_partition_tail> ]* | add <supplemental> | add period for $n [ ( $c , $c ) ] | add overflow [ "
	  "<physical> ]* [ ( { partition [ <physical> ]* }, ) ] | modify <partition_ref> [ <alter_partition_option> ]* "
	  "| modify default attributes [ for <partition_ref> ] [ <alter_partition_option> | compress $i | pctthreshold "
	  "$i ]* | modify nested table $c return [ as ] { locator | value } | modify lob ( { $c }, ) ( $b ) | modify "
	  "varray $c ( $b ) | modify constraint $n [ <constraint_state> ]* [ cascade ] | modify primary key [ "
	  "<constraint_state> ]* [ cascade ] | modify unique ( { $c }, ) [ <constraint_state> ]* [ cascade ] | modify "
	  "clustering [ { yes | no } on { load | data movement } ]* [ { with | without } materialized zonemap ]* | "
	  "modify opaque type $c store ( { $n }, ) unpacked | modify column $c [ not ] substitutable at all levels [ "
	  "force ] | modify ( { column $c [ not ] substitutable at all levels }, ) [ force ] | coalesce { partition | "
	  "subpartition } [ $n ] [ <alter_partition_tail> ]* | truncate { partition | partitions | subpartition | "
	  "subpartitions } { { for ( { $e }, ) | !for $n } }, [ <alter_partition_tail> ]* | exchange <partition_ref> "
	  "with table $q [ <alter_partition_tail> ]* | merge { partitions | subpartitions } { $n to $n | { { for ( { $e "
	  "}, ) | $n } }, } [ into { partition | subpartition } $n ] [ <alter_partition_tail> ]* | split "
	  "<partition_ref> [ at ( { $e }, ) | values ( { $e }, ) ] [ into ( { $p }, ) ] [ <alter_partition_tail> ]* | "
	  "move [ <partition_ref> ] [ <move_option> ]* | allocate extent [ ( $b ) ] | deallocate unused [ keep $z ] | "
	  "shrink space [ compact ] [ cascade ] | minimize records_per_block | nominimize records_per_block | upgrade [ "
	  "[ not ] including data ] [ <column_storage> ]* | records_per_block minimize | { enable | disable } [ "
	  "validate | novalidate ] { unique ( { $c }, ) | primary key | constraint $n } [ using index [ ( $D ) | "
	  "<using_index> ] ] [ exceptions into $q ] [ cascade ] [ { keep | drop } index ] | { enable | disable } { "
	  "table lock | all triggers | container_map | containers_default } | read only | read write | rekey [ "
	  "<encryption> ] | no flashback archive | flashback archive [ $n ] | row archival [ visibility ] | no row "
	  "archival | default collation $n | <annotations> | modify <annotations> | <table_option>" },
	{ "table_column",
	  "$n [ !visible !invisible !default !generated !not !null !constraint !primary !unique !check !references !as "
	  "!sort !encrypt $t ] [ <constraint_light> ]*" },
	{ "table_extra_elem",
	  "<supplemental> | scope for ( $c ) is $q | ref ( $c ) with rowid | period for $n [ ( $c , $c ) ]" },
	{ "table_option",
	  "reject limit { unlimited | $i } | <external_table> | <organization> | mapping table | nomapping | "
	  "pctthreshold $i | including $n | overflow | segment creation { immediate | deferred } | <column_storage> | "
	  "<physical> | <inmemory> | <ilm> | cluster $q ( { $c }, ) | cache | nocache | result_cache ( { mode $L | "
	  "standby $L }, ) | <parallel> | rowdependencies | norowdependencies | <row_movement> | flashback archive [ $n "
	  "] | no flashback archive | row archival | for exchange with table $q | indexing { on | off } | read only | "
	  "read write | <supplemental> | default collation $n | <annotations> | memoptimize for { read | write } | no "
	  "memoptimize for { read | write } | logical replication [ $a ]* | { enable | disable } logical replication [ "
	  "all keys | allow novalidate keys | partial json ] | clustering [ $q ] by [ linear | interleaved ] order ( $b "
	  ") [ { yes | no } on { load | data movement } ]* [ with materialized zonemap [ ( $b ) ] | without "
	  "materialized zonemap ] | clustering $b | object identifier is { system generated | primary key } | oidindex "
	  "[ $n ] ( $b ) | [ element ] is of [ type ] ( [ only ] $t ) | [ not ] substitutable at all levels | with { "
	  "row } movement | no inmemory | allow | is shared | sharded | parent $q | store in ( { $n }, ) | "
	  "<xmltype_storage> | { using | usage } $L $a | staging | zonemap" },
	{ "table_prefix",
	  "of { xmltype [ xmlschema { $s | $n } element $a | element $a | <xmltype_storage> ] [ xmlschema { $s | $n } "
	  "element $a | element $a ] | $t [ <substitutable> ] }" },
	{ "truncate_tail",
	  "{ preserve | purge } materialized view log | { drop [ all ] | reuse } storage | cascade" },
	{ "unpivot",
	  "unpivot [ { include | exclude } nulls ] ( { ( { $c }, ) | $c } for { ( { $c }, ) | $c } in ( { { ( { $c }, ) "
	  "| $c } [ as $e ] }, ) )" },
	{ "using_index",
	  "!enable !disable !validate !novalidate !rely !norely !deferrable !initially !exceptions [ !local !global "
	  "!tablespace !pctfree !storage !reverse !sort !nosort !logging !nologging !compress !nocompress !parallel "
	  "!noparallel !initrans !maxtrans !visible !invisible !usable !unusable !online !advanced !indexing !compute "
	  "!pctused $q ] [ <index_option> ]*" },
	{ "varray_storage",
	  "varray $c { <substitutable> [ store as [ securefile | basicfile ] lob [ $n ] [ ( <lob_parameters> ) ] ] | "
	  "store as [ securefile | basicfile ] lob [ $n ] [ ( <lob_parameters> ) ] }" },
	{ "view_option",
	  "default collation $n | bequeath { current_user | definer } | container_map | containers_default | sharing = "
	  "{ metadata | data | extended data | none } | <annotations> | editionable | noneditionable" },
	{ "view_tail",
	  "with { read only | check option [ constraint $n ] | row movement } [ constraint $n ] | container_map | "
	  "containers_default" },
	{ "visibility",
	  "visible | invisible" },
	{ "xml_attributes",
	  "xmlattributes ( [ entityescaping | noentityescaping ] [ schemacheck | noschemacheck ] { $e [ [ as ] { "
	  "evalname $e | $L } ] }, )" },
	{ "xml_column",
	  "$n { for ordinality | [ !path !default $t [ ( sequence ) by ref ] ] [ path $x ] [ default $x ] }" },
	{ "xml_index",
	  "local ( $b ) | unique ( $b )" },
	{ "xml_passing",
	  "passing [ by { value | ref } ] { $e [ as $L ] }," },
	{ "xmltype_storage",
	  "xmltype [ column ] [ $c ] [ store { as { object relational | [ securefile | basicfile ] { clob | binary xml "
	  "| transportable binary xml } [ $n ] [ ( <lob_parameters> ) ] } | all varrays as { lobs | tables } } ] [ "
	  "xmlschema $s element $a | element $a ] [ { allow | disallow } { nonschema | anyschema } ]* [ xmlschema $s ] "
	  "| all varrays as { lobs | tables }" },
};
/* clang-format on */

_Static_assert(sizeof so_oracle_forms / sizeof so_oracle_forms[0] == SO_ORACLE_FORMS, "count of the forms");
