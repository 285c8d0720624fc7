/* scan.h - the small parts that values are made of. All take text ending in NUL, or a length. */
#ifndef STAGEBOX_CONFIG_SCAN_H
#define STAGEBOX_CONFIG_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* yes, on, true; no, off, false. */
bool scan_bool(const char *text, bool *out);
/* A decimal number below 2^32. */
bool scan_number(const char *text, size_t len, uint32_t *out);
/* A number with its unit: 30s, 5m, 1h, 2d. Seconds. */
bool scan_duration(const char *text, uint32_t *seconds);
#define SCAN_DURATION_MAX 16
/* The other way, in the greatest unit that leaves nothing over. */
const char *scan_duration_text(uint32_t seconds, char out[SCAN_DURATION_MAX]);
/* Two hex digits a byte; one blank, colon or hyphen may stand between bytes. The count of bytes, 0
 * where it is no hex or does not fit. */
size_t scan_hex(const char *text, uint8_t *out, size_t cap);
/* Cuts the next item off a list with commas, without the blanks around it. Empty items are
 * skipped. False at the end. */
bool scan_item(const char **list, const char **item, size_t *len);

#endif
