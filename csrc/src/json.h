/* JSON read from front to back, without a tree, recursion or memory of its own.

   vo_json json = vo_json_of(text, bytes);
   vo_json_enter(&json, '{');
   while (vo_json_member(&json, &name, &n)) vo_json_skip(&json);
   if (!vo_json_done(&json)) ...

   What goes wrong is kept: members and elements end, numbers are 0, and it is never done. */
#ifndef VOCANA_JSON_H
#define VOCANA_JSON_H

#include <stdbool.h>
#include <stdint.h>

typedef struct vo_json {
    const char *at, *end;
    char last; /* '{' or '[' just entered, 'v' a value just read, else 0 */
    bool failed;
} vo_json;

enum { VO_JSON_MOST_DEPTH = 32 }; /* of what is skipped */

vo_json vo_json_of(const char *text, uint64_t bytes);

/* --- Inside an object or an array ---------------------------------------- */

void vo_json_enter(vo_json *json, char open);

/* Whether another member follows; its name as it stands, escapes and all. The value is next. */
bool vo_json_member(vo_json *json, const char **name, uint64_t *n);

/* Whether another element follows, which is next. */
bool vo_json_element(vo_json *json);

/* --- A value --------------------------------------------------------------- */

/* A whole number below 2^64. */
uint64_t vo_json_whole(vo_json *json);

/* A string as it stands between its quotes. */
void vo_json_raw(vo_json *json, const char **text, uint64_t *n);

/* A string as it is meant, ended by NUL; it fails when it holds a NUL or does not fit. */
void vo_json_text(vo_json *json, char *out, uint64_t size);

/* Any value. */
void vo_json_skip(vo_json *json);

/* Nothing has failed, and nothing but space is left. */
bool vo_json_done(vo_json *json);

/* --- The way back ---------------------------------------------------------- */

/* Bytes as the inside of a JSON string, ended by NUL: at most 6 n + 1. A byte that is not of UTF-8
   becomes half a surrogate pair, U+DC80 to U+DCFF, as Python has it; vo_json_text undoes that. */
void vo_json_escape(char *out, const char *text, uint64_t n);

#endif
