#include "advise/candidate.h"

#include <math.h>

/* Facts of PostgreSQL's b-tree, all sizes in bytes. */
#define PAGE_ROOM   8152.0 /* a page less its header and special space */
#define LEAF_FILL   0.9
#define TUPLE_HEAD  8.0
#define LINE_PTR    4.0
#define HEAP_PTR    6.0
#define POSTING_MAX 812.0 /* a posting list stays below a third of a page, in practice about this much */

static double align_to(double offset, double align)
{
	return ceil(offset / align) * align;
}

/* Width and alignment of a value; `dedup`: equal values have equal images, so that a b-tree stores them once. */
static void value_shape(const struct so_column *column, double *width, double *align, bool *dedup)
{
	double average = column->avg_width > 0 ? column->avg_width : 16;

	*align = 1;
	*width = average;
	*dedup = true;
	switch (column->type_class) {
	case SO_TYPE_BOOL:
		*width = 1;
		break;
	case SO_TYPE_INT:
		*width = *align = column->width_bits ? column->width_bits / 8.0 : 4;
		break;
	case SO_TYPE_FLOAT:
		*width = *align = column->width_bits ? column->width_bits / 8.0 : 8;
		*dedup = false; /* 0 and -0 */
		break;
	case SO_TYPE_DATE:
		*width = *align = 4;
		break;
	case SO_TYPE_TIME:
	case SO_TYPE_TIMESTAMP:
	case SO_TYPE_TIMESTAMPTZ:
		*width = *align = 8;
		break;
	case SO_TYPE_INTERVAL:
		*width = 16;
		*align = 8;
		break;
	case SO_TYPE_UUID:
		*width = 16;
		break;
	case SO_TYPE_TEXT:
	case SO_TYPE_BYTES:
		break;
	case SO_TYPE_NUMERIC: /* 1.0 and 1.00 are equal and differ */
	case SO_TYPE_BPCHAR:
	case SO_TYPE_JSON:
	case SO_TYPE_JSONB:
	case SO_TYPE_ARRAY:
	case SO_TYPE_OTHER:
	case SO_TYPE_UNKNOWN:
	case SO_TYPE_CLASS_MAX:
		*dedup = false;
		break;
	}
}

/* Rough size of a GIN index: entries of a value times what a heap pointer takes in a compressed posting list, plus the
 * tree of entries. A text has a trigram for almost every character, a document a path for some twelve bytes. */
static int64_t gin_size(const struct so_cand *cand, double rows)
{
	const struct so_column *column = &cand->table->columns[cand->keys[0].column];
	double width = column->avg_width > 0 ? column->avg_width : 32;
	double entries = column->type_class == SO_TYPE_TEXT ? width * 0.9 : fmax(width / 12, 1);

	return (int64_t)(rows * (1 - column->null_frac) * entries * 2.4 + 64 * 1024);
}

int64_t so_cand_size(const struct so_cand *cand)
{
	const struct so_table *table = cand->table;
	double rows = fmax(table->rows, 0) * cand->pred_share, end = TUPLE_HEAD, distinct = 1, plain, packed, tuple;
	bool dedup = cand->n_include == 0;

	if (cand->method && cand->method[0] == 'g')
		return gin_size(cand, rows);
	for (size_t i = 0; i < cand->n_keys + cand->n_include; i++) {
		int32_t index = i < cand->n_keys ? cand->keys[i].column : cand->include[i - cand->n_keys];
		bool is_expr = i < cand->n_keys && cand->keys[i].expr;
		double width = 16, align = 1, values = 0;
		bool same_image = is_expr;

		if (index >= 0 && !(is_expr && table->columns[index].type_class == SO_TYPE_JSONB)) {
			value_shape(&table->columns[index], &width, &align, &same_image);
			values = so_column_distinct(table, &table->columns[index]);
		}
		end = align_to(end, align) + width;
		dedup = dedup && same_image;
		distinct = values > 0 ? distinct * values : rows; /* unknown: all different, the larger figure */
	}
	tuple = align_to(end, 8) + LINE_PTR;
	plain = rows * tuple / LEAF_FILL;
	distinct = fmin(fmax(distinct, 1), fmax(rows, 1));
	packed = (HEAP_PTR * rows + distinct * ceil(rows / distinct * HEAP_PTR / POSTING_MAX) * (tuple + HEAP_PTR)) /
		 LEAF_FILL;
	if (dedup && packed < plain)
		plain = packed;
	/* Upper levels are a per cent or less; a page for the root and one for the meta data. */
	return (int64_t)((ceil(plain / PAGE_ROOM * 1.005) + 2) * 8192);
}

double so_cand_height(int64_t size_bytes)
{
	double pages = fmax((double)size_bytes / 8192 - 1, 1);

	/* About 250 downlinks a page for the keys met in practice; the result moves by at most one level for 100..400.
	 */
	return pages <= 1 ? 0 : ceil(log(pages) / log(250.0));
}
