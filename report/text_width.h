// How wide text is when the font is not known: an estimate on the safe side, from the widths of a wide sans-serif face.
//
//   std::string name = shortened(model_name, /*width=*/200, /*font_size=*/12);
#pragma once

#include <string>
#include <string_view>

namespace faultline {

/// How much wider bold text is.
inline constexpr double kBold = 1.12;

/// The estimated width of UTF-8 text, in the unit of the font size.
[[nodiscard]] double text_width(std::string_view text, double font_size);

/// The text, or as much of its beginning and of its end as fits into `width` with an ellipsis between them: paths and
/// names of models differ at their ends.
[[nodiscard]] std::string shortened(std::string_view text, double width, double font_size);

}  // namespace faultline
