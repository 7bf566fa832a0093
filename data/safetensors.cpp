#include "faultline/data/safetensors.h"

#include <array>
#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "faultline/core/error.h"
#include "faultline/core/registry.h"
#include "faultline/data/array_dataset.h"

namespace faultline {

static_assert(std::endian::native == std::endian::little, "tensors are read and written as they lie in memory");

namespace {

using nlohmann::json;

constexpr const char* kMetadata = "__metadata__";

constexpr std::array<std::pair<const char*, at::ScalarType>, 13> kTypes = {{{"F64", at::kDouble},
                                                                            {"F32", at::kFloat},
                                                                            {"F16", at::kHalf},
                                                                            {"BF16", at::kBFloat16},
                                                                            {"I64", at::kLong},
                                                                            {"I32", at::kInt},
                                                                            {"I16", at::kShort},
                                                                            {"I8", at::kChar},
                                                                            {"U64", at::kUInt64},
                                                                            {"U32", at::kUInt32},
                                                                            {"U16", at::kUInt16},
                                                                            {"U8", at::kByte},
                                                                            {"BOOL", at::kBool}}};

/// The header's JSON text. Refuses a length that the file does not have, or may not.
Bytes header_text(Bytes bytes, const std::string& name, std::uint64_t most_header) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof(length)) {
    refuse(name, "truncated: it ends inside the safetensors header");
  }
  std::memcpy(&length, bytes.data(), sizeof(length));
  if (length > bytes.size() - sizeof(length)) {
    refuse(name, "truncated, or not a safetensors file: its first 8 bytes promise a header of " +
                     std::to_string(length) + " bytes, the file has " + std::to_string(bytes.size()));
  }
  if (length > most_header) {
    refuse(name, "damaged, or not a safetensors file: its first 8 bytes promise a header of " + std::to_string(length) +
                     " bytes; expected at most " + std::to_string(most_header));
  }
  return bytes.subspan(sizeof(length), length);
}

/// Parses the header; refuses names that stand there twice and nesting deeper than the format has.
json parse_json_header(Bytes text, const std::string& name) {
  constexpr int kDeepest = 4;
  std::set<std::string> seen;
  const auto watch = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > kDeepest) {
      refuse(name, "damaged safetensors header: nested too deeply");
    }
    if (depth == 1 && event == json::parse_event_t::key && !seen.insert(value.get<std::string>()).second) {
      refuse(name, "damaged safetensors header: the tensor '" + value.get<std::string>() + "' stands there twice");
    }
    return true;
  };
  const char* begin = reinterpret_cast<const char*>(text.data());
  json header = json::parse(begin, begin + text.size(), watch, /*allow_exceptions=*/false);
  if (!header.is_object()) {
    refuse(name, "not a safetensors file: its header is not a JSON object");
  }
  return header;
}

std::optional<at::ScalarType> type_of(const json& entry) {
  const auto found = entry.find("dtype");
  for (const auto& [text, type] : kTypes) {
    if (found != entry.end() && *found == text) {
      return type;
    }
  }
  return std::nullopt;
}

/// The values of a list of at most `most` unsigned integers below 2^63, or nothing.
std::optional<std::vector<std::int64_t>> integers(const json& entry, const char* key, std::size_t most) {
  const auto found = entry.find(key);
  if (found == entry.end() || !found->is_array() || found->size() > most) {
    return std::nullopt;
  }
  std::vector<std::int64_t> values;
  for (const json& value : *found) {
    if (!value.is_number_unsigned() || std::cmp_greater(value.get<std::uint64_t>(), INT64_MAX)) {
      return std::nullopt;
    }
    values.push_back(value.get<std::int64_t>());
  }
  return values;
}

StoredArray parse_entry(const json& entry, Bytes data, const std::string& name) {
  if (!entry.is_object()) {
    refuse(name, "damaged safetensors header: the entry is not an object");
  }
  const std::optional<at::ScalarType> type = type_of(entry);
  if (!type) {
    refuse(name, "the dtype is missing or unknown; expected F64, F32, F16, BF16, I8 to I64, U8 to U64 or BOOL");
  }
  const auto shape = integers(entry, "shape", kMostAxes);
  const auto offsets = integers(entry, "data_offsets", 2);
  if (!shape || !offsets || offsets->size() != 2) {
    refuse(name, "damaged safetensors header: shape or data_offsets is no list of sizes");
  }
  const auto begin = static_cast<std::uint64_t>(offsets->front());
  const auto end = static_cast<std::uint64_t>(offsets->back());
  if (begin > end || end > data.size()) {
    refuse(name, "truncated or damaged: its bytes " + std::to_string(begin) + ".." + std::to_string(end) +
                     " lie outside the " + std::to_string(data.size()) + " bytes of data");
  }
  const std::optional<std::uint64_t> size = byte_count(*shape, c10::elementSize(*type));
  if (size != end - begin) {
    refuse(name, "has the shape " + shape_text(*shape) + ", which does not fit its " + std::to_string(end - begin) +
                     " bytes");
  }
  return {name, *type, *shape, AxisOrder::kLastFastest, data.subspan(begin, end - begin), nullptr};
}

