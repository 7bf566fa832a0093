// What goes to the terminal: tables and colours on stdout, messages on stderr.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "faultline/eval/model_check.h"
#include "faultline/statistics/proportion.h"

namespace faultline {

enum class ColorMode { kAuto, kAlways, kNever };

/// Decides once whether stderr and stdout get colours (--color, then NO_COLOR, then whether they are terminals).
void set_color(ColorMode mode);

/// Puts /dev/null where the program was started without a standard stream: a file opened later would take its number
/// and receive what is printed. Keeps stdout for print(): what anyone else writes there, such as a model with print()
/// in forward(), goes to stderr from now on. To be called once, first of all.
void reserve_standard_streams();

/// Prints one line on stderr: "faultline: error: ...".
void print_error(std::string_view message);

/// Prints one line on stderr: "faultline: ...".
void print_notice(std::string_view message);

/// One line each on stderr: "faultline: warning: ...".
void print_warnings(const std::vector<Warning>& warnings);

/// Prints text on stdout. Throws Error (kUsage) when it cannot be written (a full disk behind a redirection); a reader
/// that has closed its pipe is no error.
void print(std::string_view text);

/// The text in bold where stdout has colours.
[[nodiscard]] std::string bold(const std::string& text);

/// Rows of cells in aligned columns, the first column to the left and the others to the right.
[[nodiscard]] std::string table(const std::vector<std::vector<std::string>>& rows);

/// "95.87 % (95.46 .. 96.24)".
[[nodiscard]] std::string percent(const Interval& interval);

/// With three significant digits, or as an integer from 1000 on.
[[nodiscard]] std::string three_digits(double value);

}  // namespace faultline
