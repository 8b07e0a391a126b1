/* Names of nodes, as text plans spell them. */
#include <string.h>

#include "plan/postgresql/text.h"
#include "plan/postgresql/tree.h"

/* What a text calls otherwise than the other formats do. */
static const struct {
	const char *text, *label, *strategy, *operation;
} names[] = {
	{ "Aggregate", "Aggregate", "Plain", NULL },
	{ "Delete", "ModifyTable", NULL, "Delete" },
	{ "Foreign Delete", "Foreign Scan", NULL, "Delete" },
	{ "Foreign Insert", "Foreign Scan", NULL, "Insert" },
	{ "Foreign Update", "Foreign Scan", NULL, "Update" },
	{ "GroupAggregate", "Aggregate", "Sorted", NULL },
	{ "HashAggregate", "Aggregate", "Hashed", NULL },
	{ "HashSetOp", "SetOp", "Hashed", NULL },
	{ "Insert", "ModifyTable", NULL, "Insert" },
	{ "Merge", "ModifyTable", NULL, "Merge" },
	{ "MixedAggregate", "Aggregate", "Mixed", NULL },
	{ "SetOp", "SetOp", "Sorted", NULL },
	{ "Update", "ModifyTable", NULL, "Update" },
};

/* Takes `word` off the front. */
static bool take(struct so_span *text, const char *word)
{
	size_t len = strlen(word);

	if (!so_span_starts(*text, word))
		return false;
	text->at += len;
	text->len -= len;
	return true;
}

/* Whether the text goes on with a new word, or ends. */
static bool at_word_end(struct so_span text)
{
	return !text.len || *text.at == ' ';
}

/* An identifier, unquoted if need be; stops at a blank or a dot outside of quotes. */
static const char *take_name(struct so_plan_builder *builder, struct so_span *text)
{
	char *out = (char *)so_plan_copy(builder, text->at, text->len);
	size_t used = 0, i = 0;
	bool quoted = text->len && *text->at == '"';

	if (quoted) {
		for (i = 1; i < text->len; i++) {
			if (text->at[i] == '"' && (i + 1 == text->len || text->at[i + 1] != '"'))
				break;
			i += text->at[i] == '"';
			out[used++] = text->at[i];
		}
		i += i < text->len;
	} else {
		while (i < text->len && text->at[i] != ' ' && text->at[i] != '.')
			out[used++] = text->at[i++];
	}
	out[used] = '\0';
	text->at += i;
	text->len -= i;
	return used ? out : NULL;
}

/* "schema.object alias" */
static void take_target(
	struct so_plan_builder *builder, struct so_plan_node *node, struct so_span *text, const char **object)
{
	const char *first = take_name(builder, text);

	if (first && take(text, ".")) {
		node->schema = first;
		first = take_name(builder, text);
	}
	*object = first;
	node->alias = first;
	if (take(text, " ") && text->len)
		node->alias = take_name(builder, text);
}

/* "Hash Left Join", "Nested Loop", "Merge Right Anti Join": the type, or NULL when this is no join. */
static const char *take_join(struct so_plan_builder *builder, struct so_plan_node *node, struct so_span *text)
{
	struct so_span rest = *text, type;
	const char *join;

	if (take(&rest, "Nested Loop"))
		node->label = "Nested Loop";
	else if (take(&rest, "Hash"))
		node->label = "Hash Join";
	else if (take(&rest, "Merge"))
		node->label = "Merge Join";
	else
		return NULL;
	type = rest;
	if (!rest.len && strcmp(node->label, "Nested Loop") == 0) {
		*text = rest;
		return "Inner";
	}
	join = rest.len ? memmem(rest.at, rest.len, " Join", 5) : NULL;
	if (!join || *rest.at != ' ')
		return NULL;
	rest.len -= (size_t)(join + 5 - rest.at);
	rest.at = join + 5;
	if (!at_word_end(rest))
		return NULL;
	*text = rest;
	if (join == type.at)
		return "Inner";
	return so_plan_copy(builder, type.at + 1, (size_t)(join - type.at) - 1);
}

