/* What GET /health says. */
#ifndef SO_SERVICE_HEALTH_H
#define SO_SERVICE_HEALTH_H

#include "service/service.h"

struct so_health {
	const char *status; /* "healthy"; a model that is down does not change it */
	const char *model_status; /* "healthy", "unhealthy", "disabled" */
	char *model_url, *model_checked, *model_error; /* error NULL when healthy */
	bool model_available;
	size_t n_models;
	char **models;
	bool monitoring_agent;
	bool remote_without_login; /* the standing warning */
};

/* Never blocks: the model is probed in the background at most every 30 s and the last answer is given. */
void so_service_health(TALLOC_CTX *ctx, struct so_service *service, struct so_health *out);

#endif
