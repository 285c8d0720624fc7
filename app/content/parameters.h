/* parameters.h - every parameter of a phone that stagebox ever sets, and what the factory put there.
 *
 * Names are spelled as the elements of a profile. The factory's values are those of the vendor's
 * guides for the 3xx/5xx line.
 */
#ifndef STAGEBOX_APP_CONTENT_PARAMETERS_H
#define STAGEBOX_APP_CONTENT_PARAMETERS_H

#include <stddef.h>
#include <stdint.h>

enum parameter_id {
    PARAMETER_PROVISION_ENABLE,
    PARAMETER_RESYNC_ON_RESET,
    PARAMETER_RESYNC_RANDOM_DELAY,
    PARAMETER_RESYNC_PERIODIC,
    PARAMETER_RESYNC_ERROR_RETRY_DELAY,
    PARAMETER_RESYNC_AFTER_UPGRADE_ATTEMPT,
    PARAMETER_PROFILE_RULE,
    PARAMETER_PROFILE_RULE_B,
    PARAMETER_PROFILE_RULE_C,
    PARAMETER_PROFILE_RULE_D,
    PARAMETER_UPGRADE_ENABLE,
    PARAMETER_UPGRADE_RULE,
    PARAMETER_UPGRADE_ERROR_RETRY_DELAY,
    PARAMETER_DOWNGRADE_REV_LIMIT,
    PARAMETER_SYSLOG_SERVER,
    PARAMETER_DEBUG_LEVEL,
    PARAMETER_LOG_RESYNC_REQUEST_MSG,
    PARAMETER_LOG_RESYNC_SUCCESS_MSG,
    PARAMETER_LOG_RESYNC_FAILURE_MSG,
    PARAMETER_LOG_UPGRADE_REQUEST_MSG,
    PARAMETER_LOG_UPGRADE_SUCCESS_MSG,
    PARAMETER_LOG_UPGRADE_FAILURE_MSG,
    PARAMETER_SPCP_AUTO_DETECT,
    PARAMETER_SIGNALING_PROTOCOL,
    /* Only where the settings ask for them: */
    PARAMETER_CUSTOM_CA_URL,
    PARAMETER_TEXT_LOGO,
    PARAMETER_STATION_NAME,
    PARAMETER_COUNT
};

struct parameter {
    const char *name;
    const char *factory;
    const char *line; /* of a profile that states the factory's value */
    size_t line_len;
};

/* The row of an id below PARAMETER_COUNT. */
const struct parameter *parameter_get(enum parameter_id id);
/* The id of a name, letter case counts; PARAMETER_COUNT where it is none of them. */
enum parameter_id parameter_find(const char *name, size_t len);
/* A set of ids, one bit each. */
#define PARAMETER_BIT(id) (UINT64_C(1) << (id))

#endif