/* The name of the node itself; leaves what follows it in *text. */
static bool take_kind(struct so_plan_builder *builder, struct so_plan_node *node, struct so_span *text)
{
	struct so_span rest = *text;

	node->join_type = take_join(builder, node, text);
	if (node->join_type) {
		node->op = so_plan_postgresql_op(node->label, strlen(node->label), &node->label);
		return true;
	}
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (!text->len || *text->at != *names[i].text)
			continue;
		rest = *text;
		if (!take(&rest, names[i].text) || !at_word_end(rest))
			continue;
		if (strcmp(names[i].text, "Merge") == 0 && !so_span_starts(rest, " on "))
			continue; /* Merge Append */
		node->strategy = names[i].strategy;
		node->operation = names[i].operation;
		node->op = so_plan_postgresql_op(names[i].label, strlen(names[i].label), &node->label);
		*text = rest;
		return true;
	}
	/* the longest prefix of words that is a name: "Index Scan" of "Index Scan Backward using i" */
	for (size_t len = text->len; len > 1;) {
		const char *blank;
		const char *label = NULL;
		enum so_plan_op op = so_plan_postgresql_op(text->at, len, &label);

		if (label) {
			node->op = op;
			node->label = label;
			text->at += len;
			text->len -= len;
			return true;
		}
		blank = memrchr(text->at, ' ', len);
		len = blank ? (size_t)(blank - text->at) : 0;
	}
	return false;
}

/* What the words behind "on" name depends on the node. */
static void place_object(struct so_plan_node *node, const char *object)
{
	switch (node->op) {
	case SO_PLAN_FUNCTION:
		node->function = object;
		break;
	case SO_PLAN_CTE:
		node->cte_name = object;
		break;
	case SO_PLAN_SUBQUERY:
	case SO_PLAN_VALUES:
		break; /* the alias is all there is */
	default:
		if (strcmp(node->label, "Bitmap Index Scan") == 0) {
			node->index = object;
			node->alias = NULL;
		} else if (strcmp(node->label, "Named Tuplestore Scan") != 0) {
			node->relation = object;
		}
	}
}

bool so_plan_pg_label(struct so_plan_builder *builder, struct so_plan_node *node, struct so_span label)
{
	struct so_span text = label;
	const char *object;

	node->parallel_aware = take(&text, "Parallel ");
	take(&text, "Async ");
	if (take(&text, "Partial "))
		node->partial_mode = "Partial";
	else if (take(&text, "Finalize "))
		node->partial_mode = "Finalize";
	if (!take_kind(builder, node, &text)) {
		node->op = SO_PLAN_OTHER;
		node->label = so_plan_copy(builder, label.at, label.len);
		node->partial_mode = NULL;
		node->parallel_aware = false;
		return false;
	}
	if (node->op == SO_PLAN_AGGREGATE && !node->partial_mode && node->strategy)
		node->partial_mode = "Simple";
	if (node->op == SO_PLAN_INDEX_SCAN || node->op == SO_PLAN_INDEX_ONLY_SCAN)
		node->scan_direction = take(&text, " Backward") ? "Backward" : "Forward";
	if (strcmp(node->label, "SetOp") == 0 && take(&text, " ")) {
		node->operation = so_plan_copy(builder, text.at, text.len);
		return true;
	}
	if (take(&text, " (")) { /* Custom Scan (ChunkAppend) */
		const char *close = memchr(text.at, ')', text.len);

		if (close) {
			node->function = so_plan_copy(builder, text.at, (size_t)(close - text.at));
			text.len -= (size_t)(close + 1 - text.at);
			text.at = close + 1;
		}
	}
	if (take(&text, " using "))
		node->index = take_name(builder, &text);
	if (take(&text, " on ")) {
		take_target(builder, node, &text, &object);
		place_object(node, object);
	}
	return true;
}

bool so_plan_pg_is_label(struct so_span label)
{
	static const char *const prefixes[] = { "Parallel ", "Async ", "Partial ", "Finalize ", "Foreign " };
	struct so_span text = label;

	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
		take(&text, prefixes[i]);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct so_span rest = text;

		if (take(&rest, names[i].text) && at_word_end(rest) &&
			(!names[i].operation || so_span_starts(rest, " on ")))
			return true;
	}
	if (so_span_starts(text, "Hash ") || so_span_starts(text, "Merge ") || so_span_starts(text, "Nested Loop"))
		return memmem(text.at, text.len, " Join", 5) || so_span_starts(text, "Nested Loop") ||
		       so_span_starts(text, "Merge Append");
	for (size_t len = text.len < 64 ? text.len : 64; len > 1;) {
		const char *found = NULL, *blank;

		so_plan_postgresql_op(text.at, len, &found);
		if (found)
			return true;
		blank = memrchr(text.at, ' ', len);
		len = blank ? (size_t)(blank - text.at) : 0;
	}
	return false;
}
