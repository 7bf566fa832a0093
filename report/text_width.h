// How wide text is when the font is not known: an estimate on the safe side, from the widths of a wide sans-serif face.
//
//   std::string name = shortened(model_name, /*width=*/200, /*font_size=*/12);
#pragma once

#include <string>
#include <string_view>

namespace faultline {

/// The estimated width of UTF-8 text, in the unit of the font size.
[[nodiscard]] double text_width(std::string_view text, double font_size);

/// The text, or as many of its first characters as fit into `width` together with an ellipsis.
[[nodiscard]] std::string shortened(std::string_view text, double width, double font_size);

}  // namespace faultline
