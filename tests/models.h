// TorchScript files written by tests: the source of forward() and its parameters.
//
//   write_model(path, "def forward(self, x: Tensor) -> Tensor:\n  return torch.matmul(torch.flatten(x, 1), self.w)\n",
//               {{"w", at::eye(4)}});
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "faultline/core/tensor.h"
#include "temporary_folder.h"

namespace faultline {

/// A tensor that forward() reaches as self.<name>.
struct ModelParameter {
  std::string name;
  Tensor value;
};

/// The mode a module is saved in.
enum class SavedMode { kEvaluation, kTraining };

/// Writes a module whose methods are `source`, one of them forward(self, x). Throws c10::Error when the source is wrong
/// or the file cannot be written.
void write_model(const std::filesystem::path& path, const std::string& source,
                 const std::vector<ModelParameter>& parameters = {}, SavedMode mode = SavedMode::kEvaluation);

/// The parameters of a TorchScript file in their order, named p0, p1, ...
[[nodiscard]] std::vector<ModelParameter> parameters_of(const std::filesystem::path& path);

}  // namespace faultline
