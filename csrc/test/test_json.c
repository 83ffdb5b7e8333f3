/* vo_json: values, nesting, strings, and texts that are no JSON. */
#include "json.h"

#include <string.h>

#include "check.h"

static bool skips(const char *text, uint64_t n) {
    vo_json json = vo_json_of(text, n);
    vo_json_skip(&json);
    return vo_json_done(&json);
}

static void values_are_skipped(void) {
    static const char *const good[] = {
        "0",
        "-12.5e+3",
        "\"\"",
        "\"a\\n\\u00e9\\ud83c\\udfa4\"",
        "true",
        " false ",
        "null",
        "[]",
        "{}",
        "[1,2 , 3]",
        "{\"a\":1,\"b\":[{}]}",
        "\t{ \"a\" : [ ] }\r\n",
        "\"\xF4\x8F\xBF\xBF\xE0\xA0\x80\xED\x9F\xBF\xF0\x90\x80\x80\"",
    };
    static const char *const bad[] = {
        "",
        " ",
        "nul",
        "truth",
        "falsx",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "{\"a\"}",
        "{\"a\":}",
        "{1:2}",
        "{\"a\":1,}",
        "[}",
        "{]",
        "1 2",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\u12g4\"",
        "\"\\ud83c\"",
        "\"\\ud83cx\"",
        "\"\\ud83c 012345\"",
        "\"\\ud83c\\n12345\"",
        "\"\\u12G4\"",
        "\"\\u12/4\"",
        "\"\\u12?4\"",
        "\"\\ud83c\\u0041\"",
        "\"\\ud83c\\ue000\"",
        "\"\\udc00\"",
        "\"\\udd00\"",
        "\"\\u0000\"",
        "\"\n\"",
        "\"\x80\"",
        "\"\xC1\x80\"",
        "\"\xC3\"",
        "\"\xC3x\"",
        "\"\xE0\x80\x80\"",
        "\"\xED\xA0\x80\"",
        "\"\xF0\x80\x80\x80\"",
        "\"\xF4\x90\x80\x80\"",
        "\"\xF5\x80\x80\x80\"",
        "\"\\",
        "@",
    };
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) CHECK(skips(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) CHECK(!skips(bad[i], strlen(bad[i])));
    CHECK(!skips("1\0", 2) && !skips("\"\\\0\"", 4));
}

static void depth_is_bounded(void) {
    char text[2 * VO_JSON_MOST_DEPTH + 2];
    for (int depth = 1; depth <= VO_JSON_MOST_DEPTH + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        CHECK(skips(text, 2 * (uint64_t)depth) == (depth <= VO_JSON_MOST_DEPTH));
    }
    static char deep[1 << 20];
    memset(deep, '[', sizeof deep);
    CHECK(!skips(deep, sizeof deep));
}

static void strings_are_decoded(void) {
    static const struct {
        const char *text, *meant; /* NULL: refused */
    } rows[] = {
        {"\"\"", ""},
        {"\"abcdefg\"", "abcdefg"},
        {"\"abcdefgh\"", NULL}, /* no room for the NUL */
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\"", "\"\\/\b\f\n\r"},
        {"\"\\t\\u0041\\u00E9\"", "\tA\xC3\xA9"},
        {"\"\\u20ac\\ud83c\\udfa4\"", "\xE2\x82\xAC\xF0\x9F\x8E\xA4"},
        {"\"abcd\\u20ac\"", "abcd\xE2\x82\xAC"},
        {"\"abcde\\u20ac\"", NULL},
        {"\"\\udcff\\uDC80\"", "\xFF\x80"},
        {"\"\\udc7f\"", NULL},
        {"1", NULL},
        {"\"a", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char out[8] = "x";
        vo_json json = vo_json_of(rows[i].text, strlen(rows[i].text));
        vo_json_text(&json, out, sizeof out);
        CHECK(vo_json_done(&json) == (rows[i].meant != NULL));
        CHECK(!strcmp(out, rows[i].meant ? rows[i].meant : ""));
    }
}

static void whole_numbers(void) {
    static const struct {
        const char *text;
        uint64_t value;
        bool good;
    } rows[] = {
        {"0", 0, true},   {"7", 7, true},    {"18446744073709551615", UINT64_MAX, true},
        {"00", 0, false}, {"01", 0, false},  {"18446744073709551616", 0, false},
        {"-1", 0, false}, {"", 0, false},    {"99999999999999999999", 0, false},
        {"0x", 0, false}, {"1.0", 1, false}, {"\"1\"", 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        vo_json json = vo_json_of(rows[i].text, strlen(rows[i].text));
        CHECK(vo_json_whole(&json) == rows[i].value && vo_json_done(&json) == rows[i].good);
    }
}

static void every_byte_is_escaped_and_back(void) {
    for (int a = 1; a < 256; a++)
        for (int b = 1; b < 256; b++) {
            char text[] = {(char)a, (char)b, 'x', 0}, escaped[6 * 3 + 3] = "\"", out[8];
            vo_json_escape(escaped + 1, text, 3);
            strcat(escaped, "\"");
            vo_json json = vo_json_of(escaped, strlen(escaped));
            vo_json_text(&json, out, sizeof out);
            CHECK(vo_json_done(&json) && !strcmp(out, text));
        }
}

static void a_failure_ends_everything(void) {
    vo_json json = vo_json_of("{\"a\" 1, \"b\": 2}", 15);
    const char *name;
    uint64_t n;
    vo_json_enter(&json, '{');
    CHECK(!vo_json_member(&json, &name, &n) && json.failed);
    CHECK(!vo_json_member(&json, &name, &n) && !vo_json_element(&json));
    CHECK(!vo_json_whole(&json) && !vo_json_done(&json));
    vo_json_raw(&json, &name, &n);
    CHECK(n == 0 && !*name);
    vo_json_skip(&json);
    vo_json_enter(&json, '[');
    CHECK(!vo_json_done(&json));
}

int main(void) {
    values_are_skipped();
    depth_is_bounded();
    strings_are_decoded();
    whole_numbers();
    every_byte_is_escaped_and_back();
    a_failure_ends_everything();
    puts("json: what is good is read, what is bad is refused");
    return 0;
}
