/* Contracts that a compiler can check. */
#ifndef VOCANA_ATTRIBUTES_H
#define VOCANA_ATTRIBUTES_H

#ifdef __cplusplus
#    define VO_BEGIN_DECLS extern "C" {
#    define VO_END_DECLS }
#else
#    define VO_BEGIN_DECLS
#    define VO_END_DECLS
#endif

/* VO_REALTIME: never allocates, locks, prints or makes a blocking system call. clang 20 and
   later prove it with -Wfunction-effects; other compilers see a comment. */
#ifdef __has_attribute
#    if defined(__clang__) && __has_attribute(nonblocking)
#        define VO_REALTIME __attribute__((nonblocking))
#    endif
#endif
#ifndef VO_REALTIME
#    define VO_REALTIME
#endif

/* The few calls that are safe by argument and not by type (a vDSO clock read, one post to a
   sleeping reader) stand between these two, each with its reason beside it. */
#if defined(__clang__) && defined(__has_warning)
#    if __has_warning("-Wfunction-effects")
#        define VO_REALTIME_TRUST_BEGIN                                                            \
            _Pragma("clang diagnostic push")                                                       \
                _Pragma("clang diagnostic ignored \"-Wfunction-effects\"")
#        define VO_REALTIME_TRUST_END _Pragma("clang diagnostic pop")
#    endif
#endif
#ifndef VO_REALTIME_TRUST_BEGIN
#    define VO_REALTIME_TRUST_BEGIN
#    define VO_REALTIME_TRUST_END
#endif

#if defined(__GNUC__) || defined(__clang__)
#    define VO_NODISCARD __attribute__((warn_unused_result))
#else
#    define VO_NODISCARD
#endif

/* Bytes that two cores can never share by accident. */
#define VO_CACHE_LINE 64

#endif
