#include "faultline/eval/process.h"

#include <malloc.h>
#include <sys/prctl.h>

#include <ATen/Parallel.h>

namespace faultline {

void prepare_process() {
  prctl(PR_SET_NAME, "faultline");  // started by /proc/self/exe, it would be called exe
  constexpr int kKeep = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kKeep);
  mallopt(M_TRIM_THRESHOLD, kKeep);
  mallopt(M_TOP_PAD, 64 << 20);
  at::set_num_threads(1);
  at::set_num_interop_threads(1);
}

}  // namespace faultline
