#include "models.h"

#include <torch/script.h>

#include <cstdlib>

#include "faultline/core/error.h"

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

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "faultline-XXXXXX").string();
  FAULTLINE_ASSERT(::mkdtemp(name.data()) != nullptr, "a temporary folder can be made");
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace faultline
