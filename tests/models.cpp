#include "models.h"

#include <torch/script.h>

namespace faultline {

void write_model(const std::filesystem::path& path, const std::string& source,
                 const std::vector<ModelParameter>& parameters, SavedMode mode) {
  torch::jit::Module module("Model");
  module.register_attribute("training", c10::BoolType::get(), mode == SavedMode::kTraining);
  for (const ModelParameter& parameter : parameters) {
    module.register_parameter(parameter.name, parameter.value, /*is_buffer=*/false);
  }
  module.define(source);
  module.save(path.string());
}

}  // namespace faultline
