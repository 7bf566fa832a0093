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

std::vector<ModelParameter> parameters_of(const std::filesystem::path& path) {
  std::vector<ModelParameter> parameters;
  for (const Tensor& value : torch::jit::load(path.string()).parameters()) {
    parameters.push_back({"p" + std::to_string(parameters.size()), value.detach().clone()});
  }
  return parameters;
}

}  // namespace faultline
