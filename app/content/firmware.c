#include "app/content/firmware.h"

#include <stdio.h>
#include <string.h>

#include "config/settings.h"
#include "config/text.h"

/* What the three sources say; a version that is not known was not told. */
struct told {
    enum family_id family;
    struct version version;
};

static struct told by_name(const char *name)
{
    struct told told = {.family = FAMILY_UNKNOWN};
    size_t at, len;
    told.family = family_of_file(name, strlen(name), &at, &len);
    version_parse_file_part(name + at, len, &told.version);
    return told;
}

static bool given(const char *text)
{
    return text && text[0] != '\0';
}

/* False where a value cannot be read. */
static bool by_claim(const struct firmware_claim *claim, struct told *out)
{
    *out = (struct told){.family = FAMILY_UNKNOWN};
    if (!claim)
        return true;
    if (given(claim->family)) {
        out->family = family_by_name(claim->family, strlen(claim->family));
        if (out->family == FAMILY_UNKNOWN)
            return false;
    }
    return !given(claim->version) || version_parse(claim->version, strlen(claim->version), &out->version);
}

static bool agrees(const struct version *a, const struct version *b)
{
    return version_compare(a, b) == 0 && version_same_suffix(a, b);
}

static bool contradicts(const struct told *claim, const struct told *name)
{
    return (claim->family != FAMILY_UNKNOWN && name->family != FAMILY_UNKNOWN && claim->family != name->family) ||
           (version_known(&claim->version) && version_known(&name->version) &&
            !agrees(&claim->version, &name->version));
}

/* Without a sha256 that fits: name, header and section must agree. */
static enum firmware_verdict judge_header(const struct firmware_header *header, const struct told *told,
                                          bool version_is_claimed)
{
    const struct version *inside = &header->version;
    if (header->result == FIRMWARE_H_NONE && !family_get(told->family)->header_required)
        return FIRMWARE_UNVERIFIED;
    if (header->result != FIRMWARE_H_SOUND)
        return FIRMWARE_R_HEADER;
    bool fits = version_compare(inside, &told->version) == 0 &&
                (inside->suffix[0] == '\0' || version_same_suffix(inside, &told->version));
    if (fits)
        return FIRMWARE_OFFERED;
    return version_is_claimed ? FIRMWARE_R_CLAIM : FIRMWARE_R_DISAGREE;
}

static enum firmware_verdict judge(const struct told *name, const struct told *claim, const struct told *told,
                                   const struct firmware_header *header, bool overruled)
{
    if (!overruled && contradicts(claim, name))
        return FIRMWARE_R_CLAIM;
    if (told->family == FAMILY_UNKNOWN)
        return FIRMWARE_R_FAMILY;
    if (!family_get(told->family)->upgradable)
        return FIRMWARE_R_LEGACY;
    if (!version_known(&told->version))
        return FIRMWARE_R_VERSION;
    if (overruled)
        return FIRMWARE_OFFERED;
    return judge_header(header, told, version_known(&claim->version) && !version_known(&name->version));
}

enum firmware_verdict firmware_judge(const char *name, const struct firmware_header *header, const uint8_t *sha256,
                                     const struct firmware_claim *claim, struct firmware_judgement *out)
{
    struct told named = by_name(name), claimed, told;
    bool readable = by_claim(claim, &claimed);
    bool has_sha256 = claim && claim->sha256;
    bool overruled = has_sha256 && sha256 && memcmp(claim->sha256, sha256, DIGEST_SHA256_SIZE) == 0;
    told.family = claimed.family != FAMILY_UNKNOWN ? claimed.family : named.family;
    told.version = version_known(&claimed.version) ? claimed.version : named.version;
    if (!version_known(&told.version) && claim && header->result == FIRMWARE_H_SOUND)
        told.version = header->version;
    if (!readable)
        out->verdict = FIRMWARE_R_VALUE;
    else if (has_sha256 && !overruled)
        out->verdict = FIRMWARE_R_SHA256;
    else
        out->verdict = judge(&named, &claimed, &told, header, overruled);
    out->family = told.family;
    out->version = told.version;
    if (out->verdict < 0 && out->family == FAMILY_UNKNOWN)
        out->family = family_guess_of_file(name, strlen(name));
    if (out->verdict < 0 && !version_known(&out->version))
        out->version = header->version;
    return out->verdict;
}

size_t firmware_claims(const struct settings *settings, const char *file,
                       struct firmware_claim out[FIRMWARE_CLAIMS_MAX])
{
    size_t count = 0;
    for (; count < settings->firmware_count && count < FIRMWARE_CLAIMS_MAX; count++) {
        const struct settings_firmware *from = &settings->firmware[count];
        out[count] = (struct firmware_claim){from->name,    from->family,
                                             from->version, from->has_sha256 ? from->sha256 : NULL,
                                             file,          settings_line(settings, "firmware", from->name, NULL)};
    }
    return count;
}

static void say_header(const struct firmware_header *header, char out[FIRMWARE_SENTENCE_MAX])
{
    bool in_sector = header->result <= FIRMWARE_H_BOUNDS;
    int len = snprintf(out, FIRMWARE_SENTENCE_MAX, "%s", firmware_header_text(header->result));
    if (in_sector)
        snprintf(out + len, FIRMWARE_SENTENCE_MAX - (size_t)len, " (sector %u of %u)", header->sector + 1,
                 header->sector_count);
}

char *firmware_verdict_sentence(const char *name, const struct firmware_header *header,
                                const struct firmware_judgement *judgement, char out[FIRMWARE_SENTENCE_MAX])
{
    static const char *const plain[] = {
        [-FIRMWARE_R_SHA256] =
            "its sha256 is not the one in its [firmware] section: another content than was meant",
        [-FIRMWARE_R_FAMILY] = "its name tells no firmware family: known are spa50x-30x-, spa51x- and spa525g-",
        [-FIRMWARE_R_LEGACY] = "firmware for the 900 line, which stagebox does not upgrade",
        [-FIRMWARE_R_VERSION] = "its name tells no version: expected is the form spa50x-30x-7-5-2b.bin",
        [-FIRMWARE_R_CLAIM] = "its [firmware] section contradicts its name or content, and has no sha256",
        [-FIRMWARE_R_VALUE] = "its [firmware] section cannot be read",
    };
    char said[VERSION_TEXT_MAX], inside[VERSION_TEXT_MAX];
    struct told named = by_name(name);
    out[0] = '\0';
    if (judgement->verdict == FIRMWARE_R_HEADER)
        say_header(header, out);
    else if (judgement->verdict == FIRMWARE_R_DISAGREE)
        snprintf(out, FIRMWARE_SENTENCE_MAX, "its name says %s, its content %s",
                 version_format(&named.version, said), version_format(&header->version, inside));
    else if (judgement->verdict == FIRMWARE_UNVERIFIED)
        snprintf(out, FIRMWARE_SENTENCE_MAX,
                 "content not verified: it has no vendor header, so its name alone counts");
    else if (judgement->verdict < 0)
        snprintf(out, FIRMWARE_SENTENCE_MAX, "%s", plain[-judgement->verdict]);
    return out;
}

const struct firmware_claim *firmware_claim_of(const struct firmware_claim *claims, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (text_same(claims[i].name, name))
            return &claims[i];
    return NULL;
}
