#include "app/content/depot_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/staging/names.h"
#include "config/text.h"

static const char *const folder_name[] = {[DEPOT_FIRMWARE] = "firmware", [DEPOT_FILES] = "files"};

#define PATH_MAX_HERE (PORT_NAME_MAX + 16)

struct scan {
    struct depot *depot;
    const struct firmware_claim *claims;
    size_t claim_count;
    struct problems *problems;
    enum depot_folder folder;
    size_t kept; /* files of this folder that are in the namespace */
    bool full;   /* said already that there are too many */
};

static char *path_of(const struct scan *scan, const char *name, char out[PATH_MAX_HERE])
{
    snprintf(out, PATH_MAX_HERE, "%s/%s", folder_name[scan->folder], name);
    return out;
}

static void warn(struct scan *scan, const char *name, const char *sentence)
{
    char path[PATH_MAX_HERE];
    problem_warning(scan->problems, path_of(scan, name, path), 0, "%s", sentence);
}

static bool ends_with(const char *name, const char *end)
{
    size_t len = strlen(name), end_len = strlen(end);
    return len >= end_len && text_same(name + len - end_len, end);
}

/* -- listing -------------------------------------------------------------------------------- */

static bool list_one(void *ctx, const struct port_file *file)
{
    struct depot_desk *desk = ctx;
    if (desk->count == DEPOT_LISTED_MAX)
        return false;
    desk->listed[desk->count++] = *file;
    return true;
}

static int compare_listed(const void *left, const void *right)
{
    const struct port_file *a = left, *b = right;
    const char *x = a->name, *y = b->name;
    while (*x && text_lower(*x) == text_lower(*y))
        x++, y++;
    int order = (unsigned char)text_lower(*x) - (unsigned char)text_lower(*y);
    return order != 0 ? order : strcmp(a->name, b->name);
}

/* The folder cannot be read just now: what was in it before stays in force. */
static void list_what_was_there(struct scan *scan)
{
    struct depot_desk *desk = scan->depot->desk;
    const struct depot_slot *slot;
    desk->count = 0;
    for (size_t i = 0; (slot = depot_slot_at(scan->depot, i)); i++) {
        if (!slot->current || slot->folder != scan->folder)
            continue;
        struct port_file *file = &desk->listed[desk->count++];
        *file = (struct port_file){.size = slot->content.blob->size, .stamp = slot->content.stamp};
        memcpy(file->name, slot->content.name, sizeof slot->content.name);
    }
}

/* Lists the folder in an order of its own, so that the same card always gives the same depot. */
static int list_folder(struct scan *scan)
{
    struct depot *depot = scan->depot;
    struct depot_desk *desk = depot->desk;
    const char *folder = folder_name[scan->folder];
    desk->count = 0;
    int count = port_list(depot->port, folder, list_one, desk);
    if (count < 0 && count != PORT_E_NOENT) {
        problem_error(scan->problems, folder, 0, "cannot be read: %s", port_error_sentence(depot->port));
        list_what_was_there(scan);
    } else if (desk->count == DEPOT_LISTED_MAX)
        problem_warning(scan->problems, folder, 0, "more than %d files: the others are left out",
                        DEPOT_LISTED_MAX - 1);
    if (desk->count > 1)
        qsort(desk->listed, desk->count, sizeof *desk->listed, compare_listed);
    return count < 0 && count != PORT_E_NOENT ? count : 0;
}

/* -- contents ------------------------------------------------------------------------------- */

static bool is_content_of(const struct depot_slot *slot, enum depot_folder folder, const struct port_file *file)
{
    return slot->content.blob && slot->folder == folder && slot->content.stamp == file->stamp &&
           slot->content.blob->size == file->size && strcmp(slot->content.name, file->name) == 0;
}

static struct depot_slot *known_slot(const struct scan *scan, const struct port_file *file)
{
    struct depot_slot *slot;
    for (size_t i = 0; (slot = depot_slot_at(scan->depot, i)); i++) {
        if (!slot->kept && is_content_of(slot, scan->folder, file))
            return slot;
    }
    return NULL;
}

