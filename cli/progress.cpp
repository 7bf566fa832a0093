#include "faultline/cli/progress.h"

#include <cstdio>

#include <unistd.h>

#include "faultline/cli/console.h"

namespace faultline {

namespace {

std::string bar(double share) {
  constexpr int kWidth = 24;
  const int full = static_cast<int>(share * kWidth);
  return "[" + std::string(static_cast<std::size_t>(full), '#') +
         std::string(static_cast<std::size_t>(kWidth - full), '.') + "]";
}

}  // namespace

std::string duration_text(double seconds) {
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

StatusLine::StatusLine() : terminal_(isatty(STDERR_FILENO) != 0), begin_(Clock::now()), shown_(begin_) {}

StatusLine::~StatusLine() {
  if (drawn_) {
    std::fputs("\r\033[K", stderr);
  }
}

bool StatusLine::due() const {
  constexpr std::chrono::milliseconds kFrame{100};
  constexpr std::chrono::seconds kHeartbeat{30};
  const auto since = Clock::now() - shown_;
  return terminal_ ? (!drawn_ || since >= kFrame) : since >= kHeartbeat;
}

void StatusLine::show(const std::string& text) {
  shown_ = Clock::now();
  std::fprintf(stderr, terminal_ ? "\r%s\033[K" : "%s\n", text.c_str());
  std::fflush(stderr);
  drawn_ = terminal_;
}

double StatusLine::seconds() const { return std::chrono::duration<double>(Clock::now() - begin_).count(); }

ProgressLine::ProgressLine(std::string title, std::string things, std::string bad)
    : title_(std::move(title)), things_(std::move(things)), bad_(std::move(bad)) {}

void ProgressLine::update(const Progress& progress) {
  if (!line_.due() || progress.total == 0) {
    return;
  }
  const double elapsed = line_.seconds();
  const auto fresh = static_cast<double>(progress.done - progress.resumed);
  std::string text =
      title_ + "  " +
      (line_.terminal() ? bar(static_cast<double>(progress.done) / static_cast<double>(progress.total)) + " " : "") +
      std::to_string(progress.done) + "/" + std::to_string(progress.total) + " " + things_ + ", " +
      std::to_string(progress.errors) + " " + bad_;
  if (fresh > 0 && elapsed > 0) {
    text += ", " + three_digits(fresh / elapsed) + "/s, " +
            duration_text(static_cast<double>(progress.total - progress.done) * elapsed / fresh) + " left";
  }
  line_.show(text);
}

}  // namespace faultline
