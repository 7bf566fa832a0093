// What the tests of the data readers check again and again.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "faultline/core/error.h"
#include "faultline/core/registry.h"
#include "faultline/data/register_data.h"
#include "faults/data_fixtures.h"

namespace faultline {

inline std::unique_ptr<Dataset> open_data(const std::string& spec, const DataOptions& options = {}) {
  DataRegistry registry;
  register_data(registry);
  return registry.open(spec, options);
}

/// The message of the usage error that `action` must throw: one line that holds every one of `words`.
template <typename Action>
void expect_refusal(const Action& action, const std::vector<std::string>& words) {
  try {
    action();
    ADD_FAILURE() << "accepted; expected a refusal";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    for (const std::string& word : words) {
      EXPECT_THAT(error.what(), testing::HasSubstr(word));
    }
  }
}

/// Opening and reading all of `spec` must be refused so.
inline void expect_data_refused(const std::string& spec, const std::vector<std::string>& words,
                                const DataOptions& options = {}) {
  const auto read_everything = [&] {
    const std::unique_ptr<Dataset> data = open_data(spec, options);
    (void)read_batch(*data, 0, data->size(), options.bounds);
  };
  expect_refusal(read_everything, words);
}

inline std::vector<float> values_of(const Tensor& tensor) {
  const Tensor flat = tensor.contiguous();
  EXPECT_EQ(flat.scalar_type(), at::kFloat);
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

}  // namespace faultline
