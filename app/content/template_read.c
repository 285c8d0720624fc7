/* Checking a template once, so that rendering need not. */
#include "app/content/template_plan.h"
#include "app/content/template_walk.h"
#include "app/content/xml.h"

#include <string.h>

#define SEEN_SLOTS 4096 /* a power of two; a full export of a phone has some 1500 parameters */

/* The names that were set so far, to tell of the second one. */
struct seen {
    uint32_t at[SEEN_SLOTS]; /* where a name begins in the text, + 1; 0: free */
    size_t count;
};

struct reader {
    struct template *template;
    struct problems *problems;
    struct xml_scan scan;
    struct xml_token token;
    unsigned depth;      /* 0 outside the root, 1 in it, 2 in a parameter */
    bool rooted;         /* the root has begun */
    const char *open[2]; /* the names that are open */
    size_t open_len[2];
    int open_line[2];
    bool loose_text; /* told already */
    bool odd_bytes;  /* told already */
    struct seen seen;
};

static void tell(struct reader *r, const char *sentence)
{
    problem_error(r->problems, r->template->file, r->token.line, "%s", sentence);
}

/* Enters the name into the set. False where it is in there already. */
static bool is_first(struct reader *r)
{
    static const uint64_t seed[2] = {0, 0};
    const char *name = r->token.name;
    size_t len = r->token.name_len;
    size_t slot = hash_bytes(seed, name, len) % SEEN_SLOTS;
    if (r->seen.count > SEEN_SLOTS / 2)
        return true;
    for (; r->seen.at[slot]; slot = (slot + 1) % SEEN_SLOTS) {
        const char *other = r->template->text + r->seen.at[slot] - 1;
        size_t end = (size_t)(r->template->text + r->template->len - other);
        if (end > len && memcmp(other, name, len) == 0 && strchr(" \t\r\n/>", other[len]))
            return false;
    }
    r->seen.at[slot] = (uint32_t)(name - r->template->text) + 1;
    r->seen.count++;
    return true;
}

static bool has_braces(const char *text, size_t from, size_t to)
{
    for (size_t i = from; i + 1 < to; i++) {
        if (text[i] == '{' && text[i + 1] == '{')
            return true;
    }
    return false;
}

static void begin_parameter(struct reader *r)
{
    const struct xml_token *token = &r->token;
    enum parameter_id id = parameter_find(token->name, token->name_len);
    if (id != PARAMETER_COUNT)
        r->template->sets |= PARAMETER_BIT(id);
    if (!is_first(r))
        problem_warning(r->problems, r->template->file, token->line,
                        "%.*s is set a second time; phones take the last value", (int)token->name_len, token->name);
    if (has_braces(token->text, 0, token->text_len))
        tell(r, "{{...}} may only stand in the value of a parameter, not inside a tag");
}

/* A tag begins. False where nothing sound can follow. */
static bool begin(struct reader *r)
{
    const struct xml_token *token = &r->token;
    bool is_root =
        token->name_len == strlen("flat-profile") && memcmp(token->name, "flat-profile", token->name_len) == 0;
    if (r->depth == 0 && r->rooted) {
        tell(r, "something stands behind </flat-profile>");
        return false;
    }
    if (r->depth == 0 && !is_root) {
        problem_error(r->problems, r->template->file, token->line,
                      "the outermost element is <%.*s>; phones want <flat-profile>", (int)token->name_len,
                      token->name);
        return false;
    }
    if (r->depth == 2) {
        problem_error(
            r->problems, r->template->file, token->line,
            "<%.*s> stands inside <%.*s> of line %d: parameters cannot hold others, or that one is not closed",
            (int)token->name_len, token->name, (int)r->open_len[1], r->open[1], r->open_line[1]);
        return false;
    }
    r->rooted = true;
    if (r->depth == 1)
        begin_parameter(r);
    if (token->kind == XML_OPEN) {
        r->open[r->depth] = token->name;
        r->open_len[r->depth] = token->name_len;
        r->open_line[r->depth++] = token->line;
    }
    return true;
}

