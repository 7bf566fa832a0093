// The vocabulary of mutators: what one is, what its parameters are, and how they grow with severity. A mutator itself
// is a free function
//
//   Mutation rotate(Image image, const RotateParameters& parameters, Draws& draws);
//
// that changes the image in place. What it does depends on the image, the parameters and the draws only; it may leave
// [0, 1], its caller brings the values back.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "faultline/core/draws.h"
#include "faultline/core/image.h"

namespace faultline {

constexpr int kSeverities = 5;

/// Skipped: the image is as it was, because it is too small or has no colours.
enum class Mutation { kChanged, kSkipped };

/// How a parameter of a mutator grows with severity 1 .. 5, and what it may be at all.
struct Scale {
  std::string unit{};                        ///< "degrees", "pixels", "share of the side" ... Empty: a plain number.
  std::array<double, kSeverities> values{};  ///< At severities 1 .. 5.
  double lower = 0;                          ///< What may be given lies in lower .. upper.
  double upper = 1;
  std::optional<double> identity{};  ///< The value that changes nothing: severity 0.
  bool symmetric = false;            ///< A severity draws the sign too.
  bool grows_with_image = false;     ///< Values are for a shorter side of 32 pixels, and are scaled to others.
};

/// A parameter with named values, none of which is more severe: a severity draws one.
struct Choice {
  std::vector<std::string> names;
};

/// One parameter as help, JSON, documentation and recipes see it; its value is a double (of a choice: its place).
struct ParameterInfo {
  std::string name{};
  std::string help{};
  bool integer = false;
  Scale scale{};
  std::vector<std::string> names{};  ///< Of a choice; else empty.
};

struct MutatorInfo {
  std::string name{};
  std::string family{};         ///< "geometry", "blur" ...: the file it is in.
  int version = 1;              ///< Raised when the same parameters and draws give another image.
  bool random = false;          ///< Whether it draws random numbers.
  bool needs_gradient = false;  ///< Whether it is skipped without a model's gradient at the clean input.
  int least_channels = 1;       ///< Images with fewer are skipped.
  int least_side = 1;           ///< So are those with a shorter side.
  int preserves = 5;            ///< The highest severity at which a person still gives the image its label; 0: none.
  std::string validity{};       ///< Why so.
  std::string summary{};        ///< One line for `faultline list mutators`.
};

/// The scale's value at a severity 1 .. 5, inside its limits; of symmetric ones the size.
[[nodiscard]] double value_at(const Scale& scale, int severity, std::int64_t shorter_side);

/// From what a parameter may be at most at a severity 1 .. 5: {lower, upper}, the value that changes nothing (or where
/// there is none that of severity 1) among them. Of a choice all its places.
[[nodiscard]] std::pair<double, double> range_at(const ParameterInfo& parameter, int severity,
                                                 std::int64_t shorter_side);

/// The parameters at a severity 0 .. 5, for an image whose shorter side has that many pixels. What is symmetric or a
/// choice is drawn. Severity 0 gives the identity, and for parameters without one the values of severity 1.
[[nodiscard]] std::vector<double> parameters_at(const std::vector<ParameterInfo>& parameters, int severity,
                                                int shorter_side, Draws& draws);

}  // namespace faultline
