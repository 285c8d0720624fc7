/* journal.h - what happened, kept over a kill and a power cut.
 *
 * Two files of fixed size are used in turn. One is written from its start to its end in sectors of
 * 512 bytes, each with the state's id, the file's generation, its own place, its batch's number and
 * a checksum. The records of one turn of the loop are one batch: it is there whole or not at all.
 * When a file is three quarters full, a snapshot of all there is goes into the other one, a few
 * sectors a turn, while new records go into both; once that is on the card, the other one counts.
 * So nothing that counts is ever written over, and no turn waits for a snapshot.
 *
 * What the card may do, and what is found afterwards:
 *   kill at any moment         everything of journal_commit()s that returned
 *   power cut                  everything up to a moment within the last second before it: the first
 *                              batch that is missing and was not yet known to be on the card ends it
 *   a sector lost or old       all but that batch, if it was known to be on the card
 *   rest of an older use       never read: its generation is not the file's
 *
 * The journal takes what a record means from its type and payload only to hand it back. It has no
 * clock of its own: `now_ms` is port_now_ms().
 */
#ifndef STAGEBOX_APP_RECORD_JOURNAL_H
#define STAGEBOX_APP_RECORD_JOURNAL_H

#include "ports/port.h"

#define JOURNAL_FILE_A "state/journal.a" /* where the appliance keeps it on the card */
#define JOURNAL_FILE_B "state/journal.b"
#define JOURNAL_SECTOR 512
#define JOURNAL_PAYLOAD_MAX 1024     /* bytes of one record */
#define JOURNAL_BATCH_SECTORS 16     /* most sectors in one batch */
#define JOURNAL_SIZE_MIN (64 * 1024) /* of each file */
#define JOURNAL_SECTORS_MAX 32768    /* of each file: more (16 MB) are not used */
#define JOURNAL_SYNC_MS 500          /* a batch waits no longer than this before its sync is started */
#define JOURNAL_RETRY_MS 5000        /* after a failure, before a fresh snapshot is tried */
#define JOURNAL_STATE_ID_MAX 9       /* "01ab45cf" and its NUL */
#define JOURNAL_SENTENCE_MAX 240

/* One record, as it was put. `payload` is valid during the call. */
struct journal_record {
    uint8_t type;
    uint8_t version;
    const void *payload;
    size_t len; /* 0..JOURNAL_PAYLOAD_MAX */
};

/* What journal_load() found. Counts of what was not used; all zero: everything was sound. */
struct journal_loss {
    uint32_t records;         /* handed to the callback */
    uint32_t batches_lost;    /* known by their numbers to have been there */
    uint32_t batches_undone;  /* sound, but behind a gap from the last moment before a power cut */
    uint32_t sectors_damaged; /* neither empty, nor sound, nor of an older use */
    bool snapshot_damaged;    /* the snapshot has gaps; what the older file still had was read before it */
    bool outdated;            /* the newest file is gone or unreadable: the older one was read instead */
    bool foreign;             /* one file belongs to another state and was left out */
};

struct journal;

/* Puts the records of everything there is into the journal, by journal_snapshot_put(). Called again
 * and again, at first with *cursor 0, which is the callee's to move; each call puts a few (about
 * ten) and returns whether there are more. Things that change in between are put by journal_put()
 * as ever; what was forgotten in between needs its tombstone put as ever. */
typedef bool journal_snapshot_fn(void *ctx, struct journal *journal, uint64_t *cursor);

struct journal_file {
    struct port_store *store;
    uint32_t sectors;                       /* of the whole file */
    uint32_t generation;                    /* highest that was found, or the one being written */
    uint32_t next;                          /* sector to write next */
    uint32_t batch;                         /* number of the next batch */
    uint32_t end;                           /* sector behind the snapshot, once it is whole */
    uint32_t end_batch;                     /* number of the batch that ended the snapshot */
    uint32_t synced;                        /* batches of this generation below this number are on the card */
    uint32_t syncing;                       /* ...and below this one will be when the running sync is over */
    uint64_t dirty_ms;                      /* when the oldest batch without a sync was written; UINT64_MAX: none */
    uint8_t sound[JOURNAL_SECTORS_MAX / 8]; /* while loading: a bit a sector */
};
/* A batch that is being put together; records run on from sector to sector. */
struct journal_batch {
    size_t len;
    uint8_t bytes[JOURNAL_BATCH_SECTORS * JOURNAL_SECTOR];
};

