#include "faultline/data/npy.h"

#include <array>
#include <bit>
#include <charconv>
#include <map>
#include <string_view>

#include "faultline/core/error.h"
#include "faultline/core/registry.h"
#include "faultline/data/array_dataset.h"

namespace faultline {

static_assert(std::endian::native == std::endian::little, "arrays are read and written as they lie in memory");

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostHeader = std::size_t{1} << 20;

struct NpyHeader {
  std::string_view type;  ///< Such as "<f4".
  AxisOrder order = AxisOrder::kLastFastest;
  std::vector<std::int64_t> shape;
};

/// Reads the header: a Python dictionary of a text, True or False, and a tuple of integers. Anything else is refused.
class HeaderParser {
 public:
  HeaderParser(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  NpyHeader parse() {
    expect('{');
    for (int seen = 0; !accept('}'); ++seen) {
      if (seen == 3) {
        fail("more than three keys");
      }
      const std::string_view key = text();
      expect(':');
      value_of(key);
      accept(',');
    }
    if (!has_type_ || !has_order_ || !has_shape_) {
      fail("a key is missing");
    }
    return header_;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    refuse(name_, "damaged npy header (" + problem + "); expected the keys descr, fortran_order and shape");
  }

  void value_of(std::string_view key) {
    if (key == "descr") {
      if (next() == '[') {
        refuse(name_, "holds records (a structured dtype); expected an array of numbers");
      }
      header_.type = text();
      has_type_ = true;
    } else if (key == "fortran_order") {
      header_.order = truth() ? AxisOrder::kFirstFastest : AxisOrder::kLastFastest;
      has_order_ = true;
    } else if (key == "shape") {
      header_.shape = tuple();
      has_shape_ = true;
    } else {
      fail("an unknown key");
    }
  }

  /// The next character after white space, which stays; 0 at the end.
  char next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\n"), rest_.size()));
    return rest_.empty() ? '\0' : rest_.front();
  }

  bool accept(char wanted) {
    const bool there = next() == wanted && !rest_.empty();
    rest_.remove_prefix(there ? 1 : 0);
    return there;
  }

  void expect(char wanted) {
    if (!accept(wanted)) {
      fail(std::string("no '") + wanted + "' where it belongs");
    }
  }

  std::string_view text() {
    const char quote = next();
    if (quote != '\'' && quote != '"') {
      fail("a text without quotes");
    }
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) {
      fail("a text without an end");
    }
    const std::string_view inside = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return inside;
  }

  bool truth() {
    next();
    for (const std::string_view word : {"True", "False"}) {
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return word == "True";
      }
    }
    fail("fortran_order is neither True nor False");
  }

  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> sizes;
    expect('(');
    while (!accept(')')) {
      next();
      std::int64_t size = 0;
      const auto [end, status] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
      if (status != std::errc{} || size < 0 || sizes.size() == kMostAxes) {
        fail("a shape that is no tuple of at most " + std::to_string(kMostAxes) + " sizes below 2^63");
      }
      rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
      sizes.push_back(size);
      if (!accept(',') && next() != ')') {
        fail("a shape without an end");
      }
    }
    return sizes;
  }

  std::string_view rest_;
  const std::string& name_;
  NpyHeader header_;
  bool has_type_ = false;
  bool has_order_ = false;
  bool has_shape_ = false;
};

at::ScalarType parse_type(std::string_view type, const std::string& name) {
  static const std::map<std::string_view, at::ScalarType> kTypes = {
      {"|u1", at::kByte},   {"|i1", at::kChar},  {"<u2", at::kUInt16}, {"<i2", at::kShort},
      {"<u4", at::kUInt32}, {"<i4", at::kInt},   {"<u8", at::kUInt64}, {"<i8", at::kLong},
      {"<f2", at::kHalf},   {"<f4", at::kFloat}, {"<f8", at::kDouble}};
  if (type.find('O') != std::string_view::npos) {
    refuse(name, "holds Python objects (pickle), which are never loaded; save an array of numbers");
  }
  if (type.starts_with('>')) {
    refuse(name,
           "is big endian (dtype '" + std::string(type) + "'); save it as '<" + std::string(type.substr(1)) + "'");
  }
  const auto found = kTypes.find(type);
  if (found == kTypes.end()) {
    refuse(name, "has the unknown dtype '" + std::string(type) + "'; expected integers of 1 to 8 bytes or f2, f4, f8");
  }
  return found->second;
}