/* What another depot has read and verified of the same file; NULL: nothing. */
static struct depot_slot *borrow_slot(const struct scan *scan, const struct port_file *file)
{
    const struct depot *lender = scan->depot->lender;
    const struct depot_slot *theirs;
    for (size_t i = 0; lender && (theirs = depot_slot_at(lender, i)); i++) {
        struct depot_slot *slot = is_content_of(theirs, scan->folder, file) ? depot_slot_free_one(scan->depot) : NULL;
        if (!slot)
            continue;
        *slot = *theirs;
        slot->lent = true;
        slot->holds = 0;
        return slot;
    }
    return NULL;
}

/* Reads the file into a sealed copy; NULL, with the reason reported, where that cannot be done. */
static struct depot_slot *read_slot(struct scan *scan, const struct port_file *file)
{
    char path[PATH_MAX_HERE];
    struct port_file after;
    struct depot *depot = scan->depot;
    struct depot_slot *slot = depot_slot_free_one(depot);
    path_of(scan, file->name, path);
    if (!slot) {
        problem_error(scan->problems, path, 0,
                      "no room: too many replaced files are still being sent; reload later");
        return NULL;
    }
    if (port_blob_open(depot->port, path, &slot->content.blob) < 0) {
        slot->content.blob = NULL;
        problem_error(scan->problems, path, 0, "cannot be read: %s", port_error_sentence(depot->port));
        return NULL;
    }
    if (port_stat(depot->port, path, &after) < 0 || after.stamp != file->stamp) {
        depot_slot_free(depot, slot);
        problem_warning(scan->problems, path, 0,
                        "changed while it was read, and is left out: reload when it is whole");
        return NULL;
    }
    slot->content.stamp = file->stamp;
    slot->content.modified_s = file->modified_s;
    memcpy(slot->content.name, file->name, strlen(file->name) + 1);
    slot->folder = scan->folder;
    firmware_header_check(slot->content.blob->data, (size_t)slot->content.blob->size, &depot->desk->work, &slot->header);
    return slot;
}

static struct depot_slot *slot_for(struct scan *scan, const struct port_file *file)
{
    struct depot_slot *slot = known_slot(scan, file);
    if (!slot)
        slot = borrow_slot(scan, file);
    if (!slot)
        slot = read_slot(scan, file);
    if (slot)
        slot->kept = true;
    return slot;
}

static const uint8_t *sha256_of(struct depot_slot *slot)
{
    if (!slot->has_sha256)
        digest_sha256(slot->content.blob->data, (size_t)slot->content.blob->size, slot->sha256);
    slot->has_sha256 = true;
    return slot->sha256;
}

/* Puts the content under its name; false, reported, where the name is taken. */
static bool add_item(struct scan *scan, struct depot_slot *slot, const struct ladder_image *image)
{
    struct depot *depot = scan->depot;
    depot->items[depot->item_count++] = (struct depot_item){&slot->content, image};
    if (depot_index_last(depot))
        return true;
    depot->item_count--;
    slot->kept = false;
    char path[PATH_MAX_HERE];
    path_of(scan, slot->content.name, path);
    if (image)
        problem_error(
            scan->problems, path, 0,
            "there twice, in different letter case, and names compare without case: this one is left out");
    else
        problem_warning(
            scan->problems, path, 0,
            "the same name, letter case aside, is in firmware/ or in files/ already: this one is left out");
    return false;
}

/* -- firmware/ ------------------------------------------------------------------------------ */

/* The reason, and the lines that would allow the file all the same. */
static void refuse(struct scan *scan, struct depot_slot *slot, const struct firmware_judgement *judgement)
{
    const char *name = slot->content.name;
    char path[PATH_MAX_HERE], sentence[FIRMWARE_SENTENCE_MAX], version[VERSION_TEXT_MAX], hex[DIGEST_HEX_MAX];
    path_of(scan, name, path);
    firmware_verdict_sentence(name, &slot->header, judgement, sentence);
    if (judgement->verdict == FIRMWARE_R_LEGACY || judgement->verdict == FIRMWARE_R_VALUE) {
        problem_error(scan->problems, path, 0, "%s", sentence);
        return;
    }
    const struct family *family = family_get(judgement->family);
    problem_error(scan->problems, path, 0,
                  "%s. To send it all the same:\n[firmware %s]\nfamily = %s\nversion = %s\nsha256 = %s", sentence,
                  name, family->upgradable ? family->name : "?",
                  version_known(&judgement->version) ? version_format(&judgement->version, version) : "?",
                  digest_hex(sha256_of(slot), DIGEST_SHA256_SIZE, hex));
}

