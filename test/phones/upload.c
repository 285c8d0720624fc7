#include "phone.h"

#include "mem.h"
#include "sim.h"

#include <stdlib.h>

static void forget(struct phone *p)
{
    p->upload = NULL;
    free(p->upload_body);
    p->upload_body = NULL;
}

static void sent(void *ctx, const struct fetch_result *r)
{
    struct phone *p = ctx;
    judge_answer(p, r, &(struct url){.path = "/report"}, false);
    phone_event(p, "report", "%d %s", r->head.status, r->error);
    forget(p);
}

/* As the factory's exports look: every parameter that it knows. */
static char *write_report(const struct phone *p)
{
    const struct catalogue *c = p->sim->catalogue;
    struct buf b = {0};
    buf_text(&b, "<flat-profile>\n");
    for (size_t i = 0; i < catalogue_size(c); i++) {
        const char *name = catalogue_name(c, i);
        buf_format(&b, "<%s ua=\"na\">", name);
        buf_xml(&b, params_at(p->params, i));
        buf_format(&b, "</%s>\n", name);
    }
    buf_text(&b, "</flat-profile>\n");
    return (char *)b.data;
}

void report_upload(struct phone *p)
{
    int choice = p->quirks.value[QUIRK_REPORT];
    const char *rule = params_get(p->params, "Report_Rule");
    struct macro_context context = {.phone = p};
    char text[URL_SIZE];
    struct url url;
    rule_expand(rule, ask_macro, &context, text, sizeof text);
    if (choice == REPORT_NO || p->upload != NULL || rule[0] == '\0' || !url_parse(text, &url))
        return;
    if (url.host[0] == '\0') {
        url.scheme = SCHEME_HTTP;
        url.port = 80;
        text_copy(url.host, sizeof url.host, ip_format(p->lease.siaddr).s);
    }
    struct fetch_request q = ask_profile(p, &url);
    q.method = choice == REPORT_PUT ? "PUT" : "POST";
    q.body = p->upload_body = write_report(p);
    p->upload = fetch_start(&p->station, &q, &(struct fetch_events){.ctx = p, .done = sent});
}

void report_abandon(struct phone *p)
{
    fetch_cancel(p->upload);
    forget(p);
}
