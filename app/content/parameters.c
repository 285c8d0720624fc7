#include "app/content/parameters.h"

#include <string.h>

#define PARAMETER(name, factory)                                                                                   \
    {                                                                                                              \
        name, factory, "<" name ">" factory "</" name ">\n", sizeof "<" name ">" factory "</" name ">\n" - 1       \
    }

/* Whose value on the bench differs from the factory's is decided in profile.c. */
static const struct parameter parameters[PARAMETER_COUNT] = {
    [PARAMETER_PROVISION_ENABLE] = PARAMETER("Provision_Enable", "Yes"),
    [PARAMETER_RESYNC_ON_RESET] = PARAMETER("Resync_On_Reset", "Yes"),
    [PARAMETER_RESYNC_RANDOM_DELAY] = PARAMETER("Resync_Random_Delay", "2"),
    [PARAMETER_RESYNC_PERIODIC] = PARAMETER("Resync_Periodic", "3600"),
    [PARAMETER_RESYNC_ERROR_RETRY_DELAY] = PARAMETER("Resync_Error_Retry_Delay", "3600"),
    [PARAMETER_RESYNC_AFTER_UPGRADE_ATTEMPT] = PARAMETER("Resync_After_Upgrade_Attempt", "Yes"),
    [PARAMETER_PROFILE_RULE] = PARAMETER("Profile_Rule", "/spa$PSN.cfg"),
    [PARAMETER_PROFILE_RULE_B] = PARAMETER("Profile_Rule_B", ""),
    [PARAMETER_PROFILE_RULE_C] = PARAMETER("Profile_Rule_C", ""),
    [PARAMETER_PROFILE_RULE_D] = PARAMETER("Profile_Rule_D", ""),
    [PARAMETER_UPGRADE_ENABLE] = PARAMETER("Upgrade_Enable", "Yes"),
    [PARAMETER_UPGRADE_RULE] = PARAMETER("Upgrade_Rule", ""),
    [PARAMETER_UPGRADE_ERROR_RETRY_DELAY] = PARAMETER("Upgrade_Error_Retry_Delay", "3600"),
    [PARAMETER_DOWNGRADE_REV_LIMIT] = PARAMETER("Downgrade_Rev_Limit", ""),
    [PARAMETER_SYSLOG_SERVER] = PARAMETER("Syslog_Server", ""),
    [PARAMETER_DEBUG_LEVEL] = PARAMETER("Debug_Level", "0"),
    [PARAMETER_LOG_RESYNC_REQUEST_MSG] =
        PARAMETER("Log_Resync_Request_Msg", "$PN $MAC -- Requesting resync $SCHEME://$SERVIP:$PORT$PATH"),
    [PARAMETER_LOG_RESYNC_SUCCESS_MSG] =
        PARAMETER("Log_Resync_Success_Msg", "$PN $MAC -- Successful resync $SCHEME://$SERVIP:$PORT$PATH"),
    [PARAMETER_LOG_RESYNC_FAILURE_MSG] = PARAMETER("Log_Resync_Failure_Msg", "$PN $MAC -- Resync failed: $ERR"),
    [PARAMETER_LOG_UPGRADE_REQUEST_MSG] =
        PARAMETER("Log_Upgrade_Request_Msg", "$PN $MAC -- Requesting upgrade $SCHEME://$SERVIP:$PORT$PATH"),
    [PARAMETER_LOG_UPGRADE_SUCCESS_MSG] =
        PARAMETER("Log_Upgrade_Success_Msg", "$PN $MAC -- Successful upgrade $SCHEME://$SERVIP:$PORT$PATH -- $ERR"),
    [PARAMETER_LOG_UPGRADE_FAILURE_MSG] = PARAMETER("Log_Upgrade_Failure_Msg", "$PN $MAC -- Upgrade failed: $ERR"),
    /* No guide in reach states these two. Phones that were never touched probe for SPCP, and exports
     * of untouched phones say Yes and SIP. */
    [PARAMETER_SPCP_AUTO_DETECT] = PARAMETER("SPCP_Auto-detect", "Yes"),
    [PARAMETER_SIGNALING_PROTOCOL] = PARAMETER("Signaling_Protocol", "SIP"),
    [PARAMETER_CUSTOM_CA_URL] = PARAMETER("Custom_CA_URL", ""),
    [PARAMETER_TEXT_LOGO] = PARAMETER("Text_Logo", ""),
    [PARAMETER_STATION_NAME] = PARAMETER("Station_Name", ""),
};

const struct parameter *parameter_get(enum parameter_id id)
{
    return &parameters[id];
}

enum parameter_id parameter_find(const char *name, size_t len)
{
    for (unsigned id = 0; id < PARAMETER_COUNT; id++) {
        if (strlen(parameters[id].name) == len && memcmp(parameters[id].name, name, len) == 0)
            return (enum parameter_id)id;
    }
    return PARAMETER_COUNT;
}
