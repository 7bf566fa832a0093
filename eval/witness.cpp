#include "faultline/eval/witness.h"

#include "faultline/core/hash.h"
#include "faultline/data/safetensors.h"
#include "faultline/eval/attack_chunk.h"

namespace faultline {

void name_witnesses(ChunkResult& result) {
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    if (result.rows[i].status == SampleRow::Status::kFound) {
      result.rows[i].witness = to_hex(hash_of(result.witnesses[static_cast<std::int64_t>(i)]));
    }
  }
}

void write_witnesses(const ChunkResult& result, const std::filesystem::path& directory) {
  for (std::size_t i = 0; i < result.rows.size(); ++i) {
    const SampleRow& row = result.rows[i];
    const std::filesystem::path path = directory / (row.witness + ".safetensors");
    if (row.witness.empty() || std::filesystem::exists(path)) {
      continue;
    }
    const auto place = static_cast<std::int64_t>(i);
    write_safetensors(path, {{"clean", result.clean[place]}, {"witness", result.witnesses[place]}},
                      {{"label", std::to_string(row.label)},
                       {"prediction", std::to_string(row.verdict.prediction)},
                       {"sample", std::to_string(row.id.index)}});
  }
}

}  // namespace faultline
