/* Where pretty texts break lists. */
#include "sql/print/printer.h"

#define MANY_ITEMS 4 /* longer lists get a line for each item */
#define WIDE       90u /* and those that take about so many columns */

struct width {
	unsigned sum;
	bool has_query;
};

static enum so_walk add_width(const struct so_ast *ast, so_ref ref, so_ref parent, void *arg)
{
	struct width *width = arg;

	(void)parent;
	switch (so_ast_kind(ast, ref)) {
	case SO_N_SELECT:
	case SO_N_SETOP:
	case SO_N_VALUES:
		width->has_query = true;
		return SO_WALK_STOP;
	case SO_N_COLUMN:
		width->sum += so_as_column(ast, ref)->name.len + 1;
		break;
	case SO_N_NAME:
		width->sum += so_as_name(ast, ref)->name.len + 1;
		break;
	case SO_N_TARGET:
		width->sum += so_as_target(ast, ref)->label.len + 4;
		break;
	case SO_N_FUNC:
		width->sum += so_as_func(ast, ref)->name.len + 3;
		break;
	case SO_N_CONST:
		width->sum += so_as_const(ast, ref)->value.len + 2;
		break;
	case SO_N_WINDOW:
		width->sum += 14;
		break;
	case SO_N_WHEN:
		width->sum += 10;
		break;
	default:
		width->sum += 4;
	}
	/* enough is known: a long list must not be read at every level around it */
	return width->sum > WIDE ? SO_WALK_STOP : SO_WALK_ON;
}

static bool is_wide(const struct printer *pr, struct so_list list)
{
	struct width width = { 0 };

	for (uint32_t i = 0; i < list.count; i++)
		if (!so_ast_walk(pr->ast, so_list_get(pr->ast, list, i), add_width, &width))
			return list.count > 1 || !width.has_query;
	return false;
}

bool so_put_breaks(const struct printer *pr, struct so_list list)
{
	return pr->pretty && (list.count > MANY_ITEMS || is_wide(pr, list));
}

void so_put_line(struct printer *pr, bool line)
{
	if (!line) {
		so_put(pr, " ");
		return;
	}
	pr->indent++;
	so_put_break(pr);
	pr->indent--;
}

void so_put_lines(struct printer *pr, struct so_list list, void (*item)(struct printer *pr, so_ref ref))
{
	bool lines = so_put_breaks(pr, list);

	for (uint32_t i = 0; i < list.count; i++) {
		if (i)
			so_put(pr, ",");
		so_put_line(pr, lines);
		item(pr, so_list_get(pr->ast, list, i));
	}
}

void so_put_elements(struct printer *pr, struct so_list list, void (*item)(struct printer *pr, so_ref ref))
{
	so_put(pr, "(");
	pr->indent++;
	for (uint32_t i = 0; i < list.count; i++) {
		so_put(pr, i ? "," : "");
		if (i || pr->pretty)
			so_put_break(pr);
		item(pr, so_list_get(pr->ast, list, i));
	}
	pr->indent--;
	if (pr->pretty)
		so_put_break(pr);
	so_put(pr, ")");
}

void so_put_rows(struct printer *pr, struct so_list rows, void (*item)(struct printer *pr, so_ref ref))
{
	so_ref first = rows.count ? so_list_get(pr->ast, rows, 0) : 0;
	bool lines = pr->pretty && rows.count > 1 && so_ast_kind(pr->ast, first) == SO_N_ROW &&
		     GET(pr, row, first)->items.count > 1;

	so_put(pr, "VALUES");
	for (uint32_t i = 0; i < rows.count; i++) {
		so_put(pr, i ? "," : "");
		so_put_line(pr, lines);
		item(pr, so_list_get(pr->ast, rows, i));
	}
}
