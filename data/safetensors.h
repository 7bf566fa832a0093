// The safetensors format: a JSON header, then the tensors' bytes. Python reads what is written here.
// https://github.com/huggingface/safetensors (section "format")
//
//   write_safetensors("w.safetensors", {{"clean", clean}, {"witness", witness}}, {{"format", "pt"}});
//   const Safetensors file = open_safetensors("w.safetensors");
//   const Tensor witness = file.tensor("witness");
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "faultline/data/array.h"

namespace faultline {

/// What a safetensors file holds; tensors are read on demand.
struct Safetensors {
  std::string name;                             ///< As messages call the file.
  std::map<std::string, StoredArray> arrays{};  ///< By tensor name; shapes may be [].
  std::map<std::string, std::string> metadata{};

  /// The first of `names` that is there. Throws Error (kUsage) listing what is there otherwise.
  [[nodiscard]] const StoredArray& first_of(const std::vector<std::string>& names) const;

  /// A copy of the whole tensor, in its stored type and shape. Throws Error (kUsage) when there is none of that name.
  [[nodiscard]] Tensor tensor(const std::string& tensor_name) const;
};

/// Bytes that the format allows a header.
constexpr std::uint64_t kMostSafetensorsHeader = 100'000'000;

/// The contents of a safetensors file's bytes. Throws Error (kUsage) that begins with `name` when the header is larger
/// than `most_header` bytes or damaged, or tensors leave gaps, overlap, lie outside or have another size than type and
/// shape say.
[[nodiscard]] Safetensors parse_safetensors(Bytes bytes, const std::string& name, std::shared_ptr<const void> owner,
                                            std::uint64_t most_header = kMostSafetensorsHeader);

/// The contents of a safetensors file, mapped.
[[nodiscard]] Safetensors open_safetensors(const std::filesystem::path& path);

/// The bytes of a file with these tensors, of any shape on any device. The same arguments give the same bytes: the
/// header is padded to 8 bytes, wider types come first (so that every tensor is aligned), tensors of one width are in
/// name order.
[[nodiscard]] std::string safetensors_bytes(const std::map<std::string, Tensor>& tensors,
                                            const std::map<std::string, std::string>& metadata);

/// Writes safetensors_bytes() to a file. Throws Error (kUsage) when it cannot be written.
void write_safetensors(const std::filesystem::path& path, const std::map<std::string, Tensor>& tensors,
                       const std::map<std::string, std::string>& metadata);

}  // namespace faultline
