#include <chrono>

#include <CLI/CLI.hpp>

#include "faultline/cli/commands.h"
#include "faultline/cli/console.h"
#include "faultline/cli/session.h"
#include "faultline/core/error.h"
#include "faultline/core/loss.h"
#include "faultline/core/number.h"
#include "faultline/core/verifier.h"
#include "faultline/data/json.h"
#include "faultline/data/sha256.h"
#include "faultline/eval/evidence.h"

namespace faultline {

namespace {

struct InspectFlags {
  ModelFlags model{};
  DataFlags data{};
  bool json = false;
};

Json file_facts(const ModelFlags& flags, const TorchScriptModel& model) {
  return {{"path", flags.path},
          {"sha256", sha256_of(flags.path)},
          {"bytes", std::filesystem::file_size(flags.path)},
          {"backend", "torchscript"},
          {"forward", model.forward_schema()},
          {"parameters", model.parameters()},
          {"frozen", model.frozen()},
          {"saved_in_train_mode", model.saved_in_train_mode()},
          {"layers", model.layers()}};
}

/// Samples per second of forward and gradient at one batch size, one thread: the best of a few short rounds.
double gradient_rate(Target& target, const Batch& batch, std::int64_t rows, at::MemoryFormat format) {
  const Tensor picks = at::arange(rows, at::kLong).remainder(batch.size());
  const Batch part = select(batch, picks);
  const Tensor inputs = part.inputs.dim() == 4 ? part.inputs.contiguous(format) : part.inputs;
  double best = 0;
  for (int round = 0; round < 4; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    const Linearization here = target.linearize(inputs);
    (void)here.pullback(differentiate(Loss::kMargin, here.logits, part.labels, ThreatModel{}).cotangent);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    best = round == 0 ? 0 : std::max(best, static_cast<double>(rows) / seconds);
  }
  return best;
}

Json speed_facts(Target& target, const Batch& batch) {
  Json list = Json::array();
  for (const std::int64_t rows : {1, 16, 100, 500}) {
    Json json{{"batch", rows},
              {"gradients_per_second", gradient_rate(target, batch, rows, at::MemoryFormat::Contiguous)}};
    if (batch.inputs.dim() == 4) {
      json["gradients_per_second_channels_last"] = gradient_rate(target, batch, rows, at::MemoryFormat::ChannelsLast);
    }
    list.push_back(json);
  }
  return list;
}

std::string gradient_fact(Target& target, const Batch& batch) {
  try {
    const GradientFacts facts = examine_gradient(target, batch);
    if (facts.not_finite > 0) {
      return "NaN or infinite on " + std::to_string(facts.not_finite) + " of " + std::to_string(batch.size()) +
             " samples tried";
    }
    return facts.zero ? "zero on all samples tried" : "yes";
  } catch (const Error&) {
    return "none";
  }
}

Json data_facts(const Session& session) {
  TargetStack target(session.make_target);
  const std::int64_t count = std::min<std::int64_t>(256, session.data_plan.samples);
  Batch batch = read_batch(*session.data, session.data_plan.offset, count, session.data_plan.options.bounds);
  batch.inputs = batch.inputs.to(session.model->device());
  batch.labels = batch.labels.to(session.model->device());
  Json json{{"source", session.data_plan.source},
            {"samples", session.data->size()},
            {"sample_shape", session.data->sample_shape()}};
  json["classes"] = session.facts.classes;
  json["repeatable"] = session.facts.repeatable;
  // Of two calls that differ anyway, nothing can be said.
  json["rows_independent_of_batch"] = session.facts.repeatable ? Json(session.facts.row_independent) : Json(nullptr);
  json["outputs_are_probabilities"] = session.facts.probabilities;
  json["gradient"] = gradient_fact(target.padded(), batch);
  const std::vector<CleanVerdict> verdicts = judge_clean(target.padded(), batch);
  const auto right = std::ranges::count_if(verdicts, [](const CleanVerdict& verdict) { return verdict.right; });
  json["clean_accuracy"] = {{"samples", count}, {"right", right}};
  json["batch_effect"] = Json::array();
  for (const std::int64_t rows : {1, 2, 4, 8, 12, 16, 24, 100, 256}) {
    json["batch_effect"].push_back(
        {{"rows", rows}, {"largest_logit_difference", batch_effect(target.plain(), batch, rows)}});
  }
  if (json["gradient"] != "none") {
    json["speed"] = speed_facts(target.plain(), batch);
  }
  return json;
}

std::string yes_no(const Json& value) { return value.get<bool>() ? "yes" : "no"; }

std::string independence(const Json& value) {
  return value.is_null() ? "cannot be told: two calls on the same input differ"
                         : yes_no(value) + " (from " + std::to_string(kFloorBatch) + " rows on)";
}

void print_file(const Json& file) {
  print(bold("model       ") + file["path"].get<std::string>() + "\n" + "sha256      " +
        file["sha256"].get<std::string>() + "\n" + "size        " + std::to_string(file["bytes"].get<std::int64_t>()) +
        " bytes, " + std::to_string(file["parameters"].get<std::int64_t>()) + " parameters\n" + "forward     " +
        file["forward"].get<std::string>() + "\n" + "train mode  " +
        (file["saved_in_train_mode"].get<bool>() ? "saved in training mode; run in evaluation mode" : "no") + "\n" +
        "frozen      " + yes_no(file["frozen"]) + "\nlayers\n");
  for (const Json& layer : file["layers"]) {
    print("  " + layer.get<std::string>() + "\n");
  }
}

void print_data_facts(const Json& data) {
  print("\n" + bold("data        ") + data["source"].get<std::string>() + ", " +
        std::to_string(data["samples"].get<std::int64_t>()) + " samples of shape " + data["sample_shape"].dump() +
        "\n" + "classes     " + std::to_string(data["classes"].get<std::int64_t>()) + "\naccuracy    " +
        std::to_string(data["clean_accuracy"]["right"].get<std::int64_t>()) + " of the first " +
        std::to_string(data["clean_accuracy"]["samples"].get<std::int64_t>()) + " right\n" + "gradient    " +
        data["gradient"].get<std::string>() + "\nrepeatable  " + yes_no(data["repeatable"]) +
        "\nprobabilities instead of logits  " + yes_no(data["outputs_are_probabilities"]) +
        "\nrows independent of their batch  " + independence(data["rows_independent_of_batch"]) + "\n");
  std::vector<std::vector<std::string>> effects{
      {"batch", "largest logit difference to a batch of " + std::to_string(kFloorBatch)}};
  for (const Json& effect : data["batch_effect"]) {
    const double difference = effect["largest_logit_difference"].get<double>();
    effects.push_back(
        {std::to_string(effect["rows"].get<std::int64_t>()), difference == 0 ? "none" : three_digits(difference)});
  }
  print("\n" + table(effects));
  if (data.contains("speed")) {
    std::vector<std::vector<std::string>> speeds{{"batch", "gradients/s", "channels last"}};
    for (const Json& speed : data["speed"]) {
      const double other = speed.value("gradients_per_second_channels_last", 0.0);
      speeds.push_back({std::to_string(speed["batch"].get<std::int64_t>()),
                        three_digits(speed["gradients_per_second"].get<double>()),
                        other > 0 ? three_digits(other) : "-"});
    }
    print("\n" + table(speeds) + "  (one thread, a rough reading; the memory format of a run never depends on it)\n");
  }
}

int inspect(const InspectFlags& flags, const CommandContext& context) {
  if (flags.data.spec.empty()) {
    const Json file = file_facts(flags.model, *open_model(flags.model));
    if (flags.json) {
      print(json_text(Json{{"schema", "faultline.inspect/1"}, {"model", file}}));
    } else {
      print_file(file);
      print("\nWith --data D it also reports outputs, gradients, determinism, batch effects and speed.\n");
    }
    return 0;
  }
  const Session session = open_session(flags.model, flags.data, context.registries, context.stop);
  print_warnings(session.sanity.warnings);
  const Json file = file_facts(flags.model, *session.model);
  const Json data = data_facts(session);
  if (flags.json) {
    print(json_text(Json{{"schema", "faultline.inspect/1"}, {"model", file}, {"data", data}}));
  } else {
    print_file(file);
    print_data_facts(data);
  }
  return 0;
}

}  // namespace

void add_inspect_command(CLI::App& app, const CommandContext& context) {
  auto flags = std::make_shared<InspectFlags>();
  CLI::App* command =
      app.add_subcommand("inspect", "what a model file is: inputs, outputs, gradients, determinism, speed");
  command->footer(
      "Examples:\n"
      "  faultline inspect model.pt\n"
      "  faultline inspect model.pt --data mnist:tests/data\n\n"
      "Says what the file holds and, with data, how the model behaves.");
  add_model_flags(*command, flags->model);
  add_data_flags(*command, flags->data, /*required=*/false);
  command->add_flag("--json", flags->json, "print one JSON document on stdout");
  command->callback([flags, context] { context.chosen = [flags, context] { return inspect(*flags, context); }; });
}

}  // namespace faultline
