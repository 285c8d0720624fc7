#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/check.h"
#include "app/cli/command.h"
#include "app/content/x509_make.h"
#include "app/record/report.h"

#define CERT_ALT_NAMES 6
#define CERT_PATH_MAX 200
#define DAY_MS INT64_C(86400000)

/* Phones without a clock believe it is 1970, and many count seconds in 32 bits. */
#define ALWAYS_FROM "19700101000000"
#define ALWAYS_TO "20371231235959"

struct cert_options {
    const char *what; /* "ca", "server", "csr" */
    const char *name;
    const char *alt_names[CERT_ALT_NAMES + 2]; /* and the box's own two */
    size_t alt_count;
    const char *ca;  /* path without .crt and .key */
    const char *out; /* the same */
    unsigned key_bits;
    enum x509_signature digest;
    unsigned days; /* 0: always */
};

struct cert_job {
    const struct command_call *call;
    struct cert_options o;
    char from[24], to[24];
    char name[80], box_name[80]; /* where none is given */
    struct x509_made made;
};

static bool read_number(const char *text, unsigned max, unsigned *out)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || value == 0 || value > max)
        return false;
    *out = (unsigned)value;
    return true;
}

static bool read_digest(const char *text, enum x509_signature *out)
{
    *out = strcmp(text, "sha1") == 0 ? X509_SHA1 : X509_SHA256;
    return strcmp(text, "sha1") == 0 || strcmp(text, "sha256") == 0;
}

static bool read_option(struct cert_options *o, const char *option, const char *value)
{
    if (strcmp(option, "--name") == 0)
        return (o->name = value)[0] != '\0';
    if (strcmp(option, "--alt") == 0)
        return o->alt_count < CERT_ALT_NAMES && x509_is_host_name(value, true) && (o->alt_names[o->alt_count++] = value);
    if (strcmp(option, "--ca") == 0)
        return strlen(o->ca = value) < CERT_PATH_MAX - 8;
    if (strcmp(option, "--out") == 0)
        return strlen(o->out = value) < CERT_PATH_MAX - 8;
    if (strcmp(option, "--key") == 0)
        return read_number(value, 4096, &o->key_bits) && o->key_bits >= 1024 && o->key_bits % 8 == 0;
    if (strcmp(option, "--digest") == 0)
        return read_digest(value, &o->digest);
    return strcmp(option, "--days") == 0 && read_number(value, 36500, &o->days);
}

/* 0, or the exit status. */
static int parse(const struct command_call *call, struct cert_options *o)
{
    *o = (struct cert_options){.what = call->argc > 0 ? call->argv[0] : "", .key_bits = 2048, .digest = X509_SHA256};
    bool ca = strcmp(o->what, "ca") == 0;
    if (!ca && strcmp(o->what, "server") != 0 && strcmp(o->what, "csr") != 0)
        return command_usage(call, "cert", "cert: say what to make: ca, server or csr");
    o->ca = "certs/ca";
    o->out = ca ? o->ca : "certs/server";
    for (int i = 1; i < call->argc; i++) {
        char name[COMMAND_OPTION_MAX];
        const char *value;
        if (!command_option(call, &i, name, &value))
            return command_usage(call, "cert", "cert: %s: what is it, or where is its value?", call->argv[i]);
        if (!read_option(o, name, value))
            return command_usage(call, "cert", "cert: %s %s is not understood", name, value);
    }
    return 0;
}

static int say(const struct cert_job *job, const char *path, const char *sentence)
{
    fprintf(job->call->err, "cert: %s%s%s\n", path, path[0] ? " " : "", sentence);
    return 1;
}

static const char *path_of(const char *stem, const char *end, char out[CERT_PATH_MAX])
{
    snprintf(out, CERT_PATH_MAX, "%s%s", stem, end);
    return out;
}

/* Never over a file that is there. */
static bool is_free(const struct cert_job *job, const char *end)
{
    char path[CERT_PATH_MAX];
    struct port_file info;
    if (port_stat(job->call->port, path_of(job->o.out, end, path), &info) == PORT_E_NOENT)
        return true;
    say(job, path, "is there already: nothing is overwritten. Move it away, or name another place with --out");
    return false;
}

static bool save(const struct cert_job *job, const char *end, const char *text)
{
    char path[CERT_PATH_MAX];
    struct port *port = job->call->port;
    if (port_replace(port, path_of(job->o.out, end, path), text, strlen(text)) < 0) {
        say(job, "", port_error_sentence(port));
        return false;
    }
    fprintf(job->call->out, "%s\n", path);
    return true;
}

/* -- names and dates ------------------------------------------------------------------------------- */

static void compact(int64_t unix_ms, char out[24])
{
    char text[REPORT_TIME_MAX];
    size_t n = 0;
    for (const char *p = report_time(unix_ms, text); *p && n < 14; p++)
        if (*p >= '0' && *p <= '9')
            out[n++] = *p;
    out[n] = '\0';
}

