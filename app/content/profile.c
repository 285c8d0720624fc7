#include "app/content/profile.h"

#include "app/content/xml.h"

#include <string.h>

#define NUMBER_MAX 12

static const char *text_of(const char *text)
{
    return text ? text : "";
}

static bool is_set(const char *text)
{
    return text_of(text)[0] != '\0';
}

/* -- first, ladder, wait: the bench's value of each parameter -- */

static const char *profile_rule(const struct profile_facts *facts)
{
    bool https = facts->stage != STAGE_FIRST && is_set(facts->https_url);
    return https && facts->https_first ? facts->https_url : facts->http_url;
}

/* A Profile_Rule_B that is new to the phone is fetched in the same resync: so `first` repeats the URL. */
static const char *profile_rule_b(const struct profile_facts *facts)
{
    if (facts->stage == STAGE_FIRST)
        return facts->http_url;
    if (!is_set(facts->https_url))
        return "";
    return facts->https_first ? facts->http_url : facts->https_url;
}

static const char *number(uint32_t value, char out[NUMBER_MAX])
{
    struct out digits;
    out_window(&digits, out, NUMBER_MAX - 1, 0);
    out_u64(&digits, value);
    out[out_filled(&digits)] = '\0';
    return out;
}

/* The value while the phone is staged; `digits` is room for numbers. */
static const char *bench_value(const struct profile_facts *facts, enum parameter_id id, char digits[NUMBER_MAX])
{
    switch (id) {
    case PARAMETER_RESYNC_RANDOM_DELAY:
        return "0";
    case PARAMETER_RESYNC_PERIODIC:
        return number(facts->resync_s, digits);
    case PARAMETER_RESYNC_ERROR_RETRY_DELAY:
        return "30";
    case PARAMETER_UPGRADE_ERROR_RETRY_DELAY: /* 0 would count a failure as success */
        return "60";
    case PARAMETER_PROFILE_RULE:
        return profile_rule(facts);
    case PARAMETER_PROFILE_RULE_B:
        return profile_rule_b(facts);
    case PARAMETER_UPGRADE_RULE:
        return facts->stage == STAGE_LADDER ? facts->upgrade_url : "";
    case PARAMETER_SYSLOG_SERVER:
        return facts->syslog;
    case PARAMETER_DEBUG_LEVEL: /* 2 and above would send every SIP message */
        return is_set(facts->syslog) ? "1" : "0";
    case PARAMETER_SPCP_AUTO_DETECT:
        return "No";
    case PARAMETER_CUSTOM_CA_URL:
        return facts->custom_ca_url;
    case PARAMETER_TEXT_LOGO:
        return facts->text_logo;
    case PARAMETER_STATION_NAME:
        return facts->station_name;
    default: /* as the factory has it: a second-hand phone may have something else */
        return parameter_get(id)->factory;
    }
}

/* Whether this phone's profiles speak of the parameter at all. */
static bool is_stated(const struct profile_facts *facts, enum parameter_id id)
{
    if (id == PARAMETER_CUSTOM_CA_URL)
        return facts->states_ca;
    if (id == PARAMETER_TEXT_LOGO || id == PARAMETER_STATION_NAME)
        return facts->states_display;
    return true;
}

static void write_parameter(struct out *out, enum parameter_id id, const char *value)
{
    const char *name = parameter_get(id)->name;
    out_char(out, '<');
    out_text(out, name);
    out_char(out, '>');
    xml_write_text(out, text_of(value), strlen(text_of(value)));
    out_text(out, "</");
    out_text(out, name);
    out_text(out, ">\n");
}

static void write_bench(const struct profile_facts *facts, struct out *out)
{
    char digits[NUMBER_MAX];
    for (unsigned id = 0; id < PARAMETER_COUNT; id++) {
        if (is_stated(facts, (enum parameter_id)id))
            write_parameter(out, (enum parameter_id)id, bench_value(facts, (enum parameter_id)id, digits));
    }
}

/* -- final, idle -- */

static void write_final(const struct profile_facts *facts, struct out *out)
{
    bool rule = is_set(facts->final_rule);
    uint64_t without = rule ? PARAMETER_BIT(PARAMETER_PROFILE_RULE) : 0;
    uint64_t sets = facts->template ? facts->template->sets & ~without : 0;
    for (unsigned i = 0; i < PARAMETER_COUNT; i++) {
        enum parameter_id id = (enum parameter_id)i;
        bool over = rule && id == PARAMETER_PROFILE_RULE;
        if (!is_stated(facts, id) || (sets & PARAMETER_BIT(id)))
            continue;
        if (over)
            write_parameter(out, id, facts->final_rule);
        else
            out_bytes(out, parameter_get(id)->line, parameter_get(id)->line_len);
    }
    if (facts->template)
        template_render(facts->template, facts->values, without, out);
}

static void write_idle(const struct profile_facts *facts, struct out *out)
{
    if (!facts->holds_rule)
        return;
    write_parameter(out, PARAMETER_PROFILE_RULE, "");
    write_parameter(out, PARAMETER_PROFILE_RULE_B, "");
    write_parameter(out, PARAMETER_UPGRADE_RULE, "");
}

void profile_render(const struct profile_facts *facts, struct out *out)
{
    out_text(out, "<flat-profile>\n");
    switch (facts->stage) {
    case STAGE_FIRST:
    case STAGE_LADDER:
    case STAGE_WAIT:
        write_bench(facts, out);
        break;
    case STAGE_FINAL:
        write_final(facts, out);
        break;
    case STAGE_IDLE:
        write_idle(facts, out);
        break;
    }
    out_text(out, "</flat-profile>\n");
}

size_t profile_write(const struct profile_facts *facts, char *buf, size_t cap)
{
    struct out out;
    out_window(&out, buf, cap, 0);
    profile_render(facts, &out);
    return out.failed ? 0 : (size_t)out.total;
}
