/* printf.c - snprintf() and vsnprintf() in place of newlib's, which know neither %zu nor %hhx as it is packaged, and are
 * five times as large. Known: flags - 0 + and space, width, precision, hh h l ll z j, and c s d i u x X p f g %. f and g are
 * for numbers below 2^53; g writes no exponent. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define DIGITS 24
#define FRACTION_MAX 9

struct target {
    char *out;
    size_t cap, len;
};
struct spec {
    bool left, zero;
    char sign;     /* '+', ' ' or 0: in front of what is not negative */
    int width, precision; /* precision -1: none was given */
    char length;   /* 'H' for hh, 'h', 'l', 'L' for ll, 'z', 'j', or 0 */
    char conversion;
};

static void put(struct target *t, char c)
{
    if (t->len + 1 < t->cap)
        t->out[t->len] = c;
    t->len++;
}

static void fill(struct target *t, char c, size_t count)
{
    while (count-- > 0)
        put(t, c);
}

/* `prefix`, then `zeros`, then the text, in the field's width. */
static void put_field(struct target *t, const struct spec *s, const char *prefix, size_t zeros, const char *text, size_t len)
{
    size_t used = strlen(prefix) + zeros + len, width = s->width > 0 ? (size_t)s->width : 0;
    size_t room = width > used ? width - used : 0;
    if (!s->left && !s->zero)
        fill(t, ' ', room);
    while (*prefix != '\0')
        put(t, *prefix++);
    fill(t, '0', zeros + (s->zero && !s->left ? room : 0));
    while (len-- > 0)
        put(t, *text++);
    if (s->left)
        fill(t, ' ', room);
}

static size_t digits_of(uint64_t value, unsigned base, char x, char out[DIGITS])
{
    char reversed[DIGITS];
    size_t len = 0;
    for (; value > 0; value /= base) {
        unsigned digit = (unsigned)(value % base);
        reversed[len++] = (char)(digit < 10 ? '0' + (int)digit : x + (int)digit - 10);
    }
    for (size_t i = 0; i < len; i++)
        out[i] = reversed[len - 1 - i];
    return len;
}

static void put_number(struct target *t, const struct spec *s, uint64_t value, const char *prefix, unsigned base)
{
    char text[DIGITS];
    size_t len = digits_of(value, base, s->conversion == 'X' ? 'A' : 'a', text);
    size_t least = s->precision >= 0 ? (size_t)s->precision : 1;
    struct spec plain = *s;
    plain.zero = s->zero && s->precision < 0;
    put_field(t, &plain, prefix, least > len ? least - len : 0, text, len);
}

static const char *sign_of(const struct spec *s, bool negative)
{
    return negative ? "-" : s->sign == '+' ? "+" : s->sign == ' ' ? " " : "";
}

/* Of %g: precision counts digits from the first that is not 0. */
static int places_of(double value, int digits)
{
    int places = digits > 0 ? digits : 1;
    value = value < 0 ? -value : value;
    for (; value >= 1 && places > 0; value /= 10)
        places--;
    for (; value > 0 && value < 0.1 && places < FRACTION_MAX; value *= 10)
        places++;
    return places;
}

static void put_real(struct target *t, const struct spec *s, double value)
{
    char text[2 * DIGITS];
    int places = s->precision < 0 ? 6 : s->precision < FRACTION_MAX ? s->precision : FRACTION_MAX;
    bool negative = value < 0;
    uint64_t scale = 1;
    if (s->conversion == 'g')
        places = places_of(value, s->precision < 0 ? 6 : s->precision);
    for (int i = 0; i < places; i++)
        scale *= 10;
    uint64_t all = (uint64_t)((negative ? -value : value) * (double)scale + 0.5), fraction = all % scale;
    size_t len = digits_of(all / scale, 10, 'a', text);
    if (len == 0)
        text[len++] = '0';
    if (places > 0)
        text[len++] = '.';
    for (uint64_t unit = scale / 10; unit > 0; unit /= 10)
        text[len++] = (char)('0' + (int)(fraction / unit % 10));
    while (s->conversion == 'g' && places > 0 && (text[len - 1] == '0' || text[len - 1] == '.'))
        if (text[--len] == '.')
            break;
    put_field(t, s, sign_of(s, negative), 0, text, len);
}

