/* What a migration has to do beyond SQL. */
#include "store/block.h"
#include "store/sqlite/internal.h"

static const char next_sql[] = "SELECT hour, query_id FROM sample WHERE (hour, query_id) >= (?1, ?2)"
			       " ORDER BY hour, query_id LIMIT 1";
static const char read_sql[] =
	"SELECT second, query_id, calls, rows_returned, exec_us, plan_us, shared_hit, shared_read, shared_dirtied,"
	" temp_read, temp_written, wal_bytes FROM sample WHERE hour = ?1 AND query_id BETWEEN ?2 AND ?3"
	" ORDER BY second, query_id";
static const char write_sql[] = "INSERT INTO sample_block (id, samples) VALUES (?1, ?2)";

struct block {
	int64_t hour, query_id, second;
	size_t count;
	struct so_store_sample samples[SO_BLOCK_QUERIES];
};

static bool write_block(struct so_sqlite *db, struct block *block, struct so_err *err)
{
	struct so_sqlite_stmt *stmt = so_sqlite_stmt(db, "convert_write", write_sql, err);
	unsigned char bytes[SO_BLOCK_MAX];
	bool row;

	if (!stmt)
		return false;
	so_sqlite_bind_int(stmt, 1, so_block_key(block->hour, block->query_id, block->second));
	so_sqlite_bind_blob(stmt, 2, bytes, so_block_pack(bytes, block->samples, block->count));
	block->count = 0;
	if (!so_sqlite_step(stmt, &row, err))
		return false;
	so_sqlite_reset(stmt);
	return true;
}

/* All seconds of 64 queries in one hour. */
static bool convert_queries(struct so_sqlite *db, struct block *block, struct so_err *err)
{
	struct so_sqlite_stmt *stmt = so_sqlite_stmt(db, "convert_read", read_sql, err);
	bool more;

	if (!stmt)
		return false;
	so_sqlite_bind_int(stmt, 1, block->hour);
	so_sqlite_bind_int(stmt, 2, block->query_id);
	so_sqlite_bind_int(stmt, 3, block->query_id + SO_BLOCK_QUERIES - 1);
	for (;;) {
		struct so_store_sample *sample;
		int64_t second;

		if (!so_sqlite_step(stmt, &more, err))
			return false;
		if (!more)
			break;
		second = so_sqlite_col_int(stmt, 0);
		if (block->count && second != block->second && !write_block(db, block, err))
			return false;
		block->second = second;
		sample = &block->samples[block->count++];
		sample->query_id = so_sqlite_col_int(stmt, 1);
		for (int i = 0; i < SO_SAMPLE_COUNTERS; i++)
			sample->delta[i] = so_sqlite_col_int(stmt, 2 + i);
	}
	so_sqlite_reset(stmt);
	return !block->count || write_block(db, block, err);
}

bool so_sqlite_samples_convert(struct so_sqlite *db, struct so_err *err)
{
	struct block block = { 0 };

	for (;;) {
		struct so_sqlite_stmt *stmt = so_sqlite_stmt(db, "convert_next", next_sql, err);
		bool more;

		if (!stmt)
			return false;
		so_sqlite_bind_int(stmt, 1, block.hour);
		so_sqlite_bind_int(stmt, 2, block.query_id);
		if (!so_sqlite_step(stmt, &more, err))
			return false;
		if (more) {
			block.hour = so_sqlite_col_int(stmt, 0);
			block.query_id = so_sqlite_col_int(stmt, 1) / SO_BLOCK_QUERIES * SO_BLOCK_QUERIES;
		}
		so_sqlite_reset(stmt);
		if (!more)
			return so_sqlite_exec(db, "DROP TABLE sample", err);
		if (!convert_queries(db, &block, err))
			return false;
		block.query_id += SO_BLOCK_QUERIES;
	}
}
