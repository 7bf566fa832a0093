#include "faultline/cli/console.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "faultline/core/error.h"

namespace faultline {

namespace {

// Set once at start, before any thread.
int print_target = STDOUT_FILENO;  // what print() writes to
bool color_out = false;
bool color_err = false;

std::string formatted(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

}  // namespace

void set_color(ColorMode mode) {
  const char* no_color = std::getenv("NO_COLOR");
  const bool allowed =
      mode == ColorMode::kAlways || (mode == ColorMode::kAuto && (no_color == nullptr || *no_color == '\0'));
  color_out = allowed && (mode == ColorMode::kAlways || isatty(print_target) != 0);
  color_err = allowed && (mode == ColorMode::kAlways || isatty(STDERR_FILENO) != 0);
}

void reserve_standard_streams() {
  // open() takes the lowest free number. Read-only, so that printing to it fails and is reported.
  int file = ::open("/dev/null", O_RDONLY);
  while (file >= 0 && file <= STDERR_FILENO) {
    file = ::open("/dev/null", O_RDONLY);
  }
  if (file >= 0) {
    ::close(file);
  }
  if (print_target == STDOUT_FILENO) {
    const int copy = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (copy >= 0 && ::dup2(STDERR_FILENO, STDOUT_FILENO) >= 0) {
      print_target = copy;
    }
  }
}

void print_error(std::string_view message) {
  std::fprintf(stderr, "faultline: %serror:%s %.*s\n", color_err ? "\033[1;31m" : "", color_err ? "\033[0m" : "",
               static_cast<int>(message.size()), message.data());
}

void print_notice(std::string_view message) {
  std::fprintf(stderr, "faultline: %.*s\n", static_cast<int>(message.size()), message.data());
}

void print_warnings(const std::vector<Warning>& warnings) {
  for (const Warning& warning : warnings) {
    std::fprintf(stderr, "faultline: %swarning:%s %s [%s]\n", color_err ? "\033[1;33m" : "", color_err ? "\033[0m" : "",
                 warning.message.c_str(), warning.check.c_str());
  }
}

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(print_target, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EPIPE) {
      return;  // the reader has seen enough (`| head`)
    } else if (errno != EINTR) {
      throw Error{ErrorCode::kUsage, std::string("cannot write to standard output: ") + std::strerror(errno)};
    }
  }
}

std::string bold(const std::string& text) { return color_out ? "\033[1m" + text + "\033[0m" : text; }

std::string table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line = "  ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding(widths[i] - row[i].size(), ' ');
      line += i == 0 ? row[i] + padding : "  " + padding + row[i];
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::string percent(const Interval& interval) {
  return formatted("%.2f", 100 * interval.value) + " % (" + formatted("%.2f", 100 * interval.low) + " .. " +
         formatted("%.2f", 100 * interval.high) + ")";
}

std::string three_digits(double value) { return value >= 1000 ? formatted("%.0f", value) : formatted("%.3g", value); }

}  // namespace faultline
