// Settings of the whole process. Called once, at the start of main, before any tensor exists.
#pragma once

namespace faultline {

/// One intra-op thread per worker, no inter-op threads, and an allocator that keeps large blocks: glibc would give
/// every large tensor back to the system and fault its pages in again at the next step.
void prepare_process();

}  // namespace faultline
