/* Stored fingerprints must stay what they are: numbers of statements in every dialect, and what the hash is made of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sql/tree/shape.h"
#include "sql_golden.h"

struct tally {
	FILE *out; /* where the file goes when it is made anew, else NULL */
	unsigned version;
	unsigned count[SO_DIALECT_MAX];
	unsigned changed;
	unsigned refused;
};

static void same_number(const struct golden *line, void *arg)
{
	struct tally *tally = arg;
	struct so_err err = SO_ERR_INIT;
	uint64_t value = 0;

	tally->count[line->dialect]++;
	if (!so_sql_fingerprint_text(NULL, line->dialect, line->sql, strlen(line->sql), NULL, &value, &err)) {
		print_message("%s: %s: %s\n", so_dialects[line->dialect].name, line->sql, err.message);
		tally->refused++;
	} else if (value != line->fingerprint) {
		print_message(
			"%s: now %016llx: %s\n", so_dialects[line->dialect].name, (unsigned long long)value, line->sql);
		tally->changed++;
	}
	if (tally->out)
		fprintf(tally->out, "%s\t%016llx\t%s\n", so_dialects[line->dialect].name, (unsigned long long)value,
			line->sql);
}

static void test_fingerprints_change_only_with_the_version(void **state)
{
	const char *path = getenv("SO_WRITE_FINGERPRINTS");
	struct tally tally = { .out = path ? fopen(path, "w") : NULL };

	(void)state;
	if (tally.out)
		fprintf(tally.out, "version\t%d\n", SO_FINGERPRINT_VERSION);
	tally.version = each_golden(same_number, &tally);
	if (tally.out)
		fclose(tally.out);
	assert_true(tally.count[SO_POSTGRESQL] >= 40);
	for (int d = 0; d < SO_DIALECT_MAX; d++)
		assert_true(tally.count[d] >= 15);
	assert_int_equal(tally.refused, 0);
	if (tally.version != SO_FINGERPRINT_VERSION)
		fail_msg("the file is of version %u; SO_WRITE_FINGERPRINTS=FILE makes the one of version %d",
			tally.version, SO_FINGERPRINT_VERSION);
	if (tally.changed)
		fail_msg("%u fingerprints changed: raise SO_FINGERPRINT_VERSION, or undo it", tally.changed);
}

static void check_different(const char *a, uint64_t tag_a, const char *b, uint64_t tag_b)
{
	if (tag_a == tag_b)
		fail_msg("%s and %s have the tag %llu", a, b, (unsigned long long)tag_a);
}

static void test_kinds_and_fields_have_tags_of_their_own(void **state)
{
	(void)state;
	for (int k = 0; k < SO_N_MAX; k++) {
		const struct so_field_shape *fields = so_shapes[k].fields;

		for (int other = 0; other < k; other++)
			check_different(
				so_shapes[k].name, so_shapes[k].tag, so_shapes[other].name, so_shapes[other].tag);
		for (size_t f = 0; fields && fields[f].type != SO_FT_END; f++)
			for (size_t other = 0; other < f; other++)
				check_different(fields[f].name, fields[f].tag, fields[other].name, fields[other].tag);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fingerprints_change_only_with_the_version),
		cmocka_unit_test(test_kinds_and_fields_have_tags_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
