#include "faultline/targets/torchscript.h"

#include <algorithm>
#include <fstream>
#include <new>
#include <set>
#include <sstream>

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/script.h>

#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/targets/few_channel_convolution.h"

namespace faultline {

struct TorchScriptModel::Implementation {
  torch::jit::Module module;
  TorchScriptOptions options;
  bool saved_in_train_mode = false;
  bool frozen = false;
  bool computes_gradients = false;
  bool changes_input = false;                // by an in-place operation on it, or possibly so
  std::optional<at::ScalarType> other_type;  // of a parameter that is not float32
  std::int64_t parameters = 0;
  std::string schema;
  std::vector<std::string> layers;
};

namespace {

/// The sentence of a LibTorch message that says what went wrong, without traces and source excerpts.
std::string gist(const std::string& message) {
  constexpr std::size_t kLongest = 240;
  std::istringstream lines(message);
  std::string first;
  std::string best;
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(" \t"));
    if (!line.empty() && first.empty()) {
      first = line;
    }
    if (line.find("Error: ") != std::string::npos) {
      best = line;
    }
  }
  const std::string& chosen = best.empty() ? first : best;
  return chosen.size() <= kLongest ? chosen : chosen.substr(0, kLongest) + "...";
}

std::string shape_text(const Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& reason) {
  throw Error{ErrorCode::kUsage, "model '" + path.string() + "': " + reason};
}

/// Refuses what torch::jit::load would answer with pages of text.
void check_file(const std::filesystem::path& path) {
  std::error_code status;
  if (!std::filesystem::exists(path, status)) {
    refuse(path, "no such file");
  }
  if (!std::filesystem::is_regular_file(path, status)) {
    refuse(path, "is a directory or special file; expected a TorchScript file saved with torch.jit.save");
  }
  std::ifstream file(path, std::ios::binary);
  char magic[4] = {};
  if (!file.read(magic, sizeof magic)) {
    refuse(path, file.eof() ? "is empty or too short for a TorchScript file" : "cannot be read");
  }
  if (std::string_view(magic, 2) != "PK") {
    refuse(
        path,
        "is no TorchScript archive (its first bytes are not those of a zip file); save the model with torch.jit.save");
  }
}

/// Puts every sub-module into evaluation mode; says whether one was in training mode.
bool switch_to_evaluation(const torch::jit::Module& module) {
  bool was_training = false;
  for (torch::jit::Module part : module.modules()) {
    if (part.hasattr("training") && part.attr("training").isBool()) {
      was_training = was_training || part.attr("training").toBool();
      part.setattr("training", false);
    }
  }
  return was_training;
}

std::vector<std::string> describe_layers(const torch::jit::Module& module) {
  std::vector<std::string> layers;
  for (const auto& part : module.named_modules()) {
    std::string line = (part.name.empty() ? std::string("(model)") : part.name) + ": " +
                       (part.value.type()->name() ? part.value.type()->name()->name() : "module");
    for (const auto& parameter : part.value.named_parameters(/*recurse=*/false)) {
      line += " " + parameter.name + shape_text(parameter.value);
    }
    layers.push_back(line);
  }
  return layers;
}

/// "forward(Tensor x) -> Tensor", without the module itself.
std::string describe_forward(const c10::FunctionSchema& schema) {
  std::string text = "forward(";
  for (std::size_t i = 1; i < schema.arguments().size(); ++i) {
    const c10::Argument& argument = schema.arguments()[i];
    text += (i == 1 ? "" : ", ") + argument.type()->str() + " " + argument.name();
  }
  return text + ") -> " + (schema.returns().empty() ? "nothing" : schema.returns().front().type()->str());
}

/// Whether a node of the block or of one inside it is one of `kinds`.
bool holds_any(const torch::jit::Block& block, const std::set<std::string>& kinds) {
  return std::ranges::any_of(block.nodes(), [&](const torch::jit::Node* node) {
    return kinds.contains(node->kind().toQualString()) ||
           std::ranges::any_of(node->blocks(),
                               [&](const torch::jit::Block* inner) { return holds_any(*inner, kinds); });
  });
}

