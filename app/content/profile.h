/* profile.h - what a phone gets when it asks for its profile: facts in, a flat-profile out.
 *
 * Parameters that a profile leaves out keep their value on the phone, so all stages but `final` and
 * `idle` state the whole list of parameters.h, emptied where not in use, and `final` gives each of
 * them back its factory's value unless the template sets it. Deterministic: equal facts, equal bytes.
 */
#ifndef STAGEBOX_APP_CONTENT_PROFILE_H
#define STAGEBOX_APP_CONTENT_PROFILE_H

#include "app/content/template.h"
#include "app/staging/stage.h"

/* Texts may be NULL for "". All are lent for the call. */
struct profile_facts {
    enum stage stage;

    /* first, ladder, wait */
    const char *http_url;    /* this phone's profile on the box over plain HTTP */
    const char *https_url;   /* the same over HTTPS; "": HTTPS is left out */
    bool https_first;        /* they have changed places: Profile_Rule is the HTTPS one */
    const char *upgrade_url; /* of the next rung; only `ladder` says it */
    uint32_t resync_s;       /* Resync_Periodic */
    const char *syslog;      /* "address:port"; "": none */

    /* Parameters that are stated only where stagebox uses them, or did so before on this phone. */
    bool states_ca;
    const char *custom_ca_url;
    bool states_display;
    const char *text_logo;
    const char *station_name;

    /* final */
    const char *final_rule;               /* goes over the template's and the factory's Profile_Rule; "": neither */
    const struct template *template;      /* NULL: none */
    const struct template_values *values; /* of the template */

    /* idle */
    bool holds_rule; /* the phone still has rules of ours: they are emptied */
};

/* Writes the profile and returns its length, or 0 where the template lacks a value for this phone
 * (nothing may be sent then). Above `cap`: it did not fit, and `buf` holds only its beginning; there is
 * no NUL. A few KB, and the template's length with what is put in. */
size_t profile_write(const struct profile_facts *facts, char *buf, size_t cap);
/* The same for any writer; out->failed as template_render() says. */
void profile_render(const struct profile_facts *facts, struct out *out);

#endif
