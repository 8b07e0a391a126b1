/* How much of what the engines accept our grammars accept, over a folder of judged statements:
 *
 *     build/tests/corpus [--json] [--only DIALECT] [--class CLASS] [--cuts] [--partition] [--words] [-v] [--prints
 * FILE] DIR
 *
 * DIR holds <dialect>.jsonl, plain or packed (.xz, for which the command xz must be there), a JSON object a line:
 * {id, class: query|dml|ddl|other, valid: {judge: true|false|null}, sql}. The newest judge with a verdict counts. An
 * opaque tree is not accepted for queries, DML, and DDL of tables, indexes, views and sequences. --json prints one
 * object {dialect: {class: {valid, accepted, opaque, invalid, wrongly_accepted, failing: [ids]}}}, for PostgreSQL with
 * fingerprint_mismatch, tree_mismatch and print_not_fixed_point. -v lists what differs, with the message, its place and
 * the text; --partition compares what our fingerprint puts together with what libpg_query's does, over the PostgreSQL
 * statements that have a tree; --cuts cuts each accepted statement behind each byte, with and without "...", and
 * parses that in lenient mode; --words lists the statements whose print lacks words that the text has; --prints writes
 * the prints, for the engines to judge. Exit status 2 for wrong usage, 1 when a file cannot be read. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "judge.h"

#define IDS_SHOWN 40 /* failing ids in the text */

/* ---- Report ----------------------------------------------------------------------------------------------------- */

static double percent(unsigned part, unsigned whole)
{
	return whole ? 100.0 * part / whole : 100.0;
}

static void add_up(struct corpus_tally *sum, const struct corpus_tally *tally)
{
	sum->valid += tally->valid;
	sum->accepted += tally->accepted;
	sum->opaque += tally->opaque;
	sum->invalid += tally->invalid;
	sum->wrongly_accepted += tally->wrongly_accepted;
	sum->fingerprint_mismatch += tally->fingerprint_mismatch;
	sum->tree_mismatch += tally->tree_mismatch;
	sum->print_not_fixed_point += tally->print_not_fixed_point;
	sum->fingerprint_unstable += tally->fingerprint_unstable;
	sum->format_failed += tally->format_failed;
	sum->lost_words += tally->lost_words;
}

static void print_tally(
	const struct corpus *corpus, const char *name, const struct corpus_tally *tally, enum so_dialect dialect)
{
	printf("  %-9s valid %5u, accepted %5u (%6.2f %%), opaque %4u; invalid %4u, wrongly accepted %4u (%5.1f %%)",
		name, tally->valid, tally->accepted, percent(tally->accepted, tally->valid), tally->opaque,
		tally->invalid, tally->wrongly_accepted,
		tally->invalid ? percent(tally->wrongly_accepted, tally->invalid) : 0);
	printf("; print not a fixed point %u, of another fingerprint %u", tally->print_not_fixed_point,
		tally->fingerprint_unstable);
	if (dialect == SO_POSTGRESQL && corpus_has_reference())
		printf(", fingerprint mismatch %u, tree mismatch %u", tally->fingerprint_mismatch,
			tally->tree_mismatch);
	if (corpus->options->words)
		printf(", words lost %u, not formatted %u", tally->lost_words, tally->format_failed);
	putchar('\n');
}

static void print_failing(const json_t *failing)
{
	size_t i;

	for (i = 0; i < json_array_size(failing) && i < IDS_SHOWN; i++)
		printf("%s%s",
			i % 10 ? " "
			: i    ? "\n             "
			       : "    failing: ",
			json_string_value(json_array_get(failing, i)));
	if (i < json_array_size(failing))
		printf(" and %zu more (--json has all)", json_array_size(failing) - i);
	if (json_array_size(failing))
		putchar('\n');
}

static void print_text(const struct corpus *corpus)
{
	for (int d = 0; d < SO_DIALECT_MAX; d++) {
		struct corpus_tally both = { 0 }, all = { 0 };

		if (!corpus->seen[d])
			continue;
		printf("%s\n", corpus_dialect_names[d]);
		for (int c = 0; c < CORPUS_CLASSES; c++) {
			const struct corpus_tally *tally = &corpus->tally[d][c];

			add_up(&all, tally);
			if (c == CORPUS_QUERY || c == CORPUS_DML)
				add_up(&both, tally);
			if (!tally->valid && !tally->invalid)
				continue;
			print_tally(corpus, corpus_class_names[c], tally, (enum so_dialect)d);
			print_failing(tally->failing);
		}
		print_tally(corpus, "query+dml", &both, (enum so_dialect)d);
		print_tally(corpus, "all", &all, (enum so_dialect)d);
		if (corpus->options->cuts)
			corpus_cuts_print(&corpus->cuts[d]);
	}
	if (corpus->seen[SO_POSTGRESQL] && !corpus_has_reference())
		printf("fingerprints were not compared: built without libpg_query\n");
}