static bool set_dates(struct cert_job *job)
{
    int64_t now;
    strcpy(job->from, ALWAYS_FROM);
    strcpy(job->to, ALWAYS_TO);
    if (job->o.days == 0)
        return true;
    if (!port_wall_ms(job->call->port, &now)) {
        say(job, "", "the clock of this machine is not set: leave out --days, and it is valid from 1970 to 2037");
        return false;
    }
    compact(now - DAY_MS, job->from);
    compact(now + (int64_t)job->o.days * DAY_MS, job->to);
    return true;
}

/* Phones want a name with a dot; the box's DNS answers both. */
static void set_names(struct cert_job *job, const struct settings *settings)
{
    struct cert_options *o = &job->o;
    bool ca = strcmp(o->what, "ca") == 0;
    snprintf(job->box_name, sizeof job->box_name, "%s", settings->box.name);
    snprintf(job->name, sizeof job->name, ca ? "%s staging CA" : "%s.local", settings->box.name);
    if (!o->name) {
        o->name = job->name;
        if (!ca)
            o->alt_names[o->alt_count++] = job->box_name;
    }
    if (!ca && x509_is_host_name(o->name, false)) {
        memmove(o->alt_names + 1, o->alt_names, o->alt_count * sizeof *o->alt_names);
        o->alt_names[0] = o->name;
        o->alt_count++;
    }
}

static struct x509_wish wish_of(const struct cert_job *job)
{
    const struct cert_options *o = &job->o;
    return (struct x509_wish){.common_name = o->name,
                              .alt_names = o->alt_names,
                              .alt_count = o->alt_count,
                              .key_bits = o->key_bits,
                              .digest = o->digest,
                              .not_before = job->from,
                              .not_after = job->to};
}

/* -- the three --------------------------------------------------------------------------------------- */

static int finish(struct cert_job *job, bool made, const char *why, const char *end)
{
    if (!made)
        return say(job, "", why);
    return save(job, ".key", job->made.key) && save(job, end, job->made.certificate) ? 0 : 1;
}

static int make_ca(struct cert_job *job)
{
    const char *why = "";
    struct x509_wish wish = wish_of(job);
    bool made = x509_make_ca(job->call->port, &wish, &job->made, &why);
    return finish(job, made, why, ".crt");
}

static char *read_all(const struct cert_job *job, const char *end, size_t *len)
{
    char path[CERT_PATH_MAX];
    struct port_file info;
    struct port *port = job->call->port;
    if (port_stat(port, path_of(job->o.ca, end, path), &info) < 0 || info.size >= X509_PEM_MAX) {
        say(job, path, "cannot be read: make a CA with `stagebox cert ca` first, or name it with --ca");
        return NULL;
    }
    char *text = calloc(1, X509_PEM_MAX);
    int got = text ? port_read(port, path, 0, text, X509_PEM_MAX - 1) : PORT_E_FULL;
    *len = got > 0 ? (size_t)got : 0;
    return text;
}

static int make_server(struct cert_job *job)
{
    const char *why = "";
    size_t len = 0, key_len = 0;
    struct x509_wish wish = wish_of(job);
    if (!x509_is_host_name(wish.common_name, false))
        return say(job, wish.common_name, "is no host name: phones compare it with the name in the URL");
    char *certificate = read_all(job, ".crt", &len);
    char *key = certificate ? read_all(job, ".key", &key_len) : NULL;
    int status = 1;
    if (key) {
        bool made = x509_make_server(job->call->port, &wish, certificate, len, key, key_len, &job->made, &why);
        memset(key, 0, key_len);
        status = finish(job, made, why, ".crt");
    }
    free(certificate);
    free(key);
    return status;
}

static int make_request(struct cert_job *job)
{
    const char *why = "";
    struct x509_wish wish = wish_of(job);
    bool made = x509_make_request(job->call->port, &wish, &job->made, &why);
    return finish(job, made, why, ".csr");
}

static int make(struct cert_job *job)
{
    bool request = strcmp(job->o.what, "csr") == 0;
    if (!is_free(job, ".key") || !is_free(job, request ? ".csr" : ".crt") || !set_dates(job))
        return 1;
    if (request)
        return make_request(job);
    return strcmp(job->o.what, "ca") == 0 ? make_ca(job) : make_server(job);
}

int command_cert(const struct command_call *call)
{
    struct problems silent = {.add = NULL};
    struct cert_job *job = calloc(1, sizeof *job);
    struct settings *settings = calloc(1, sizeof *settings);
    int status = 1;
    if (job && settings) {
        job->call = call;
        status = parse(call, &job->o);
        if (status == 0) {
            check_file(call->port, call->file, settings, &silent);
            set_names(job, settings);
            status = make(job);
        }
        memset(job->made.key, 0, sizeof job->made.key);
    }
    free(settings);
    free(job);
    return status;
}
