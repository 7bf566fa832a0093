#include "faultline/cli/nightly_estimate.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "faultline/cli/console.h"
#include "faultline/cli/flags.h"
#include "faultline/cli/stage_process.h"
#include "faultline/core/error.h"
#include "faultline/core/number.h"
#include "faultline/data/register_data.h"
#include "faultline/eval/evidence.h"
#include "faultline/nightly/plan_change.h"

namespace faultline {

namespace {

/// What would write.
const std::vector<std::string> kWriting{"corpus", "export", "emit-fuzzer", "junit", "update", "keep"};

struct Probe {
  Json document{};
  double seconds = 0;  ///< Wall clock of the process.
};

Probe probe(const PlanFile& plan, const StageRun& run, std::vector<PlanSetting> settings, int workers,
            const std::atomic<bool>& stop) {
  const auto begin = std::chrono::steady_clock::now();
  const StageEnd end = run_stage_process(
      command_words(plan, run, {.workers = workers, .settings = std::move(settings), .without = kWriting}), stop);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (stop || end.exit_code == static_cast<int>(ErrorCode::kInterrupted)) {
    throw Error{ErrorCode::kInterrupted, "interrupted while stage " + run.id + " was tried; nothing was written"};
  }
  if (end.exit_code == static_cast<int>(ErrorCode::kUsage)) {
    throw plan_error(plan, run.stage->line, "the stage " + run.id + " was refused; its message stands above");
  }
  const Json document = parse_json(end.out);
  return {document.is_discarded() ? Json() : document, seconds};
}

/// The samples that a stage's flags choose of its data.
std::int64_t samples_of(const PlanFile& plan, const StageRun& run, const Registries& registries) {
  const std::vector<PlanSetting> settings = settings_of(plan, run);
  const auto text = [&](const std::string& key, const std::string& usual) {
    return setting_value(settings, key).value_or(usual);
  };
  DataFlags flags{.spec = plan.data.source,
                  .bounds = text("bounds", DataFlags{}.bounds),
                  .resize = text("resize", ""),
                  .crop = text("crop", ""),
                  .layout = text("layout", ""),
                  .classes = text("classes", "")};
  flags.offset = parse_integer(text("offset", "0"), "offset");
  flags.limit = parse_integer(text("limit", "-1"), "limit");
  return selected(flags, registries.data.open(flags.spec, parse_data_options(flags))->size());
}

double total(const Json& document, const char* what) {
  double sum = 0;
  for (const Json& attack : document.value("attacks", Json::array())) {
    sum += number_or_nan(attack.at(what));
  }
  if (document.contains("sanity") && document.at("sanity").contains(what)) {
    sum += number_or_nan(document.at("sanity").at(what));
  }
  return sum;
}

/// Whether so many samples tell what all will take: few may hold one that takes as long as a hundred others.
bool tells_enough(std::int64_t samples, double seconds) {
  constexpr std::int64_t kMany = 64;
  constexpr double kShort = 0.5;
  constexpr double kLong = 5;
  return seconds >= kLong || (samples >= kMany && seconds >= kShort);
}

/// What the command says that its samples took; the rest of a probe is what every run of it takes.
double own_seconds(const Probe& tried) { return std::min(tried.seconds, number_or_nan(tried.document.at("seconds"))); }

StageEstimate of_samples(const PlanFile& plan, const StageRun& run, const CommandContext& context, int workers) {
  StageEstimate estimate{.run = run, .samples = samples_of(plan, run, context.registries)};
  constexpr std::int64_t kFirst = 16;
  constexpr std::int64_t kGrowth = 4;
  for (std::int64_t count = std::min(kFirst, estimate.samples);; count = std::min(count * kGrowth, estimate.samples)) {
    const Probe tried = probe(plan, run, {{"limit", {std::to_string(count)}, 0}}, workers, context.stop);
    if (tried.document.is_null()) {
      estimate.fixed_seconds = tried.seconds;
      return estimate;
    }
    if (count == estimate.samples || tells_enough(count, own_seconds(tried))) {
      const double share = static_cast<double>(estimate.samples) / static_cast<double>(count);
      estimate.fixed_seconds = tried.seconds - own_seconds(tried);
      estimate.sample_seconds = own_seconds(tried) * share;
      estimate.forwards = total(tried.document, "forwards") * share;
      estimate.backwards = total(tried.document, "backwards") * share;
      if (const Json corruptions = tried.document.value("corruptions", Json::array()); !corruptions.empty()) {
        const std::size_t cells = 1 + corruptions.size() * corruptions.front().at("severities").size();
        estimate.forwards = static_cast<double>(cells) * static_cast<double>(estimate.samples);
      }
      return estimate;
    }
  }
}

/// Fuzzes for more and more evaluations until a second or the stage's budget tells how fast it is.
Probe probe_fuzzing(const PlanFile& plan, const StageRun& run, std::optional<std::int64_t> budget, int workers,
                    const std::atomic<bool>& stop) {
  constexpr std::int64_t kFirst = 1000;
  constexpr std::int64_t kMost = 100'000;
  constexpr std::int64_t kGrowth = 10;
  for (std::int64_t count = kFirst;; count *= kGrowth) {
    const std::string evaluations = std::to_string(std::min(count, budget.value_or(count)));
    Probe tried = probe(plan, run, {{"evaluations", {evaluations}, 0}}, workers, stop);
    if (tried.document.is_null() || own_seconds(tried) >= 1 || count >= std::min(kMost, budget.value_or(kMost))) {
      return tried;
    }
  }
}

StageEstimate of_fuzzing(const PlanFile& plan, const StageRun& run, const CommandContext& context, int workers) {
  const std::vector<PlanSetting> own = settings_of(plan, run);
  const std::optional<std::string> time = setting_value(own, "time");
  std::optional<std::int64_t> evaluations;
  if (const std::optional<std::string> text = setting_value(own, "evaluations")) {
    evaluations = parse_integer(*text, "evaluations");
  }
  const Probe tried = probe_fuzzing(plan, run, evaluations, workers, context.stop);
  StageEstimate estimate{.run = run, .fixed_seconds = tried.seconds};
  if (tried.document.is_null()) {
    return estimate;
  }
  const double one = own_seconds(tried) / std::max(1.0, number_or_nan(tried.document.at("evaluations")));
  estimate.fixed_seconds = tried.seconds - own_seconds(tried);
  estimate.samples = evaluations.value_or(0);
  estimate.sample_seconds = one * static_cast<double>(estimate.samples);
  if (time || !evaluations) {
    const double limit = parse_duration(time.value_or("60s"), "time");  // fuzz's own without another limit
    estimate.sample_seconds = evaluations ? std::min(limit, estimate.sample_seconds) : limit;
    estimate.samples = std::llround(estimate.sample_seconds / std::max(one, 1e-9));
  }
  estimate.forwards = static_cast<double>(estimate.samples);
  return estimate;
}

/// Of what cannot be tried in part: replays, and fuzzing in contract mode.
StageEstimate of_whole(const PlanFile& plan, const StageRun& run, const CommandContext& context, int workers) {
  const Probe tried = probe(plan, run, {}, workers, context.stop);
  StageEstimate estimate{.run = run, .fixed_seconds = tried.seconds};
  if (!tried.document.is_null()) {
    estimate.samples = std::ssize(tried.document.at(is_contract(*run.stage) ? "cases" : "findings"));
    estimate.forwards = static_cast<double>(estimate.samples);
  }
  return estimate;
}

/// The changed budget of a stage of which only a share fits; nothing where it is not one that can be cut.
std::optional<PlanChange> cut_of(const PlanFile& plan, const StageEstimate& estimate, double share,
                                 const std::string& why) {
  const auto part = [share](double whole) {
    return std::max<std::int64_t>(1, std::llround(std::floor(whole * share)));
  };
  const std::vector<PlanSetting> settings = settings_of(plan, estimate.run);
  PlanChange cut{.stage = estimate.run.stage->name, .why = why};
  if (estimate.run.stage->kind == "replay" || is_contract(*estimate.run.stage)) {
    return std::nullopt;
  }
  if (estimate.run.stage->kind != "fuzz") {
    cut.key = "limit";
    cut.before = std::to_string(estimate.samples);
    cut.values = {std::to_string(part(static_cast<double>(estimate.samples)))};
  } else if (const std::optional<std::string> evaluations = setting_value(settings, "evaluations");
             evaluations && parse_integer(*evaluations, "evaluations") <= estimate.samples) {
    cut.key = "evaluations";
    cut.before = *evaluations;
    cut.values = {std::to_string(part(static_cast<double>(estimate.samples)))};
  } else {  // it ends by its time, before the evaluations are done
    cut.key = "time";
    cut.before = setting_value(settings, "time").value_or("60s");
    cut.values = {std::to_string(part(estimate.sample_seconds)) + "s"};
  }
  return cut;
}

std::string duration_text(double seconds) {
  const auto whole = std::llround(std::ceil(seconds));
  constexpr long long kMinute = 60;
  return whole < 2 * kMinute ? std::to_string(whole) + " s"
                             : std::to_string(whole / kMinute) + " min " + std::to_string(whole % kMinute) + " s";
}

/// So much that all fits when nobody takes more: who needs less leaves what is over to the others.
double fair_share(const std::map<std::string, double>& needs, double left) {
  std::vector<double> rising;
  std::ranges::transform(needs, std::back_inserter(rising), [](const auto& need) { return need.second; });
  std::ranges::sort(rising);
  for (std::size_t i = 0; i < rising.size(); ++i) {
    const double share = left / static_cast<double>(rising.size() - i);
    if (rising[i] > share) {
      return share;
    }
    left -= rising[i];
  }
  return std::numeric_limits<double>::infinity();
}

}  // namespace

std::vector<StageEstimate> estimate_stages(const PlanFile& plan, const CommandContext& context, int workers) {
  std::vector<StageEstimate> estimates;
  for (const StageRun& run : stage_runs(plan)) {
    print_notice("trying stage " + run.id);
    const auto estimate = run.stage->kind == "replay" || is_contract(*run.stage) ? of_whole
                          : run.stage->kind == "fuzz"                            ? of_fuzzing
                                                                                 : of_samples;
    estimates.push_back(estimate(plan, run, context, workers));
  }
  return estimates;
}

void scale(std::vector<StageEstimate>& estimates, const std::vector<PlanChange>& cuts) {
  for (StageEstimate& estimate : estimates) {
    const auto cut = std::ranges::find(cuts, estimate.run.stage->name, &PlanChange::stage);
    if (cut == cuts.end()) {
      continue;
    }
    const auto amount = [&](const std::string& text) {
      return cut->key == "time" ? parse_duration(text, cut->key) : parse_number(text, cut->key);
    };
    const double share = amount(cut->values.at(0)) / amount(cut->before);
    estimate.samples = std::llround(share * static_cast<double>(estimate.samples));
    estimate.forwards *= share;
    estimate.backwards *= share;
    estimate.sample_seconds *= share;
  }
}

double seconds_of(const std::vector<StageEstimate>& estimates) {
  double sum = 0;
  for (const StageEstimate& estimate : estimates) {
    sum += estimate.fixed_seconds + estimate.sample_seconds;
  }
  return sum;
}

std::vector<PlanChange> cuts_for(const PlanFile& plan, const std::vector<StageEstimate>& estimates, double seconds,
                                 const std::string& why) {
  constexpr double kSpared = 0.9;
  std::map<std::string, double> needs;  // of each stage, all its models together
  double left = kSpared * seconds;
  for (const StageEstimate& estimate : estimates) {
    needs[estimate.run.stage->name] += estimate.sample_seconds;
    left -= estimate.fixed_seconds;
  }
  if (left <= 0) {
    throw Error{ErrorCode::kUsage, why + ": too short; " +
                                       std::to_string(std::llround(std::ceil(std::max(0.0, seconds)))) +
                                       " s are left of it once the stages were tried, and starting them takes about " +
                                       std::to_string(std::llround(std::ceil(kSpared * seconds - left))) + " s"};
  }
  const double most = fair_share(needs, left);
  std::vector<PlanChange> cuts;
  std::set<std::string> seen;
  for (const StageEstimate& estimate : estimates) {
    const std::string& stage = estimate.run.stage->name;
    if (needs.at(stage) > most && seen.insert(stage).second) {
      if (std::optional<PlanChange> cut = cut_of(plan, estimate, most / needs.at(stage), why)) {
        cuts.push_back(*std::move(cut));
      }
    }
  }
  return cuts;
}

Json estimate_json(const PlanFile& plan, const std::vector<StageEstimate>& estimates) {
  Json json{{"schema", "faultline.estimate/1"}, {"faultline", version()}, {"plan", plan.sha256}};
  json["changes"] = changes_json(plan.changes);
  json["stages"] = Json::array();
  for (const StageEstimate& estimate : estimates) {
    json["stages"].push_back({{"id", estimate.run.id},
                              {"kind", estimate.run.stage->kind},
                              {"model", estimate.run.model->name},
                              {"samples", estimate.samples},
                              {"forwards", estimate.forwards},
                              {"backwards", estimate.backwards},
                              {"seconds", estimate.fixed_seconds + estimate.sample_seconds}});
  }
  json["seconds"] = seconds_of(estimates);
  return json;
}

std::string estimate_text(const PlanFile& plan, const std::vector<StageEstimate>& estimates) {
  std::vector<std::vector<std::string>> rows{{"stage", "kind", "samples", "forwards", "backwards", "time"}};
  for (const StageEstimate& one : estimates) {
    rows.push_back({one.run.id, one.run.stage->kind, std::to_string(one.samples), three_digits(one.forwards),
                    three_digits(one.backwards), duration_text(one.fixed_seconds + one.sample_seconds)});
  }
  std::string text = table(rows) + "\nabout " + duration_text(seconds_of(estimates)) +
                     " in all, as far as the first samples of each stage tell; nothing was written\n";
  for (const PlanChange& change : plan.changes) {
    text += "  " + change_text(change) + "\n";
  }
  return text;
}

}  // namespace faultline