bool calls_any(const torch::jit::Module& module, const std::set<std::string>& kinds) {
  const std::shared_ptr<torch::jit::Graph> graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  return holds_any(*graph->block(), kinds);
}

bool calls_autograd(const torch::jit::Module& module) {
  return calls_any(module, {"aten::grad", "aten::backward", "aten::requires_grad_"});
}

/// Freezing is made for answers alone: it drops detach(), and a straight-through estimator loses its gradient.
bool steers_gradients(const torch::jit::Module& module) {
  return calls_autograd(module) || calls_any(module, {"aten::detach", "aten::detach_", "aten::detach_copy"});
}

bool try_freeze(torch::jit::Module& module) {
  if (steers_gradients(module)) {
    return false;
  }
  try {
    module = torch::jit::freeze(module);
    return true;
  } catch (const std::exception&) {
    // A module that changes its own attributes, or is frozen already, runs as it is.
    return false;
  }
}

torch::jit::Module load_module(const std::filesystem::path& path, c10::Device device) {
  try {
    return torch::jit::load(path.string(), device);
  } catch (const std::exception& error) {
    const std::string reason = gist(error.what());
    if (reason.find("failed reading zip archive") != std::string::npos) {
      refuse(path,
             "is no whole TorchScript archive: it begins like one, but is cut off or damaged; save or copy the model "
             "again");
    }
    const bool plain_checkpoint =
        reason.find("constants.pkl") != std::string::npos || reason.find("code/") != std::string::npos;
    refuse(path, plain_checkpoint
                     ? "is a zip file but no TorchScript archive (a state_dict saved with torch.save?); save the model "
                       "with torch.jit.save"
                     : "cannot be loaded as TorchScript: " + reason);
  }
}

/// Whether forward(x) may write into x.
bool may_change_input(const torch::jit::Module& module) {
  const std::shared_ptr<torch::jit::Graph> graph = module.get_method("forward").graph()->copy();
  torch::jit::Inline(*graph);
  const torch::jit::AliasDb aliases(graph);
  return graph->inputs().size() > 1 && aliases.hasWriters(graph->inputs()[1]);
}

std::string known_outputs(const c10::IValue& value) {
  if (value.isGenericDict()) {
    std::string keys;
    for (const auto& item : value.toGenericDict()) {
      keys += (keys.empty() ? "" : ", ") + (item.key().isString() ? item.key().toStringRef() : std::string("?"));
    }
    return "a dict with the keys " + keys;
  }
  const std::size_t count = value.isTuple() ? value.toTupleRef().elements().size() : value.toListRef().size();
  return (value.isTuple() ? "a tuple of " : "a list of ") + std::to_string(count);
}

/// The member of a tuple, list or dict that the user named.
c10::IValue member(const c10::IValue& value, const std::string& name) {
  if (value.isGenericDict()) {
    for (const auto& item : value.toGenericDict()) {
      if (item.key().isString() && item.key().toStringRef() == name) {
        return item.value();
      }
    }
  } else if (value.isTuple() || value.isList()) {
    const auto elements =
        value.isTuple() ? c10::ArrayRef<c10::IValue>(value.toTupleRef().elements()) : value.toListRef();
    const long long number = parse_integer(name, "--output");
    if (number >= 0 && static_cast<std::size_t>(number) < elements.size()) {
      return elements[static_cast<std::size_t>(number)];
    }
  }
  throw Error{ErrorCode::kUsage, "--output: the model gives " + known_outputs(value) + ", without '" + name + "'"};
}

