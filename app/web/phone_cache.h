/* phone_cache.h - each phone's JSON, made once however many are told of it. */
#ifndef STAGEBOX_APP_WEB_PHONE_CACHE_H
#define STAGEBOX_APP_WEB_PHONE_CACHE_H

#include "app/phones/phone.h"
#include "app/staging/staging.h"

#define PHONE_CACHE_TEXT 2048 /* bytes of one; longer ones are made each time */
#define PHONE_CACHE_VIEWERS 16 /* for fewer it is worth less */
#define PHONE_CACHE_FEW 8      /* for fewer than these nothing */

struct phone_cache;

/* For the registry's places 0..phones - 1, all at a time where many look (`viewers`), else a part of them. NULL where
 * there is no memory. */
struct phone_cache *phone_cache_open(size_t phones, size_t viewers);
void phone_cache_close(struct phone_cache *cache);
/* The phone in this place is otherwise than it was. */
void phone_cache_changed(struct phone_cache *cache, size_t place);
/* Writes its JSON to `buf`; its length. *made is raised where it had to be made. */
size_t phone_cache_put(struct phone_cache *cache, const struct staging *s, size_t place, const struct phone *phone,
                       unsigned *made, char *buf, size_t cap);

#endif
