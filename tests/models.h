// Small TorchScript models, written by the tests that need them.
//
//   write_model("linear.pt", "def forward(self, x: Tensor) -> Tensor:\n  return torch.linear(x, self.w)\n", {{"w", weight}});
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "faultline/core/tensor.h"

namespace faultline {

/// In which mode a model is saved.
enum class SavedMode { kEvaluation, kTraining };

/// Saves a TorchScript model. `source` holds its methods, one of them forward(self, x); `parameters` are float32 members
/// they use.
void write_model(const std::filesystem::path& path, const std::string& source,
                 const std::vector<std::pair<std::string, Tensor>>& parameters = {}, SavedMode mode = SavedMode::kEvaluation);

}  // namespace faultline
