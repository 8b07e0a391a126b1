#include "plan/reader.h"

void so_plan_parse_conditions(struct so_plan *plan)
{
	(void)plan;
}
