/* fuzz_ini.c - any bytes as stagebox.ini: read whole and in bounds. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings.h"

struct input {
    const uint8_t *data;
    size_t left;
};

static int bytes(void *ctx, void *buf, size_t cap)
{
    struct input *input = ctx;
    size_t len = input->left < cap ? input->left : cap;
    len = len > 7 ? 7 : len;
    if (len > 0)
        memcpy(buf, input->data, len);
    input->data += len;
    input->left -= len;
    return (int)len;
}

static void problem(void *ctx, const struct problem *problem)
{
    (void)ctx;
    if (problem->line < 0 || strlen(problem->text) >= PROBLEM_TEXT_MAX)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct settings settings, defaults;
    struct problems problems = {problem, NULL, 0, 0};
    struct input input = {data, size};
    bool ok = settings_read(&settings, "stagebox.ini", bytes, &input, &problems);
    if (ok != (problems.errors == 0) || (ok && input.left > 0))
        abort();
    settings_defaults(&defaults);
    settings_restart_needed(&defaults, &settings, "stagebox.ini", &problems);
    settings_keep_running(&defaults, &settings);
    if (settings_restart_needed(&defaults, &settings, "stagebox.ini", &problems))
        abort();
    return 0;
}
