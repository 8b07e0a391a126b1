/* What two fingerprints put together: pairs of statements, and where they differ. */
#ifndef SO_CORPUS_PARTITION_H
#define SO_CORPUS_PARTITION_H

#include <stdint.h>

#include "base/mem.h"

struct corpus_partition;

struct corpus_partition *corpus_partition_new(TALLOC_CTX *ctx);
/* Keeps copies of id and sql. */
void corpus_partition_add(
	struct corpus_partition *partition, uint64_t ours, uint64_t reference, const char *id, const char *sql);
/* Prints how many pairs are together in both, and each split (the reference's groups that ours cuts up) and merge. */
void corpus_partition_print(struct corpus_partition *partition);

#endif
