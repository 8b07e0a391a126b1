#include "store_fixture.h"

#include <stdlib.h>
#include <unistd.h>

struct so_store *open_store(struct fixture *fix, const struct so_store_options *options)
{
	struct so_err err = SO_ERR_INIT;
	struct so_store *store = so_store_open(fix->root, fix->url, options, &err);

	if (!store)
		fail_msg("%s", err.message);
	return store;
}

int setup_folder(void **state)
{
	TALLOC_CTX *root = talloc_new(NULL);
	struct fixture *fix = so_new(root, struct fixture);

	fix->root = root;
	fix->folder = so_strdup(root, "/tmp/sqlopt-test-XXXXXX");
	assert_non_null(mkdtemp(fix->folder));
	fix->path = so_printf(root, "%s/store.db", fix->folder);
	fix->url = so_printf(root, "sqlite:///%s", fix->path);
	*state = fix;
	return 0;
}

int setup(void **state)
{
	setup_folder(state);
	((struct fixture *)*state)->store = open_store(*state, NULL);
	return 0;
}

int teardown(void **state)
{
	static const char *const endings[] = { "", "-wal", "-shm", ".lock", NULL };
	struct fixture *fix = *state;
	char *folder = so_strdup(NULL, fix->folder), *path = so_strdup(folder, fix->path);

	talloc_free(fix->root);
	for (int i = 0; endings[i]; i++)
		unlink(so_printf(folder, "%s%s", path, endings[i]));
	if (rmdir(folder) != 0)
		return -1;
	talloc_free(folder);
	return 0;
}

struct so_store_conn *new_conn(struct fixture *fix, const char *name)
{
	struct so_store_conn *conn = so_new(fix->root, struct so_store_conn);

	conn->name = so_strdup(conn, name);
	conn->engine = so_strdup(conn, "postgresql");
	conn->host = so_strdup(conn, "127.0.0.1");
	conn->port = 5432;
	conn->database = so_strdup(conn, "shop");
	conn->username = so_strdup(conn, "app");
	conn->password_token = so_strdup(conn, "gAAAAA-token");
	conn->scratch = true;
	conn->monitoring_enabled = true;
	OK(so_store_conn_create(fix->store, SCOPE, conn, &err));
	return conn;
}
