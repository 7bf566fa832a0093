#include "faultline/cli/emit_fuzzer.h"

#include <algorithm>
#include <array>

#include "faultline/cli/console.h"
#include "faultline/core/error.h"
#include "faultline/core/hash.h"
#include "faultline/core/number.h"
#include "faultline/data/safetensors.h"
#include "faultline/data/zip_file.h"
#include "faultline/fuzz/fuzz_input.h"
#include "faultline/report/command_line.h"

namespace faultline {

namespace {

namespace fs = std::filesystem;

/// Letters, digits and "_-." of the model's name: what discovery allows.
std::string fuzzer_name(const std::string& model) {
  std::string name = fs::path(model).stem().string();
  for (char& letter : name) {
    const bool allowed = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-';
    letter = allowed ? letter : '_';
  }
  return name + "_fuzzer";
}

void write_text(const fs::path& path, const std::string& text) {
  write_file(path, std::array{std::as_bytes(std::span(text))});
}

/// The flags that say again what is fuzzed; files are those beside the script.
std::string subject_flags(const FuzzFlags& flags, const FuzzPlan& plan) {
  const std::string preprocessing = preprocessing_flags(preprocessing_of(plan.model));
  std::string text = preprocessing.empty() ? "" : " " + preprocessing;
  const auto add = [&](const std::string& flag, const std::string& value) {
    text += " " + flag + " " + shell_word(value);
  };
  add("--bounds", shortest(plan.data.options.bounds.lower) + "," + shortest(plan.data.options.bounds.upper));
  std::string mutators;
  for (const auto& [name, severity] : plan.mutators) {
    mutators += (mutators.empty() ? "" : ",") + name + "=" + std::to_string(severity);
  }
  add("--mutators", mutators);
  add("--validity", std::to_string(plan.limits.validity));
  add("--steps", std::to_string(plan.limits.steps));
  if (plan.norm) {
    add("--norm", std::string(name_of(*plan.norm)));
    add("--epsilon", shortest(plan.epsilon));
  }
  for (const std::string& oracle : plan.oracles) {
    add("--oracle", oracle);
  }
  return text + (flags.abort ? " --abort-on-failure" : "");
}

std::string script_text(const std::string& name, const FuzzFlags& flags, const FuzzPlan& plan) {
  const std::string here = "\"$here/" + name + ".data/";
  return "#!/bin/sh\n"
         "# A libFuzzer target (LLVMFuzzerTestOneInput, LLVMFuzzerRunDriver) written by `faultline fuzz "
         "--emit-fuzzer`.\n"
         "# It takes libFuzzer's flags and files. The program is $FAULTLINE, else `faultline` beside this script, else "
         "in\n"
         "# PATH. Failures are filed in $FAULTLINE_FINDINGS, or /tmp/" +
         name +
         "-findings; with --abort-on-failure it aborts instead.\n"
         "here=$(CDPATH= cd -- \"$(dirname -- \"$0\")\" && pwd)\n"
         "if [ -z \"$FAULTLINE\" ]; then\n"
         "  FAULTLINE=faultline\n"
         "  [ -x \"$here/faultline\" ] && FAULTLINE=$here/faultline\n"
         "fi\n"
         "exec \"$FAULTLINE\" fuzz-target " +
         here + "model.pt\" --data \"safetensors:$here/" + name + ".data/seeds.safetensors\"" +
         subject_flags(flags, plan) + " \\\n  --findings \"${FAULTLINE_FINDINGS:-/tmp/" + name +
         "-findings}\" --name \"$0\" -- \"$@\"\n";
}

void copy_model(const std::string& from, const fs::path& to) {
  std::error_code status;
  fs::copy_file(from, to, status);
  if (status) {
    throw Error{ErrorCode::kUsage, "--emit-fuzzer: cannot copy the model to " + to.string() + ": " + status.message()};
  }
}

}  // namespace

void emit_fuzzer(const FuzzFlags& flags, const FuzzSession& open) {
  const fs::path folder = flags.emit;
  const std::string name = fuzzer_name(open.plan.model.path);
  std::error_code status;
  fs::create_directories(folder / (name + ".data"), status);
  if (status || std::distance(fs::directory_iterator(folder), {}) != 1 || !fs::is_empty(folder / (name + ".data"))) {
    throw Error{ErrorCode::kUsage, "--emit-fuzzer: " + folder.string() + " cannot be made, or is not empty"};
  }
  copy_model(open.plan.model.path, folder / (name + ".data") / "model.pt");
  write_safetensors(folder / (name + ".data") / "seeds.safetensors",
                    {{"inputs", open.seeds.clean}, {"labels", open.seeds.batch.labels.cpu()}}, {});
  std::map<std::string, std::string> corpus;
  for (std::int64_t seed = 0; seed < open.seeds.batch.size(); ++seed) {
    const auto number = static_cast<std::uint32_t>(seed);
    const std::array<char, 4> bytes{static_cast<char>(number), static_cast<char>(number >> 8),
                                    static_cast<char>(number >> 16), static_cast<char>(number >> 24)};
    corpus["seed-" + std::to_string(seed)] = std::string(bytes.begin(), bytes.end());
  }
  write_zip(folder / (name + "_seed_corpus.zip"), corpus);
  write_text(folder / (name + ".options"),
             "[libfuzzer]\nmax_len = " + std::to_string(kMostInputBytes) +
                 "\nentropic = 0\nlen_control = 0\nmutate_depth = 1\nrss_limit_mb = 0\ndetect_leaks = 0\n");
  write_text(folder / name, script_text(name, flags, open.plan));
  fs::permissions(folder / name, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                                     fs::perms::others_read | fs::perms::others_exec);
  print("written: " + (folder / name).string() + ", its data, seed corpus and options\n");
}

}  // namespace faultline
