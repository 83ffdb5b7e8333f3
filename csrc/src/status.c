#include "vocana/status.h"

const char *vo_status_text(vo_status status) {
    switch (status) {
#define X(name, value, text)                                                                       \
    case VO_##name:                                                                                \
        return text;
        VO_STATUS_MAP(X)
#undef X
    }
    return "unknown status";
}
