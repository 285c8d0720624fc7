/* docs.h - what the schema table says, for people. */
#ifndef STAGEBOX_CONFIG_DOCS_H
#define STAGEBOX_CONFIG_DOCS_H

/* Takes the next piece of text. */
typedef void docs_put(void *ctx, const char *text);

/* docs/stagebox.ini.md: every setting, its default and what it takes. */
void docs_markdown(docs_put *put, void *ctx);
/* docs/stagebox.ini.sample: a file to start from. All but [box] is commented out, so it says
 * nothing but the defaults; every line that starts with ';' and no blank would be a setting. */
void docs_sample(docs_put *put, void *ctx);

#endif
