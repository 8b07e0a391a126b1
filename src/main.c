#include "base/mem.h"
#include "cli/cli.h"
#include "db/my_client.h"
#include "llm/llm.h"
#include "serve.h"

int main(int argc, char **argv)
{
	so_mem_init();
	so_llm_global_init();
	so_my_global_init();
	return so_cli_main(argc, argv, &so_cmd_serve);
}