static void put_text(struct target *t, const struct spec *s, const char *text)
{
    size_t len = 0;
    while ((s->precision < 0 || len < (size_t)s->precision) && text[len] != '\0')
        len++;
    struct spec plain = *s;
    plain.zero = false;
    put_field(t, &plain, "", 0, text, len);
}

/* -- reading the format -------------------------------------------------------------------------------- */

static const char *read_length(const char *at, struct spec *s)
{
    static const char twice[] = "hHlL";
    s->length = 0;
    if (*at == 'h' || *at == 'l' || *at == 'z' || *at == 'j')
        s->length = *at++;
    const char *pair = s->length != 0 && *at == s->length ? strchr(twice, s->length) : NULL;
    if (pair != NULL) {
        s->length = pair[1];
        at++;
    }
    return at;
}

static int read_count(const char **at)
{
    int count = 0;
    while (**at >= '0' && **at <= '9')
        count = count * 10 + (*(*at)++ - '0');
    return count;
}

static bool read_flag(char c, struct spec *s)
{
    s->left |= c == '-';
    s->zero |= c == '0';
    if (c == '+' || c == ' ')
        s->sign = c;
    return c == '-' || c == '0' || c == '+' || c == ' ';
}

static uint64_t take_unsigned(const struct spec *s, va_list *args)
{
    if (s->length == 'L' || s->length == 'j')
        return va_arg(*args, unsigned long long);
    uint32_t value = va_arg(*args, unsigned);
    return s->length == 'H' ? (uint8_t)value : s->length == 'h' ? (uint16_t)value : value;
}

static int64_t take_signed(const struct spec *s, va_list *args)
{
    if (s->length == 'L' || s->length == 'j')
        return va_arg(*args, long long);
    int32_t value = va_arg(*args, int);
    return s->length == 'H' ? (int8_t)value : s->length == 'h' ? (int16_t)value : value;
}

static void convert(struct target *t, const struct spec *s, va_list *args)
{
    int64_t number;
    char c;
    switch (s->conversion) {
    case 'd':
    case 'i':
        number = take_signed(s, args);
        put_number(t, s, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, sign_of(s, number < 0), 10);
        break;
    case 'u':
        put_number(t, s, take_unsigned(s, args), "", 10);
        break;
    case 'x':
    case 'X':
        put_number(t, s, take_unsigned(s, args), "", 16);
        break;
    case 'p':
        put_number(t, s, (uintptr_t)va_arg(*args, void *), "0x", 16);
        break;
    case 'c':
        c = (char)va_arg(*args, int);
        put_field(t, s, "", 0, &c, 1);
        break;
    case 's':
        put_text(t, s, va_arg(*args, const char *));
        break;
    case 'f':
    case 'g':
        put_real(t, s, va_arg(*args, double));
        break;
    default:
        put(t, s->conversion);
    }
}

/* Behind a '%'; returns what follows the conversion. */
static const char *format_one(struct target *t, const char *at, va_list *args)
{
    struct spec s = {.precision = -1};
    while (read_flag(*at, &s))
        at++;
    if (*at == '*') {
        s.width = va_arg(*args, int);
        at++;
    } else {
        s.width = read_count(&at);
    }
    if (s.width < 0) {
        s.left = true;
        s.width = -s.width;
    }
    if (*at == '.') {
        at++;
        if (*at == '*') {
            s.precision = va_arg(*args, int);
            at++;
        } else {
            s.precision = read_count(&at);
        }
    }
    at = read_length(at, &s);
    s.conversion = *at;
    if (*at == '\0')
        return at;
    convert(t, &s, args);
    return at + 1;
}

int vsnprintf(char *out, size_t cap, const char *format, va_list args)
{
    struct target t = {.out = out, .cap = cap};
    va_list rest;
    va_copy(rest, args);
    while (*format != '\0') {
        if (*format == '%')
            format = format_one(&t, format + 1, &rest);
        else
            put(&t, *format++);
    }
    va_end(rest);
    if (cap > 0)
        out[t.len < cap ? t.len : cap - 1] = '\0';
    return (int)t.len;
}

int snprintf(char *out, size_t cap, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int len = vsnprintf(out, cap, format, args);
    va_end(args);
    return len;
}
