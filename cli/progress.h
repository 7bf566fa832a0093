// Progress of a run on stderr: a bar on a terminal, one heartbeat line every 30 seconds elsewhere.
#pragma once

#include <chrono>
#include <string>

#include "faultline/eval/run.h"

namespace faultline {

/// Not for several threads at once.
class ProgressLine {
 public:
  /// `things` are what is worked on, `bad` how those are called that fail.
  explicit ProgressLine(std::string title, std::string things = "samples", std::string bad = "errors");
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;
  /// Leaves the terminal on a fresh line.
  ~ProgressLine();

  void update(const Progress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  std::string title_;
  std::string things_;
  std::string bad_;
  bool terminal_;
  Clock::time_point begin_;
  Clock::time_point shown_;
  bool drawn_ = false;
};

}  // namespace faultline