static void add_image(struct scan *scan, struct depot_slot *slot, const struct firmware_judgement *judgement,
                      bool named)
{
    struct depot *depot = scan->depot;
    struct ladder_image *image = &depot->images[depot->image_count];
    *image = (struct ladder_image){slot->content.name, judgement->version, judgement->family, named};
    if (!add_item(scan, slot, image))
        return;
    depot->image_count++;
    scan->kept++;
}

static void scan_image(struct scan *scan, const struct port_file *file)
{
    struct firmware_judgement judgement;
    struct depot_slot *slot = slot_for(scan, file);
    if (!slot)
        return;
    const struct firmware_claim *claim = firmware_claim_of(scan->claims, scan->claim_count, file->name);
    const uint8_t *sha256 = claim && claim->sha256 ? sha256_of(slot) : NULL;
    if (firmware_judge(file->name, &slot->header, sha256, claim, &judgement) < 0) {
        refuse(scan, slot, &judgement);
        slot->kept = false; /* nothing of it is served: its memory is let go, the next scan reads it anew */
        return;
    }
    if (judgement.verdict == FIRMWARE_UNVERIFIED) {
        char sentence[FIRMWARE_SENTENCE_MAX];
        warn(scan, file->name, firmware_verdict_sentence(file->name, &slot->header, &judgement, sentence));
    }
    add_image(scan, slot, &judgement, claim != NULL);
}

static void scan_firmware_file(struct scan *scan, const struct port_file *file)
{
    if (ends_with(file->name, ".zip") || ends_with(file->name, ".exe"))
        warn(scan, file->name, "unpack it: phones load the .bin that is inside");
    else if (!ends_with(file->name, ".bin"))
        warn(scan, file->name, "not a firmware image: only .bin files belong here");
    else if (file->size > FIRMWARE_SIZE_MAX)
        warn(scan, file->name, "larger than any firmware image, and is left out");
    else
        scan_image(scan, file);
}

/* -- files/ --------------------------------------------------------------------------------- */

/* Whoever asks for such a name is given something else (contract, section 4); NULL: the file can be had by it. */
static const char *never_served(const char *name)
{
    struct mac mac;
    bool has_mac;
    switch (name_classify(name, strlen(name), &has_mac, &mac)) {
    case NAME_PROFILE:
        return "never served: who asks for this name is given the phone's profile. What phones shall have in the end belongs "
               "in [profile] template";
    case NAME_SPA_BIN:
        return "never served: who asks for this name is given the image of the phone's next rung";
    default:
        return NULL;
    }
}

static void scan_plain_file(struct scan *scan, const struct port_file *file)
{
    size_t at, len;
    const char *why = never_served(file->name);
    if (why) {
        warn(scan, file->name, why);
        return;
    }
    bool named_like_image = family_of_file(file->name, strlen(file->name), &at, &len) != FAMILY_UNKNOWN;
    struct depot_slot *slot = named_like_image ? NULL : slot_for(scan, file);
    if (named_like_image || (slot && slot->header.result != FIRMWARE_H_NONE)) {
        warn(scan, file->name, "a firmware image is not served from here: move it to firmware/");
        if (slot)
            slot->kept = false;
        return;
    }
    if (ends_with(file->name, ".bin"))
        warn(scan, file->name, "if this is firmware, it belongs in firmware/: from here no phone is upgraded");
    if (slot && add_item(scan, slot, NULL))
        scan->kept++;
}

/* -- the whole ------------------------------------------------------------------------------ */

/* Things that computers leave on cards. */
static bool is_litter(const char *name)
{
    return name[0] == '.' || text_same(name, "Thumbs.db") || text_same(name, "desktop.ini");
}

