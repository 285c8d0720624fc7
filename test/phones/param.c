#include "param.h"

#include "mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { BUCKETS = 512 };

struct definition {
    const char *name;
    const char *factory;
    bool reboots;
};

/* phones.md 4.4, 5.1, 7 and 3; which of them need a reboot is a guess (field-notes, last item). */
static const struct definition builtin[] = {
    {"Provision_Enable", "Yes", false},
    {"Resync_On_Reset", "Yes", false},
    {"Resync_Random_Delay", "2", false},
    {"Resync_At__HHmm_", "", false},
    {"Resync_At_Random_Delay", "600", false},
    {"Resync_Periodic", "3600", false},
    {"Resync_Error_Retry_Delay", "3600", false},
    {"Forced_Resync_Delay", "14400", false},
    {"Resync_From_SIP", "Yes", false},
    {"Resync_After_Upgrade_Attempt", "Yes", false},
    {"Resync_Trigger_1", "", false},
    {"Resync_Trigger_2", "", false},
    {"Resync_Fails_On_FNF", "Yes", false},
    {"Profile_Rule", "/spa$PSN.cfg", false},
    {"Profile_Rule_B", "", false},
    {"Profile_Rule_C", "", false},
    {"Profile_Rule_D", "", false},
    {"DHCP_Option_To_Use", "66,160,159,150,60,43,125", false},
    {"Transport_Protocol", "none", false},
    {"Report_Rule", "", false},
    {"Log_Resync_Request_Msg", "$PN $MAC -- Requesting resync $SCHEME://$SERVIP:$PORT$PATH", false},
    {"Log_Resync_Success_Msg", "$PN $MAC -- Successful resync $SCHEME://$SERVIP:$PORT$PATH", false},
    {"Log_Resync_Failure_Msg", "$PN $MAC -- Resync failed: $ERR", false},
    {"Log_Upgrade_Request_Msg", "$PN $MAC -- Requesting upgrade $SCHEME://$SERVIP:$PORT$PATH", false},
    {"Log_Upgrade_Success_Msg", "$PN $MAC -- Successful upgrade $SCHEME://$SERVIP:$PORT$PATH -- $ERR", false},
    {"Log_Upgrade_Failure_Msg", "$PN $MAC -- Upgrade failed: $ERR", false},
    {"Upgrade_Enable", "Yes", false},
    {"Upgrade_Error_Retry_Delay", "3600", false},
    {"Downgrade_Rev_Limit", "", false},
    {"Upgrade_Rule", "", false},
    {"Custom_CA_URL", "", false},
    {"Syslog_Server", "", false},
    {"Debug_Server", "", false},
    {"Debug_Level", "0", false},
    {"Primary_NTP_Server", "", false},
    {"Secondary_NTP_Server", "", false},
    {"SPCP_Auto-detect", "Yes", true},
    {"Signaling_Protocol", "SIP", true},
    {"Enable_Web_Server", "Yes", true},
    {"Web_Server_Port", "80", true},
    {"Admin_Passwd", "", false},
    {"User_Password", "", false},
    {"Connection_Type", "DHCP", true},
    {"Enable_CDP", "Yes", true},
    {"Enable_LLDP-MED", "Yes", true},
    {"Enable_VLAN", "No", true},
    {"VLAN_ID", "1", true},
    {"HostName", "", true},
    {"Domain", "", true},
    {"Station_Name", "", false},
    {"Voice_Mail_Number", "", false},
    {"Text_Logo", "", false},
    {"Select_Logo", "Default", false},
    {"BMP_Picture_Download_URL", "", false},
    {"Screen_Saver_Enable", "No", false},
    {"Time_Zone", "GMT-08:00", false},
    {"Language_Selection", "English-US", false},
    {"Dictionary_Server_Script", "", false},
    {"User_ID_1_", "", true},
    {"Password_1_", "", true},
    {"Display_Name_1_", "", true},
    {"Auth_ID_1_", "", true},
    {"Proxy_1_", "", true},
    {"Outbound_Proxy_1_", "", true},
    {"Register_1_", "Yes", true},
    {"Line_Enable_1_", "Yes", true},
    {"Extension_1_", "1", true},
    {"Short_Name_1_", "$USER", true},
    {"GPP_SA", "", false},
    {"GPP_SB", "", false},
    {"GPP_SC", "", false},
    {"GPP_SD", "", false},
    {"GPP_A", "", false}, {"GPP_B", "", false}, {"GPP_C", "", false}, {"GPP_D", "", false},
    {"GPP_E", "", false}, {"GPP_F", "", false}, {"GPP_G", "", false}, {"GPP_H", "", false},
    {"GPP_I", "", false}, {"GPP_J", "", false}, {"GPP_K", "", false}, {"GPP_L", "", false},
    {"GPP_M", "", false}, {"GPP_N", "", false}, {"GPP_O", "", false}, {"GPP_P", "", false},
};

