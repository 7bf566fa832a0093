// Work that may end its process, in a process of its own.
//
//   if (run_in_child([&] { target.logits(input); }, {.seconds = 30}) == ChildEnd::kDied) ...
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace faultline {

struct ChildLimits {
  double seconds = 30;          ///< Without a sign of life, after which it hangs.
  std::uint64_t memory = 0;     ///< Bytes beyond what this process has; 0: no limit.
  std::filesystem::path log{};  ///< Where its output is appended to; empty: nowhere.
};

enum class ChildEnd {
  kDone,
  kRefused,  ///< The work threw.
  kDied,     ///< By a signal, or by ending the process itself.
  kHung,     ///< It gave no sign of life for too long, and was killed.
};

/// What a fresh process must do first: it ends with its parent, leaves Ctrl-C to it, says nothing, and has its limit.
void settle_in(const ChildLimits& limits);

/// Forks, runs `work` there and waits. This process must have one thread. `beat` is called here now and then and gives
/// the milliseconds, by milliseconds_now(), of the last sign of life; without it the start is the only one. Throws
/// Error (kUsage) when there can be no further process.
[[nodiscard]] ChildEnd run_in_child(const std::function<void()>& work, const ChildLimits& limits,
                                    const std::function<std::int64_t()>& beat = {});

/// Ends this process, a child, as one that could not get memory: for its parent it died.
[[noreturn]] void die_of_memory();

/// Of a clock that never goes back, the same in all processes.
[[nodiscard]] std::int64_t milliseconds_now();

}  // namespace faultline
