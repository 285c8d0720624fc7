#include "app/staging/targets.h"

#include <stdlib.h>
#include <string.h>

#include "app/record/encode.h"
#include "app/record/journal.h"
#include "app/record/records.h"

#define TARGET_RECORD_VERSION 1

void targets_write(const struct ladder *ladder, phone_record_put *put, void *ctx)
{
    for (unsigned id = 0; id < FAMILY_COUNT; id++) {
        const struct family *family = family_get((enum family_id)id);
        const struct ladder_kept *kept = &ladder->kept[id];
        char version[VERSION_TEXT_MAX];
        uint8_t payload[32 + VERSION_TEXT_MAX + LADDER_FILE_MAX];
        struct encoder e;
        if (!family->upgradable)
            continue;
        encoder_init(&e, payload, sizeof payload);
        encode_text(&e, family->name);
        encode_text(&e, version_format(&kept->version, version));
        encode_text(&e, kept->file);
        put(ctx, RECORD_TARGET, TARGET_RECORD_VERSION, payload, e.len);
    }
}

void targets_restore(struct ladder *ladder, const struct journal_record *record)
{
    char name[32], version[VERSION_TEXT_MAX];
    struct ladder_kept kept;
    struct decoder d;
    memset(&kept, 0, sizeof kept);
    decoder_init(&d, record->payload, record->len);
    decode_text(&d, name, sizeof name);
    decode_text(&d, version, sizeof version);
    decode_text(&d, kept.file, sizeof kept.file);
    enum family_id family = family_by_name(name, strlen(name));
    bool sound = version[0] == '\0' || version_parse(version, strlen(version), &kept.version);
    if (!d.failed && sound && family_get(family)->upgradable)
        ladder->kept[family] = kept;
}

static void on_record(void *ctx, const struct journal_record *record)
{
    if (record->type == RECORD_TARGET)
        targets_restore(ctx, record);
}

void targets_recall(struct ladder *ladder, struct port *port)
{
    struct port_file file;
    struct journal_loss loss;
    struct journal *journal = calloc(1, sizeof *journal);
    if (journal && port_stat(port, JOURNAL_FILE_A, &file) >= 0)
        journal_load(journal, port, JOURNAL_FILE_A, JOURNAL_FILE_B, file.size, on_record, ladder, &loss);
    if (journal)
        journal_close(journal, port_now_ms(port));
    free(journal);
}
