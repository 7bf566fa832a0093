// A nightly run as figures for other programs: Prometheus' text format and CSV.
//
//   directory.write("metrics.prom", nightly_prometheus(summary));
#pragma once

#include <string>

#include "faultline/nightly/nightly_summary.h"

namespace faultline {

/// For the textfile collector of Prometheus' node exporter: gauges faultline_measure, _low and _high by stage, model
/// and measure, faultline_gate_failed by gate, stage and model, faultline_run_failed and
/// faultline_run_end_timestamp_seconds. No sample ids: series are as many as the plan's stages, models and measures.
/// Text format 0.0.4.
[[nodiscard]] std::string nightly_prometheus(const NightlySummary& summary);

/// "stage,model,kind,measure,value,low,high", one line per measure (RFC 4180, lines end with a newline alone). Text
/// that a spreadsheet would take for a formula is preceded by a quote.
[[nodiscard]] std::string nightly_csv(const NightlySummary& summary);

}  // namespace faultline
