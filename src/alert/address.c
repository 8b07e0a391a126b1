#include "alert/address.h"

#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

struct block {
	uint32_t network;
	int bits;
};

/* What IANA's registry of special addresses calls not globally reachable, and multicast. */
static const struct block blocks[] = {
	{ 0x00000000, 8 }, /* this network */
	{ 0x0a000000, 8 }, /* private */
	{ 0x64400000, 10 }, /* shared by carriers */
	{ 0x7f000000, 8 }, /* loopback */
	{ 0xa9fe0000, 16 }, /* link-local, and the metadata of clouds */
	{ 0xac100000, 12 }, /* private */
	{ 0xc0000000, 24 }, /* protocol assignments */
	{ 0xc0000200, 24 }, /* documentation */
	{ 0xc0586300, 24 }, /* 6to4 relays */
	{ 0xc0a80000, 16 }, /* private */
	{ 0xc6120000, 15 }, /* benchmarks */
	{ 0xc6336400, 24 }, /* documentation */
	{ 0xcb007100, 24 }, /* documentation */
	{ 0xe0000000, 3 }, /* multicast, reserved, broadcast */
};

static bool is_public_v4(uint32_t address)
{
	for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++)
		if ((address ^ blocks[i].network) >> (32 - blocks[i].bits) == 0)
			return false;
	return true;
}

static uint32_t v4_at(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static bool is_public_v6(const uint8_t *a)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };

	if (memcmp(a, mapped, sizeof mapped) == 0 || memcmp(a, nat64, sizeof nat64) == 0)
		return is_public_v4(v4_at(a + 12));
	if (a[0] == 0x20 && a[1] == 0x02) /* 6to4 */
		return is_public_v4(v4_at(a + 2));
	if ((a[0] & 0xe0) != 0x20) /* only 2000::/3 is given out */
		return false;
	/* 2001::/23 is for protocols (Teredo is in it), 2001:db8::/32 and 3fff::/20 for documents */
	return !(a[0] == 0x20 && a[1] == 0x01 && (a[2] & 0xfe) == 0) &&
	       !(a[0] == 0x20 && a[1] == 0x01 && a[2] == 0x0d && a[3] == 0xb8) &&
	       !(a[0] == 0x3f && a[1] == 0xff && (a[2] & 0xf0) == 0);
}

bool so_address_is_public(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return is_public_v4(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
	if (address->sa_family == AF_INET6)
		return is_public_v6(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
	return false;
}

bool so_host_is_listed(const char *host, char *const *list, size_t n)
{
	size_t len = strlen(host);

	for (size_t i = 0; i < n; i++) {
		size_t tail = strlen(list[i]);

		if (strcasecmp(host, list[i]) == 0)
			return true;
		if (list[i][0] == '.' && len > tail && strcasecmp(host + len - tail, list[i]) == 0)
			return true;
	}
	return false;
}
