// How names and numbers stand in an HTML report.
//
//   row["name"] = visible_text(name);
//   row["value"] = measure_figure("robust_accuracy", 0.85);   // "85.0 %"
#pragma once

#include <cstdint>
#include <string>

namespace faultline {

/// The text with what nobody sees made visible: control characters become spaces, and marks that turn the direction of
/// writing become "?". It is not escaped: the template does that.
[[nodiscard]] std::string visible_text(const std::string& text);

/// A number by a format of printf for one double.
[[nodiscard]] std::string printed(const char* format, double value);

/// "85.0 %" of a share, "12" of a count, "0.184" of anything else, by the name of the measure.
[[nodiscard]] std::string measure_figure(const std::string& measure, double value);

/// "85.0 % (80.1 to 89.2)": a share with its 95 % Wilson interval.
[[nodiscard]] std::string share_text(std::int64_t part, std::int64_t whole);

}  // namespace faultline
