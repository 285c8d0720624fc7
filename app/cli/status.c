/* status.c - `stagebox status`: the batch of a running box, in the terminal. */
#include <stdlib.h>
#include <string.h>

#include "app/check.h"
#include "app/cli/command.h"
#include "app/cli/fetch.h"
#include "app/cli/status_draw.h"
#include "net/http/text.h"

#define EVERY_MS 1000
#define LINES_MAX 512 /* phones of which is remembered what was said last */
#define LINE_BYTES 512

struct said {
    char name[64];
    char line[LINE_BYTES];
};

struct status {
    const struct command_call *call;
    struct fetch *fetch;
    bool watch;
    cJSON *summary; /* the half that came first */
    uint64_t next_ms;
    bool idle; /* nothing is asked until next_ms */
    int result;
    struct said *said; /* LINES_MAX; for lines of what changed */
};

/* -- where ------------------------------------------------------------------------------------------------ */

/* "http://192.168.10.10:8080/", also without scheme, port and slash. */
static bool read_url(const char *url, ip4 *address, uint16_t *number)
{
    static const char scheme[] = "http://";
    uint64_t port = 80;
    if (strncmp(url, scheme, sizeof scheme - 1) == 0)
        url += sizeof scheme - 1;
    size_t len = strcspn(url, ":/");
    if (strncmp(url, "localhost", 9) == 0 && len == 9)
        *address = UINT32_C(0x7f000001);
    else if (!ip4_parse(url, len, address))
        return false;
    if (url[len] == ':') {
        const char *digits = url + len + 1;
        size_t count = strcspn(digits, "/");
        if (!http_number((struct http_slice){digits, count}, &port) || port == 0 || port > 65535)
            return false;
        len += 1 + count;
    }
    *number = (uint16_t)port;
    return url[len] == '\0' || strcmp(url + len, "/") == 0;
}

static bool box_of_settings(const struct command_call *call, ip4 *address, uint16_t *number)
{
    struct problems silent = {.add = NULL};
    struct settings *settings = call->file ? malloc(sizeof *settings) : NULL;
    if (!settings) {
        fprintf(call->err,
                "status: there is no stagebox.ini here: name the box, for example http://192.168.10.10\n");
        return false;
    }
    check_file(call->port, call->file, settings, &silent);
    *address = settings->box.address;
    *number = settings->http.port;
    free(settings);
    if (!*address)
        fprintf(call->err, "status: %s does not tell the box's address\n", call->file);
    return *address != 0;
}

/* -- telling ------------------------------------------------------------------------------------------------ */

static bool to_file(void *ctx, const char *text, size_t len)
{
    return fwrite(text, 1, len, ctx) == len;
}

static void draw(struct status *s, const cJSON *phones)
{
    struct out out;
    FILE *file = s->call->out;
    unsigned columns = s->call->columns, rows = s->call->rows;
    bool terminal = columns > 0;
    if (s->call->measure)
        s->call->measure(&columns, &rows);
    out_sink(&out, to_file, file);
    if (terminal && s->watch)
        fputs("\x1b[H\x1b[J", file); /* home, and clear what is below */
    status_draw(s->summary, phones, terminal ? columns : 200, s->watch ? rows : 0, &out);
    fflush(file);
}

static struct said *place_of(struct status *s, const char *name)
{
    for (size_t i = 0; i < LINES_MAX; i++)
        if (!s->said[i].name[0] || strcmp(s->said[i].name, name) == 0)
            return &s->said[i];
    return NULL;
}

/* Lines of the phones that are otherwise than before. */
static void tell_changes(struct status *s, const cJSON *phones)
{
    const cJSON *phone;
    cJSON_ArrayForEach(phone, cJSON_GetObjectItemCaseSensitive(phones, "phones"))
    {
        char line[LINE_BYTES] = "";
        struct out out;
        out_window(&out, line, sizeof line - 1, 0);
        status_line(phone, &out);
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(line, " "), line);
        struct said *said = place_of(s, name);
        if (said && strcmp(said->line, line) == 0)
            continue;
        if (said) {
            memcpy(said->name, name, sizeof name);
            memcpy(said->line, line, sizeof line);
        }
        fputs(line, s->call->out);
    }
    fflush(s->call->out);
}

static void stop(struct status *s, int result)
{
    s->result = result;
    port_stop(s->call->port);
}

static void wait(struct status *s)
{
    s->idle = true;
    s->next_ms = port_now_ms(s->call->port) + EVERY_MS;
}

static void on_failure(struct status *s, const char *why)
{
    fprintf(s->call->err, "status: %s\n", why);
    cJSON_Delete(s->summary);
    s->summary = NULL;
    if (s->watch)
        wait(s); /* it may come back */
    else
        stop(s, 1);
}

/* First the summary comes, then the phones. */
static void on_answer(void *ctx, char *body, size_t len, const char *why)
{
    struct status *s = ctx;
    cJSON *json = body ? cJSON_ParseWithLength(body, len) : NULL;
    if (!json) {
        on_failure(s, body ? "what answers there is no box" : why);
        return;
    }
    if (!s->summary) {
        s->summary = json;
        fetch_start(s->fetch, "/api/v1/phones");
        return;
    }
    if (s->watch && s->call->columns == 0)
        tell_changes(s, json);
    else
        draw(s, json);
    cJSON_Delete(json);
    cJSON_Delete(s->summary);
    s->summary = NULL;
    if (s->watch)
        wait(s);
    else
        stop(s, 0);
}

/* -- the loop ------------------------------------------------------------------------------------------------- */

static uint64_t on_turn(void *ctx, uint64_t now_ms)
{
    struct status *s = ctx;
    if (s->idle && now_ms >= s->next_ms) {
        s->idle = false;
        fetch_start(s->fetch, "/api/v1/summary");
    }
    fetch_turn(s->fetch, now_ms);
    return s->idle ? s->next_ms : fetch_deadline(s->fetch);
}

static void on_stop(void *ctx)
{
    stop(ctx, 0);
}

static void on_reload(void *ctx)
{
    (void)ctx;
}

static int serve(struct status *s, ip4 address, uint16_t number)
{
    struct port *port = s->call->port;
    struct port_hooks hooks = {.ctx = s, .turn = on_turn, .reload = on_reload, .stop = on_stop};
    s->fetch = fetch_open(port, address, number, on_answer, s);
    s->said = calloc(LINES_MAX, sizeof *s->said);
    s->idle = true;
    s->result = 1;
    if (!s->fetch || !s->said)
        fprintf(s->call->err, "status: no memory\n");
    else if (port_run(port, &hooks) < 0)
        fprintf(s->call->err, "status: %s\n", port_error_sentence(port));
    fetch_close(s->fetch);
    cJSON_Delete(s->summary);
    free(s->said);
    return s->result;
}

int command_status(const struct command_call *call)
{
    struct status s = {.call = call};
    const char *url = NULL;
    ip4 address;
    uint16_t number;
    for (int i = 0; i < call->argc; i++) {
        if (strcmp(call->argv[i], "--watch") == 0)
            s.watch = true;
        else if (call->argv[i][0] == '-' || url)
            return command_usage(call, "status", "status: what is %s?", call->argv[i]);
        else
            url = call->argv[i];
    }
    if (url && !read_url(url, &address, &number))
        return command_usage(call, "status", "status: %s: name the box by its address, like http://192.168.10.10",
                             url);
    if (!url && !box_of_settings(call, &address, &number))
        return 1;
    return serve(&s, address, number);
}
