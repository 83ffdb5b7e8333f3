#include "json.h"

#include <string.h>

vo_json vo_json_of(const char *text, uint64_t bytes) {
    return (vo_json){text, text + bytes, 0, false};
}

/* The next character that is no space; 0 at the end. */
static char peek(vo_json *json) {
    while (json->at < json->end && memchr(" \t\r\n", *json->at, 4)) json->at++;
    return json->at < json->end && !json->failed ? *json->at : 0;
}

static bool take(vo_json *json, char c) {
    if (peek(json) != c)
        json->failed = true;
    else
        json->at++;
    return !json->failed;
}

/* --- Strings ------------------------------------------------------------------ */

/* Length of the character of UTF-8 that begins n > 0 bytes, 0 when none does. */
static uint32_t utf8_length(const char *text, uint64_t n) {
    const uint8_t *b = (const uint8_t *)text;
    uint32_t length = b[0] < 0x80   ? 1
                      : b[0] < 0xC2 ? 0
                      : b[0] < 0xE0 ? 2
                      : b[0] < 0xF0 ? 3
                      : b[0] < 0xF5 ? 4
                                    : 0;
    if (length > n) return 0;
    for (uint32_t i = 1; i < length; i++)
        if ((b[i] & 0xC0) != 0x80) return 0;
    bool bad = (b[0] == 0xE0 && b[1] < 0xA0) || (b[0] == 0xED && b[1] > 0x9F) ||
               (b[0] == 0xF0 && b[1] < 0x90) || (b[0] == 0xF4 && b[1] > 0x8F);
    return bad ? 0 : length;
}

static uint32_t put_utf8(char *out, uint32_t code) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    uint32_t length = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (uint32_t i = length - 1; i; i--, code >>= 6) out[i] = (char)(0x80 | (code & 0x3F));
    out[0] = (char)(0xF0u << (4 - length) | code);
    return length;
}

static uint32_t hex_digit(char c) {
    if (c >= '0' && c <= '9') return (uint32_t)(c - '0');
    if (c >= 'a' && c <= 'f') return (uint32_t)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') return (uint32_t)(c - 'A') + 10;
    return 16;
}

/* Four hexadecimal digits after \u, else a number beyond them. */
static uint32_t take_code(vo_json *json) {
    if (json->end - json->at < 6 || json->at[0] != '\\' || json->at[1] != 'u') return UINT32_MAX;
    uint32_t code = 0;
    for (int i = 2; i < 6; i++) {
        uint32_t digit = hex_digit(json->at[i]);
        if (digit > 15) return UINT32_MAX;
        code = code << 4 | digit;
    }
    json->at += 6;
    return code;
}

