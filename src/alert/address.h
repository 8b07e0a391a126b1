/* Which addresses an alert may be sent to. Whoever may make a channel could otherwise let this machine talk to what
 * only this machine reaches. The address that is really connected to is judged, so a name that changes its mind between
 * two look-ups gains nothing. Pure. */
#ifndef SO_ALERT_ADDRESS_H
#define SO_ALERT_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* False: loopback, private, link-local (cloud metadata), shared, multicast, reserved, or no address of the Internet; of
 * IPv6 also what carries such an IPv4 address in itself. */
bool so_address_is_public(const struct sockaddr *address);

/* "hooks.example.com" exactly, ".example.com" for all names below it, or an address; letter case does not matter. */
bool so_host_is_listed(const char *host, char *const *list, size_t n);

#endif
