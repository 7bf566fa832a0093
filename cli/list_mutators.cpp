#include "faultline/cli/list_mutators.h"

#include "faultline/cli/console.h"
#include "faultline/core/number.h"

namespace faultline {

namespace {

std::string unit_of(const ParameterInfo& parameter) {
  const Scale& scale = parameter.scale;
  return scale.unit + (scale.grows_with_image ? " at a side of 32" : "");
}

/// "4, 8, 13, 20, 30 degrees, either sign", or the names of a choice.
std::string severities_text(const ParameterInfo& parameter) {
  std::string text;
  if (!parameter.names.empty()) {
    for (const std::string& name : parameter.names) {
      text += (text.empty() ? "" : " or ") + name;
    }
    return text + ", drawn";
  }
  for (const double value : parameter.scale.values) {
    text += (text.empty() ? "" : ", ") + shortest(value);
  }
  const std::string unit = unit_of(parameter);
  return text + (unit.empty() ? "" : " " + unit) + (parameter.scale.symmetric ? ", either sign" : "");
}

std::string range_text(const ParameterInfo& parameter) {
  return parameter.names.empty() ? shortest(parameter.scale.lower) + ".." + shortest(parameter.scale.upper)
                                 : std::to_string(parameter.names.size()) + " values";
}

std::string validity_text(const MutatorInfo& info) {
  const std::string severity = std::to_string(info.preserves);
  return (info.preserves == 0             ? "does not preserve labels: "
          : info.preserves == kSeverities ? "preserves labels: "
                                          : "preserves labels up to severity " + severity + ": ") +
         info.validity;
}

Json parameter_json(const ParameterInfo& parameter) {
  const Scale& scale = parameter.scale;
  Json json{{"name", parameter.name}, {"type", parameter.names.empty() ? "number" : "choice"}};
  if (parameter.names.empty()) {
    json["type"] = parameter.integer ? "integer" : "number";
    json["unit"] = scale.unit;
    json["lower"] = scale.lower;
    json["upper"] = scale.upper;
    json["identity"] = scale.identity ? Json(*scale.identity) : Json(nullptr);
    json["severities"] = scale.values;
    json["either_sign"] = scale.symmetric;
    json["grows_with_image"] = scale.grows_with_image;
  } else {
    json["names"] = parameter.names;
  }
  json["help"] = parameter.help;
  return json;
}

}  // namespace

Json mutators_json(const MutatorRegistry& registry) {
  Json list = Json::array();
  for (const MutatorRegistry::Entry& entry : registry.entries()) {
    Json json{{"name", entry.info.name}, {"family", entry.info.family}, {"version", entry.info.version}};
    json["summary"] = entry.info.summary;
    json["random"] = entry.info.random;
    json["needs_gradient"] = entry.info.needs_gradient;
    json["preserves"] = entry.info.preserves;
    json["validity"] = entry.info.validity;
    json["parameters"] = Json::array();
    for (const ParameterInfo& parameter : entry.parameters) {
      json["parameters"].push_back(parameter_json(parameter));
    }
    list.push_back(std::move(json));
  }
  return list;
}

std::string mutators_text(const MutatorRegistry& registry) {
  std::string text;
  for (const MutatorRegistry::Entry& entry : registry.entries()) {
    text += bold(entry.info.name) + "  " + entry.info.summary + "\n  " + entry.info.family + "; " +
            validity_text(entry.info) + "\n";
    for (const ParameterInfo& parameter : entry.parameters) {
      std::string line = "    " + parameter.name;
      line.resize(std::max<std::size_t>(line.size() + 1, 18), ' ');
      text += line + parameter.help + ": " + severities_text(parameter) + " (" + range_text(parameter) + ")\n";
    }
    text += "\n";
  }
  return text;
}

std::string mutators_markdown(const MutatorRegistry& registry) {
  std::string text =
      "# Mutators\n\n"
      "Written by `faultline list mutators --markdown`. The picture is that of `faultline list mutators --sheet FILE "
      "--data "
      "DATA`,\nwhich shows them on data of your own.\n\n"
      "A mutator changes an image the way the field does. Its parameters have a value for each severity 1 to 5; at 0 "
      "nothing changes.\nPixel lengths are for images whose shorter side is 32 pixels and are scaled to others. A "
      "label "
      "is preserved where a person would\nstill give it.\n\n"
      "![every mutator at severities 0 to 5](mutators.png)\n";
  std::string family;
  for (const MutatorRegistry::Entry& entry : registry.entries()) {
    if (entry.info.family != family) {
      family = entry.info.family;
      text += "\n## " + family +
              "\n\n| mutator | what it does | labels | parameter: severities 1 to 5 (range) |\n|---|---|---|---|\n";
    }
    std::string parameters;
    for (const ParameterInfo& parameter : entry.parameters) {
      parameters += (parameters.empty() ? "" : "<br>") + ("`" + parameter.name + "`, " + parameter.help) + ": " +
                    severities_text(parameter) + " (" + range_text(parameter) + ")";
    }
    text += "| `" + entry.info.name + "` | " + entry.info.summary + " | " + validity_text(entry.info) + " | " +
            parameters + " |\n";
  }
  return text;
}

}  // namespace faultline
