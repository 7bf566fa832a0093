#include "faults/data_fixtures.h"

#include <unistd.h>
#include <zip.h>
#include <zlib.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace faultline::fixtures {

namespace {

void require(bool condition) {
  if (!condition) {
    throw std::runtime_error("a test file cannot be made");
  }
}

}  // namespace

std::string read_all(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  require(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string npy(const std::string& type, const std::string& shape, const std::string& data,
                const std::string& fortran_order) {
  std::string header = "{'descr': " + (type.starts_with('[') ? type : "'" + type + "'") +
                       ", 'fortran_order': " + fortran_order + ", 'shape': " + shape + ", }";
  header.append((64 - (header.size() + 11) % 64) % 64, ' ');
  header += '\n';
  return std::string("\x93NUMPY\x01") + '\0' + static_cast<char>(header.size() & 0xff) +
         static_cast<char>(header.size() >> 8) + header + data;
}

std::string idx(const std::vector<std::uint32_t>& shape, const std::string& data) {
  std::string bytes = {'\0', '\0', '\x08', static_cast<char>(shape.size())};
  for (const std::uint32_t size : shape) {
    for (const int shift : {24, 16, 8, 0}) {
      bytes += static_cast<char>(size >> shift & 0xff);
    }
  }
  return bytes + data;
}

std::string gzip(const std::string& bytes) {
  z_stream stream{};
  require(deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  require(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

std::string zip(const std::vector<std::pair<std::string, std::string>>& members, Packing packing) {
  const TemporaryFolder folder;
  const std::string path = (folder.path() / "a.zip").string();
  int error = 0;
  zip_t* archive = zip_open(path.c_str(), ZIP_CREATE, &error);
  require(archive != nullptr);
  for (const auto& [name, bytes] : members) {
    zip_source_t* source = zip_source_buffer(archive, bytes.data(), bytes.size(), /*freep=*/0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), source, 0);
    require(index >= 0);
    const int method = packing == Packing::kStored ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
    require(zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), method, 0) == 0);
  }
  require(zip_close(archive) == 0);
  return read_all(path);
}

std::string safetensors(const std::string& header, const std::string& data) {
  return bytes_of(std::vector<std::uint64_t>{header.size()}) + header + data;
}

std::string counting(std::size_t count) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    bytes += static_cast<char>(i % 256);
  }
  return bytes;
}

}  // namespace faultline::fixtures
