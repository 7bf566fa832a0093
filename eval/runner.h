// Chunks of work over worker threads: one intra-op thread each, chunks from a queue.
//
//   run_chunks(chunks_of(0, 10000, 100), 2, stop, [&](int worker, const Chunk& chunk) { ... });
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

namespace faultline {

/// Samples first .. first + count - 1 of the data set.
struct Chunk {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// Cuts samples first .. first + count - 1 at the multiples of `batch`: borders are absolute, so that shards and
/// resumed runs see the same chunks.
[[nodiscard]] std::vector<Chunk> chunks_of(std::int64_t first, std::int64_t count, std::int64_t batch);

/// Calls `work` for every chunk, in order of start, from `workers` threads. Once `stop` is set, or an Error
/// (kInterrupted) leaves `work`, no further chunk begins and this returns. The first exception ends the queue and is
/// thrown here when all workers have left; LibTorch's become one-line errors.
void run_chunks(const std::vector<Chunk>& chunks, int workers, const std::atomic<bool>& stop,
                const std::function<void(int worker, const Chunk& chunk)>& work);

}  // namespace faultline
