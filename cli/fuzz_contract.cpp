#include "faultline/cli/fuzz_contract.h"

#include <algorithm>

#include "faultline/cli/console.h"
#include "faultline/cli/fuzz_session.h"
#include "faultline/cli/progress.h"
#include "faultline/core/error.h"
#include "faultline/eval/contract_run.h"

namespace faultline {

namespace {

/// What there is to say of some rows: a line each.
std::string rows_text(const std::string& title, const ContractSummary& summary, ContractVerdict verdict) {
  std::string text;
  for (const ContractRow& row : summary.rows) {
    if (row.verdict == verdict) {
      text += "  " + row.broken->name + " (" + row.broken->sentence + "): " + name_of(row.look.end) +
              (row.look.message.empty() ? "" : ", " + row.look.message) + "\n";
    }
  }
  return text.empty() ? "" : "\n" + bold(title) + "\n" + text;
}

void print_contract(const FuzzPlan& plan, const ContractSummary& summary) {
  print(bold("model   ") + plan.model.path + "\n" + bold("data    ") + plan.data.source + ", sample " +
        std::to_string(summary.sample) + "\n\n");
  std::vector<std::vector<std::string>> counts{{"verdict", "cases"}};
  for (const ContractVerdict verdict :
       {ContractVerdict::kFinding, ContractVerdict::kRefused, ContractVerdict::kSilent, ContractVerdict::kKept}) {
    counts.push_back(
        {name_of(verdict), std::to_string(std::ranges::count(summary.rows, verdict, &ContractRow::verdict))});
  }
  print(table(counts));
  print(rows_text("findings", summary, ContractVerdict::kFinding) +
        rows_text("sound inputs that are refused (for information)", summary, ContractVerdict::kRefused) +
        rows_text("nonsense that is answered (for information)", summary, ContractVerdict::kSilent));
  print(summary.corpus.empty() ? "\nnothing is kept: give --out DIR or --corpus DIR\n"
                               : "\nfiled: " + std::to_string(summary.filed.added) + " new findings in " +
                                     summary.corpus + ", " + std::to_string(summary.filed.known) + " known before\n");
}

}  // namespace

int fuzz_contract(const FuzzFlags& flags, const CommandContext& context) {
  const ChildLimits limits = child_limits(flags);
  const FuzzSession open = open_fuzz_session(flags, context);
  if (open.session.model->device().is_cuda()) {
    throw Error{ErrorCode::kUsage, "--mode contract needs processes, which CUDA does not survive; use --device cpu"};
  }
  FuzzOutputs outputs = open_fuzz_outputs(flags, open.plan);
  print_warnings(open.session.sanity.warnings);
  ContractSummary summary{.sample = open.seeds.batch.ids[0].index, .warnings = open.session.sanity.warnings};
  {
    ProgressLine line("contract", "cases", "findings");
    summary.rows = run_contract(open.target->plain(), open.seeds.clean[0], open.plan.data.options.bounds,
                                {.limits = limits,
                                 .stop = context.stop,
                                 .device = open.session.model->device(),
                                 .progress = [&](const Progress& progress) { line.update(progress); }});
  }
  if (outputs.corpus != nullptr) {
    const FuzzProvenance provenance{open.plan, open.seeds, open.oracles, flags.line, open.session.facts.classes};
    summary.corpus = outputs.corpus->path().string();
    summary.filed = outputs.corpus->file(contract_findings(summary.rows, provenance));
  }
  const std::string document = json_text(summary_json(open.plan, summary));
  if (outputs.directory != nullptr) {
    outputs.directory->write("summary.json", document);
  }
  if (flags.run.json) {
    print(document);
  } else {
    print_contract(open.plan, summary);
  }
  if (context.stop) {
    throw Error{ErrorCode::kInterrupted, "interrupted; the cases that were run are reported"};
  }
  return 0;
}

}  // namespace faultline
