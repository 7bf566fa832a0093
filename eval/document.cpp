#include "faultline/eval/document.h"

namespace faultline {

Json model_fields(const ModelPlan& model) {
  return {{"path", model.path}, {"sha256", model.sha256}, {"backend", "torchscript"}};
}

Json data_fields(const DataPlan& data) {
  constexpr std::size_t kMostNames = 1000;
  Json json{{"source", data.source}, {"samples", data.samples}, {"sha256", data.sha256}};
  if (!data.class_names.empty() && data.class_names.size() <= kMostNames) {
    json["classes"] = data.class_names;
  }
  return json;
}

Json interval_json(const Interval& interval) {
  return {{"value", interval.value}, {"low", interval.low}, {"high", interval.high}};
}

Json warnings_json(const std::vector<Warning>& warnings) {
  Json list = Json::array();
  for (const Warning& warning : warnings) {
    list.push_back({{"check", warning.check}, {"message", warning.message}});
  }
  return list;
}

}  // namespace faultline
