/* Prints a guard account.

   usage: guard_report FILE NAME LEAST_SECTIONS
   exit:  0 nothing forbidden was called, 1 something was, 2 the account is missing or too few
          real-time sections were seen for its zero to mean anything */
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "guard.h"

static const char *const names[] = {
#define ONE(name) #name,
#define ONE_FORWARDED(type, name, parameters, arguments) #name,
    GUARD_ALLOCATING(ONE) GUARD_FORWARDED(ONE_FORWARDED) GUARD_VARIADIC(ONE)
#undef ONE
#undef ONE_FORWARDED
};

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: guard_report FILE NAME LEAST_SECTIONS\n");
        return 2;
    }
    guard_account account;
    FILE *file = fopen(argv[1], "rb");
    if (!file || fread(&account, sizeof account, 1, file) != 1 || account.magic != GUARD_MAGIC) {
        fprintf(stderr, "guard_report: %s is no guard account\n", argv[1]);
        return 2;
    }
    fclose(file);
    for (int i = 0; i < GUARD_KINDS; i++)
        if (account.calls[i]) printf("%s %llu\n", names[i], (unsigned long long)account.calls[i]);
    printf("guard: %s: %llu forbidden calls in %llu sections\n", argv[2],
           (unsigned long long)account.forbidden, (unsigned long long)account.sections);
    if (account.sections < strtoull(argv[3], NULL, 10)) {
        fprintf(stderr, "guard_report: at least %s sections were expected\n", argv[3]);
        return 2;
    }
    return account.forbidden != 0;
}
