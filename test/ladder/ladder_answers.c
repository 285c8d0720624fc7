/* ladder_answers.c - asks ladder_plan() and ladder_allows() what brute_force.py wants to know.
 *
 * Commands, a line each:
 *   ask MODEL VERSION MODEL VERSION ...   the phones of every later `run`; put together by several lines
 *   files NAME ...                        the folder; "+NAME": a [firmware] section names the file
 *   target VERSION | target newest
 *   keep VERSION | keep -                 what was the newest image of every family before
 *   downgrade 0 | downgrade 1
 *   rules                                 only the built-in ones
 *   gate NAME FAMILY FROM TO NEEDS VIA    "-" for what is not given
 *   run                                   an answer for each phone asked for, a line each:
 *     M | N | P | V | D | A  no such model, no firmware, no path, no version, done, the target's image is away
 *     0,4                    the rungs, as numbers of files
 *   each followed by a blank and what the guard allows as next: numbers of files or "-".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/staging/ladder.h"

enum { ASKS_MAX = 2048, FILES_MAX = 32, LINE_MAX_HERE = 65536 };

struct ask {
    char model[MODEL_TEXT_MAX];
    struct version version;
};

static struct state {
    struct ask asks[ASKS_MAX];
    size_t ask_count;
    struct ladder_image images[FILES_MAX];
    char names[FILES_MAX][64];
    struct rules rules;
    struct ladder ladder;
} s;

static void give_up(const char *what, const char *word)
{
    fprintf(stderr, "ladder_answers: %s: %s\n", what, word ? word : "(nothing)");
    exit(2);
}

static struct version read_version(const char *word)
{
    struct version version = {{0}, 0, ""};
    if (!word || !version_parse(word, strlen(word), &version))
        give_up("not a version", word);
    return version;
}

static void read_asks(char *word)
{
    for (; word; word = strtok(NULL, " ")) {
        struct ask *ask = &s.asks[s.ask_count++];
        if (s.ask_count == ASKS_MAX || !model_parse(word, strlen(word), ask->model))
            give_up("not a model, or too many", word);
        ask->version = read_version(strtok(NULL, " "));
    }
}

static void read_files(char *word)
{
    size_t count = 0;
    for (; word; word = strtok(NULL, " ")) {
        struct ladder_image *image = &s.images[count];
        size_t at, len;
        image->named = word[0] == '+';
        if (count == FILES_MAX)
            give_up("too many files", word);
        snprintf(s.names[count], sizeof s.names[count], "%s", word + (image->named ? 1 : 0));
        image->file = s.names[count++];
        image->family = family_of_file(image->file, strlen(image->file), &at, &len);
        if (!version_parse_file_part(image->file + at, len, &image->version))
            give_up("not a firmware file", word);
    }
    s.ladder.images = s.images;
    s.ladder.image_count = count;
}

static void read_gate(char *name)
{
    const char *word[5];
    struct problems problems = {0};
    for (int i = 0; i < 5; i++) {
        word[i] = strtok(NULL, " ");
        if (!word[i])
            give_up("a gate is not whole", name);
        if (strcmp(word[i], "-") == 0)
            word[i] = NULL;
    }
    struct rule_text text = {.name = name,
                             .family = word[0],
                             .from = word[1],
                             .to = word[2],
                             .needs = word[3],
                             .via = word[4],
                             .file = "stdin",
                             .line = 1};
    if (!rules_add(&s.rules, &text, &problems))
        give_up("not a gate", name);
}

static void print_result(const struct ladder_plan *plan)
{
    static const char letter[] = {[-LADDER_DONE] = 'D',
                                  [-LADDER_E_MODEL] = 'M',
                                  [-LADDER_E_NO_FIRMWARE] = 'N',
                                  [-LADDER_E_NO_PATH] = 'P',
                                  [-LADDER_E_VERSION] = 'V',
                                  [-LADDER_E_AWAY] = 'A'};
    if (plan->result != LADDER_RUNGS)
        putchar(letter[-plan->result]);
    for (size_t i = 0; i < plan->rung_count; i++)
        printf("%s%d", i > 0 ? "," : "", (int)(plan->rungs[i] - s.images));
}

static void answer(const struct ask *ask)
{
    struct ladder_plan plan;
    bool any = false;
    ladder_plan(&s.ladder, ask->model, &ask->version, &plan);
    print_result(&plan);
    putchar(' ');
    for (size_t i = 0; i < s.ladder.image_count; i++)
        if (ladder_allows(&s.ladder, ask->model, &ask->version, &s.images[i])) {
            printf("%s%d", any ? "," : "", (int)i);
            any = true;
        }
    puts(any ? "" : "-");
}

static void read_kept(const char *word)
{
    memset(s.ladder.kept, 0, sizeof s.ladder.kept);
    for (unsigned id = 0; word && strcmp(word, "-") != 0 && id < FAMILY_COUNT; id++)
        s.ladder.kept[id] = (struct ladder_kept){read_version(word), "before.bin"};
}

static void obey(const char *command, char *word)
{
    if (strcmp(command, "ask") == 0)
        read_asks(word);
    else if (strcmp(command, "files") == 0)
        read_files(word);
    else if (strcmp(command, "target") == 0)
        s.ladder.target = strcmp(word, "newest") == 0 ? (struct version){{0}, 0, ""} : read_version(word);
    else if (strcmp(command, "keep") == 0)
        read_kept(word);
    else if (strcmp(command, "downgrade") == 0)
        s.ladder.downgrade = strcmp(word, "1") == 0;
    else if (strcmp(command, "rules") == 0)
        rules_init(&s.rules);
    else if (strcmp(command, "gate") == 0)
        read_gate(word);
    else if (strcmp(command, "run") == 0)
        for (size_t i = 0; i < s.ask_count; i++)
            answer(&s.asks[i]);
    else
        give_up("unknown command", command);
}

int main(void)
{
    static char line[LINE_MAX_HERE];
    rules_init(&s.rules);
    s.ladder.rules = &s.rules;
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        char *command = strtok(line, " ");
        if (command)
            obey(command, strtok(NULL, " "));
    }
    return 0;
}
