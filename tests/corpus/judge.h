/* Statements with the verdict of a real parser, and what ours makes of them. */
#ifndef SO_CORPUS_JUDGE_H
#define SO_CORPUS_JUDGE_H

#include <stdio.h>

#include "cuts.h"
#include "lines.h"
#include "partition.h"
#include "sql/parse.h"

enum corpus_class { CORPUS_QUERY, CORPUS_DML, CORPUS_DDL, CORPUS_OTHER, CORPUS_CLASSES };
extern const char *const corpus_class_names[CORPUS_CLASSES];

struct corpus_tally {
	unsigned valid;
	unsigned accepted; /* of the valid ones; an opaque one only where opaque is good enough */
	unsigned opaque; /* of the valid ones */
	unsigned invalid;
	unsigned wrongly_accepted;
	unsigned fingerprint_mismatch; /* of the accepted ones: libpg_query's fingerprint of the print is another one */
	unsigned tree_mismatch; /* of the accepted ones: libpg_query's tree of the print, or of the pretty one, is
				   another one */
	unsigned print_not_fixed_point; /* of the accepted ones: the print of the print is another text, or an error, or
					   the print parses to another tree */
	unsigned fingerprint_unstable; /* of the accepted ones: our fingerprint of the print is another one */
	unsigned format_failed; /* of the accepted ones: the formatter refuses it, or changes its own text (--words) */
	unsigned lost_words; /* of the accepted ones: the print lacks words of the text (--words) */
	json_t *failing; /* ids of the valid ones that are not accepted */
};

struct corpus_options {
	int dialect; /* -1: all */
	int cls; /* -1: all */
	bool verbose; /* list what differs from the verdict */
	bool cuts; /* cut each accepted statement behind each byte and parse that in lenient mode */
	bool partition; /* compare what fingerprints put together with libpg_query's */
	bool words; /* compare the words of texts and prints; list what is lost */
	FILE *prints; /* one JSON object a line {id, dialect, class, sql}: the print of each accepted statement */
};

struct corpus {
	const struct corpus_options *options;
	struct so_parser *parser;
	struct corpus_tally tally[SO_DIALECT_MAX][CORPUS_CLASSES];
	struct corpus_cuts cuts[SO_DIALECT_MAX];
	bool seen[SO_DIALECT_MAX];
	struct corpus_partition *partition; /* NULL: not asked for */
};

/* Whether the reference parser was there when the program was built. */
bool corpus_has_reference(void);
/* The reference's fingerprint; false when it does not know the statement. */
bool corpus_reference_fingerprint(const char *sql, uint64_t *value);
/* One line of a file: counts it, unless it has no verdict or was not asked for. */
void corpus_judge(enum so_dialect dialect, const json_t *line, void *corpus);

#endif
