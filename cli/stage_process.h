// A command of this program in a process of its own: what a model does to its process does not end the night.
//
//   const StageEnd end = run_stage_process({"attack", "model.pt", ..., "--json"}, stop);
#pragma once

#include <atomic>
#include <string>
#include <vector>

namespace faultline {

struct StageEnd {
  int exit_code = 0;  ///< As a shell tells it: 128 + the signal that ended the process.
  std::string out{};  ///< What it printed on stdout.
};

/// Runs it to its end; its stderr is ours. When `stop` is set, the process gets one Ctrl-C; it ends with us. This
/// process must have one thread. Throws Error (kUsage) when there can be no further process, or it prints more than 1
/// GiB.
[[nodiscard]] StageEnd run_stage_process(const std::vector<std::string>& words, const std::atomic<bool>& stop);

}  // namespace faultline
