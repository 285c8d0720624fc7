#include "template.h"

#include "mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *template_builtin(void)
{
    return "<flat-profile>\n"
           "<User_ID_1_>{{extension}}</User_ID_1_>\n"
           "<Password_1_>{{password}}</Password_1_>\n"
           "<Display_Name_1_>{{name}}</Display_Name_1_>\n"
           "<Station_Name>{{extension}}</Station_Name>\n"
           "<Text_Logo>{{model}}</Text_Logo>\n"
           "<Proxy_1_>sip.example.net</Proxy_1_>\n"
           "<GPP_P>final {{mac}}</GPP_P>\n"
           "<Time_Zone>GMT+01:00</Time_Zone>\n"
           "<Resync_Periodic>86400</Resync_Periodic>\n"
           "</flat-profile>\n";
}

char *template_load(const char *path, char *why, size_t size)
{
    struct buf b = {0};
    char piece[4096];
    FILE *f = fopen(path, "rb");
    if (f == NULL) {
        snprintf(why, size, "%s: %s", path, strerror(errno));
        return NULL;
    }
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, f)) > 0)
        buf_add(&b, piece, n);
    fclose(f);
    buf_add(&b, "", 0);
    return (char *)b.data;
}

static void column(const struct phone_plan *p, uint32_t box, const char *name, size_t len, char *out, size_t size)
{
    char key[40];
    snprintf(key, sizeof key, "%.*s", (int)len, name);
    if (strcmp(key, "extension") == 0)
        text_copy(out, size, p->extension);
    else if (strcmp(key, "password") == 0)
        text_copy(out, size, p->password);
    else if (strcmp(key, "name") == 0)
        snprintf(out, size, "Desk %s", p->extension);
    else if (strcmp(key, "mac") == 0)
        text_copy(out, size, mac_lower(&p->mac).s);
    else if (strcmp(key, "model") == 0)
        text_copy(out, size, p->model->name);
    else if (strcmp(key, "box.address") == 0)
        text_copy(out, size, ip_format(box).s);
    else
        out[0] = '\0';
}

char *template_render(const char *template, const struct phone_plan *plan, uint32_t box)
{
    struct buf b = {0};
    const char *at = template, *open;
    while ((open = strstr(at, "{{")) != NULL) {
        const char *close = strstr(open, "}}");
        char value[200];
        if (close == NULL)
            break;
        buf_add(&b, at, (size_t)(open - at));
        column(plan, box, open + 2, (size_t)(close - open - 2), value, sizeof value);
        buf_xml(&b, value);
        at = close + 2;
    }
    buf_text(&b, at);
    return (char *)b.data;
}

static void print_field(const char *text, const char *after)
{
    if (strpbrk(text, ",\"\r\n") == NULL) {
        printf("%s%s", text, after);
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    printf("\"%s", after);
}

void inventory_print(const struct phone_plan *plan)
{
    if (plan == NULL) {
        puts("mac,extension,password,name");
        return;
    }
    char name[40];
    snprintf(name, sizeof name, "Desk %s", plan->extension);
    print_field(mac_colons(&plan->mac).s, ",");
    print_field(plan->extension, ",");
    print_field(plan->password, ",");
    print_field(name, "\n");
}
