/* Runs a model: model full | bound N | random N. Exit 0 when it holds, 1 when it does not.
   With MODEL_HISTORY set, the steps that lead to a failure are printed. */
#ifndef VOCANA_SIMULATE_HPP
#define VOCANA_SIMULATE_HPP

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>

template <typename model> int simulate(int argc, char **argv) {
    rl::test_params params;
    std::ostream quiet(NULL);
    params.output_stream = getenv("MODEL_HISTORY") ? &std::cout : &quiet;
    params.progress_stream = &quiet;
    params.execution_depth_limit = 4000;
    const char *how = argc > 1 ? argv[1] : "full";
    unsigned number = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
    params.search_type = rl::fair_full_search_scheduler_type;
    if (!strcmp(how, "bound")) {
        params.search_type = rl::fair_context_bound_scheduler_type;
        params.context_bound = number;
    } else if (!strcmp(how, "random")) {
        params.search_type = rl::random_scheduler_type;
        params.iteration_count = number;
    }
    bool holds = rl::simulate<model>(params);
    printf("%llu executions%s%s\n", (unsigned long long)params.stop_iteration, holds ? "" : ": ",
           holds ? "" : rl::test_result_str(params.test_result));
    return !holds;
}

#endif