Tensor pick_output(const c10::IValue& value, const std::optional<std::string>& name) {
  const bool container = value.isTuple() || value.isList() || value.isGenericDict();
  if (!container && name) {
    throw Error{ErrorCode::kUsage, "--output: the model gives one tensor; leave --output out"};
  }
  if (container && !name) {
    throw Error{ErrorCode::kUsage,
                "the model gives " + known_outputs(value) + "; name the one that holds the logits with --output"};
  }
  const c10::IValue chosen = container ? member(value, *name) : value;
  if (!chosen.isTensor()) {
    throw Error{ErrorCode::kUsage,
                "the model's output is a " + chosen.tagKind() + ", not a tensor; expected logits [N, K]"};
  }
  return chosen.toTensor();
}

/// Brings an output into the form [N, K >= 2] or refuses it.
Tensor as_logits(Tensor output, std::int64_t rows, bool binary) {
  if (!output.is_floating_point()) {
    throw Error{ErrorCode::kUsage, std::string("the model's output is of type ") + at::toString(output.scalar_type()) +
                                       "; expected floating-point logits [N, K]"};
  }
  if (binary && output.dim() == 1) {
    output = output.unsqueeze(1);
  }
  const bool fits = output.dim() == 2 && output.size(0) == rows;
  if (fits && binary && output.size(1) != 1) {
    throw Error{ErrorCode::kUsage, "--binary: the model gives " + shape_text(output) + " for " + std::to_string(rows) +
                                       " inputs; expected one output per row; leave --binary out"};
  }
  if (fits && binary) {
    output = at::cat({at::zeros_like(output), output}, 1);
  }
  const bool one_per_row = fits || (output.dim() == 1 && output.size(0) == rows);
  if (!fits || output.size(1) < 2) {
    throw Error{ErrorCode::kUsage,
                "the model gives " + shape_text(output) + " for " + std::to_string(rows) +
                    " inputs; expected logits [N, K] with K >= 2" +
                    (one_per_row ? "; for one output per row (a binary classifier) add --binary" : "")};
  }
  // A broadcast output has one memory for many rows, which nothing can write to.
  return output.to(at::kFloat).contiguous();
}

std::string precision_name(const std::optional<at::ScalarType>& precision) {
  return precision == at::kDouble ? "float64" : precision == at::kBFloat16 ? "bfloat16" : "float32";
}

/// LibTorch has a type of its own for this on CUDA only.
bool is_of_memory(const std::exception& error) {
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
         std::string_view(error.what()).find("allocate memory") != std::string_view::npos ||
         std::string_view(error.what()).find("CUDA out of memory") != std::string_view::npos;
}

/// What can be wrong with a model that fails.
std::string advice(const std::optional<at::ScalarType>& other_type) {
  if (other_type) {
    return std::string("; it has parameters of type ") + at::toString(*other_type) + ": save it with .float()";
  }
  return "; it must take all values inside the bounds, in batches of any size (most have " +
         std::to_string(kFloorBatch) + " rows or more)";
}

}  // namespace

