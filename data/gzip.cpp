#include "faultline/data/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

#include "faultline/core/error.h"

namespace faultline {

namespace {

constexpr std::uint64_t kMostRatio = 1032;  // deflate: at most 258 bytes for 2 bits
constexpr std::uint64_t kSlack = 4096;

/// Invariant: the stream is initialised; input_ is what it has not been given yet.
class Inflater {
 public:
  Inflater(Bytes packed, const std::string& name) : input_(packed), name_(name) {
    constexpr int kGzipOnly = 16;
    FAULTLINE_ASSERT(inflateInit2(&stream_, MAX_WBITS + kGzipOnly) == Z_OK, "zlib cannot start");
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater() { inflateEnd(&stream_); }

  /// Fills `output` as far as the stream goes; returns the count.
  std::size_t read(std::span<std::byte> output) {
    std::size_t done = 0;
    while (done < output.size() && !ended_) {
      done += step(output.subspan(done));
    }
    return done;
  }

 private:
  static constexpr std::size_t kMostStep = std::size_t{1} << 30;  // zlib counts in 32 bits

  std::size_t step(std::span<std::byte> output) {
    feed();
    const std::size_t room = std::min(output.size(), kMostStep);
    stream_.next_out = reinterpret_cast<Bytef*>(output.data());
    stream_.avail_out = static_cast<uInt>(room);
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      end_member();
    } else if (status == Z_BUF_ERROR) {
      refuse(name_, "truncated: the gzip stream ends early");
    } else if (status != Z_OK) {
      refuse(name_, std::string("damaged gzip stream: ") + (stream_.msg != nullptr ? stream_.msg : "unknown reason"));
    }
    return room - stream_.avail_out;
  }

  void feed() {
    if (stream_.avail_in != 0 || input_.empty()) {
      return;
    }
    const std::size_t count = std::min(input_.size(), kMostStep);
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(input_.data()));
    stream_.avail_in = static_cast<uInt>(count);
    input_ = input_.subspan(count);
  }

  /// A gzip file may have several members one after another.
  void end_member() {
    if (stream_.avail_in == 0 && input_.empty()) {
      ended_ = true;
    } else if (inflateReset(&stream_) != Z_OK) {
      refuse(name_, "damaged gzip stream");
    }
  }

  z_stream stream_{};
  Bytes input_;
  const std::string& name_;
  bool ended_ = false;
};

}  // namespace

void check_unpacked_size(std::uint64_t size, std::uint64_t packed_size, const std::string& name) {
  if (size > kMostUnpacked) {
    refuse(name, "its header promises " + std::to_string(size) + " unpacked bytes; at most " +
                     std::to_string(kMostUnpacked) + " are read; split the file or unpack it");
  }
  if (size > kSlack && (size - kSlack) / kMostRatio > packed_size) {
    refuse(name, "truncated: its header promises " + std::to_string(size) + " unpacked bytes, which " +
                     std::to_string(packed_size) + " packed bytes cannot hold");
  }
}

bool is_gzip(Bytes bytes) { return bytes.size() >= 2 && bytes[0] == std::byte{0x1f} && bytes[1] == std::byte{0x8b}; }

std::vector<std::byte> gunzip_prefix(Bytes packed, std::size_t count, const std::string& name) {
  std::vector<std::byte> unpacked(count);
  unpacked.resize(Inflater(packed, name).read(unpacked));
  return unpacked;
}

std::vector<std::byte> gunzip(Bytes packed, std::uint64_t size, const std::string& name) {
  check_unpacked_size(size, packed.size(), name);
  std::vector<std::byte> unpacked(size);
  Inflater inflater(packed, name);
  const std::size_t count = inflater.read(unpacked);
  std::byte more{};
  if (count < size) {
    refuse(name, "truncated: its header promises " + std::to_string(size) + " unpacked bytes, it holds " +
                     std::to_string(count));
  }
  if (inflater.read({&more, 1}) != 0) {  // also reaches the end of the stream, where its checksum is compared
    refuse(name, "holds more than the " + std::to_string(size) + " unpacked bytes that its header promises");
  }
  return unpacked;
}

}  // namespace faultline
