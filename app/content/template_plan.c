#include "app/content/template_plan.h"

#include "app/content/template_walk.h"
#include "app/content/xml.h"
#include "config/text.h"

#include <stdlib.h>
#include <string.h>

struct maker {
    struct template_plan *plan;
    struct out out; /* the literal text, into plan->text */
    size_t text_cap, steps_cap;
    size_t begin; /* where the step that is being made begins in the text */
    enum parameter_id parameter;
};

/* Room for `need` things of `size` bytes at `block`; NULL where there is none, and then it is as it was. */
static void *grown(void *block, size_t *cap, size_t need, size_t size)
{
    if (need <= *cap)
        return block;
    size_t wanted = need + need / 2 + 16;
    void *fresh = realloc(block, wanted * size);
    if (fresh)
        *cap = wanted;
    return fresh;
}

static bool keep_text(void *ctx, const char *text, size_t len)
{
    struct maker *m = ctx;
    size_t at = (size_t)m->out.total;
    char *fresh = grown(m->plan->text, &m->text_cap, at + len, 1);
    if (!fresh)
        return false;
    m->plan->text = fresh;
    memcpy(fresh + at, text, len);
    return true;
}

/* Ends the step: its text is what was written since the last one. A text without value and without bytes is none.
 */
static void end_step(struct maker *m, enum template_source source, const char *name)
{
    struct template_plan *plan = m->plan;
    size_t end = (size_t)m->out.total;
    if (m->out.failed || (source == TEMPLATE_NOTHING && end == m->begin))
        return;
    struct template_step *fresh = grown(plan->steps, &m->steps_cap, plan->count + 1, sizeof *fresh);
    if (!fresh) {
        m->out.failed = true;
        return;
    }
    plan->steps = fresh;
    struct template_step *step = &fresh[plan->count++];
    *step = (struct template_step){m->begin, end - m->begin, m->parameter, source, ""};
    text_copy(step->name, sizeof step->name, name);
    m->begin = end;
}

static void begin_parameter(struct maker *m, enum parameter_id id)
{
    if (id == m->parameter)
        return;
    end_step(m, TEMPLATE_NOTHING, "");
    m->parameter = id;
}

/* The text of one token, line ends and tabs as blanks (xml_write_*() does that). */
static void keep_value(struct maker *m, const struct xml_token *token)
{
    void (*const keep)(struct out *, const char *, size_t) =
        token->kind == XML_CDATA ? xml_write_text : xml_write_raw;
    struct template_name name;
    size_t at = 0, start;
    while (template_next_name(token->text, token->text_len, &at, &start, &name)) {
        keep(&m->out, token->text + start, name.at - start);
        end_step(m, template_source_of(name.text), name.text);
    }
    keep(&m->out, token->text + start, token->text_len - start);
}

static void keep_open(struct maker *m, const struct xml_token *token)
{
    struct out *out = &m->out;
    begin_parameter(m, parameter_find(token->name, token->name_len));
    out_char(out, '<');
    out_bytes(out, token->name, token->name_len);
    if (token->text_len > 0) {
        out_char(out, ' ');
        template_write_attributes(out, token->text, token->text_len);
    }
    out_text(out, token->kind == XML_EMPTY ? "/>\n" : ">");
}

static void keep_close(struct maker *m, const struct xml_token *token)
{
    out_text(&m->out, "</");
    out_bytes(&m->out, token->name, token->name_len);
    out_text(&m->out, ">\n");
}

bool template_plan_make(struct template *t)
{
    struct maker m = {.plan = &t->plan, .parameter = PARAMETER_COUNT};
    struct xml_scan scan;
    struct xml_token token;
    unsigned depth = 0; /* 1 inside the root, 2 inside a parameter; template_read() has seen to the rest */
    out_sink(&m.out, keep_text, &m);
    xml_scan_init(&scan, t->text, t->len);
    while (xml_next(&scan, &token) != XML_END && token.kind != XML_ERROR) {
        if ((token.kind == XML_OPEN && depth++ == 1) || (token.kind == XML_EMPTY && depth == 1))
            keep_open(&m, &token);
        else if (token.kind == XML_CLOSE && depth-- == 2)
            keep_close(&m, &token);
        else if ((token.kind == XML_TEXT || token.kind == XML_CDATA) && depth == 2)
            keep_value(&m, &token);
    }
    end_step(&m, TEMPLATE_NOTHING, "");
    return !m.out.failed && !scan.error;
}

void template_free(struct template *t)
{
    free(t->plan.text);
    free(t->plan.steps);
    t->plan = (struct template_plan){0};
}
