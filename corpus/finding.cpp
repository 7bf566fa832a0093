#include "faultline/corpus/finding.h"

#include <algorithm>

#include "faultline/core/distance.h"
#include "faultline/core/error.h"
#include "faultline/corpus/json_fields.h"
#include "faultline/data/safetensors.h"
#include "faultline/data/sha256.h"

namespace faultline {

namespace {

constexpr const char* kFindingSchema = "faultline.finding/1";
constexpr std::uint64_t kMostHeader = 4096;  // of a file of two tensors of at most 16 axes
constexpr std::size_t kMostAxes = 16;

std::string hash_of_values(const Tensor& values) {
  return sha256_of(Bytes(static_cast<const std::byte*>(values.const_data_ptr()), values.nbytes()));
}

Tensor stored(const Tensor& input) { return input.detach().to(at::kCPU, at::kFloat).contiguous(); }

Json entry_json(const Failure& failure) {
  Json oracle{{"name", failure.oracle}};
  if (failure.target) {
    oracle["target"] = *failure.target;
  }
  Json json{{"schema", kFindingSchema}, {"oracle", oracle}};
  json["label"] = {{"value", failure.label}, {"source", failure.label_source}};
  json["threat"] = failure.budget ? Json{{"norm", name_of(failure.budget->norm)}, {"epsilon", failure.budget->epsilon}}
                                  : Json(nullptr);
  json["bounds"] = {{"lower", failure.bounds.lower}, {"upper", failure.bounds.upper}};
  json["shape"] = failure.shape;
  json["clean"] = failure.clean;
  json["witness"] = failure.witness;
  return json;
}

Norm norm_named(const std::string& text, const std::string& name) {
  const auto place = std::ranges::find_if(all_norms(), [&](Norm norm) { return name_of(norm) == text; });
  if (place == all_norms().end()) {
    refuse(name, "names a norm that does not exist: '" + text + "'");
  }
  return *place;
}

Failure from_json(const Json& json, const std::string& name) {
  Failure failure;
  failure.oracle = json.at("oracle").at("name").get<std::string>();
  if (json.at("oracle").contains("target")) {
    failure.target = integer(json["oracle"]["target"]);
  }
  failure.label = integer(json.at("label").at("value"));
  failure.label_source = json["label"].at("source").get<std::string>();
  if (const Json& threat = json.at("threat"); !threat.is_null()) {
    failure.budget = Budget{norm_named(threat.at("norm").get<std::string>(), name), threat.at("epsilon").get<double>()};
  }
  failure.bounds = {json.at("bounds").at("lower").get<double>(), json["bounds"].at("upper").get<double>()};
  failure.shape = integers(json.at("shape"));
  failure.clean = json.at("clean").get<std::string>();
  failure.witness = json.at("witness").get<std::string>();
  return failure;
}

/// Whether the facts make sense by themselves.
bool plausible(const Failure& failure) {
  const bool budget = !failure.budget || failure.budget->epsilon >= 0;
  const bool classes = failure.label >= 0 && failure.target.value_or(0) >= 0;
  const bool shape = failure.shape.size() <= kMostAxes && byte_count(failure.shape, sizeof(float)).has_value() &&
                     std::ranges::find(failure.shape, 0) == failure.shape.end();
  return budget && classes && shape && failure.bounds.lower < failure.bounds.upper;
}

Tensor checked_tensor(const Safetensors& file, const std::string& which, const std::vector<std::int64_t>& shape,
                      const std::string& hash, const std::string& name) {
  const StoredArray& array = file.first_of({which});
  if (array.type != at::kFloat || array.shape != shape) {
    refuse(name, "tensor '" + which + "' is no float32 " + shape_text(shape) + ", which entry.json says");
  }
  if (sha256_of(array.bytes) != hash) {
    refuse(name, "tensor '" + which + "' has been altered: its bytes have another hash than entry.json says");
  }
  return file.tensor(which);
}

void check_values(const Finding& finding, const std::string& name) {
  const Bounds& bounds = finding.failure.bounds;
  for (const Tensor& values : {finding.clean, finding.witness}) {
    // A NaN compares false.
    if (!values.ge(bounds.lower).logical_and(values.le(bounds.upper)).all().item<bool>()) {
      refuse(name, "holds values that are not finite or outside its bounds");
    }
  }
  if (const std::optional<Budget>& budget = finding.failure.budget) {
    const Tensor length = distance(finding.clean.view({1, -1}), finding.witness.view({1, -1}), budget->norm);
    if (!(length.item<double>() <= budget->epsilon)) {
      refuse(name, "its witness is farther from the clean input than its epsilon");
    }
  }
}

}  // namespace

Finding make_finding(Failure failure, const Tensor& clean, const Tensor& witness) {
  Finding finding{.clean = stored(clean), .witness = stored(witness)};
  failure.shape = finding.clean.sizes().vec();
  failure.clean = hash_of_values(finding.clean);
  failure.witness = hash_of_values(finding.witness);
  const std::string entry = entry_bytes(failure);
  finding.id = sha256_of(std::as_bytes(std::span(entry)));
  finding.failure = std::move(failure);
  return finding;
}

bool is_clean_input(const Failure& failure, const Tensor& input) {
  return input.sizes() == failure.shape && hash_of_values(stored(input)) == failure.clean;
}

bool take_tensors(Finding& finding, const Tensor& clean, const Tensor& witness) {
  const Tensor kept = stored(witness);
  const Failure& failure = finding.failure;
  if (!is_clean_input(failure, clean) || kept.sizes() != failure.shape || hash_of_values(kept) != failure.witness) {
    return false;
  }
  finding.clean = stored(clean);
  finding.witness = kept;
  return true;
}

std::string entry_bytes(const Failure& failure) { return entry_json(failure).dump() + "\n"; }

std::string witness_bytes(const Finding& finding) {
  return safetensors_bytes({{"clean", finding.clean}, {"witness", finding.witness}}, {});
}

Failure parse_failure(Bytes entry, const std::string& name) {
  if (entry.size() > kLargestEntry) {
    refuse(name, "is larger than an entry can be (64 KB)");
  }
  const std::string_view text(reinterpret_cast<const char*>(entry.data()), entry.size());
  const Json json = parse_json(text);
  if (!has_schema(json, kFindingSchema)) {
    refuse(name, std::string("is no finding of schema ") + kFindingSchema);
  }
  if (has_control_characters(text)) {
    refuse(name, "holds a control character in a text");
  }
  try {
    Failure failure = from_json(json, name);
    if (!plausible(failure) || entry_bytes(failure) != text) {
      refuse(name, "is not as a finding is written: a value makes no sense, or the text was edited");
    }
    return failure;
  } catch (const nlohmann::json::exception&) {
    refuse(name, "is no finding: a field is missing or of the wrong type");
  }
}

Failure parse_failure(const std::string& id, Bytes entry, const std::string& name) {
  if (entry.size() <= kLargestEntry && sha256_of(entry) != id) {
    refuse(name, "has been altered: entry.json has another hash than the folder's name says");
  }
  return parse_failure(entry, name);
}

Finding parse_finding(const std::string& id, Bytes entry, Bytes witness, const std::string& name) {
  Finding finding{.id = id, .failure = parse_failure(id, entry, name)};
  const Safetensors file = parse_safetensors(witness, name, nullptr, kMostHeader);
  finding.clean = checked_tensor(file, "clean", finding.failure.shape, finding.failure.clean, name);
  finding.witness = checked_tensor(file, "witness", finding.failure.shape, finding.failure.witness, name);
  if (const std::string written = witness_bytes(finding);
      !std::ranges::equal(witness, std::as_bytes(std::span(written)))) {
    refuse(name, "has been altered: its witness file is not as one is written");
  }
  check_values(finding, name);
  return finding;
}

std::string short_id(const std::string& id) { return id.substr(0, 12); }

bool is_id(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace faultline
