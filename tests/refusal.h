// What a usage error says, for tests of messages.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "faultline/core/error.h"

namespace faultline {

/// The message of the usage error that `act` throws; empty when it throws none.
template <typename Act>
std::string refusal(const Act& act) {
  try {
    static_cast<void>(act());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUsage);
    return error.what();
  }
  return {};
}

}  // namespace faultline