static json_t *class_json(const struct corpus_tally *tally, enum so_dialect dialect)
{
	json_t *out = json_pack("{s:i, s:i, s:i, s:i, s:i, s:O}", "valid", tally->valid, "accepted", tally->accepted,
		"opaque", tally->opaque, "invalid", tally->invalid, "wrongly_accepted", tally->wrongly_accepted,
		"failing", tally->failing);

	if (dialect != SO_POSTGRESQL)
		return out;
	/* null: not measured */
	json_object_set_new(out, "fingerprint_mismatch",
		corpus_has_reference() ? json_integer(tally->fingerprint_mismatch) : json_null());
	json_object_set_new(
		out, "tree_mismatch", corpus_has_reference() ? json_integer(tally->tree_mismatch) : json_null());
	json_object_set_new(out, "print_not_fixed_point", json_integer(tally->print_not_fixed_point));
	return out;
}

static void print_json(const struct corpus *corpus)
{
	json_t *out = json_object();

	for (int d = 0; d < SO_DIALECT_MAX; d++) {
		json_t *classes;

		if (!corpus->seen[d])
			continue;
		classes = json_object();
		for (int c = 0; c < CORPUS_CLASSES; c++)
			json_object_set_new(
				classes, corpus_class_names[c], class_json(&corpus->tally[d][c], (enum so_dialect)d));
		json_object_set_new(out, corpus_dialect_names[d], classes);
	}
	if (corpus->seen[SO_POSTGRESQL] && !corpus_has_reference())
		fprintf(stderr, "corpus: fingerprints were not compared: built without libpg_query\n");
	json_dumpf(out, stdout, JSON_INDENT(1));
	putchar('\n');
	json_decref(out);
}

/* ---- Start ------------------------------------------------------------------------------------------------------ */

static int number_of(const char *name, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	fprintf(stderr, "corpus: '%s' is none of those known\n", name);
	return -2;
}

static int usage(void)
{
	fprintf(stderr, "usage: corpus [--json] [--only DIALECT] [--class CLASS] [--cuts] [--partition] [--words] [-v] "
			"[--prints FILE] DIR\n");
	return 2;
}

static bool read_options(int argc, char **argv, struct corpus_options *options, bool *json)
{
	static const struct option known[] = { { "json", no_argument, NULL, 'j' },
		{ "only", required_argument, NULL, 'o' }, { "class", required_argument, NULL, 'c' },
		{ "prints", required_argument, NULL, 'p' }, { "partition", no_argument, NULL, 'g' },
		{ "cuts", no_argument, NULL, 'u' }, { "words", no_argument, NULL, 'w' },
		{ "verbose", no_argument, NULL, 'v' }, { NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "v", known, NULL)) != -1) {
		switch (c) {
		case 'j':
			*json = true;
			break;
		case 'o':
			options->dialect = number_of(optarg, corpus_dialect_names, SO_DIALECT_MAX);
			break;
		case 'c':
			options->cls = number_of(optarg, corpus_class_names, CORPUS_CLASSES);
			break;
		case 'p':
			options->prints = fopen(optarg, "we");
			if (!options->prints) {
				fprintf(stderr, "corpus: cannot write %s: %s\n", optarg, strerror(errno));
				return false;
			}
			break;
		case 'u':
			options->cuts = true;
			break;
		case 'g':
			options->partition = true;
			break;
		case 'w':
			options->words = true;
			break;
		case 'v':
			options->verbose = true;
			break;
		default:
			return false;
		}
	}
	/* the one object would not be alone */
	return optind == argc - 1 && options->dialect > -2 && options->cls > -2 &&
	       !(*json && (options->verbose || options->partition || options->cuts || options->words));
}

static bool read_folder(struct corpus *corpus, const char *folder)
{
	bool good = true, any = false;

	for (int d = 0; d < SO_DIALECT_MAX; d++) {
		if (corpus->options->dialect >= 0 && corpus->options->dialect != d)
			continue;
		good = corpus_read_folder(folder, (enum so_dialect)d, corpus_judge, corpus, &corpus->seen[d]) && good;
		any = any || corpus->seen[d];
	}
	if (!any)
		fprintf(stderr, "corpus: no <dialect>.jsonl in %s\n", folder);
	return good && any;
}

int main(int argc, char **argv)
{
	struct corpus_options options = { .dialect = -1, .cls = -1 };
	struct corpus *corpus;
	bool json = false, good;

	so_mem_init();
	if (!read_options(argc, argv, &options, &json))
		return usage();
	corpus = so_new(NULL, struct corpus);
	corpus->options = &options;
	corpus->parser = so_parser_new(corpus);
	if (options.partition)
		corpus->partition = corpus_partition_new(corpus);
	for (int i = 0; i < SO_DIALECT_MAX * CORPUS_CLASSES; i++)
		corpus->tally[i / CORPUS_CLASSES][i % CORPUS_CLASSES].failing = json_array();
	good = read_folder(corpus, argv[optind]);
	if (json)
		print_json(corpus);
	else
		print_text(corpus);
	if (options.partition)
		corpus_partition_print(corpus->partition);
	for (int i = 0; i < SO_DIALECT_MAX * CORPUS_CLASSES; i++)
		json_decref(corpus->tally[i / CORPUS_CLASSES][i % CORPUS_CLASSES].failing);
	if (options.prints)
		fclose(options.prints);
	talloc_free(corpus);
	return good ? 0 : 1;
}