TorchScriptModel::TorchScriptModel(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
TorchScriptModel::~TorchScriptModel() = default;

std::shared_ptr<const TorchScriptModel> TorchScriptModel::load(const std::filesystem::path& path,
                                                               const TorchScriptOptions& options) {
  check_file(path);
  torch::jit::setTensorExprFuserEnabled(false);
  // Freezing and the first look at the graph inline calls only while the optimiser is on; forward() turns it off.
  const torch::jit::GraphOptimizerEnabledGuard optimiser(true);
  auto implementation = std::make_unique<Implementation>();
  implementation->module = load_module(path, options.device);
  implementation->options = options;
  torch::jit::Module& module = implementation->module;
  if (!module.find_method("forward")) {
    refuse(path, "has no method forward(x)");
  }
  implementation->schema = describe_forward(module.get_method("forward").function().getSchema());
  implementation->layers = describe_layers(module);
  implementation->saved_in_train_mode = switch_to_evaluation(module);
  if (options.precision) {
    module.to(*options.precision);
  }
  for (Tensor parameter : module.parameters()) {
    implementation->parameters += parameter.numel();
    parameter.requires_grad_(false);
    if (parameter.is_floating_point() && parameter.scalar_type() != options.precision.value_or(at::kFloat)) {
      implementation->other_type = parameter.scalar_type();
    }
  }
  implementation->computes_gradients = calls_autograd(module);
  implementation->frozen = try_freeze(module);
  implementation->changes_input = may_change_input(module);
  if (implementation->frozen && options.device.is_cpu() && !options.precision) {
    route_few_channel_convolutions(module.get_method("forward").graph());
  }
  (void)torch::jit::toGraphFunction(module.get_method("forward").function()).get_executor();
  return std::shared_ptr<const TorchScriptModel>(new TorchScriptModel(std::move(implementation)));
}

Tensor TorchScriptModel::forward(const Tensor& inputs) const {
  // Without the optimiser there are no profiling runs, and a changing batch size costs nothing.
  const torch::jit::GraphOptimizerEnabledGuard optimiser(false);
  torch::jit::Module module = implementation_->module;
  c10::IValue output;
  try {
    const bool copy = implementation_->changes_input;
    const at::ScalarType type = implementation_->options.precision.value_or(inputs.scalar_type());
    output = module.forward({inputs.to(device(), type, /*non_blocking=*/false, copy)});
  } catch (const std::exception& error) {
    if (is_of_memory(error)) {
      throw OutOfMemory("the model asked for more memory than there is on a batch of shape " + shape_text(inputs) +
                        ", saying: " + gist(error.what()));
    }
    throw Error{ErrorCode::kUsage, "the model failed on a batch of shape " + shape_text(inputs) + " " +
                                       precision_name(implementation_->options.precision) +
                                       ", saying: " + gist(error.what()) + advice(implementation_->other_type)};
  }
  return as_logits(pick_output(output, implementation_->options.output), inputs.size(0),
                   implementation_->options.binary);
}

bool TorchScriptModel::saved_in_train_mode() const { return implementation_->saved_in_train_mode; }
bool TorchScriptModel::frozen() const { return implementation_->frozen; }
bool TorchScriptModel::computes_gradients() const { return implementation_->computes_gradients; }
c10::Device TorchScriptModel::device() const { return implementation_->options.device; }
std::int64_t TorchScriptModel::parameters() const { return implementation_->parameters; }
std::string TorchScriptModel::forward_schema() const { return implementation_->schema; }
std::vector<std::string> TorchScriptModel::layers() const { return implementation_->layers; }

Tensor TorchScriptTarget::logits(const Tensor& inputs) {
  const at::NoGradGuard no_grad;
  return checked(model_->forward(inputs).to(inputs.device()), inputs);
}

Tensor TorchScriptTarget::checked(Tensor logits, const Tensor& inputs) {
  const at::IntArrayRef shape = inputs.sizes().slice(1);
  if (shape != at::IntArrayRef(shape_)) {
    shape_ = shape.vec();
    classes_ = logits.size(1);
  }
  if (logits.size(1) != classes_) {
    throw Error{ErrorCode::kUsage, "the model gives " + std::to_string(logits.size(1)) + " logits per row, and gave " +
                                       std::to_string(classes_) + " for other inputs of that shape"};
  }
  return logits;
}

Linearization TorchScriptTarget::linearize(const Tensor& inputs) {
  const at::AutoGradMode grad(true);
  const Tensor leaf = inputs.detach().requires_grad_(true);
  const Tensor logits = checked(model_->forward(leaf).to(inputs.device()), inputs);
  if (!logits.requires_grad()) {
    throw Error{ErrorCode::kUsage,
                "the model gives no gradient with respect to its input (it was optimised for inference, or detaches); "
                "use an attack that needs none, such as noise"};
  }
  return {logits.detach(), [leaf, logits](const Tensor& cotangent) {
            // The gradient of a sum, for one, is broadcast: one memory for many elements.
            return torch::autograd::grad({logits}, {leaf}, {cotangent}, /*retain_graph=*/true)[0].contiguous();
          }};
}

}  // namespace faultline
