// Progress of a run on stderr: a bar on a terminal, one heartbeat line every 30 seconds elsewhere.
#pragma once

#include <chrono>
#include <string>

#include "faultline/eval/run.h"

namespace faultline {

/// One line that says how things stand. Not for several threads at once.
class StatusLine {
 public:
  StatusLine();
  StatusLine(const StatusLine&) = delete;
  StatusLine& operator=(const StatusLine&) = delete;
  /// Leaves the terminal on a fresh line.
  ~StatusLine();

  /// Whether it is time to show something again: ten times a second on a terminal, every 30 seconds elsewhere.
  [[nodiscard]] bool due() const;
  void show(const std::string& text);

  [[nodiscard]] bool terminal() const { return terminal_; }
  [[nodiscard]] double seconds() const;  ///< Since it was made.

 private:
  using Clock = std::chrono::steady_clock;

  bool terminal_;
  Clock::time_point begin_;
  Clock::time_point shown_;
  bool drawn_ = false;
};

/// Not for several threads at once.
class ProgressLine {
 public:
  /// `things` are what is worked on, `bad` how those are called that fail.
  explicit ProgressLine(std::string title, std::string things = "samples", std::string bad = "errors");

  void update(const Progress& progress);

 private:
  std::string title_;
  std::string things_;
  std::string bad_;
  StatusLine line_;
};

/// "1 h 02 min", "3 min 20 s" or "17 s".
[[nodiscard]] std::string duration_text(double seconds);

}  // namespace faultline
