#include "config/docs.h"

#include <stdio.h>
#include <string.h>

#include "config/schema.h"
#include "config/text.h"
#include "config/value.h"

#define SAMPLE_WIDTH 96 /* characters in a comment line of the sample */

struct page {
    docs_put *put;
    void *ctx;
};

static void put(const struct page *page, const char *text)
{
    page->put(page->ctx, text);
}

/* Several pieces, ended by NULL. */
static void put_all(const struct page *page, const char *const *pieces)
{
    for (; *pieces; pieces++)
        put(page, *pieces);
}

#define PUT(page, ...) put_all(page, (const char *const[]){__VA_ARGS__, NULL})

/* -- docs/stagebox.ini.md ------------------------------------------------------------------ */

static const char markdown_intro[] =
    "# stagebox.ini\n"
    "\n"
    "<!-- Made by stagebox_settings_doc from config/schema.c. Change it there. -->\n"
    "\n"
    "The settings, in the folder with firmware/ and profiles/. This is a whole file; everything else has a\n"
    "default:\n"
    "\n"
    "```ini\n"
    "[box]\n"
    "interface = eth0\n"
    "address = 192.168.10.10/24\n"
    "```\n"
    "\n"
    "After a change, `stagebox check` tells what is wrong and in which line. A running box reads the file again\n"
    "on SIGHUP (`systemctl reload stagebox`); settings marked \xe2\x86\xbb need a restart. A file with errors "
    "leaves the old\n"
    "settings in force.\n"
    "\n"
    "- Upper and lower case are the same in the names of sections and keys.\n"
    "- A comment starts with `;`, at the start of a line or behind a blank. `#` starts one only at the start of a\n"
    "  line. A value can therefore not contain a blank with a `;` behind it.\n"
    "- A line has at most 199 characters; comments do not count.\n"
    "- `yes` may also be written `on` or `true`, and `no` as `off` or `false`.\n"
    "- Durations have a unit: `30s`, `5m`, `1h`, `2d`.\n"
    "- Lists have commas between their items.\n"
    "- Paths start at the folder of stagebox.ini.\n"
    "- Each key may stand once. No quotation marks.\n";

static void markdown_default(const struct page *page, const struct schema_key *key)
{
    if (key->texts->preset_doc)
        put(page, key->texts->preset_doc);
    else if (key->preset[0])
        PUT(page, "`", key->preset, "`");
}

static void markdown_key(const struct page *page, const struct schema_key *key)
{
    char room[VALUE_WANTED_MAX];
    PUT(page, "| `", key->name, "` | ");
    markdown_default(page, key);
    PUT(page, " | ", key->texts->doc, key->flags & SCHEMA_RESTART ? " \xe2\x86\xbb | " : " | ", value_wanted(key, room),
        " |\n");
}

static void markdown_section(const struct page *page, const struct schema_section *section)
{
    PUT(page, "\n## [", section->name, section->kind == KIND_NAMED ? " " : "",
        section->kind == KIND_NAMED ? section->name_doc : "", "]\n\n", section->doc, "\n");
    if (section->key_count > 0)
        put(page, "\n| Key | Default | What it does | May be |\n|---|---|---|---|\n");
    for (size_t i = 0; i < section->key_count; i++)
        markdown_key(page, &section->keys[i]);
    if (section->example)
        PUT(page, "\n```ini\n", section->example, "```\n");
}

void docs_markdown(docs_put *put_text, void *ctx)
{
    const struct page page = {put_text, ctx};
    put(&page, markdown_intro);
    for (size_t i = 0; i < schema_sections; i++)
        markdown_section(&page, &schema[i]);
}

/* -- docs/stagebox.ini.sample -------------------------------------------------------------- */

static const char sample_intro[] =
    "; stagebox.ini - the settings of the box.\n"
    ";\n"
    "; Take the ; away from a line to change what it says. What is left as it is has the value shown.\n"
    "; `stagebox check` tells what is wrong. All about it: docs/stagebox.ini.md\n";

/* One more comment line of at most SAMPLE_WIDTH; returns what is left of the text. */
static const char *comment_line(const struct page *page, const char *text)
{
    char line[SAMPLE_WIDTH + 1];
    size_t len = strlen(text), cut = len;
    if (len > SAMPLE_WIDTH - 2)
        for (cut = SAMPLE_WIDTH - 2; text[cut] != ' ';)
            cut--;
    memcpy(line, text, cut);
    line[cut] = '\0';
    PUT(page, "; ", line, "\n");
    return text + cut + strspn(text + cut, " ");
}

static void comment(const struct page *page, const char *text)
{
    while (*text)
        text = comment_line(page, text);
}

static void sample_key(const struct page *page, const struct schema_key *key, bool live)
{
    char room[VALUE_WANTED_MAX];
    put(page, "\n");
    comment(page, key->texts->doc);
    PUT(page, "; May be: ", value_wanted(key, room), "\n");
    PUT(page, live ? "" : ";", key->name, " =", key->preset[0] ? " " : "", key->preset, "\n");
}

/* The lines of an example, commented out. */
static void sample_example(const struct page *page, const char *example)
{
    char line[SETTINGS_TEXT_MAX];
    for (size_t len; *example; example += len) {
        len = strcspn(example, "\n") + 1;
        memcpy(line, example, len);
        line[len] = '\0';
        PUT(page, ";", line);
    }
}

static void sample_section(const struct page *page, const struct schema_section *section)
{
    bool is_box = text_same(section->name, "box");
    bool is_named = section->kind == KIND_NAMED;
    put(page, "\n");
    if (is_named)
        PUT(page, "; [", section->name, " ", section->name_doc, "]\n");
    else
        PUT(page, "[", section->name, "]\n");
    comment(page, section->doc);
    for (size_t i = 0; i < section->key_count && !is_named; i++)
        sample_key(page, &section->keys[i], is_box);
    if (section->example)
        sample_example(page, section->example);
}

void docs_sample(docs_put *put_text, void *ctx)
{
    const struct page page = {put_text, ctx};
    put(&page, sample_intro);
    for (size_t i = 0; i < schema_sections; i++)
        sample_section(&page, &schema[i]);
}
