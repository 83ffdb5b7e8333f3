/* Figures of one moment, read while they are published. */
#include "readings.h"

#include <pthread.h>
#include <stdbool.h>

#include "check.h"
#include "failing_alloc.h"

enum { FIGURES = 200, TURNS = 100000 };

typedef struct scene {
    vo_readings readings;
    atomic_bool over;
} scene;

static void *publish(void *argument) {
    scene *s = argument;
    double figures[FIGURES];
    for (int turn = 1; turn <= TURNS; turn++) {
        for (int i = 0; i < FIGURES; i++) figures[i] = turn;
        vo_readings_publish(&s->readings, figures);
    }
    atomic_store(&s->over, true);
    return NULL;
}

static void figures_belong_together(void) {
    scene s = {.over = false};
    CHECK(vo_readings_init(&s.readings, FIGURES, NULL) == VO_OK);
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, publish, &s) == 0);
    double figures[FIGURES], last = 0;
    while (last < TURNS) {
        bool over = atomic_load(&s.over);
        CHECK(vo_readings_read(&s.readings, figures, FIGURES) == FIGURES);
        for (int i = 1; i < FIGURES; i++) CHECK(figures[i] == figures[0]);
        CHECK(figures[0] >= last && (!over || figures[0] == TURNS));
        last = figures[0];
    }
    pthread_join(thread, NULL);
    vo_readings_release(&s.readings, NULL);
}

static void fewer_can_be_read(void) {
    vo_readings readings;
    double figures[3] = {1, 2, 3}, found[3] = {9, 9, 9};
    CHECK(vo_readings_init(&readings, 3, NULL) == VO_OK);
    CHECK(vo_readings_read(&readings, found, 3) == 3 && found[2] == 0);
    vo_readings_publish(&readings, figures);
    found[2] = 9;
    CHECK(vo_readings_read(&readings, found, 2) == 3 && found[1] == 2 && found[2] == 9);
    CHECK(vo_readings_read(&readings, NULL, 0) == 3);
    vo_readings_release(&readings, NULL);
}

static void init_survives_a_failing_allocator(void) {
    failing_alloc memory;
    vo_readings readings;
    failing_alloc_init(&memory, 1, false);
    CHECK(vo_readings_init(&readings, 3, &memory.allocator) == VO_NO_MEM);
    vo_readings_release(&readings, &memory.allocator);
    CHECK(memory.live == 0);
}

int main(void) {
    figures_belong_together();
    fewer_can_be_read();
    init_survives_a_failing_allocator();
    return 0;
}
