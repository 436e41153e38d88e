/* always_fails.h - for `make lint`, in front of every file: clang's analyzer looks at one
 * file at a time, and cannot know that these return -1 whatever happens. */
#include "pkg/err.h"
#define err_set(...)  (err_set(__VA_ARGS__), -1)
#define err_cni(...)  (err_cni(__VA_ARGS__), -1)
#define err_wrap(...) (err_wrap(__VA_ARGS__), -1)
#define err_code(...) (err_code(__VA_ARGS__), -1)
#define err_hint(...) (err_hint(__VA_ARGS__), -1)

#ifdef LINT_PROBE
#include "plugins/rdma-probe/fault.h"
#define fault_set(...)	       (fault_set(__VA_ARGS__), -1)
#define fault_interrupted(...) (fault_interrupted(__VA_ARGS__), -1)
#endif