/* What an escape means, its length in bytes; 0 when it means nothing. */
static uint32_t take_escape(vo_json *json, char out[4]) {
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found = json->end - json->at > 1 && json->at[1] ? strchr(from, json->at[1]) : NULL;
    if (found) {
        json->at += 2;
        out[0] = to[found - from];
        return 1;
    }
    uint32_t code = take_code(json);
    if (code >= 0xD800 && code < 0xDC00) {
        uint32_t low = take_code(json);
        if (low < 0xDC00 || low > 0xDFFF) return 0;
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (code >= 0xDC80 && code <= 0xDCFF) { /* a byte that is not of UTF-8 */
        out[0] = (char)(code & 0xFF);
        return 1;
    } else if (!code || (code >= 0xDC00 && code < 0xE000) || code > 0xFFFF) {
        return 0;
    }
    return put_utf8(out, code);
}

/* One character of a string, its length in bytes; 0 at the closing quote, and after a mistake. */
static uint32_t take_character(vo_json *json, char out[4]) {
    uint32_t n = 0;
    if (json->at < json->end && *json->at == '\\') {
        n = take_escape(json, out);
    } else if (json->at < json->end && (uint8_t)*json->at >= 0x20) {
        if (*json->at == '"') return 0;
        n = utf8_length(json->at, (uint64_t)(json->end - json->at));
        memcpy(out, json->at, n);
        json->at += n;
    }
    json->failed |= !n;
    return n;
}

void vo_json_raw(vo_json *json, const char **text, uint64_t *n) {
    char ignored[4];
    *text = "";
    *n = 0;
    if (!take(json, '"')) return;
    const char *first = json->at;
    while (take_character(json, ignored)) {
    }
    if (json->failed) return;
    *text = first;
    *n = (uint64_t)(json->at - first);
    json->at++;
    json->last = 'v';
}

void vo_json_text(vo_json *json, char *out, uint64_t size) {
    char character[4];
    uint64_t at = 0;
    out[0] = 0;
    if (!take(json, '"')) return;
    for (uint32_t n; (n = take_character(json, character)); at += n) {
        if (n >= size - at) json->failed = true;
        if (json->failed) break;
        memcpy(out + at, character, n);
    }
    out[json->failed ? 0 : at] = 0;
    if (json->failed) return;
    json->at++;
    json->last = 'v';
}

void vo_json_escape(char *out, const char *text, uint64_t n) {
    static const char hex[] = "0123456789abcdef";
    while (n) {
        uint32_t length = utf8_length(text, n);
        uint8_t c = (uint8_t)*text;
        if (!length || c < 0x20) {
            memcpy(out, length ? "\\u00" : "\\udc", 4);
            out[4] = hex[c >> 4];
            out[5] = hex[c & 15];
            out += 6;
            length = 1;
        } else {
            if (c == '"' || c == '\\') *out++ = '\\';
            memcpy(out, text, length);
            out += length;
        }
        text += length;
        n -= length;
    }
    *out = 0;
}

/* --- Objects and arrays --------------------------------------------------------- */

void vo_json_enter(vo_json *json, char open) {
    if (take(json, open)) json->last = open;
}

/* Whether something stands before `close`, which is taken when nothing does. */
static bool more(vo_json *json, char close) {
    char c = peek(json);
    if (c == close) {
        json->at++;
        json->last = 'v';
        return false;
    }
    if (json->last == 'v') take(json, ',');
    json->last = 0;
    return !json->failed;
}

bool vo_json_member(vo_json *json, const char **name, uint64_t *n) {
    if (!more(json, '}')) return false;
    vo_json_raw(json, name, n);
    take(json, ':');
    json->last = 0;
    return !json->failed;
}

bool vo_json_element(vo_json *json) {
    return more(json, ']');
}

/* --- Other values ----------------------------------------------------------------- */

uint64_t vo_json_whole(vo_json *json) {
    uint64_t value = 0;
    if (peek(json) == '0' && json->end - json->at > 1 && hex_digit(json->at[1]) < 10)
        json->failed = true;
    const char *first = json->at;
    for (; !json->failed && json->at < json->end && hex_digit(*json->at) < 10; json->at++)
        json->failed = __builtin_mul_overflow(value, 10, &value) ||
                       __builtin_add_overflow(value, hex_digit(*json->at), &value);
    json->failed |= json->at == first;
    json->last = 'v';
    return json->failed ? 0 : value;
}

static void skip_word(vo_json *json, const char *word) {
    uint64_t n = strlen(word);
    if ((uint64_t)(json->end - json->at) < n || memcmp(json->at, word, n) != 0)
        json->failed = true;
    else
        json->at += n;
}

/* What is no object and no array; of a number only the characters are looked at. */
static void skip_plain(vo_json *json, char first) {
    static const char numbers[] = "-+.0123456789eE";
    const char *text;
    uint64_t n;
    if (first == '"') {
        vo_json_raw(json, &text, &n);
    } else if (first == 't') {
        skip_word(json, "true");
    } else if (first == 'f') {
        skip_word(json, "false");
    } else if (first == 'n') {
        skip_word(json, "null");
    } else {
        text = json->at;
        while (json->at < json->end && memchr(numbers, *json->at, sizeof numbers - 1)) json->at++;
        json->failed |= json->at == text;
    }
    json->last = 'v';
}

void vo_json_skip(vo_json *json) {
    bool is_object[VO_JSON_MOST_DEPTH];
    int depth = 0;
    do {
        char first = peek(json);
        if (first != '{' && first != '[') {
            skip_plain(json, first);
        } else if (depth == VO_JSON_MOST_DEPTH) {
            json->failed = true;
        } else {
            is_object[depth++] = first == '{';
            vo_json_enter(json, first);
        }
        const char *name;
        uint64_t n;
        while (depth &&
               !(is_object[depth - 1] ? vo_json_member(json, &name, &n) : vo_json_element(json)))
            depth--;
    } while (depth);
}

bool vo_json_done(vo_json *json) {
    return !peek(json) && json->at == json->end && !json->failed;
}
