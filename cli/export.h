// Witnesses of a finished run in formats for people and for Python.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "faultline/cli/session.h"

namespace faultline {

enum class ExportFormat { kNpy, kPng };

/// "npy" or "png". Throws Error (kUsage).
[[nodiscard]] ExportFormat parse_export(const std::string& text);

struct ExportResult {
  ExportFormat format = ExportFormat::kNpy;
  std::int64_t written = 0;
  /// png: witnesses still adversarial on the plain model after rounding to 8 bits; none where another oracle than
  /// misclassification, or the goal, says what a failure is.
  std::optional<std::int64_t> survive_8_bits{};
};

/// Writes the witnesses of the found rows into the run directory. npy/: clean.npy and adversarial.npy [M, ...] float32,
/// labels.npy, predictions.npy and indices.npy [M] int64. png/: <index>.png, clean, adversarial and amplified
/// difference.
[[nodiscard]] ExportResult export_witnesses(ExportFormat format, const Plan& plan, const Session& session,
                                            const RunDirectory& directory, const std::vector<SampleRow>& rows);

}  // namespace faultline
