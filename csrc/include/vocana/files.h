/* What is done with files, as a table that can be replaced.

   Files are named by a folder that is open and a name within it. What fails returns a negated
   errno; no function loops or retries: that is the caller's. */
#ifndef VOCANA_FILES_H
#define VOCANA_FILES_H

#include <stdint.h>

#include "attributes.h"

VO_BEGIN_DECLS

typedef struct vo_files {
    /* A descriptor of the folder. */
    int (*open_folder)(void *self, const char *path);

    /* Another descriptor of one that is open, wherever it has been moved. */
    int (*same_folder)(void *self, int folder);

    /* A descriptor of a file that was not there: never through a symbolic link, mode 0600. */
    int (*create)(void *self, int folder, const char *name);

    /* Bytes written, at least 1 and perhaps fewer than n. */
    int64_t (*write)(void *self, int file, const void *bytes, uint64_t n, uint64_t at);

    /* Room for `bytes` bytes from `at` on; the size of the file stays. */
    int (*reserve)(void *self, int file, uint64_t at, uint64_t bytes);

    int (*truncate)(void *self, int file, uint64_t bytes);

    /* What was written stays, whatever happens to the machine. After a failure what was written
       since the last success is in doubt for ever. */
    int (*sync)(void *self, int file);

    /* The same of the names in a folder. */
    int (*sync_folder)(void *self, int folder);

    /* Replaces what is there under the new name. */
    int (*rename)(void *self, int folder, const char *from, const char *to);
    int (*remove)(void *self, int folder, const char *name);
    int (*close)(void *self, int file);

    /* 0 while that name in the folder is the file, -ENOENT when nothing has the name, -ESTALE when
       it is another's; for a file < 0 it always is. */
    int (*find)(void *self, int folder, const char *name, int file);

    /* Bytes that this user can still write where the folder is. */
    int64_t (*free_bytes)(void *self, int folder);

    void *self;
} vo_files;

/* --- Any thread -------------------------------------------------------- */

const vo_files *vo_files_default(void) VO_REALTIME;

VO_END_DECLS

#endif