enum journal_mode {
    JOURNAL_CLOSED,   /* not started */
    JOURNAL_RUNNING,  /* one file counts */
    JOURNAL_SNAPSHOT, /* ...and the other is being filled */
    JOURNAL_SETTLING, /* the snapshot is written, and is being synced */
    JOURNAL_BROKEN    /* no file takes records: a fresh snapshot is tried now and then */
};

/* About 32 KB: the caller's, not for a stack. Fields are the journal's own. */
struct journal {
    struct port *port;
    journal_snapshot_fn *snapshot;
    void *ctx;
    enum journal_mode mode;
    uint32_t state_id;
    bool fresh;
    bool lagging;     /* the current file lacks records (or is an older run's): nothing is added to it */
    unsigned current; /* which file counts */
    struct journal_file file[2];
    uint64_t cursor;
    uint64_t retry_ms; /* no snapshot is begun before */
    uint64_t poll_ms;  /* when to look again whether a sync is over */
    int error;
    struct journal_batch turn;                             /* records of this turn */
    struct journal_batch shot;                             /* records of the snapshot */
    uint8_t image[JOURNAL_BATCH_SECTORS * JOURNAL_SECTOR]; /* sectors as they go to or come from the card */
    char sentence[JOURNAL_SENTENCE_MAX];
};

/* Opens (or makes) `path_a` and `path_b`, of `size` bytes each (a multiple of JOURNAL_SECTOR, at
 * least JOURNAL_SIZE_MIN; four times what a snapshot takes is a good size), and hands each record
 * that counts to `each`, oldest first. `each` sees records of any type and content, as they were
 * put, and must not call the journal. *loss is always filled in.
 * Nothing is written. 0, or a port_error (a file cannot be opened): the other calls then do no harm, and
 * journal_commit() goes on returning it. */
int journal_load(struct journal *journal, struct port *port, const char *path_a, const char *path_b, uint64_t size,
                 void (*each)(void *ctx, const struct journal_record *record), void *ctx,
                 struct journal_loss *loss);
/* True where there was no state before: the files were new, or not one sector of them is sound. */
bool journal_is_fresh(const struct journal *journal);
/* Eight hex digits that name this state, made when it was new; valid after journal_load(). */
char *journal_state_id(const struct journal *journal, char out[JOURNAL_STATE_ID_MAX]);
/* One sentence about what was dropped, "" where nothing was. */
const char *journal_loss_text(const struct journal_loss *loss, char out[JOURNAL_SENTENCE_MAX]);

/* Goes into operation after the state is rebuilt: writes a first snapshot into the file that does
 * not count, whole, and goes on in that one. 0, or a port_error: the journal is then broken and tries
 * again by itself. */
int journal_start(struct journal *journal, journal_snapshot_fn *snapshot, void *ctx, uint64_t now_ms);
/* Remembers a record for the next commit; what has no room in one batch is written at once. Longer
 * payloads than JOURNAL_PAYLOAD_MAX are a mistake of the caller's: false, and nothing is put. While the
 * journal is broken or not started it does nothing and returns true: a later snapshot has it all. */
bool journal_put(struct journal *journal, uint8_t type, uint8_t version, const void *payload, size_t len,
                 uint64_t now_ms);
/* The same, from within the snapshot callback only. */
bool journal_snapshot_put(struct journal *journal, uint8_t type, uint8_t version, const void *payload, size_t len);
/* Hands what was put to the kernel (or the card's driver): before answers go out, so once per batch
 * of answers. Cheap when nothing was put. 0, or the port_error for as long as the journal is broken;
 * journal_sentence() says it in words. */
int journal_commit(struct journal *journal, uint64_t now_ms);
/* Once per turn of the loop: commits, starts syncs that are due, goes on with a snapshot, tries to
 * mend what is broken. The result is journal_commit()'s. */
int journal_turn(struct journal *journal, uint64_t now_ms);
/* What was committed is not all with the kernel yet, because the card is busy: nobody may be told of it. A turn follows when
 * it is. */
bool journal_behind(const struct journal *journal);
/* When journal_turn() has something to do, UINT64_MAX for never. */
uint64_t journal_deadline(const struct journal *journal);
/* What is wrong, for the operator; "" while all is well. */
const char *journal_sentence(const struct journal *journal);
/* Commits, starts a last sync and closes the files. */
void journal_close(struct journal *journal, uint64_t now_ms);

#endif