/// The header's text and the bytes behind it.
std::pair<std::string_view, Bytes> split_header(Bytes bytes, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!text.starts_with(kMagic)) {
    refuse(name, "is not an npy file: it does not begin with \\x93NUMPY");
  }
  constexpr std::size_t kVersionEnd = kMagic.size() + 2;
  const unsigned version = text.size() < kVersionEnd ? 0 : static_cast<unsigned char>(text[kMagic.size()]);
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  if (version < 1 || version > 3 || text.size() < kVersionEnd + length_bytes) {
    refuse(name, version > 3 ? "npy version " + std::to_string(version) + " is unknown; expected 1 to 3"
                             : "truncated: it ends inside the npy header");
  }
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    length |= std::size_t{static_cast<unsigned char>(text[kVersionEnd + i])} << (8 * i);
  }
  const std::size_t begin = kVersionEnd + length_bytes;
  if (length > kMostHeader || length > text.size() - begin) {
    refuse(name, "truncated or damaged: its npy header is said to have " + std::to_string(length) + " bytes");
  }
  return {text.substr(begin, length), bytes.subspan(begin + length)};
}

/// Magic, version and header of a C-ordered array, padded so that the data is aligned.
std::string header_of(at::ScalarType type, const std::vector<std::int64_t>& sizes) {
  FAULTLINE_ASSERT(type == at::kFloat || type == at::kLong, "float32 or int64 only");
  std::string shape;
  for (const std::int64_t size : sizes) {
    shape += std::to_string(size) + (sizes.size() == 1 ? "," : ", ");
  }
  if (sizes.size() > 1) {
    shape.resize(shape.size() - 2);
  }
  std::string header = std::string("{'descr': '") + (type == at::kFloat ? "<f4" : "<i8") +
                       "', 'fortran_order': False, 'shape': (" + shape + "), }";
  constexpr std::size_t kPrefix = kMagic.size() + 4;
  constexpr std::size_t kAlignment = 64;
  header.append((kAlignment - (kPrefix + header.size() + 1) % kAlignment) % kAlignment, ' ');
  header += '\n';
  return std::string(kMagic) + '\x01' + '\0' + static_cast<char>(header.size() & 0xff) +
         static_cast<char>(header.size() >> 8) + header;
}

/// `values` is on the host and contiguous.
Bytes bytes_of(const Tensor& values) {
  return {static_cast<const std::byte*>(values.const_data_ptr()), values.nbytes()};
}

}  // namespace

StoredArray parse_npy(Bytes bytes, const std::string& name, std::shared_ptr<const void> owner) {
  const auto [text, data] = split_header(bytes, name);
  const NpyHeader header = HeaderParser(text, name).parse();
  const at::ScalarType type = parse_type(header.type, name);
  if (header.shape.empty()) {
    refuse(name, "holds a single number; expected an array [N, ...]");
  }
  const std::optional<std::uint64_t> size = byte_count(header.shape, c10::elementSize(type));
  if (!size) {
    refuse(name, "has the absurd shape " + shape_text(header.shape));
  }
  if (*size != data.size()) {
    refuse(name, std::string(*size > data.size() ? "truncated" : "too long") + ": an array " +
                     shape_text(header.shape) + " of '" + std::string(header.type) + "' has " + std::to_string(*size) +
                     " bytes, the file has " + std::to_string(data.size()));
  }
  return {name, type, header.shape, header.order, data, std::move(owner)};
}

StoredArray open_npy(const std::filesystem::path& path) {
  auto file = std::make_shared<const MappedFile>(path);
  return parse_npy(file->bytes(), path.string(), file);
}

void write_npy(const std::filesystem::path& path, const Tensor& tensor) {
  const Tensor values = tensor.detach().cpu().contiguous();
  const std::string header = header_of(values.scalar_type(), values.sizes().vec());
  write_file(path, std::array{std::as_bytes(std::span(header)), bytes_of(values)});
}

void write_npy(const std::filesystem::path& path, std::int64_t count,
               const std::function<Tensor(std::int64_t row)>& row_of) {
  FAULTLINE_ASSERT(count > 0, "the first row tells shape and type");
  write_file(path, [&](const Sink& sink) {
    for (std::int64_t row = 0; row < count; ++row) {
      const Tensor values = row_of(row).detach().cpu().contiguous();
      if (row == 0) {
        std::vector<std::int64_t> shape = values.sizes().vec();
        shape.insert(shape.begin(), count);
        const std::string header = header_of(values.scalar_type(), shape);
        sink(std::as_bytes(std::span(header)));
      }
      sink(bytes_of(values));
    }
  });
}

void register_npy(DataRegistry& registry) {
  registry.add({.kind = "npy",
                .pattern = "npy:X.npy,Y.npy",
                .summary = "NumPy arrays: inputs [N, ...] (uint8 or float) and integer labels [N]",
                .open =
                    [](const std::string& location, const DataOptions& options) {
                      const auto [inputs, labels] = split_pair(location, "npy:X.npy,Y.npy");
                      // In this order: the first file that cannot be used is the one named.
                      StoredArray images = open_npy(inputs);
                      return make_array_dataset(std::move(images), open_npy(labels), {inputs, labels}, options);
                    },
                .recognises = [](const std::string& path) { return is_pair_of(path, ".npy"); }});
}

}  // namespace faultline
