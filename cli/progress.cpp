#include "faultline/cli/progress.h"

#include <cstdio>

#include <unistd.h>

namespace faultline {

namespace {

std::string duration(double seconds) {
  char text[32];
  const auto whole = static_cast<long>(seconds + 0.5);
  if (whole >= 3600) {
    std::snprintf(text, sizeof text, "%ld h %02ld min", whole / 3600, whole / 60 % 60);
  } else if (whole >= 60) {
    std::snprintf(text, sizeof text, "%ld min %02ld s", whole / 60, whole % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld s", whole);
  }
  return text;
}

std::string bar(double share) {
  constexpr int kWidth = 24;
  const int full = static_cast<int>(share * kWidth);
  return "[" + std::string(static_cast<std::size_t>(full), '#') +
         std::string(static_cast<std::size_t>(kWidth - full), '.') + "]";
}

}  // namespace

ProgressLine::ProgressLine(std::string title, std::string things, std::string bad)
    : title_(std::move(title)),
      things_(std::move(things)),
      bad_(std::move(bad)),
      terminal_(isatty(STDERR_FILENO) != 0),
      begin_(Clock::now()),
      shown_(begin_) {}

ProgressLine::~ProgressLine() {
  if (drawn_) {
    std::fputs("\r\033[K", stderr);
  }
}

void ProgressLine::update(const Progress& progress) {
  using std::chrono::duration_cast;
  constexpr std::chrono::milliseconds kFrame{100};
  constexpr std::chrono::seconds kHeartbeat{30};
  const Clock::time_point now = Clock::now();
  const bool due = terminal_ ? (!drawn_ || now - shown_ >= kFrame) : now - shown_ >= kHeartbeat;
  if (!due || progress.total == 0) {
    return;
  }
  shown_ = now;
  const double elapsed = std::chrono::duration<double>(now - begin_).count();
  const auto fresh = static_cast<double>(progress.done - progress.resumed);
  std::string text =
      title_ + "  " +
      (terminal_ ? bar(static_cast<double>(progress.done) / static_cast<double>(progress.total)) + " " : "") +
      std::to_string(progress.done) + "/" + std::to_string(progress.total) + " " + things_ + ", " +
      std::to_string(progress.errors) + " " + bad_;
  if (fresh > 0 && elapsed > 0) {
    char rate[32];
    std::snprintf(rate, sizeof rate, "%.3g", fresh / elapsed);
    text += std::string(", ") + rate + "/s, " +
            duration(static_cast<double>(progress.total - progress.done) * elapsed / fresh) + " left";
  }
  std::fprintf(stderr, terminal_ ? "\r%s\033[K" : "%s\n", text.c_str());
  std::fflush(stderr);
  drawn_ = terminal_;
}

}  // namespace faultline
