#include "partition.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct member {
	uint64_t ours, reference;
	const char *id, *sql;
};

struct corpus_partition {
	struct member *members;
	size_t count;
};

struct corpus_partition *corpus_partition_new(TALLOC_CTX *ctx)
{
	return so_new(ctx, struct corpus_partition);
}

void corpus_partition_add(
	struct corpus_partition *partition, uint64_t ours, uint64_t reference, const char *id, const char *sql)
{
	size_t n = partition->count++;

	if ((n & (n - 1)) == 0)
		partition->members = so_renew_array(partition, partition->members, struct member, n ? n * 2 : 1);
	partition->members[n] = (struct member){ ours, reference, so_strdup(partition, id), so_strdup(partition, sql) };
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int by_ours(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = compare_numbers(x->ours, y->ours);

	return order ? order : compare_numbers(x->reference, y->reference);
}

static int by_reference(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int order = compare_numbers(x->reference, y->reference);

	return order ? order : compare_numbers(x->ours, y->ours);
}

static double pairs_of(size_t n)
{
	return (double)n * (double)(n - 1) / 2;
}

/* Members are sorted by one number, then by the other. Adds up the pairs with the first equal, and those with both;
 * lists the groups in which the second differs, one statement of each part. */
static void count(const struct corpus_partition *partition, bool ours, const char *what, double *pairs, double *both)
{
	const struct member *m = partition->members;

	*pairs = *both = 0;
	for (size_t i = 0, end; i < partition->count; i = end) {
		uint64_t group = ours ? m[i].ours : m[i].reference;
		bool differs = false;

		for (end = i; end < partition->count && (ours ? m[end].ours : m[end].reference) == group; end++)
			differs = differs || m[end].ours != m[i].ours || m[end].reference != m[i].reference;
		*pairs += pairs_of(end - i);
		if (differs)
			printf("%s\n", what);
		for (size_t part = i, next; part < end; part = next) {
			for (next = part;
				next < end && m[next].ours == m[part].ours && m[next].reference == m[part].reference;)
				next++;
			*both += pairs_of(next - part);
			if (differs)
				printf("  %zu x %s: %s\n", next - part, m[part].id, m[part].sql);
		}
	}
}

void corpus_partition_print(struct corpus_partition *partition)
{
	double ours, reference, both;

	if (partition->count)
		qsort(partition->members, partition->count, sizeof *partition->members, by_reference);
	count(partition, false, "SPLIT", &reference, &both);
	if (partition->count)
		qsort(partition->members, partition->count, sizeof *partition->members, by_ours);
	count(partition, true, "MERGED", &ours, &both);
	printf("partition: %zu statements, pairs together in ours %.0f, in the reference's %.0f, in both %.0f (%.4f %% "
	       "of "
	       "those in either)\n",
		partition->count, ours, reference, both,
		ours + reference > both ? 100 * both / (ours + reference - both) : 100.0);
}
