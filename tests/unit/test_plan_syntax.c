/* XML and YAML have two parsers each: a fast one for what the engines write, a library for all else. What the fast one
 * takes must be what the library makes of it, for the captures and for what becomes of them when bytes change. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/encoding.h"
#include "plan/frame.h"
#include "plan/xml.h"
#include "plan/yaml.h"

#define DIR_PLANS SO_TEST_DATA "/plans"

/* ---- Equality --------------------------------------------------------------------------------------------------- */

static bool same_xml(const struct so_plan_xml *a, const struct so_plan_xml *b)
{
	if (strcmp(a->name, b->name) != 0 || strcmp(a->text, b->text) != 0 || a->n_attributes != b->n_attributes)
		return false;
	for (size_t i = 0; i < 2 * a->n_attributes; i++)
		if (strcmp(a->attributes[i], b->attributes[i]) != 0)
			return false;
	for (a = a->first, b = b->first; a && b; a = a->next, b = b->next)
		if (!same_xml(a, b))
			return false;
	return !a && !b;
}

static bool same_span(struct so_span a, struct so_span b)
{
	return a.len == b.len && (!a.len || memcmp(a.at, b.at, a.len) == 0);
}

static bool same_value(const struct so_plan_value *a, const struct so_plan_value *b)
{
	if (a->type != b->type || !same_span(a->key, b->key))
		return false;
	switch (a->type) {
	case SO_VALUE_INTEGER:
		return a->whole == b->whole;
	case SO_VALUE_REAL:
		return a->real == b->real;
	case SO_VALUE_STRING:
		return same_span(a->text, b->text);
	default:
		break;
	}
	for (a = so_plan_value_first(a), b = so_plan_value_first(b); a && b; a = a->next, b = b->next)
		if (!same_value(a, b))
			return false;
	return !a && !b;
}

/* 1: taken and equal, 0: left to the library, -1: taken, but the library says otherwise. */
static int check_xml(TALLOC_CTX *ctx, const char *text, size_t len)
{
	struct so_plan_xml *fast = so_plan_xml_plain(ctx, text, len), *slow;
	struct so_err err = SO_ERR_INIT;

	if (!fast)
		return 0;
	slow = so_plan_xml_by_expat(ctx, text, len, &err);
	return slow && same_xml(fast, slow) ? 1 : -1;
}

static int check_yaml(TALLOC_CTX *ctx, const char *text, size_t len)
{
	struct so_plan_value *fast = so_plan_yaml_lines(ctx, text, len), *slow;
	struct so_err err = SO_ERR_INIT;

	if (!fast)
		return 0;
	slow = so_plan_yaml_by_libyaml(ctx, text, len, &err);
	return slow && same_value(fast, slow) ? 1 : -1;
}

/* ---- Captures --------------------------------------------------------------------------------------------------- */

struct seen {
	size_t files, taken, mutants, mutants_taken;
};

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* One to three bytes changed, taken out, or doubled. */
static size_t mutate(char *text, size_t len, uint32_t *seed)
{
	static const char bytes[] = "<>/\"'&;:= -\n\\x0.#[]{}!?,a|~\r";
	size_t n = 1 + next_random(seed) % 3;

	for (size_t i = 0; i < n && len > 2; i++) {
		size_t at = next_random(seed) % (len - 1);

		switch (next_random(seed) % 3) {
		case 0:
			text[at] = bytes[next_random(seed) % (sizeof bytes - 1)];
			break;
		case 1:
			memmove(text + at, text + at + 1, len - at - 1);
			len--;
			break;
		default:
			memmove(text + at + 1, text + at, len - at); /* there is room for three */
			len++;
		}
	}
	text[len] = '\0';
	return len;
}

static void check_file(TALLOC_CTX *ctx, const char *path, bool xml, struct seen *seen)
{
	char *bytes = so_mem_need(talloc_size(ctx, 4 << 20)), *text;
	struct so_err err = SO_ERR_INIT;
	FILE *file = fopen(path, "rb");
	uint32_t seed = 4711;
	size_t len;
	int (*check)(TALLOC_CTX *, const char *, size_t) = xml ? check_xml : check_yaml;

	assert_non_null(file);
	len = fread(bytes, 1, 4 << 20, file);
	fclose(file);
	text = so_plan_decode(ctx, bytes, len, &len, &err);
	assert_non_null(text);
	if (xml)
		text = so_plan_unframe_lines(ctx, text, len, "<", ">", &len);
	if (check(ctx, text, len) != 1)
		fail_msg("%s: not taken by the fast parser, or not equal", path);
	seen->files++;
	for (size_t i = 0; i < 60; i++) {
		char *copy = so_mem_need(talloc_size(ctx, len + 4));
		size_t changed;
		int taken;

		memcpy(copy, text, len);
		changed = mutate(copy, len, &seed);
		taken = check(ctx, copy, changed);
		if (taken < 0)
			fail_msg("%s, mutant %zu: the library says otherwise of\n%s", path, i, copy);
		seen->mutants++;
		seen->mutants_taken += taken > 0;
		talloc_free(copy);
	}
}

static void check_folder(TALLOC_CTX *ctx, const char *name, const char *const *ends, bool xml, struct seen *seen)
{
	char *folder = so_printf(ctx, DIR_PLANS "/%s", name);
	DIR *dir = opendir(folder);
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		for (size_t i = 0; ends[i]; i++) {
			size_t len = strlen(entry->d_name), end = strlen(ends[i]);
			TALLOC_CTX *tmp = talloc_new(ctx);

			if (len > end && strcmp(entry->d_name + len - end, ends[i]) == 0)
				check_file(tmp, so_printf(tmp, "%s/%s", folder, entry->d_name), xml, seen);
			talloc_free(tmp);
		}
	closedir(dir);
}

static void test_xml_is_what_expat_makes_of_it(void **state)
{
	static const char *const ends[] = { ".xml", ".sqlplan", NULL };
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct seen seen = { 0 };

	(void)state;
	check_folder(ctx, "postgresql/15", ends, true, &seen);
	check_folder(ctx, "postgresql/18", ends, true, &seen);
	check_folder(ctx, "mssql/documented", ends, true, &seen);
	assert_true(seen.files > 60);
	assert_in_range(seen.mutants_taken, seen.mutants / 50, seen.mutants - 1);
	talloc_free(ctx);
}

static void test_yaml_is_what_libyaml_makes_of_it(void **state)
{
	static const char *const ends[] = { ".yaml", NULL };
	TALLOC_CTX *ctx = talloc_new(NULL);
	struct seen seen = { 0 };

	(void)state;
	check_folder(ctx, "postgresql/15", ends, false, &seen);
	check_folder(ctx, "postgresql/18", ends, false, &seen);
	assert_true(seen.files > 30);
	assert_in_range(seen.mutants_taken, seen.mutants / 50, seen.mutants - 1);
	talloc_free(ctx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_xml_is_what_expat_makes_of_it),
		cmocka_unit_test(test_yaml_is_what_libyaml_makes_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