std::map<std::string, std::string> parse_metadata(const json& entry, const std::string& name) {
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : entry.items()) {
    if (!entry.is_object() || !value.is_string()) {
      refuse(name, "damaged safetensors header: __metadata__ is not an object of texts");
    }
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

/// The format asks that the tensors cover the data without overlap or gap.
void check_cover(const Safetensors& file, Bytes data) {
  std::vector<Bytes> pieces;
  for (const auto& [key, array] : file.arrays) {
    pieces.push_back(array.bytes);
  }
  std::ranges::sort(pieces, {}, [](Bytes piece) { return std::pair(piece.data(), piece.size()); });
  const std::byte* end = data.data();
  for (const Bytes piece : pieces) {
    if (piece.data() != end) {
      refuse(file.name, piece.data() < end ? "damaged safetensors header: two tensors overlap"
                                           : "damaged safetensors header: bytes between two tensors belong to none");
    }
    end += piece.size();
  }
  if (end != data.data() + data.size()) {
    refuse(file.name,
           "too long: the last " + std::to_string(data.data() + data.size() - end) + " bytes belong to no tensor");
  }
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : ", ") + word;
  }
  return text;
}

const char* name_of_type(at::ScalarType type) {
  const auto* const found = std::ranges::find(kTypes, type, &std::pair<const char*, at::ScalarType>::second);
  FAULTLINE_ASSERT(found != kTypes.end(), "a type that safetensors does not have");
  return found->first;
}

std::unique_ptr<Dataset> open_samples(const std::string& path, const DataOptions& options) {
  const Safetensors file = open_safetensors(path);
  return make_array_dataset(file.first_of({"images", "x", "inputs"}), file.first_of({"labels", "y"}), {path}, options);
}

}  // namespace

const StoredArray& Safetensors::first_of(const std::vector<std::string>& names) const {
  for (const std::string& wanted : names) {
    if (const auto found = arrays.find(wanted); found != arrays.end()) {
      return found->second;
    }
  }
  constexpr std::size_t kMost = 10;
  std::vector<std::string> there;
  for (auto entry = arrays.begin(); entry != arrays.end() && there.size() < kMost; ++entry) {
    there.push_back(entry->first);
  }
  refuse(name,
         "has no tensor named " + join(names) + "; it holds: " + join(there) + (arrays.size() > kMost ? ", ..." : ""));
}

Tensor Safetensors::tensor(const std::string& tensor_name) const {
  const StoredArray& array = first_of({tensor_name});
  Tensor values = at::empty(array.shape, array.type);
  if (!array.bytes.empty()) {
    std::memcpy(values.mutable_data_ptr(), array.bytes.data(), array.bytes.size());
  }
  return values;
}

Safetensors parse_safetensors(Bytes bytes, const std::string& name, std::shared_ptr<const void> owner,
                              std::uint64_t most_header) {
  const Bytes text = header_text(bytes, name, most_header);
  const json header = parse_json_header(text, name);
  const Bytes data = bytes.subspan(sizeof(std::uint64_t) + text.size());
  Safetensors file{.name = name};
  for (const auto& [key, entry] : header.items()) {
    if (key == kMetadata) {
      file.metadata = parse_metadata(entry, name);
      continue;
    }
    StoredArray array = parse_entry(entry, data, name + ", tensor '" + key + "'");
    array.owner = owner;
    file.arrays.emplace(key, std::move(array));
  }
  check_cover(file, data);
  return file;
}

Safetensors open_safetensors(const std::filesystem::path& path) {
  auto file = std::make_shared<const MappedFile>(path);
  return parse_safetensors(file->bytes(), path.string(), file);
}

std::string safetensors_bytes(const std::map<std::string, Tensor>& tensors,
                              const std::map<std::string, std::string>& metadata) {
  json header = json::object();
  if (!metadata.empty()) {
    header[kMetadata] = metadata;
  }
  std::vector<std::pair<std::string, Tensor>> ordered;
  for (const auto& [name, tensor] : tensors) {
    FAULTLINE_ASSERT(name != kMetadata, "no tensor may be called __metadata__");
    ordered.emplace_back(name, tensor.detach().cpu().contiguous());
  }
  std::ranges::stable_sort(ordered, std::ranges::greater{},
                           [](const auto& pair) { return pair.second.element_size(); });
  std::size_t end = 0;
  for (const auto& [name, tensor] : ordered) {
    const std::size_t begin = std::exchange(end, end + tensor.nbytes());
    header[name] = {
        {"dtype", name_of_type(tensor.scalar_type())}, {"shape", tensor.sizes().vec()}, {"data_offsets", {begin, end}}};
  }
  // Bytes of a path or a message that are no UTF-8 are replaced: the header must stay JSON.
  std::string text =
      header.dump(/*indent=*/-1, /*indent_char=*/' ', /*ensure_ascii=*/false, json::error_handler_t::replace);
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t length = text.size();
  std::string bytes;
  bytes.reserve(sizeof length + text.size() + end);
  bytes.append(reinterpret_cast<const char*>(&length), sizeof length);
  bytes += text;
  for (const auto& [name, tensor] : ordered) {
    bytes.append(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
  }
  return bytes;
}

void write_safetensors(const std::filesystem::path& path, const std::map<std::string, Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  const std::string bytes = safetensors_bytes(tensors, metadata);
  write_file(path, std::array{std::as_bytes(std::span(bytes))});
}

void register_safetensors(DataRegistry& registry) {
  registry.add({.kind = "safetensors",
                .pattern = "safetensors:FILE",
                .summary = "safetensors: inputs images, x or inputs (float or uint8); labels labels or y",
                .open = open_samples,
                .recognises = [](const std::string& path) { return path.ends_with(".safetensors"); }});
}

}  // namespace faultline