struct entry {
    char *name;
    const char *factory;
    bool reboots;
    int next; /* in its bucket, -1: last */
};

struct catalogue {
    struct entry *entries;
    size_t used, room;
    int bucket[BUCKETS];
};

struct params {
    const struct catalogue *catalogue;
    char **value; /* NULL: the factory's */
};

static size_t hash_of(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name != '\0'; name++)
        h = (h ^ (uint8_t)*name) * 16777619u;
    return h % BUCKETS;
}

int catalogue_find(const struct catalogue *c, const char *name)
{
    int i = c->bucket[hash_of(name)];
    while (i >= 0 && strcmp(c->entries[i].name, name) != 0)
        i = c->entries[i].next;
    return i;
}

static void append(struct catalogue *c, const struct definition *d)
{
    if (c->used == c->room) {
        c->room = c->room * 2 + 128;
        c->entries = mem_grow(c->entries, c->room * sizeof(struct entry));
    }
    size_t bucket = hash_of(d->name);
    c->entries[c->used] = (struct entry){mem_text(d->name), d->factory, d->reboots, c->bucket[bucket]};
    c->bucket[bucket] = (int)c->used++;
}

struct catalogue *catalogue_new(void)
{
    struct catalogue *c = mem_new(1, sizeof *c);
    for (size_t i = 0; i < BUCKETS; i++)
        c->bucket[i] = -1;
    for (size_t i = 0; i < sizeof builtin / sizeof builtin[0]; i++)
        append(c, &builtin[i]);
    return c;
}

void catalogue_free(struct catalogue *c)
{
    for (size_t i = 0; i < c->used; i++)
        free(c->entries[i].name);
    free(c->entries);
    free(c);
}

void catalogue_add(struct catalogue *c, const char *name)
{
    if (catalogue_find(c, name) < 0)
        append(c, &(struct definition){name, "", false});
}

size_t catalogue_size(const struct catalogue *c)
{
    return c->used;
}

const char *catalogue_name(const struct catalogue *c, size_t index)
{
    return c->entries[index].name;
}

const char *catalogue_factory(const struct catalogue *c, size_t index)
{
    return c->entries[index].factory;
}

bool catalogue_reboots(const struct catalogue *c, size_t index)
{
    return c->entries[index].reboots;
}

struct params *params_new(const struct catalogue *c)
{
    struct params *p = mem_new(1, sizeof *p);
    p->catalogue = c;
    p->value = mem_new(c->used, sizeof(char *));
    return p;
}

void params_reset(struct params *p)
{
    for (size_t i = 0; i < p->catalogue->used; i++) {
        free(p->value[i]);
        p->value[i] = NULL;
    }
}

void params_free(struct params *p)
{
    params_reset(p);
    free(p->value);
    free(p);
}

const char *params_at(const struct params *p, size_t index)
{
    return p->value[index] ? p->value[index] : p->catalogue->entries[index].factory;
}

const char *params_get(const struct params *p, const char *name)
{
    int i = catalogue_find(p->catalogue, name);
    return i < 0 ? "" : params_at(p, (size_t)i);
}

bool params_set(struct params *p, const char *name, const char *value)
{
    int i = catalogue_find(p->catalogue, name);
    if (i < 0 || strcmp(params_at(p, (size_t)i), value) == 0)
        return false;
    char *copy = mem_text(value); /* `value` may be the old one */
    free(p->value[i]);
    p->value[i] = copy;
    return true;
}

void params_copy(struct params *to, const struct params *from)
{
    params_reset(to);
    for (size_t i = 0; i < from->catalogue->used; i++)
        if (from->value[i] != NULL)
            to->value[i] = mem_text(from->value[i]);
}

bool params_yes(const struct params *p, const char *name)
{
    const char *v = params_get(p, name);
    return strcasecmp(v, "Yes") == 0 || strcmp(v, "1") == 0;
}

double params_number(const struct params *p, const char *name)
{
    return strtod(params_get(p, name), NULL);
}
