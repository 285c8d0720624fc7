/* settings_doc.c - prints docs/stagebox.ini.md (--markdown) or docs/stagebox.ini.sample (--sample),
 * both made from the schema table. */
#include <stdio.h>
#include <string.h>

#include "config/docs.h"

static void print(void *ctx, const char *text)
{
    fputs(text, ctx);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--markdown") == 0)
        docs_markdown(print, stdout);
    else if (argc == 2 && strcmp(argv[1], "--sample") == 0)
        docs_sample(print, stdout);
    else {
        fputs("usage: stagebox_settings_doc --markdown | --sample\n", stderr);
        return 2;
    }
    return ferror(stdout) ? 1 : 0;
}
