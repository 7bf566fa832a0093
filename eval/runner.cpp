#include "faultline/eval/runner.h"

#include <exception>
#include <mutex>
#include <thread>

#include <ATen/Parallel.h>

#include "faultline/core/error.h"

namespace faultline {

namespace {

/// Runs inside a catch block: the current exception, with running out of memory translated for the user; null when the
/// user stopped the run.
std::exception_ptr translated() {
  try {
    throw;
  } catch (const Error& error) {
    return error.code() == ErrorCode::kInterrupted ? nullptr : std::current_exception();
  } catch (const std::bad_alloc&) {
    return std::make_exception_ptr(Error{ErrorCode::kUsage, "out of memory; use a smaller --batch or fewer --workers"});
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    if (text.find("allocate memory") != std::string::npos || text.find("out of memory") != std::string::npos) {
      return std::make_exception_ptr(
          Error{ErrorCode::kUsage, "out of memory; use a smaller --batch or fewer --workers"});
    }
    return std::make_exception_ptr(std::runtime_error(text.substr(0, text.find('\n'))));
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace

std::vector<Chunk> chunks_of(std::int64_t first, std::int64_t count, std::int64_t batch) {
  std::vector<Chunk> chunks;
  const std::int64_t end = first + count;
  while (first < end) {
    const std::int64_t border = std::min(end, (first / batch + 1) * batch);
    chunks.push_back({first, border - first});
    first = border;
  }
  return chunks;
}

void run_chunks(const std::vector<Chunk>& chunks, int workers, const std::atomic<bool>& stop,
                const std::function<void(int worker, const Chunk& chunk)>& work) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto serve = [&](int worker) {
    try {
      at::set_num_threads(1);
      while (!stop && !failed) {
        const std::size_t number = next++;
        if (number >= chunks.size()) {
          return;
        }
        work(worker, chunks[number]);
      }
    } catch (...) {
      const std::lock_guard lock(failure_mutex);
      failure = failed.exchange(true) ? failure : translated();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int worker = 0; worker < workers; ++worker) {
      threads.emplace_back(serve, worker);
    }
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

}  // namespace faultline
