#include "monitor/damping.h"

#include <math.h>

#define SLOW_MOST 3 /* doublings of close_after */

const char *so_damp_state_name(enum so_damp_state state)
{
	static const char *const names[SO_DAMP_STATE_MAX] = { "quiet", "open", "closed" };

	return names[state];
}

const char *so_damp_end_name(enum so_damp_end end)
{
	static const char *const names[SO_END_MAX] = { "", "recovered", "gone", "settled" };

	return names[end];
}

static bool may_notify(
	const struct so_damp *damp, const struct so_damp_input *input, const struct so_damp_config *config)
{
	if (input->at_us < damp->muted_until_us)
		return false;
	return !damp->acknowledged || input->factor >= damp->acknowledged_factor * config->worse_ratio;
}

static void tell(struct so_damp *damp, const struct so_damp_input *input)
{
	damp->factor = damp->told_factor = input->factor;
	damp->told_us = input->at_us;
}

static enum so_damp_event open_it(
	struct so_damp *damp, const struct so_damp_input *input, const struct so_damp_config *config, bool *notify)
{
	/* What settled is over; a regression on top of it is another one. */
	bool again = damp->state == SO_DAMP_CLOSED && damp->end != SO_END_SETTLED &&
		     input->at_us - damp->closed_us <= config->reopen_us;

	damp->state = SO_DAMP_OPEN;
	damp->end = SO_END_NONE;
	damp->hot = damp->cool = 0;
	if (again) {
		damp->returns++;
		*notify = may_notify(damp, input, config) && !(damp->returns & (damp->returns - 1));
	} else {
		damp->returns = 0;
		damp->acknowledged = false;
		damp->onset_us = input->onset_us;
		damp->opened_us = input->at_us;
		*notify = may_notify(damp, input, config);
	}
	tell(damp, input);
	return again ? SO_DAMP_REOPENED : SO_DAMP_OPENED;
}

static enum so_damp_event close_it(struct so_damp *damp, const struct so_damp_input *input,
	const struct so_damp_config *config, enum so_damp_end end, bool *notify)
{
	damp->state = SO_DAMP_CLOSED;
	damp->end = end;
	damp->closed_us = input->at_us;
	damp->hot = damp->cool = 0;
	if (end == SO_END_SETTLED)
		damp->normal_since_us = damp->onset_us;
	*notify = may_notify(damp, input, config) && damp->returns == 0;
	return SO_DAMP_CLOSES;
}

static enum so_damp_event step_open(
	struct so_damp *damp, const struct so_damp_input *input, const struct so_damp_config *config, bool *notify)
{
	uint32_t need = config->close_after << (damp->returns < SLOW_MOST ? damp->returns : SLOW_MOST);
	double moved;

	if (input->heat == SO_HEAT_NONE)
		return input->at_us - damp->last_data_us >= config->gone_us
			       ? close_it(damp, input, config, SO_END_GONE, notify)
			       : SO_DAMP_NOTHING;
	if (input->heat == SO_HEAT_COOL) {
		if (++damp->cool >= need)
			return close_it(damp, input, config, SO_END_RECOVERED, notify);
		return SO_DAMP_NOTHING;
	}
	damp->cool = 0;
	if (input->at_us - damp->onset_us >= config->settle_us)
		return close_it(damp, input, config, SO_END_SETTLED, notify);
	if (input->heat != SO_HEAT_HOT)
		return SO_DAMP_NOTHING;
	damp->factor = input->factor;
	moved = fmax(damp->factor / damp->told_factor, damp->told_factor / damp->factor);
	if (input->changed || (moved >= config->update_ratio && input->at_us - damp->told_us >= config->update_us)) {
		/* Only what got worse is worth an interruption. */
		*notify = may_notify(damp, input, config) && damp->factor >= damp->told_factor * config->worse_ratio;
		tell(damp, input);
		if (*notify && damp->acknowledged)
			damp->acknowledged_factor = damp->factor;
		return SO_DAMP_UPDATED;
	}
	return SO_DAMP_NOTHING;
}

enum so_damp_event so_damp_step(
	struct so_damp *damp, const struct so_damp_input *input, const struct so_damp_config *config, bool *notify)
{
	enum so_damp_event event = SO_DAMP_NOTHING;

	*notify = false;
	if (!damp->last_data_us || input->heat != SO_HEAT_NONE)
		damp->last_data_us = input->at_us;
	if (damp->state == SO_DAMP_OPEN)
		return step_open(damp, input, config, notify);
	if (input->heat == SO_HEAT_HOT) {
		damp->hot++;
		if (damp->hot >= config->open_after || input->overwhelming)
			event = open_it(damp, input, config, notify);
	} else if (input->heat != SO_HEAT_NONE) {
		damp->hot = 0;
	}
	return event;
}

void so_damp_acknowledge(struct so_damp *damp)
{
	damp->acknowledged = true;
	damp->acknowledged_factor = damp->factor;
}

void so_damp_mute(struct so_damp *damp, int64_t until_us)
{
	damp->muted_until_us = until_us;
}
