#include "faultline/core/error.h"

namespace faultline {

std::string on_one_line(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      c = ' ';
    }
  }
  return text;
}

Error::Error(ErrorCode code, const std::string& message) : std::runtime_error(on_one_line(message)), code_(code) {}

void assertion_failed(const char* condition, const char* file, int line, const std::string& message) {
  throw std::logic_error(std::string(file) + ":" + std::to_string(line) + ": " + condition + ": " + message);
}

}  // namespace faultline
