#include "faultline/cli/flags.h"

#include <cmath>
#include <limits>
#include <map>

#include <CLI/CLI.hpp>

#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/core/split.h"
#include "faultline/core/suggest.h"
#include "faultline/core/target.h"
#include "faultline/report/command_line.h"

namespace faultline {

namespace {

std::optional<std::pair<std::int64_t, std::int64_t>> parse_size(const std::string& text, const std::string& name) {
  if (text.empty()) {
    return std::nullopt;
  }
  const std::size_t cross = text.find('x');
  const std::int64_t height = parse_integer(text.substr(0, cross), name);
  const std::int64_t width = cross == std::string::npos ? height : parse_integer(text.substr(cross + 1), name);
  constexpr std::int64_t kLargest = 16384;
  if (height < 1 || width < 1 || height > kLargest || width > kLargest) {
    throw Error{ErrorCode::kUsage,
                name + ": expected HEIGHTxWIDTH, each 1.." + std::to_string(kLargest) + ", got '" + text + "'"};
  }
  return std::pair{height, width};
}

Bounds parse_bounds(const std::string& text) {
  const std::vector<double> ends = parse_numbers(text, "--bounds");
  // Inputs are float32, so their bounds must be float32 numbers too.
  constexpr double kLargest = std::numeric_limits<float>::max();
  const bool representable =
      ends.size() == 2 && std::ranges::all_of(ends, [](double end) { return std::abs(end) <= kLargest; });
  const Bounds bounds = representable ? Bounds{static_cast<double>(static_cast<float>(ends[0])),
                                               static_cast<double>(static_cast<float>(ends[1]))}
                                      : Bounds{0, 0};
  if (!(bounds.lower < bounds.upper)) {
    throw Error{ErrorCode::kUsage,
                "--bounds: expected LOWER,UPPER with LOWER < UPPER as float32 numbers, got '" + text + "'"};
  }
  return bounds;
}

/// Adds an integer flag; what lies outside least..most, or is no integer, is refused by name.
template <typename Integer>
CLI::Option* add_integer(CLI::App& app, const std::string& name, Integer& value, long long least, long long most,
                         const std::string& help) {
  const auto read = [&value, name, least, most](const std::string& text) {
    const auto refuse = [&] {
      throw CLI::ValidationError(name, "expected an integer from " + std::to_string(least) + " to " +
                                           std::to_string(most) + ", got '" + text + "'");
    };
    long long number = 0;
    try {
      number = parse_integer(text, name);
    } catch (const Error&) {
      refuse();
    }
    if (number < least || number > most) {
      refuse();
    }
    value = static_cast<Integer>(number);
  };
  return app.add_option_function<std::string>(name, read, help)->type_name("INT");
}

constexpr long long kUnlimited = std::numeric_limits<long long>::max();

}  // namespace

void add_model_flags(CLI::App& app, ModelFlags& flags, ModelPlace place) {
  app.add_option(place == ModelPlace::kFirstWord ? "MODEL" : "--model", flags.path,
                 "TorchScript file; forward(x) gives logits [N, K]")
      ->required();
  app.add_option("--output", flags.output, "which member of a tuple (number) or dict (key) holds the logits");
  app.add_flag("--binary", flags.binary, "the model has one output per row: a binary classifier");
  app.add_option("--mean", flags.mean, "per-channel mean, subtracted inside the target: M or M,M,M");
  app.add_option("--std", flags.std, "per-channel standard deviation, divided by inside the target");
  app.add_option("--device", flags.device, "cpu, cuda, cuda:N or auto")->capture_default_str();
}

void add_data_flags(CLI::App& app, DataFlags& flags, bool required) {
  CLI::Option* data = app.add_option("--data", flags.spec,
                                     "KIND:PATH[,PATH] or a path whose kind is evident; see `faultline list data`");
  data->required(required);
  const std::vector<CLI::Option*> about_data{
      app.add_option("--bounds", flags.bounds, "range of valid inputs: LOWER,UPPER")->capture_default_str(),
      app.add_option("--resize", flags.resize, "resize images to HEIGHTxWIDTH (antialiased bilinear)"),
      app.add_option("--crop", flags.crop, "cut HEIGHTxWIDTH out of the middle, after --resize"),
      app.add_option("--layout", flags.layout, "layout of stored arrays: nchw or nhwc"),
      app.add_option("--classes", flags.classes, "file with one class name per line"),
      add_integer(app, "--offset", flags.offset, /*least=*/0, kUnlimited, "number of the first sample, from 0"),
      add_integer(app, "--limit", flags.limit, /*least=*/0, kUnlimited, "at most this many samples (default: all)")};
  if (!required) {
    for (CLI::Option* option : about_data) {
      option->needs(data);
    }
  }
}

void add_keep_flag(CLI::App& app, std::int64_t& keep, const std::string& help) {
  add_integer(app, "--keep", keep, /*least=*/1, kUnlimited, help);
}

void add_workers_flag(CLI::App& app, int& workers) {
  constexpr long long kMostWorkers = 4096;
  add_integer(app, "--workers", workers, /*least=*/1, kMostWorkers,
              "worker threads (default: all cores); results do not depend on it");
}

void add_batch_flag(CLI::App& app, std::int64_t& batch) {
  constexpr long long kLargestBatch = 1'000'000;
  add_integer(app, "--batch", batch, /*least=*/1, kLargestBatch,
              "samples per batch (default: by size and number of samples); results do not depend on it");
}

void add_seed_flag(CLI::App& app, RunFlags& flags) {
  add_integer(app, "--seed", flags.seed, /*least=*/0, kUnlimited, "seed of every random choice")->default_str("0");
}

void add_run_flags(CLI::App& app, RunFlags& flags) {
  add_seed_flag(app, flags);
  add_workers_flag(app, flags.workers);
  add_batch_flag(app, flags.batch);
  app.add_option("--out", flags.out, "run directory to write (new or empty)");
  app.add_flag("--resume", flags.resume, "continue the run in --out");
  app.add_flag("--json", flags.json, "print one JSON document on stdout");
}

void add_threat_flags(CLI::App& app, ThreatFlags& flags, const std::string& usual) {
  app.add_option("--norm", flags.norm, "linf, l2, l1 or l0; transforms need none");
  app.add_option("--targeted", flags.targeted, "aim at a class: its number, random, or least-likely");
  add_ensemble_flags(app, flags.attacks, flags.preset,
                     usual + "; or transforms: MUTATOR[+MUTATOR...], corruption:name=NAME");
}

void add_ensemble_flags(CLI::App& app, std::vector<std::string>& attacks, std::string& preset,
                        const std::string& usual) {
  app.add_option("--attack", attacks,
                 "NAME[:key=value,...]; repeat it for an ensemble; see `faultline list attacks`; default: " + usual)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option(
      "--preset", preset,
      "an ensemble with a name, NAME or NAME@VERSION, in the place of --attack; see `faultline list presets`");
}

void add_oracle_flags(CLI::App& app, ThreatFlags& flags, const std::string& usual) {
  app.add_option("--oracle", flags.oracles,
                 "what a failure is, NAME[:key=value,...]; repeat it for any of several (default: " + usual +
                     "); see `faultline list oracles`")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--against", flags.against,
                 "a model that the oracles disagreement and label-invariance:from=vote compare with; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

CLI::Option* add_whole_number(CLI::App& app, const std::string& name, std::int64_t& value, std::int64_t least,
                              std::int64_t most, const std::string& help) {
  return add_integer(app, name, value, least, most, help);
}

double parse_duration(const std::string& text, const std::string& name) {
  constexpr double kLongest = 366.0 * 24 * 3600;
  const std::map<char, double> units{{'s', 1}, {'m', 60}, {'h', 3600}};
  const auto unit = text.empty() ? units.end() : units.find(text.back());
  const bool has_unit = unit != units.end();
  double seconds = 0;
  try {
    seconds = parse_number(text.substr(0, text.size() - (has_unit ? 1 : 0)), name) * (has_unit ? unit->second : 1);
  } catch (const Error&) {
    seconds = 0;
  }
  if (!(seconds > 0 && seconds <= kLongest)) {
    throw Error{ErrorCode::kUsage, name + ": expected a duration like 90s, 10m or 8h, got '" + text + "'"};
  }
  return seconds;
}

std::optional<Norm> parse_optional_norm(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(parse_norm(text));
}

std::vector<double> parse_numbers(const std::string& text, const std::string& name) {
  std::vector<double> numbers;
  for (const std::string& part : split(text, ',')) {
    numbers.push_back(parse_number(part, name));
  }
  return numbers;
}

std::string data_words(const DataFlags& flags) {
  const DataFlags defaults;
  std::string words = "--data " + shell_word(flags.spec);
  const auto add = [&](const std::string& name, const std::string DataFlags::* value) {
    if (flags.*value != defaults.*value) {
      words += " " + name + " " + shell_word(flags.*value);
    }
  };
  add("--bounds", &DataFlags::bounds);
  add("--resize", &DataFlags::resize);
  add("--crop", &DataFlags::crop);
  add("--layout", &DataFlags::layout);
  return words;
}

void check_values(const ModelFlags& model, const DataFlags& data) {
  for (const auto& [name, text] : {std::pair("--mean", model.mean), std::pair("--std", model.std)}) {
    if (!text.empty()) {
      (void)parse_numbers(text, name);
    }
  }
  (void)parse_data_options(data);
}

DataOptions parse_data_options(const DataFlags& flags) {
  DataOptions options;
  options.bounds = parse_bounds(flags.bounds);
  options.resize = parse_size(flags.resize, "--resize");
  options.crop = parse_size(flags.crop, "--crop");
  options.classes = flags.classes;
  if (flags.layout == "nhwc" || flags.layout == "nchw") {
    options.layout = flags.layout == "nhwc" ? Layout::kNhwc : Layout::kNchw;
  } else if (!flags.layout.empty()) {
    throw Error{ErrorCode::kUsage, "--layout: expected nchw or nhwc, got '" + flags.layout + "'"};
  }
  return options;
}

Goal parse_goal(const std::string& text) {
  if (text.empty()) {
    return {};
  }
  if (text == "random") {
    return {.kind = Goal::Kind::kRandom};
  }
  if (text == "least-likely") {
    return {.kind = Goal::Kind::kLeastLikely};
  }
  const bool number = text.find_first_not_of("0123456789") == std::string::npos;
  if (!number) {
    throw Error{ErrorCode::kUsage, "--targeted: '" + text + "' is no class number and no other goal" +
                                       did_you_mean(text, {"random", "least-likely"})};
  }
  return {.kind = Goal::Kind::kClass, .target = parse_integer(text, "--targeted")};
}

void check_epsilon(double epsilon, double largest, const std::string& name) {
  constexpr double kRounding = 1e-9;
  if (!(epsilon >= 0) || epsilon > largest * (1 + kRounding)) {
    throw Error{ErrorCode::kUsage, name + ": expected a number from 0 to " + shortest(largest) +
                                       ", the largest distance inside the bounds, got " + shortest(epsilon)};
  }
}

std::int64_t selected(const DataFlags& flags, std::int64_t size) {
  if (flags.limit == 0) {
    throw Error{ErrorCode::kNothingRan,
                "nothing to do: --limit 0 selects no samples; leave --limit out for all of them"};
  }
  const std::int64_t left = size - flags.offset;
  if (left <= 0) {
    throw Error{ErrorCode::kNothingRan, "nothing to do: --offset " + std::to_string(flags.offset) +
                                            " leaves none of the " + std::to_string(size) + " samples"};
  }
  return flags.limit < 0 ? left : std::min(flags.limit, left);
}

std::int64_t batch_size(const RunFlags& flags, const std::vector<std::int64_t>& sample_shape, std::int64_t samples) {
  if (flags.batch > 0) {
    return flags.batch;
  }
  constexpr std::int64_t kNumbers = 400'000;
  constexpr std::int64_t kLargest = 500;
  constexpr std::int64_t kBatches = 4;  // the few samples of a batch that withstand long cost as much as sixteen
  constexpr std::int64_t kWorthwhile =
      50;  // a curve of 100 samples costs 1.3 times as much as in one batch; in 16s 2.7
  std::int64_t elements = 1;
  for (const std::int64_t length : sample_shape) {
    elements *= length;
  }
  const std::int64_t by_size = std::clamp(kNumbers / std::max<std::int64_t>(1, elements), kFloorBatch, kLargest);
  const std::int64_t by_number = std::max(kWorthwhile, (samples + kBatches - 1) / kBatches);
  return std::min(by_size, by_number);
}

}  // namespace faultline
