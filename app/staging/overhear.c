/* overhear.c - phones that ask us for nothing, and what phones tell their switch. */
#include "app/staging/core.h"

#include <stdio.h>
#include <string.h>

#define LATELY_MS (5u * 60 * 1000) /* who asked in so long is with us, whatever else is heard of it */

static bool is_with_us(const struct staging *s, const struct phone *phone)
{
    struct moment now = staging_now(s);
    return phone->done_at.set ||
           (phone->asked.set && phone->asked.this_run && moment_between(phone->asked, now) < LATELY_MS);
}

/* The row of a phone that is heard of elsewhere; NULL where there is nothing to say of it. */
static struct phone *silent_phone(struct staging *s, struct mac mac)
{
    if (!staging_is_phone(s, mac) || staging_is_retired(s, mac))
        return NULL;
    struct phone *phone = staging_meet(s, mac, "");
    if (!phone || is_with_us(s, phone))
        return NULL;
    phone->elsewhere = true;
    return phone;
}

void staging_tagged(struct staging *s, struct mac mac, unsigned vlan)
{
    struct phone *phone = silent_phone(s, mac);
    if (phone)
        staging_note(s, phone, NOTE_HINT, "keeps voice VLAN %u of its old site: %s", vlan,
                     model_reset_sentence(phone->model));
}

void staging_foreign_address(struct staging *s, struct mac mac, ip4 address)
{
    const struct settings_box *box = &s->settings->box;
    uint32_t mask = box->prefix ? UINT32_MAX << (32 - box->prefix) : 0;
    bool link_local =
        (address & UINT32_C(0xffff0000)) == UINT32_C(0xa9fe0000); /* it found no DHCP server: RFC 3927 */
    char text[IP4_TEXT_MAX];
    if (address == 0 || link_local || (address & mask) == (box->address & mask))
        return;
    struct phone *phone = silent_phone(s, mac);
    if (phone)
        staging_note(s, phone, NOTE_HINT, "keeps %s of its old site: %s", ip4_format(address, text),
                     model_reset_sentence(phone->model));
}

/* The model in "Cisco IP Phone SPA508G": the last word. */
static bool model_of(const char *text, char out[MODEL_TEXT_MAX])
{
    const char *word = strrchr(text, ' ');
    word = word ? word + 1 : text;
    return model_parse(word, strlen(word), out);
}

void staging_announced(struct staging *s, const struct staging_announcement *a)
{
    char model[MODEL_TEXT_MAX] = "", text[VERSION_TEXT_MAX] = "?";
    struct version version;
    bool has_model = model_of(a->platform, model);
    if (!staging_is_phone(s, a->mac) && (!has_model || family_of_model(model) == FAMILY_UNKNOWN))
        return;
    bool has_version = version_parse(a->version, strlen(a->version), &version);
    struct phone *phone = staging_meet(s, a->mac, "");
    if (!phone)
        return;
    bool same = phone->heard && phone->has_announced == has_version &&
                (!has_version || version_compare(&version, &phone->announced) == 0);
    phone->last_seen = staging_now(s);
    staging_show(s, phone);
    if (has_model && !phone->model[0])
        staging_set_model(s, phone, model);
    if (same)
        return;
    phone->heard = true;
    phone->has_announced = has_version;
    if (has_version) {
        phone->announced = version;
        version_format(&version, text);
    }
    staging_log(s, PORT_INFO, phone, "%s: %s with %s", a->how, has_model ? model : "a phone", text);
    staging_touch(s, phone);
}

void staging_is_here(struct staging *s, struct phone *phone)
{
    if (phone->elsewhere)
        staging_clear_note(s, phone, NOTE_HINT);
    phone->elsewhere = false;
}