static bool end(struct reader *r)
{
    const struct xml_token *token = &r->token;
    if (r->depth == 0) {
        problem_error(r->problems, r->template->file, token->line, "</%.*s> closes nothing", (int)token->name_len,
                      token->name);
        return false;
    }
    unsigned top = --r->depth;
    if (r->open_len[top] != token->name_len || memcmp(r->open[top], token->name, token->name_len) != 0) {
        problem_error(r->problems, r->template->file, token->line,
                      "</%.*s> does not close <%.*s> of line %d (letter case counts)", (int)token->name_len,
                      token->name, (int)r->open_len[top], r->open[top], r->open_line[top]);
        return false;
    }
    return true;
}

/* Braces that are no name. */
static void check_braces(struct reader *r)
{
    struct template_name name;
    const struct xml_token *token = &r->token;
    size_t at = 0, start;
    bool more;
    do {
        more = template_next_name(token->text, token->text_len, &at, &start, &name);
        if (has_braces(token->text, start, more ? name.at : token->text_len)) {
            tell(r, "`{{` begins no name of the form {{column}}");
            return;
        }
    } while (more);
}

static void check_bytes(struct reader *r)
{
    size_t used;
    for (size_t at = 0; at < r->token.text_len && !r->odd_bytes; at += used) {
        bool sound;
        xml_character(r->token.text + at, r->token.text_len - at, &used, &sound);
        if (!sound) {
            r->odd_bytes = true;
            problem_warning(r->problems, r->template->file, r->token.line,
                            "has a character that is not UTF-8 and is taken for ISO 8859-1");
        }
    }
}

static bool begin_text(struct reader *r)
{
    const struct xml_token *token = &r->token;
    size_t at = 0;
    if (r->depth == 2) {
        check_braces(r);
        check_bytes(r);
        return true;
    }
    while (at < token->text_len && strchr(" \t\r\n", token->text[at]) && token->text[at] != '\0')
        at++;
    if (at == token->text_len)
        return true;
    if (r->depth == 0) {
        tell(r,
             r->rooted ? "something stands behind </flat-profile>" : "the text does not begin with <flat-profile>");
        return false;
    }
    if (!r->loose_text)
        problem_warning(r->problems, r->template->file, token->line,
                        "text between the parameters is left out (a comment is written <!-- like this -->)");
    r->loose_text = true;
    return true;
}

static bool one_token(struct reader *r)
{
    switch (r->token.kind) {
    case XML_OPEN:
    case XML_EMPTY:
        return begin(r);
    case XML_CLOSE:
        return end(r);
    case XML_TEXT:
    case XML_CDATA:
        return begin_text(r);
    case XML_ERROR:
        problem_error(r->problems, r->template->file, r->scan.error_line, "%s", r->scan.error);
        return false;
    case XML_END:
        break;
    }
    return true;
}

static void read_all(struct reader *r)
{
    while (xml_next(&r->scan, &r->token) != XML_END) {
        if (!one_token(r))
            return;
    }
    if (r->depth > 0)
        problem_error(r->problems, r->template->file, r->open_line[r->depth - 1], "<%.*s> is never closed",
                      (int)r->open_len[r->depth - 1], r->open[r->depth - 1]);
    else if (!r->rooted)
        problem_error(r->problems, r->template->file, 0, "holds no <flat-profile>");
}

bool template_read(struct template *out, const char *file, const char *text, size_t len, struct problems *problems)
{
    int errors = problems->errors;
    *out = (struct template){.file = file, .text = text, .len = len};
    if ((len >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0)) ||
        (len > 0 && memchr(text, '\0', len))) {
        problem_error(problems, file, 0, "is not UTF-8 text");
        return false;
    }
    struct reader r = {.template = out, .problems = problems};
    xml_scan_init(&r.scan, text, len);
    read_all(&r);
    if (problems->errors == errors && !template_plan_make(out))
        problem_error(problems, file, 0, "no memory for it");
    return problems->errors == errors;
}
