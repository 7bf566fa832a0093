// One stage of a nightly run on one of its models, as the HTML report's template takes it.
// Used by html_report.cpp only.
#pragma once

#include <cstddef>
#include <string>

#include <kainjow/mustache.hpp>

#include "faultline/nightly/plan_file.h"
#include "faultline/nightly/stage_result.h"

namespace faultline {

/// Puts a list under its name, and under has_NAME whether there is anything in it.
void add_html_list(kainjow::mustache::object& page, const std::string& name, const kainjow::mustache::list& entries);

/// Measures, attacks, classes, groups, the surest failures in pictures, checks, the command. `room`: what the page has
/// left for pictures, in bytes; what they take is taken off.
[[nodiscard]] kainjow::mustache::object html_stage(const PlanFile& plan, const StageResult& stage, std::size_t& room);

}  // namespace faultline
