#include "app/content/parameters.h"

#include <string.h>

/* Whose value on the bench differs from the factory's is decided in profile.c. */
static const struct parameter parameters[PARAMETER_COUNT] = {
    [PARAMETER_PROVISION_ENABLE] = {"Provision_Enable", "Yes"},
    [PARAMETER_RESYNC_ON_RESET] = {"Resync_On_Reset", "Yes"},
    [PARAMETER_RESYNC_RANDOM_DELAY] = {"Resync_Random_Delay", "2"},
    [PARAMETER_RESYNC_PERIODIC] = {"Resync_Periodic", "3600"},
    [PARAMETER_RESYNC_ERROR_RETRY_DELAY] = {"Resync_Error_Retry_Delay", "3600"},
    [PARAMETER_RESYNC_AFTER_UPGRADE_ATTEMPT] = {"Resync_After_Upgrade_Attempt", "Yes"},
    [PARAMETER_PROFILE_RULE] = {"Profile_Rule", "/spa$PSN.cfg"},
    [PARAMETER_PROFILE_RULE_B] = {"Profile_Rule_B", ""},
    [PARAMETER_PROFILE_RULE_C] = {"Profile_Rule_C", ""},
    [PARAMETER_PROFILE_RULE_D] = {"Profile_Rule_D", ""},
    [PARAMETER_UPGRADE_ENABLE] = {"Upgrade_Enable", "Yes"},
    [PARAMETER_UPGRADE_RULE] = {"Upgrade_Rule", ""},
    [PARAMETER_UPGRADE_ERROR_RETRY_DELAY] = {"Upgrade_Error_Retry_Delay", "3600"},
    [PARAMETER_DOWNGRADE_REV_LIMIT] = {"Downgrade_Rev_Limit", ""},
    [PARAMETER_SYSLOG_SERVER] = {"Syslog_Server", ""},
    [PARAMETER_DEBUG_LEVEL] = {"Debug_Level", "0"},
    [PARAMETER_LOG_RESYNC_REQUEST_MSG] = {"Log_Resync_Request_Msg",
                                          "$PN $MAC -- Requesting resync $SCHEME://$SERVIP:$PORT$PATH"},
    [PARAMETER_LOG_RESYNC_SUCCESS_MSG] = {"Log_Resync_Success_Msg",
                                          "$PN $MAC -- Successful resync $SCHEME://$SERVIP:$PORT$PATH"},
    [PARAMETER_LOG_RESYNC_FAILURE_MSG] = {"Log_Resync_Failure_Msg", "$PN $MAC -- Resync failed: $ERR"},
    [PARAMETER_LOG_UPGRADE_REQUEST_MSG] = {"Log_Upgrade_Request_Msg",
                                           "$PN $MAC -- Requesting upgrade $SCHEME://$SERVIP:$PORT$PATH"},
    [PARAMETER_LOG_UPGRADE_SUCCESS_MSG] = {"Log_Upgrade_Success_Msg",
                                           "$PN $MAC -- Successful upgrade $SCHEME://$SERVIP:$PORT$PATH -- $ERR"},
    [PARAMETER_LOG_UPGRADE_FAILURE_MSG] = {"Log_Upgrade_Failure_Msg", "$PN $MAC -- Upgrade failed: $ERR"},
    /* No guide in reach states these two. Phones that were never touched probe for SPCP, and exports
     * of untouched phones say Yes and SIP. */
    [PARAMETER_SPCP_AUTO_DETECT] = {"SPCP_Auto-detect", "Yes"},
    [PARAMETER_SIGNALING_PROTOCOL] = {"Signaling_Protocol", "SIP"},
    [PARAMETER_CUSTOM_CA_URL] = {"Custom_CA_URL", ""},
    [PARAMETER_TEXT_LOGO] = {"Text_Logo", ""},
    [PARAMETER_STATION_NAME] = {"Station_Name", ""},
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