/* A zip that was unpacked with its folder, or a link. */
static void tell_no_file(struct scan *scan, const char *name)
{
    char sentence[64];
    snprintf(sentence, sizeof sentence, "not a file, and is left out: put files into %s/ itself",
             folder_name[scan->folder]);
    warn(scan, name, sentence);
}

static void scan_file(struct scan *scan, const struct port_file *file)
{
    size_t limit = scan->folder == DEPOT_FIRMWARE ? DEPOT_IMAGES_MAX : DEPOT_FILES_MAX;
    if (file->not_a_file) {
        tell_no_file(scan, file->name);
    } else if (strlen(file->name) >= DEPOT_NAME_MAX) {
        problem_warning(scan->problems, folder_name[scan->folder], 0,
                        "%.40s...: a name has at most %d bytes; the file is left out", file->name,
                        DEPOT_NAME_MAX - 1);
    } else if (scan->kept == limit) {
        if (!scan->full)
            warn(scan, file->name, "too many files here: this one and those behind it are left out");
        scan->full = true;
    } else if (scan->folder == DEPOT_FIRMWARE) {
        scan_firmware_file(scan, file);
    } else {
        scan_plain_file(scan, file);
    }
}

static int scan_folder(struct scan *scan, enum depot_folder folder)
{
    scan->folder = folder;
    scan->kept = 0;
    scan->full = false;
    int result = list_folder(scan);
    const struct depot_desk *desk = scan->depot->desk;
    for (size_t i = 0; i < desk->count; i++)
        if (!is_litter(desk->listed[i].name))
            scan_file(scan, &desk->listed[i]);
    return result;
}

static bool is_listed(const struct depot_desk *desk, const char *name)
{
    for (size_t i = 0; i < desk->count; i++)
        if (text_same(desk->listed[i].name, name))
            return true;
    return false;
}

/* The sections' own values; asked right after firmware/ was listed. */
static void check_claims(const struct scan *scan)
{
    for (size_t i = 0; i < scan->claim_count; i++) {
        const struct firmware_claim *claim = &scan->claims[i];
        const char *family = claim->family ? claim->family : "", *version = claim->version ? claim->version : "";
        struct version parsed;
        if (family[0] && !family_get(family_by_name(family, strlen(family)))->upgradable)
            problem_error(scan->problems, claim->file, claim->line,
                          "[firmware %.96s] family = %s: allowed are spa50x-30x, spa51x, spa525g", claim->name,
                          family);
        if (version[0] && !version_parse(version, strlen(version), &parsed))
            problem_error(scan->problems, claim->file, claim->line,
                          "[firmware %.96s] version = %s: not a version; write for example 7.5.2b", claim->name,
                          version);
        if (!is_listed(scan->depot->desk, claim->name))
            problem_warning(scan->problems, claim->file, claim->line, "[firmware %.96s]: no such file in firmware/",
                            claim->name);
    }
}

/* Lets go of what is neither on the card any more nor held. */
static void drop_unused(struct depot *depot)
{
    struct depot_slot *slot;
    for (size_t i = 0; (slot = depot_slot_at(depot, i)); i++) {
        slot->current = slot->kept;
        if (slot->content.blob && !slot->kept && slot->holds == 0)
            depot_slot_free(depot, slot);
    }
}

int depot_scan(struct depot *depot, const struct firmware_claim *claims, size_t claim_count,
               struct problems *problems)
{
    struct depot_slot *slot;
    depot->desk = malloc(sizeof *depot->desk);
    if (!depot->desk) {
        problem_error(problems, "firmware", 0, "no memory to look at it");
        return PORT_E_FULL;
    }
    struct scan scan = {.depot = depot, .claims = claims, .claim_count = claim_count, .problems = problems};
    depot->item_count = depot->image_count = 0;
    memset(depot->buckets, 0, sizeof depot->buckets);
    for (size_t i = 0; (slot = depot_slot_at(depot, i)); i++)
        slot->kept = false;
    int firmware = scan_folder(&scan, DEPOT_FIRMWARE);
    check_claims(&scan);
    int files = scan_folder(&scan, DEPOT_FILES);
    drop_unused(depot);
    free(depot->desk);
    depot->desk = NULL;
    return firmware < 0 ? firmware : files;
}
